"""Domain objects as cards: pure functions, the same for every surface."""
