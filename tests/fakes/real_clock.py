"""Time for the stand-ins that run as processes of their own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where a stand-in reads time; tests give it one that stands still."""

    def now(self) -> datetime:
        """The present instant, aware."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; only faults that were asked for do."""
        ...


class RealClock:
    """Shows the machine's time; signatures need it too, since the app's verifier reads its own clock."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)  # noqa: TID251  # stand-ins import nothing of the project, so not its clock either

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)  # noqa: TID251  # as above
