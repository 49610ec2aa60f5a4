"""Work that outlives the request that asked for it: kept, never failing in silence, finished on the way out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from services.ports.clock import Clock

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Tasks:
    """The supervisor of background work."""

    def __init__(self, clock: Clock) -> None:
        """Waiting goes by this clock."""
        self._clock = clock
        self._running: set[asyncio.Task[object]] = set()
        self._hurry = asyncio.Event()

    def spawn(self, work: Coroutine[object, object, T], *, name: str) -> asyncio.Task[T]:
        """Start at once; an error nobody asks for is logged with its traceback."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background work failed", task=task.get_name(), exc_info=error)

    async def within(self, task: asyncio.Task[T], seconds: float) -> bool:
        """Wait for the task at most so long; True when it is done. Neither the time nor our own end cancels it."""
        if task.done():
            return True
        limit = asyncio.ensure_future(self._clock.sleep(seconds))
        hurry = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait({task, limit, hurry}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
            hurry.cancel()
        return task.done()

    def stop_waiting(self) -> None:
        """Let every caller go with what there is, now and from now on; the work itself goes on."""
        self._hurry.set()

    async def drain(self, grace: float) -> None:
        """Let running work finish for so many seconds, then cancel what is left."""
        if not self._running:
            return
        rest = asyncio.ensure_future(asyncio.wait(set(self._running)))
        limit = asyncio.ensure_future(self._clock.sleep(grace))
        await asyncio.wait({rest, limit}, return_when=asyncio.FIRST_COMPLETED)
        limit.cancel()
        left = set(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(rest, *left, return_exceptions=True)

    @property
    def running(self) -> int:
        """How many are under way."""
        return len(self._running)
