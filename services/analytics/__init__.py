"""What the numbers are, and what they say."""
