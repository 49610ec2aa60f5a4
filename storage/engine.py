"""Connections to SQLite: one for the writer, a few for readers, set up so that nothing acknowledged is lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from services.domain.errors import InvalidInput
from storage.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

BUSY_MS: Final = 5_000
"""How long SQLite waits for another process that is writing."""
READERS: Final = 4

_WRITER_PRAGMAS: Final[Mapping[str, str]] = {
    "busy_timeout": str(BUSY_MS),
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "journal_size_limit": str(64 * 1024 * 1024),
}
_READER_PRAGMAS: Final[Mapping[str, str]] = {"busy_timeout": str(BUSY_MS), "query_only": "ON"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The two ways into one database."""

    writer: Engine
    """Synchronous, for the one writing thread; every transaction begins IMMEDIATE."""
    readers: Readers
    """Can't write; a transaction sees the database as it was when it first looked."""


def sqlite_path(url: str) -> Path:
    """The file a database address names; raises `InvalidInput` on any other kind of address, never quoting it."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _refusal("That is not a database address.") from None
    if parsed.get_backend_name() != "sqlite":
        raise _refusal(f"A {parsed.get_backend_name()} database is not supported.")
    name = parsed.database or ""
    if name in {"", ":memory:"} or name.startswith("file:"):
        raise _refusal("The database must be a file, or nothing would be kept.")
    return Path(name)


def _refusal(message: str) -> InvalidInput:
    return InvalidInput(
        message,
        next_step="Set COPYDESK_DATABASE_URL to sqlite:///path/to/copydesk.db, or leave it unset.",
        field="COPYDESK_DATABASE_URL",
    )


def open_writer(url: str, *, busy_ms: int = BUSY_MS) -> Engine:
    """The synchronous engine for the writing thread and for migrations; connects at first use."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(sqlite_path(url))), hide_parameters=True, pool_size=1, max_overflow=0
    )
    pragmas = {**_WRITER_PRAGMAS, "busy_timeout": str(busy_ms)}
    _prepare(engine, pragmas)
    return engine


def open_engines(url: str, *, busy_ms: int = BUSY_MS, readers: int = READERS) -> Engines:
    """Both engines on the file `url` names; nothing is opened before first use."""
    path = sqlite_path(url)
    pragmas = {**_READER_PRAGMAS, "busy_timeout": str(busy_ms)}
    return Engines(writer=open_writer(url, busy_ms=busy_ms), readers=Readers(path, pragmas, readers))


def _begin_writing(connection: Connection) -> None:
    """Take the lock at once: taken later, SQLite refuses it without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(engine: Engine, pragmas: Mapping[str, str]) -> None:
    """Switch the driver's own transactions off, which break savepoints, and begin ours instead."""

    def connected(connection: DBAPIConnection, record: object) -> None:
        del record
        driver: Any = connection
        driver.isolation_level = None
        cursor = driver.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin_writing)
