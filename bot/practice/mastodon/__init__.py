"""A stand-in for a Mastodon server, and for servers that only resemble one."""
