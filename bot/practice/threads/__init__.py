"""A stand-in of Threads that speaks its API."""
