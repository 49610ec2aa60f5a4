"""Writing drafts: the composer, the vendors behind it, and the checks every text passes."""
