"""The desk in Discord: its cards as components, its buttons, forms and commands, and the way there and back."""
