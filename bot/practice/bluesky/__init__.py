"""A stand-in for a Bluesky PDS with its app view."""
