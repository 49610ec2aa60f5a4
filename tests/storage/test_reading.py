"""Readers: what they see, and what they leave behind."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from services.domain.errors import NeedsOperator
from storage.engine import open_engines
from storage.store import SqlStore
from tests.builders import a_person
from tests.databases import files_in, fresh_database

if TYPE_CHECKING:
    from pathlib import Path

    from services.ports.storage import Transaction


async def test_a_read_keeps_its_snapshot_while_others_write(tmp_path: Path) -> None:
    def look_again_after_a_write(tx: Transaction) -> tuple[int, int]:
        """Another connection does the writing meanwhile."""
        before = len(tx.people.list())
        with closing(sqlite3.connect(tmp_path / "copydesk.db")) as other, other:
            other.execute("INSERT INTO people VALUES ('bo', 'Bo', 'bo', 'viewer', 'UTC', 0, 0, 0, '[]')")
        return before, len(tx.people.list())

    async with SqlStore.open(fresh_database(tmp_path)) as store:
        assert await store.read(look_again_after_a_write) == (0, 0)
        assert await store.read(lambda tx: len(tx.people.list())) == 1


async def test_a_reader_can_not_write_even_by_hand(tmp_path: Path) -> None:
    engines = open_engines(fresh_database(tmp_path))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await engines.readers.run(lambda driver: driver.execute("DELETE FROM people"))
    await engines.readers.close()


async def test_cancelled_reads_leave_the_readers_usable(tmp_path: Path) -> None:
    async with SqlStore.open(fresh_database(tmp_path)) as store:
        for turns in range(60):
            task = asyncio.create_task(store.read(lambda tx: tx.people.list()))
            for _ in range(turns % 12):
                await asyncio.to_thread(lambda: None)
            task.cancel()
            await asyncio.wait([task])
        await store.write(lambda tx: tx.people.add(a_person()))
        many = await asyncio.gather(*(store.read(lambda tx: len(tx.people.list())) for _ in range(20)))
        assert many == [1] * 20


async def test_a_read_that_fails_leaves_the_readers_usable(tmp_path: Path) -> None:
    def fail(tx: Transaction) -> None:
        tx.people.list()
        msg = "mine"
        raise LookupError(msg)

    async with SqlStore.open(fresh_database(tmp_path)) as store:
        for _ in range(10):
            with pytest.raises(LookupError, match="mine"):
                await store.read(fail)
        assert list(await store.read(lambda tx: tx.people.list())) == []


async def test_a_damaged_file_is_told_in_words(tmp_path: Path) -> None:
    url = fresh_database(tmp_path)
    async with SqlStore.open(url) as store:
        await store.write(lambda tx: tx.people.add(a_person()))
    path = tmp_path / "copydesk.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    store = SqlStore(url)
    with pytest.raises(NeedsOperator, match="damaged"):
        await store.read(lambda tx: tx.people.list())
    await store.close()


def _own_threads() -> list[str]:
    """The writer's, and those that aiosqlite keeps per connection."""
    return [t.name for t in threading.enumerate() if "desk-writer" in t.name or "_connection_worker" in t.name]


async def test_closing_leaves_no_thread_and_no_side_files(tmp_path: Path) -> None:
    async with SqlStore.open(fresh_database(tmp_path)) as store:
        await store.write(lambda tx: tx.people.add(a_person()))
        await asyncio.gather(*(store.read(lambda tx: tx.people.list()) for _ in range(8)))
        assert _own_threads()
    assert files_in(tmp_path) == ["copydesk.db"]
    assert _own_threads() == []
