"""Talking: everything a person sees or says, on whatever surface."""
