"""What keeps a desk from starting, in sentences for whoever runs it."""

from __future__ import annotations

import sqlite3

from services.domain.errors import DeskError


class StartProblem(Exception):
    """The process can't go on; each line is one problem with its next step. Exit code 2."""

    def __init__(self, *lines: str) -> None:
        """Keep the lines for printing."""
        super().__init__(" ".join(lines))
        self.lines = lines


def told(error: BaseException) -> StartProblem | None:
    """What is wrong outside of the program, in sentences; None for a mistake of ours, whose trace is worth having."""
    if isinstance(error, StartProblem):
        return error
    if isinstance(error, DeskError):
        return StartProblem(*filter(None, (error.message, error.next_step)))
    if isinstance(error, sqlite3.OperationalError):
        return StartProblem(
            f"The database can't be used ({error}).", "Look at the disk and at the rights of its files."
        )
    if isinstance(error, sqlite3.DatabaseError):
        return StartProblem("The database file is damaged.", "Restore the latest backup.")
    if isinstance(error, OSError) and error.filename:
        return StartProblem(
            f"{error.filename} can't be used ({error.strerror}).", "Look at the disk and at its rights."
        )
    cause = error.__cause__
    return told(cause) if cause is not None else None
