"""Time that only moves when a test says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning, far from any change of clocks."""

_TURNS: Final = 50
"""Loop turns given to other tasks whenever something was woken; enough for any chain of awaits without a thread."""


async def settle(turns: int = _TURNS) -> None:
    """Let other tasks run until they wait for something, without any real time passing."""
    loop = asyncio.get_running_loop()
    for _ in range(turns):
        turn = loop.create_future()
        loop.call_soon(turn.set_result, None)
        await turn


class FakeClock:
    """A clock that stands still; `advance` moves it and wakes whoever slept until then, in order."""

    def __init__(self, start: datetime = START) -> None:
        """Begin at `start`, an aware instant."""
        self._now = start.astimezone(UTC)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.slept: list[float] = []
        """Every wait that was asked for, in seconds."""

    def now(self) -> datetime:
        """The instant this clock shows."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` passed the moment; a wait of nothing still gives way once."""
        self.slept.append(seconds)
        if seconds <= 0:
            await settle(1)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._order), woken))
        await woken

    @property
    def sleepers(self) -> int:
        """How many tasks wait for time to pass."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    def set(self, at: datetime) -> None:
        """Show another instant at once; sleepers notice at the next `advance`."""
        self._now = at.astimezone(UTC)

    async def advance(self, seconds: float = 0.0) -> None:
        """Move on, stopping at each sleeper's moment so that what it starts sees the right time."""
        target = self._now + timedelta(seconds=seconds)
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            at, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue
            self._now = max(self._now, at)
            woken.set_result(None)
            await settle()
        self._now = max(self._now, target)
        await settle()


class FakeAlarm:
    """An alarm that only remembers when it should ring."""

    def __init__(self) -> None:
        """Begin unset."""
        self.at: datetime | None = None
        self.asked: list[datetime] = []
        """Every instant asked for, in order."""

    def ring_at(self, at: datetime) -> None:
        """Keep the earliest."""
        self.asked.append(at)
        self.at = at if self.at is None else min(self.at, at)

    def clear(self) -> None:
        """Forget the ring, as when it rang."""
        self.at = None


class HurriedClock(FakeClock):
    """A clock on which every wait is over at once, with its time passed; for code that waits alone."""

    async def sleep(self, seconds: float) -> None:
        """Pass the time and give way once."""
        self.slept.append(seconds)
        self.set(self.now() + timedelta(seconds=seconds))
        await settle(1)
