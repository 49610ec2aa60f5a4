"""Discord's side of the desk."""
