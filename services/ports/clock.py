"""Time as a dependency, so that tests can set it and nothing else reads the wall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """The only source of now and of waiting."""

    def now(self) -> datetime:
        """The present as an aware UTC instant."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a fake returns when its time was moved on."""
        ...


class Alarm(Protocol):
    """Rings the job engine at an instant; one alarm, the earliest wins."""

    def ring_at(self, at: datetime) -> None:
        """Wake the engine at `at` (aware UTC), replacing a later ring."""
        ...
