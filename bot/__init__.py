"""The process: the only folder that knows every other."""
