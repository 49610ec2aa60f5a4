"""The real clock: the only place that reads the wall and waits on it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """`Clock` over the operating system."""

    def now(self) -> datetime:
        """The present, aware and in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Give the loop away for this long."""
        await asyncio.sleep(seconds)
