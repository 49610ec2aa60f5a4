"""Has numbers collected while the desk publishes: at once after a start, then in rounds, and for each new account."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from services.domain.events import AccountChanged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

    from services.domain.events import Event
    from services.domain.ids import AccountId

_log = structlog.get_logger(__name__)
NUMBERS_EVERY: Final = timedelta(seconds=60)


class Collecting(Protocol):
    """Whoever reads numbers."""

    async def round(self) -> int:
        """What is due now."""
        ...

    async def import_history(self, account_id: AccountId) -> int:
        """An account's past, once."""
        ...


class Rounds(Protocol):
    """Whoever calls at intervals."""

    def every(self, period: timedelta, job: Callable[[], Awaitable[object] | object], name: str) -> None:
        """Call `job` each `period`."""
        ...


class Bus(Protocol):
    """Whoever tells what happened."""

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Hear every event."""
        ...


@asynccontextmanager
async def collecting(
    collector: Collecting, bus: Bus, rounds: Rounds, learn: Callable[[], Awaitable[object]]
) -> AsyncIterator[None]:
    """Collect while the block lasts; at its end what is being read is let go, since a read can be repeated.

    `learn` is called once, after the first round, so that the page has a finding before the first digest.
    """
    running: set[asyncio.Task[int]] = set()
    open_ = True

    def start(work: Coroutine[object, object, int]) -> asyncio.Task[int]:
        task = asyncio.create_task(work, name="numbers")
        running.add(task)
        task.add_done_callback(running.discard)
        task.add_done_callback(_tell)
        return task

    async def turn() -> None:
        if open_:
            await asyncio.wait({start(collector.round())})

    def hear(event: Event) -> None:
        if open_ and isinstance(event, AccountChanged):
            _ = start(collector.import_history(event.account_id))

    async def first() -> int:
        read = await collector.round()
        await learn()
        return read

    bus.subscribe(hear)
    rounds.every(NUMBERS_EVERY, turn, "numbers")
    _ = start(first())
    try:
        yield
    finally:
        open_ = False
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _tell(task: asyncio.Task[int]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("numbers could not be collected", exc_info=error)
