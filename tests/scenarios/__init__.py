"""What people do with the desk, told once and played in Slack, in Discord and on the page."""
