"""A stand-in for LinkedIn: its versioned API as far as a desk needs it, for pages and for members."""
