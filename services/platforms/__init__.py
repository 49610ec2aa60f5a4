"""The social networks the desk can speak to, one folder each, all alike; none knows another."""
