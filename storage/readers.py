"""Connections that only read: each has a thread of its own, and a whole read is one trip to it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import aiosqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

T = TypeVar("T")
_CHUNK: Final = 64
"""Asked for by aiosqlite's cursors, which are not used here."""


class Reader(aiosqlite.Connection):
    """A connection that runs whole functions in its thread: a trip for every statement would cost more than they do."""

    async def run(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run `fn` against one consistent snapshot; one whose caller left runs to its end, unheard."""

        def snapshot() -> T:
            driver = self._conn
            driver.execute("BEGIN")
            try:
                return fn(driver)
            finally:
                if driver.in_transaction:
                    driver.execute("ROLLBACK")

        execute: Any = self._execute
        result: T = await execute(snapshot)
        return result

    async def end(self) -> None:
        """Close it after what it is doing, and be sure that its thread is gone."""
        await self.close()
        self._thread.join()


class Readers:
    """A few connections, opened when they are needed and kept; the one used last is used next."""

    def __init__(self, path: Path, pragmas: Mapping[str, str], size: int) -> None:
        """At most `size` reads run at once, the others wait for their turn."""
        self._path = path
        self._pragmas = pragmas
        self._places = asyncio.Semaphore(size)
        self._idle: list[Reader] = []
        self._open: set[Reader] = set()

    async def run(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run `fn` in a reading transaction of its own; raises the driver's errors."""
        async with self._places:
            reader = self._idle.pop() if self._idle else await self._opened()
            try:
                result = await reader.run(fn)
            except sqlite3.Error:
                self._open.discard(reader)
                await reader.end()
                raise
            except BaseException:
                self._idle.append(reader)
                raise
            self._idle.append(reader)
            return result

    async def _opened(self) -> Reader:
        """A caller that leaves meanwhile waits for the end of it, so that no connection is left to nobody."""
        opening = asyncio.create_task(self._connected())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            with suppress(sqlite3.Error):
                self._idle.append(await opening)
            raise

    async def _connected(self) -> Reader:
        reader = Reader(self._connect, _CHUNK)
        _ = await reader
        self._open.add(reader)
        return reader

    def _connect(self) -> sqlite3.Connection:
        driver = sqlite3.connect(self._path, isolation_level=None)
        try:
            for name, value in self._pragmas.items():
                driver.execute(f"PRAGMA {name}={value}")
        except BaseException:
            driver.close()
            raise
        return driver

    async def close(self) -> None:
        """Let what is running end, then give the threads back."""
        self._idle.clear()
        while self._open:
            await self._open.pop().end()
