"""The whole process, from outside."""
