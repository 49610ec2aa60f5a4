"""The practice networks' own SQLite file, so that practice never touches the desk's data."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Value: TypeAlias = str | int | float | bytes | None

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS posts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, network TEXT NOT NULL, id TEXT NOT NULL, author TEXT NOT NULL,
  text TEXT NOT NULL, born_text TEXT NOT NULL, body TEXT NOT NULL, cid TEXT NOT NULL,
  parent TEXT, root TEXT, created_at REAL NOT NULL, edited_at REAL, origin TEXT NOT NULL, key TEXT,
  pictures INTEGER NOT NULL, final_likes INTEGER NOT NULL, next_reply_at REAL, deleted_at REAL);
CREATE UNIQUE INDEX IF NOT EXISTS posts_live ON posts (network, id) WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS posts_parent ON posts (network, parent);
CREATE INDEX IF NOT EXISTS posts_author ON posts (network, author, created_at, origin, final_likes, deleted_at);
CREATE INDEX IF NOT EXISTS posts_ripening ON posts (next_reply_at) WHERE next_reply_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS media (
  network TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, mime TEXT NOT NULL, size INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, alt TEXT NOT NULL, focus TEXT NOT NULL, created_at REAL NOT NULL,
  polls INTEGER NOT NULL, post TEXT, PRIMARY KEY (network, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS containers (
  network TEXT NOT NULL, id TEXT NOT NULL, fields TEXT NOT NULL, media TEXT, state TEXT NOT NULL, reason TEXT NOT NULL,
  polls INTEGER NOT NULL, post TEXT, created_at REAL NOT NULL, PRIMARY KEY (network, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures (
  network TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (network, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
  network TEXT NOT NULL, id TEXT NOT NULL, fields TEXT NOT NULL, created_at REAL NOT NULL, PRIMARY KEY (network, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS segments (
  network TEXT NOT NULL, upload TEXT NOT NULL, turn INTEGER NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (network, upload, turn));
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, post TEXT NOT NULL, created_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gates (uri TEXT PRIMARY KEY, cid TEXT NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS grants (token TEXT PRIMARY KEY, scopes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, expires_at REAL NOT NULL, rotated_at REAL, expired INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS apps (
  network TEXT NOT NULL, client_id TEXT NOT NULL, secret TEXT NOT NULL, name TEXT NOT NULL, redirects TEXT NOT NULL,
  scopes TEXT NOT NULL, PRIMARY KEY (network, client_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS codes (
  code TEXT PRIMARY KEY, network TEXT NOT NULL, client_id TEXT NOT NULL, redirect TEXT NOT NULL, scopes TEXT NOT NULL,
  asked TEXT NOT NULL, challenge TEXT NOT NULL, method TEXT NOT NULL, expires_at REAL NOT NULL, spent INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issued (
  token TEXT PRIMARY KEY, client_id TEXT NOT NULL, scopes TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tickets (
  token TEXT PRIMARY KEY, secret TEXT NOT NULL, callback TEXT NOT NULL, verifier TEXT NOT NULL, expires_at REAL NOT NULL
) WITHOUT ROWID;
"""


class Book:
    """One SQLite connection behind a lock: every use is a short statement, so the event loop hardly waits."""

    def __init__(self, path: Path) -> None:
        """Remember the file; it is opened at first use and again after `close`."""
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600, exist_ok=True)
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(SCHEMA)
            self._connection = connection
        return self._connection

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make several statements one transaction."""
        with self._lock:
            connection = self._open()
            if connection.in_transaction:
                yield
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Answer every row of a query."""
        with self._lock:
            return self._open().execute(sql, values).fetchall()

    def row(self, sql: str, *values: Value) -> sqlite3.Row | None:
        """Answer the first row of a query, or nothing."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def change(self, sql: str, *values: Value) -> int:
        """Run one writing statement and answer how many rows it touched."""
        with self._lock:
            return self._open().execute(sql, values).rowcount

    def change_many(self, sql: str, many: Iterable[tuple[Value, ...]]) -> None:
        """Run one writing statement for many rows."""
        with self._lock:
            self._open().executemany(sql, many)

    def recall(self, key: str) -> str | None:
        """Answer a remembered word, or nothing."""
        found = self.row("SELECT value FROM meta WHERE key = ?", key)
        return None if found is None else str(found["value"])

    def remember(self, key: str, value: str) -> None:
        """Keep a word over restarts."""
        self.change("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
