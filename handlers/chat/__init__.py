"""What every chat surface shares: from what a person did to an answer, and every copy of a card kept as it is now."""
