"""The four looks of a poster."""
