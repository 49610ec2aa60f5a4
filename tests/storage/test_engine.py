"""The settings every connection gets, and the addresses that are refused."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from services.domain.errors import InvalidInput
from storage.engine import open_engines, open_writer, sqlite_path
from tests.databases import fresh_database

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def test_the_writer_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    engine = open_writer(fresh_database(tmp_path))
    with engine.begin() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "journal_size_limit")
        }
        assert connection.connection.driver_connection is not None
        assert connection.connection.driver_connection.isolation_level is None
    engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5_000,
        "journal_size_limit": 64 * 1024 * 1024,
    }


def _pragma(driver: sqlite3.Connection, *, name: str) -> tuple[int]:
    found: tuple[int] = driver.execute(f"PRAGMA {name}").fetchone()
    return found


async def test_readers_only_read(tmp_path: Path) -> None:
    engines = open_engines(fresh_database(tmp_path))
    for pragma, value in (("query_only", 1), ("busy_timeout", 5_000)):
        assert await engines.readers.run(partial(_pragma, name=pragma)) == (value,)
    await engines.readers.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:hunter2@db/copydesk",
        "mysql://desk:hunter2@db/copydesk",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "hunter2",
        "",
    ],
)
def test_other_addresses_are_refused_without_quoting_them(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        sqlite_path(url)
    assert refusal.value.field == "COPYDESK_DATABASE_URL"
    assert "sqlite:///" in refusal.value.next_step
    assert "hunter2" not in f"{refusal.value} {refusal.value.next_step}"


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"])
def test_any_spelling_of_sqlite_names_the_file(scheme: str, tmp_path: Path) -> None:
    assert sqlite_path(f"{scheme}:///{tmp_path}/desk one.db") == tmp_path / "desk one.db"
