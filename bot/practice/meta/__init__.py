"""What stand-ins of Meta's networks share: the Graph API's manners, tokens, containers, pictures that are fetched."""
