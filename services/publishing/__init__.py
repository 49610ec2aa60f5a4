"""Turning due deliveries into posts: claim, prepare, send, settle, and find out what is not known."""
