"""The Slack surface against the strict fake."""
