"""Pictures on their way into a draft."""
