"""What all repositories share: a connection, whether it may be written to, and plain words for broken rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from services.domain.errors import Conflict, NotFound
from services.ports.storage import WriteInRead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import CursorResult, Executable
    from sqlalchemy.engine import Connection


class Repository:
    """Rows of one noun within one transaction."""

    __slots__ = ("_connection", "_writable")

    def __init__(self, connection: Connection, *, writable: bool) -> None:
        """Live as long as the transaction on `connection`."""
        self._connection = connection
        self._writable = writable

    def _select(self, statement: Executable, values: Mapping[str, object] | None = None) -> CursorResult[Any]:
        """Rows, reading only."""
        return self._connection.execute(statement, values)

    def _require_write(self) -> None:
        if not self._writable:
            msg = "A read can't write."
            raise WriteInRead(msg)

    def _change(self, statement: Executable, values: Mapping[str, object] | None = None, *, what: str) -> int:
        """Rows changed; a broken uniqueness is a `Conflict`, a reference to nothing `NotFound`. `what` is its name."""
        self._require_write()
        try:
            return self._connection.execute(statement, values).rowcount
        except IntegrityError as error:
            raise _in_words(error, what) from error


def _in_words(error: IntegrityError, what: str) -> Exception:
    """The rule that was broken, by SQLite's own name for it."""
    name = getattr(error.orig, "sqlite_errorname", "")
    if name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
        return Conflict(f"This {what} is here already.", next_step="Look at it as it is now.")
    if name == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return NotFound(f"What this {what} belongs to is not here.")
    return error
