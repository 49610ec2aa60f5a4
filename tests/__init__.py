"""Tests mirror the four folders; a package, so that helpers are imported by their full name."""
