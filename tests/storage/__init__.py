"""Proofs about the store, its schema and its files."""
