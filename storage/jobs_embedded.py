"""The engine of a single machine: one task that drains when it is woken, at start, or when its time has come."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.ports.clock import Alarm, Clock
    from services.ports.engine import Drain

log = logging.getLogger(__name__)
AFTER_TROUBLE: Final = timedelta(seconds=5)
"""Before the next try when a drain failed."""


class EmbeddedEngine:
    """`JobEngine` without a broker: the rows are the queue, the alarm is only for being on time."""

    def __init__(self, *, drain: Drain, alarm: Alarm, clock: Clock, quiesce: Callable[[], None] = lambda: None) -> None:
        """`alarm` calls `wake()` when it rings; `quiesce` asks a running drain to take on nothing more."""
        self._drain = drain
        self._alarm = alarm
        self._clock = clock
        self._quiesce = quiesce
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._trouble = False

    async def start(self) -> None:
        """See `JobEngine.start`."""
        if self._task is None:
            self._due.set()
            self._task = asyncio.create_task(self._run(), name="delivery engine")

    async def stop(self, grace: float) -> None:
        """See `JobEngine.stop`; what is not done by then is cancelled and left in a state the next start resolves."""
        task, self._task = self._task, None
        self._stopping = True
        self._quiesce()
        self._due.set()
        if task is None:
            return
        timer = asyncio.create_task(self._clock.sleep(grace))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            task.cancel()
        await asyncio.gather(task, timer, return_exceptions=True)

    def wake(self, at: datetime | None = None) -> None:
        """See `JobEngine.wake`; any number of wake-ups before a drain are one."""
        if at is None or at <= self._clock.now():
            self._due.set()
        else:
            self._alarm.ring_at(at)

    def healthy(self) -> bool:
        """See `JobEngine.healthy`."""
        return self._task is not None and not self._task.done() and not self._trouble

    async def _run(self) -> None:
        while True:
            await self._due.wait()
            if self._stopping:
                return
            self._due.clear()
            await self._drain_once()

    async def _drain_once(self) -> None:
        """Never lets an error out: the next try is set on the alarm."""
        try:
            next_look = await self._drain()
        except Exception:
            log.exception("Publishing was interrupted; it goes on in %d s.", AFTER_TROUBLE.total_seconds())
            self._trouble = True
            next_look = self._clock.now() + AFTER_TROUBLE
        else:
            self._trouble = False
        if next_look is not None and not self._stopping:
            self.wake(next_look)
