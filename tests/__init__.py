"""Proofs that the desk does what it says, in the same folders as the code they are about."""
