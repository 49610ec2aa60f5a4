"""The nouns of the desk as rows, one repository each; all of them work inside a transaction that somebody else began."""
