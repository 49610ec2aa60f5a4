"""Shared commits: who fails, who doesn't, and what happens to callers that leave."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from services.domain.errors import Busy
from storage.engine import open_writer
from storage.writer import GroupWriter
from tests.databases import url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy.engine import Connection, ExceptionContext

TABLES = """
CREATE TABLE notes (word TEXT UNIQUE NOT NULL);
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TRIGGER poison BEFORE INSERT ON notes WHEN new.word = 'poison'
BEGIN SELECT RAISE(ROLLBACK, 'undone'); END;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with a few tables that can go wrong."""
    found = tmp_path / "notes.db"
    with sqlite3.connect(found) as database:
        database.executescript(TABLES)
    database.close()
    return found


@asynccontextmanager
async def writing(
    path: Path, *, busy_ms: int = 5_000, max_queue: int = 100, patience: float = 5.0
) -> AsyncIterator[GroupWriter]:
    """A started writer on that file."""
    writer = GroupWriter(open_writer(url_of(path), busy_ms=busy_ms), max_queue=max_queue, patience=patience)
    writer.start()
    try:
        yield writer
    finally:
        await writer.close()


def note(word: str) -> Callable[[Connection], str]:
    """A unit that writes one word and returns it."""

    def unit(connection: Connection) -> str:
        connection.exec_driver_sql("INSERT INTO notes VALUES (?)", (word,))
        return word

    return unit


def words(path: Path) -> list[str]:
    """What another program sees, in order of writing."""
    with sqlite3.connect(path) as database:
        found = [word for (word,) in database.execute("SELECT word FROM notes ORDER BY rowid")]
    database.close()
    return found


class Gate:
    """A unit that keeps the writing thread busy until it is opened, so that others queue behind it."""

    def __init__(self, writer: GroupWriter) -> None:
        self._entered = threading.Event()
        self._opened = threading.Event()
        self.task = asyncio.create_task(writer.submit(self._wait))

    def _wait(self, connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO notes VALUES ('gate')")
        self._entered.set()
        assert self._opened.wait(10)

    async def reached(self) -> Gate:
        """Wait until the thread is inside."""
        assert await asyncio.to_thread(self._entered.wait, 10)
        return self

    def open(self) -> None:
        """Let the thread go on."""
        self._opened.set()


async def queue(writer: GroupWriter, *units: Callable[[Connection], object]) -> list[asyncio.Task[object]]:
    """Tasks whose units wait in this order."""
    tasks = [asyncio.create_task(writer.submit(unit)) for unit in units]
    await asyncio.to_thread(lambda: None)
    return tasks


async def test_what_waited_shares_one_commit_in_order(path: Path) -> None:
    async with writing(path) as writer:
        gate = await Gate(writer).reached()
        names = [f"w{n}" for n in range(20)]
        tasks = await queue(writer, *map(note, names))
        gate.open()
        assert await asyncio.gather(*tasks) == names
        assert writer.commits == 2
    assert words(path) == ["gate", *names]


async def test_a_group_has_a_largest_size(path: Path) -> None:
    writer = GroupWriter(open_writer(url_of(path)), max_group=4)
    writer.start()
    gate = await Gate(writer).reached()
    tasks = await queue(writer, *(note(f"w{n}") for n in range(10)))
    gate.open()
    await asyncio.gather(*tasks)
    assert writer.commits == 1 + 3
    await writer.close()


async def test_one_failing_unit_undoes_only_itself(path: Path) -> None:
    def half_done(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO notes VALUES ('never')")
        connection.exec_driver_sql("INSERT INTO notes VALUES (?)", [("never too",), ("a",)])

    async with writing(path) as writer:
        gate = await Gate(writer).reached()
        tasks = await queue(writer, note("a"), half_done, note("b"))
        gate.open()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes[::2] == ["a", "b"]
        assert isinstance(outcomes[1], IntegrityError)
        assert writer.commits == 2
    assert words(path) == ["gate", "a", "b"]


async def test_when_the_database_undoes_all_the_innocent_run_again(path: Path) -> None:
    async with writing(path) as writer:
        gate = await Gate(writer).reached()
        tasks = await queue(writer, note("a"), note("poison"), note("b"))
        gate.open()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes[::2] == ["a", "b"]
        assert isinstance(outcomes[1], IntegrityError)
        assert "undone" in str(outcomes[1])
    assert words(path) == ["gate", "a", "b"]


async def test_when_the_commit_fails_only_the_guilty_unit_fails(path: Path) -> None:
    def orphan(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO children VALUES (7)")

    async with writing(path) as writer:
        gate = await Gate(writer).reached()
        tasks = await queue(writer, note("a"), orphan, note("b"))
        gate.open()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes[::2] == ["a", "b"]
        assert isinstance(outcomes[1], IntegrityError)
        with pytest.raises(IntegrityError):
            await writer.submit(orphan)
        assert await writer.submit(note("c")) == "c"
    assert words(path) == ["gate", "a", "b", "c"]


async def test_cancelled_while_queued_never_runs(path: Path) -> None:
    async with writing(path) as writer:
        gate = await Gate(writer).reached()
        tasks = await queue(writer, note("a"), note("left"), note("b"))
        tasks[1].cancel()
        await asyncio.wait([tasks[1]])
        gate.open()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(outcomes[1], asyncio.CancelledError)
    assert words(path) == ["gate", "a", "b"]


async def test_cancelled_while_running_is_committed(path: Path) -> None:
    async with writing(path) as writer:
        gate = await Gate(writer).reached()
        gate.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gate.task
        gate.open()
    assert words(path) == ["gate"]


async def test_a_full_queue_says_busy_and_recovers(path: Path) -> None:
    async with writing(path, max_queue=2, patience=0.02) as writer:
        gate = await Gate(writer).reached()
        (waiting,) = await queue(writer, note("a"))
        with pytest.raises(Busy):
            await writer.submit(note("turned away"))
        gate.open()
        assert await waiting == "a"
        assert await writer.submit(note("b")) == "b"
    assert words(path) == ["gate", "a", "b"]


async def test_a_place_that_comes_free_in_time_is_taken(path: Path) -> None:
    async with writing(path, max_queue=1) as writer:
        gate = await Gate(writer).reached()
        (waiting,) = await queue(writer, note("a"))
        gate.open()
        assert await waiting == "a"


async def test_another_programs_lock_is_busy_for_each_and_passes(path: Path) -> None:
    engine = open_writer(url_of(path), busy_ms=20)
    refusals: list[ExceptionContext] = []

    def refused(context: ExceptionContext) -> None:
        refusals.append(context)

    event.listen(engine, "handle_error", refused)
    writer = GroupWriter(engine)
    writer.start()
    try:
        await writer.submit(note("before"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(*(writer.submit(note(f"w{n}")) for n in range(3)), return_exceptions=True)
        assert [type(o) for o in outcomes] == [Busy] * 3
        assert len({id(o) for o in outcomes}) == 3
        assert 1 <= len(refusals) <= 2, "each attempt waits for the lock, so a group must not be tried unit by unit"
        other.execute("ROLLBACK")
        other.close()
        assert await writer.submit(note("after")) == "after"
    finally:
        await writer.close()
    assert words(path) == ["before", "after"]


async def test_a_unit_that_runs_out_of_items_harms_nobody(path: Path) -> None:
    def empty(connection: Connection) -> object:
        return next(iter(connection.exec_driver_sql("SELECT word FROM notes").all()))

    async with writing(path) as writer:
        with pytest.raises(RuntimeError, match="ran out"):
            await writer.submit(empty)
        assert await writer.submit(note("a")) == "a"


async def test_closing_writes_what_is_queued_and_refuses_the_rest(path: Path) -> None:
    writer = GroupWriter(open_writer(url_of(path)), max_queue=3)
    writer.start()
    gate = await Gate(writer).reached()
    tasks = await queue(writer, *(note(word) for word in "abcd"))
    closing = asyncio.create_task(writer.close())
    late = asyncio.create_task(writer.submit(note("late")))
    await asyncio.to_thread(gate.open)
    await closing
    outcomes = await asyncio.gather(*tasks, late, return_exceptions=True)
    await writer.close()
    assert outcomes[:2] == ["a", "b"]
    assert [type(o) for o in outcomes[2:]] == [Busy] * 3
    assert words(path) == ["gate", "a", "b"]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("desk-writer")]


async def test_a_lonely_write_is_one_commit_and_durable_for_others(path: Path) -> None:
    async with writing(path) as writer:
        for number in range(5):
            await writer.submit(partial(note(f"w{number}")))
            assert words(path)[-1] == f"w{number}"
        assert writer.commits == 5


async def test_the_lock_is_taken_before_the_first_look(path: Path) -> None:
    """A unit that reads and then writes must not find that somebody else wrote in between."""

    def read_then_write(connection: Connection) -> str:
        connection.exec_driver_sql("SELECT count(*) FROM notes").scalar()
        with sqlite3.connect(path, timeout=0) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO notes VALUES ('between')")
        other.close()
        return note("mine")(connection)

    async with writing(path) as writer:
        assert await writer.submit(read_then_write) == "mine"
    assert words(path) == ["mine"]
