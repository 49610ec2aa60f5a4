"""What turns due rows into publishing: the embedded dispatcher here, a job queue on several machines later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

Drain = Callable[[], Awaitable[datetime | None]]
"""Claims and publishes what is due, and returns when to look next; None when nothing waits."""


class JobEngine(Protocol):
    """Runs the drain when something is due. A wake-up too many is harmless: claims decide."""

    async def start(self) -> None:
        """Begin, with one drain at once to catch up after downtime."""
        ...

    async def stop(self, grace: float) -> None:
        """Finish what is being sent within `grace` seconds, then stop."""
        ...

    def wake(self, at: datetime | None = None) -> None:
        """Drain at `at` (aware UTC), or now."""
        ...

    def healthy(self) -> bool:
        """False when the engine has stopped or its last drain failed."""
        ...
