"""Slack: cards as Block Kit, buttons, modals, mentions and the Home tab, over Socket Mode or signed requests."""
