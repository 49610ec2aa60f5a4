"""Named stand-ins for the ports, shared by all tests."""
