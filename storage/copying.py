"""A consistent copy of a live SQLite file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from services.domain.errors import NeedsOperator

if TYPE_CHECKING:
    from pathlib import Path


def copy_database(source: Path, target: Path) -> None:
    """Copy while others read and write, verify, then put the copy in place whole; it needs no side files.

    Replaces an earlier copy of the same name. Raises `NeedsOperator` when the copy is damaged.
    """
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(partial)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
        check_database(partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def check_database(path: Path) -> None:
    """Raise `NeedsOperator` when SQLite finds damage or a broken reference in the file."""
    with closing(sqlite3.connect(path)) as database:
        try:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            broken = database.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.DatabaseError as error:
            verdict, broken = str(error), None
    if verdict != "ok" or broken is not None:
        raise NeedsOperator("The database file is damaged.", next_step="Restore an earlier backup.")
