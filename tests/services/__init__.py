"""Tests mirror the project."""
