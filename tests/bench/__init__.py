"""Measurements against a baseline, each in its own bench_*.py; run by `make bench`."""
