"""A stand-in for X: its API v2 as far as a desk needs it, with both of its ways to sign in."""
