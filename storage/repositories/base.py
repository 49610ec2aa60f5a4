"""What all repositories share: a connection, whether it may be written to, and plain words for broken rules."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from services.domain.errors import Conflict, NotFound
from services.ports.storage import WriteInRead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.prepared import Prepared


class Repository:
    """Rows of one noun within one transaction."""

    __slots__ = ("_driver", "_writable")

    def __init__(self, driver: sqlite3.Connection, *, writable: bool) -> None:
        """Live as long as the transaction on `driver`."""
        self._driver = driver
        self._writable = writable

    def _require_write(self) -> None:
        if not self._writable:
            msg = "A read can't write."
            raise WriteInRead(msg)

    def _change(self, statement: Prepared, values: Mapping[str, object], *, what: str) -> int:
        """Rows changed; a broken uniqueness is a `Conflict`, a reference to nothing `NotFound`. `what` is its name."""
        self._require_write()
        try:
            return statement.change(self._driver, values)
        except sqlite3.IntegrityError as error:
            raise _in_words(error, what) from error


def _in_words(error: sqlite3.IntegrityError, what: str) -> Exception:
    """The rule that was broken, by SQLite's own name for it."""
    if error.sqlite_errorname in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
        return Conflict(f"This {what} is here already.", next_step="Look at it as it is now.")
    if error.sqlite_errorname == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return NotFound(f"What this {what} belongs to is not here.")
    return error
