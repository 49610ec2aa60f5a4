"""What the numbers say: comparisons with their samples, charts, reports, and the digest of each morning."""
