"""One message a second in each channel, after a burst of three: what Slack lets through without a word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from services.ports.clock import Clock

EVERY: Final = timedelta(seconds=1)
BURST: Final = 3
_KEPT: Final = 1000


class Pace:
    """Wait for `turn` before each message (docs.slack.dev, rate limits, 2026-08)."""

    def __init__(self, clock: Clock) -> None:
        """Nothing was sent yet."""
        self._clock = clock
        self._free: dict[str, datetime] = {}
        """When each channel's bucket is full again."""

    async def turn(self, channel: str) -> None:
        """Take the next place in the channel's queue."""
        now = self._clock.now()
        if len(self._free) > _KEPT:
            self._free = {name: at for name, at in self._free.items() if at > now}
        free = max(self._free.get(channel, now), now)
        self._free[channel] = free + EVERY
        wait = (free - (BURST - 1) * EVERY - now).total_seconds()
        if wait > 0:
            await self._clock.sleep(wait)
