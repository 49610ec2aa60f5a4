"""Days and hours as a clock on the wall shows them, also where the clocks change: pure, for every calendar."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST: Final = date(1971, 1, 1)
LAST: Final = date(9000, 1, 1)
"""Days a calendar shows: beyond them zones have odd minutes, or dates come to their end."""
_STEP: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """An unbroken stretch of one hour on the wall clock, up to 60 minutes, at its offset; `end` is excluded."""

    start: datetime
    end: datetime
    again: bool = False
    """True for the second time the clock shows this hour on this day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """A line of a day: usually one lap, two where the clock shows the hour twice, none where it is skipped."""

    number: int
    laps: tuple[Lap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date with its 24 lines; it has 23 or 25 hours where the clocks change."""

    date: date
    start: datetime
    end: datetime
    """The start of the next day."""
    hours: tuple[Hour, ...]

    @property
    def laps(self) -> tuple[Lap, ...]:
        """In order of time; they cover the day without a gap."""
        return tuple(sorted((lap for hour in self.hours for lap in hour.laps), key=lambda lap: lap.start))


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a day (aware, UTC), also where the clocks go forward at midnight."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def days(first: date, count: int, zone: str) -> tuple[Day, ...]:
    """`count` days from `first` on, in an IANA zone."""
    dates = [first + timedelta(days=n) for n in range(count + 1)]
    return tuple(_day(day, midnight(day, zone), midnight(after, zone), zone) for day, after in pairwise(dates))


def _day(day: date, start: datetime, end: datetime, zone: str) -> Day:
    by_hour: dict[int, list[Lap]] = {}
    for lap in _laps(start, end, ZoneInfo(zone)):
        own = by_hour.setdefault(lap.start.hour, [])
        own.append(Lap(start=lap.start, end=lap.end, again=bool(own)))
    hours = tuple(Hour(number=n, laps=tuple(by_hour.get(n, ()))) for n in range(24))
    return Day(date=day, start=start, end=end, hours=hours)


def _laps(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Lap]:
    """Quarters gathered while hour and offset stay the same."""
    quarters: list[datetime] = []
    at = start
    while at < end:
        quarters.append(_fixed(at, zone))
        at += _STEP
    for _, group in groupby(quarters, key=lambda q: (q.hour, q.utcoffset())):
        first, *rest = group
        last = (rest or [first])[-1] + _STEP
        yield Lap(start=first, end=min(last, end.astimezone(first.tzinfo)))


def _fixed(at: datetime, zone: ZoneInfo) -> datetime:
    """On that zone's clock, but at a fixed offset: within one ZoneInfo, Python compares and subtracts wall clocks."""
    return at.astimezone(timezone(at.astimezone(zone).utcoffset() or timedelta()))


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def month(day: date) -> tuple[date, int]:
    """The Monday on or before the first of the month, and how many days in whole weeks reach past its last."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    start = monday(first)
    weeks = -(-(after - start).days // 7)
    return start, weeks * 7


def place(at: datetime, shown: tuple[Day, ...]) -> tuple[int, Lap] | None:
    """The index of the day and the lap an instant falls into; None outside of what is shown.

    Every instant of a shown day is in exactly one lap.
    """
    index = bisect_right([d.start for d in shown], at) - 1
    if index < 0 or at >= shown[index].end:
        return None
    laps = shown[index].laps
    return index, laps[bisect_right([lap.start for lap in laps], at) - 1]


def clock_time(at: datetime, zone: str) -> str:
    """As "09:15"; with the zone's own letters where the clock shows it twice on that day."""
    local = at.astimezone(ZoneInfo(zone))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M %Z}" if twice else f"{local:%H:%M}"
