"""The page in a real browser, and what can be said of its looks without one."""
