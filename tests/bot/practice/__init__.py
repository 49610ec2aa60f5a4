"""Tests of the practice networks."""
