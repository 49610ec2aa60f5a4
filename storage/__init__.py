"""Remembering: the store and its files, implementing the ports of the services."""
