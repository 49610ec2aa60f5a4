"""How the database got its shape, one step at a time."""
