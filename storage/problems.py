"""What the database says when it can't, in the desk's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from services.domain.errors import Busy, NeedsOperator

if TYPE_CHECKING:
    from services.domain.errors import DeskError


def in_words(error: BaseException) -> DeskError | None:
    """The consequence of a driver's error; None for errors that are not the database's, or that are our own bugs."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy("Another program is writing to the database.", next_step="Try again in a moment.")
    if name.startswith("SQLITE_FULL"):
        return NeedsOperator("The disk that holds the database is full.", next_step="Free some space.")
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
        return NeedsOperator(
            "The database file can't be read or written.", next_step="Check its folder, its permissions and the disk."
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return NeedsOperator("The database file is damaged.", next_step="Restore the latest backup.")
    return None
