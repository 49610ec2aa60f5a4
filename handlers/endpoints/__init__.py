"""Thin functions between a request and the use cases."""
