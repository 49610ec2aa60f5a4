"""The one writing thread: what waited during the last commit shares the next one, so that durability costs little."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from services.domain.errors import Busy
from storage.problems import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection, Engine

MAX_GROUP: Final = 256
MAX_QUEUE: Final = 2_048
PATIENCE: Final = 5.0
"""Seconds a caller waits for a place in a full queue before hearing that the desk is busy."""


class _Lost(RuntimeError):
    """The database undid the whole transaction on its own while a unit ran."""


class _Unit:
    """One caller's function with what became of it."""

    __slots__ = ("done", "error", "fn", "result")

    def __init__(self, fn: Callable[[Connection], object], done: asyncio.Future[object]) -> None:
        self.fn = fn
        self.done = done
        self.result: object = None
        self.error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Keep the outcome; nothing a unit raises may reach the others."""
        self.result = self.error = None
        try:
            self.result = self.fn(connection)
        except StopIteration as stop:
            self.error = RuntimeError("A unit of work ran out of items.")
            self.error.__cause__ = stop
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who alone can judge it
            self.error = error

    def tell(self) -> None:
        """Resolve the caller's wait; one that was cancelled meanwhile is told nothing."""
        if self.done.done():
            return
        if self.error is None:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.error)


class GroupWriter:
    """Runs synchronous functions of a connection one after the other in a thread of their own, many to a commit.

    A function that fails undoes only itself. One whose caller left while it was queued never runs; one whose caller
    left while it ran is committed all the same. After `submit` returned, its effect survives a power cut.
    """

    def __init__(
        self, engine: Engine, *, max_group: int = MAX_GROUP, max_queue: int = MAX_QUEUE, patience: float = PATIENCE
    ) -> None:
        """Write through `engine`; `patience` is in seconds. Nothing happens before `start`."""
        self._engine = engine
        self._max_group = max_group
        self._patience = patience
        self._places = asyncio.Semaphore(max_queue)
        self._queue: deque[_Unit] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._pump: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk-writer")
        self._connection: Connection | None = None
        self.commits = 0
        """Transactions committed, for measuring how many units share one."""

    def start(self) -> None:
        """Begin taking units."""
        self._pump = asyncio.create_task(self._work(), name="desk-writer")

    async def close(self) -> None:
        """Finish what is queued, refuse what comes later, and give the thread back; closing again does nothing."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        if self._pump is not None:
            await self._pump
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    async def submit(self, fn: Callable[[Connection], object]) -> object:
        """Run `fn` in a transaction and return its result once that is durable; `Busy` when the queue stays full."""
        await self._take_place()
        if self._closing or self._pump is None:
            self._places.release()
            raise Busy("The desk is shutting down.", next_step="Try again once it is back.")
        unit = _Unit(fn, asyncio.get_running_loop().create_future())
        self._queue.append(unit)
        self._wake.set()
        return await unit.done

    async def _take_place(self) -> None:
        try:
            async with asyncio.timeout(self._patience if self._places.locked() else None):
                await self._places.acquire()
        except TimeoutError:
            raise Busy("The desk has too much to write just now.", next_step="Try again in a moment.") from None

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while await self._something():
            group = [self._queue.popleft() for _ in range(min(len(self._queue), self._max_group))]
            await loop.run_in_executor(self._thread, self._run, group)
            for unit in group:
                self._places.release()
                unit.tell()

    async def _something(self) -> bool:
        """Wait until units are queued; False once closing and empty."""
        while not self._queue:
            if self._closing:
                return False
            self._wake.clear()
            await self._wake.wait()
        return True

    # What follows runs in the writing thread.

    def _run(self, group: Sequence[_Unit]) -> None:
        """Leave an outcome in every unit, whatever happens."""
        try:
            self._commit(group)
        except Exception as error:  # noqa: BLE001 - becomes the outcome of the units
            if len(group) == 1 or isinstance(in_words(error), Busy):
                self._fail(group, error)
            else:
                self._one_by_one(group)

    def _one_by_one(self, group: Sequence[_Unit]) -> None:
        """After a group failed as a whole, find out which of its units can stand alone."""
        for unit in group:
            try:
                self._commit([unit])
            except Exception as error:  # noqa: BLE001 - becomes the outcome of the unit
                self._fail([unit], error)

    @staticmethod
    def _fail(units: Sequence[_Unit], error: Exception) -> None:
        """Tell each in an error of its own, unless it found the cause itself."""
        for unit in units:
            cause = unit.error if isinstance(error, _Lost) and unit.error is not None else error
            unit.error = in_words(cause) or cause

    def _commit(self, units: Sequence[_Unit]) -> None:
        """All units in one transaction, each in a savepoint sent straight to the driver (SQLAlchemy's cost twice)."""
        connection = self._connect()
        try:
            with connection.begin():
                driver: Any = connection.connection.driver_connection
                for unit in units:
                    if not unit.done.cancelled():
                        self._step(unit, connection, driver)
        except BaseException:
            self._disconnect()
            raise
        self.commits += 1

    @staticmethod
    def _step(unit: _Unit, connection: Connection, driver: Any) -> None:
        driver.execute("SAVEPOINT unit")
        unit.run(connection)
        if not driver.in_transaction:
            raise _Lost("The database undid the transaction.") from unit.error
        if unit.error is not None:
            driver.execute("ROLLBACK TO unit")
            unit.error = in_words(unit.error) or unit.error
        driver.execute("RELEASE unit")

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        """Leave nothing of a broken transaction behind."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()
        self._engine.dispose()
