"""APScheduler as the clock: it wakes the engine and starts the rounds; nothing that matters lives only in it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from inspect import isawaitable
from typing import TYPE_CHECKING, Final

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

SWEEP_EVERY: Final = timedelta(seconds=3)
"""How long a row planned by another process may go unnoticed; a sweep that finds nothing writes nothing."""
_ALARM: Final = "alarm"


class ScheduledClock:
    """Rounds at intervals, and the `Alarm` that rings the engine; late rounds run once, never pile up."""

    def __init__(self) -> None:
        """Nothing runs until `start`."""
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone="UTC",
        )
        self._ring: Callable[[], None] = _nobody
        self._due: datetime | None = None
        """When the waiting ring is due; the scheduler itself can't tell before it has started."""

    def on_ring(self, ring: Callable[[], None]) -> None:
        """What the alarm calls."""
        self._ring = ring

    def ring_at(self, at: datetime) -> None:
        """See `Alarm.ring_at`: the earlier of the waiting ring and this one stays."""
        if self._due is None or at < self._due:
            self._due = at
            self._scheduler.add_job(self._fire, DateTrigger(at, "UTC"), id=_ALARM, replace_existing=True)

    async def _fire(self) -> None:
        self._due = None
        self._ring()

    def every(
        self, period: timedelta, job: Callable[[], Awaitable[object] | object], name: str, *, at_once: bool = False
    ) -> None:
        """Run `job` each `period`, first after one period, or as soon as the clock ticks."""

        async def turn() -> None:
            """On the loop: APScheduler would run a plain function in a thread, where nothing of ours may be touched."""
            outcome = job()
            if isawaitable(outcome):
                with suppress(asyncio.CancelledError):  # stopped in the middle: the rows know what is left to do
                    await outcome

        if at_once:
            self._scheduler.add_job(turn, DateTrigger(), id=f"{name}, first")
        self._scheduler.add_job(turn, IntervalTrigger(seconds=period.total_seconds()), id=name)

    def start(self) -> None:
        """Begin ticking on the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop without waiting for a round."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _nobody() -> None:
    """Before the engine is there, a ring has nobody to wake."""
