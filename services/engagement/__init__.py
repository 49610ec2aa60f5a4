"""What people answer to our posts."""
