"""Deciding: the use cases of the desk, with no chat, no SQL and no scheduler in them."""
