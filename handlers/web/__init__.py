"""The HTTP face and the page."""
