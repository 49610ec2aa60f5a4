"""Times to offer when somebody asks for one: the hours people read at, on their own clock, not on top of each other."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HOURS: Final = (time(9), time(12, 30), time(17))
"""On the person's clock: the start of the day, its middle, its end."""
SOONEST: Final = timedelta(minutes=30)
"""Nobody means a time that is almost over."""
APART: Final = timedelta(hours=1)
"""Less than this between two posts takes attention from both."""
_DAYS: Final = 60
"""After so many full days it is offered all the same: none free is not what was asked."""


def suggest(now: datetime, zone: str, taken: Iterable[datetime], *, count: int = 3) -> tuple[datetime, ...]:
    """The next `count` times (aware, UTC), each apart from what is planned and from each other."""
    busy = tuple(taken)
    free = (at for at in _hours(now, zone) if at >= now + SOONEST and all(abs(at - b) >= APART for b in busy))
    return tuple(at for at, _ in zip(free, range(count), strict=False))


def _hours(now: datetime, zone: str) -> Iterator[datetime]:
    """Each of the hours from today on, as instants; one that a clock skips is left out."""
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    for day in range(_DAYS):
        for hour in HOURS:
            local = datetime.combine(today + timedelta(days=day), hour, tzinfo=clock)
            at = local.astimezone(UTC)
            if at.astimezone(clock).replace(tzinfo=None) == local.replace(tzinfo=None):
                yield at
