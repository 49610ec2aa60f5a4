"""The nouns of the desk as rows, one repository each, working inside a transaction that somebody else began."""
