"""Real time, for the fake as a process of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime


class RealClock:
    """Shows the machine's time; signatures need it too, since the app's verifier reads its own clock."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)  # noqa: TID251  # the fake imports nothing of the project, so not its clock either

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)  # noqa: TID251  # as above
