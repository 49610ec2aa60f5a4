"""What Meta's networks share: the Graph API's manners, its errors, its tokens, and publishing by containers."""
