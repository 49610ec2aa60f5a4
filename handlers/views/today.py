"""What stands beside the channel: the day's posts, how much waits, and the one finding worth knowing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from handlers.views.delivery import WORDS as DELIVERY_WORDS
from handlers.views.draft import WORDS as DRAFT_WORDS
from handlers.views.draft import draft_card_id, topic
from handlers.views.hours import clock_time
from services.domain.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from handlers.views.look import Look
    from services.domain.metrics import HourSum
    from services.outlook import Outlook
    from services.planning import PlannedPost

DAYS: Final = 14
"""Points of the line under a finding."""
_BAD: Final = frozenset({DeliveryState.FAILED, DeliveryState.NEEDS_HUMAN, DeliveryState.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayLine:
    """One post of the day."""

    time: str
    topic: str
    words: str
    """Where it stands, and on which networks."""
    place: str
    """The id of its card."""
    asks: bool
    """True when somebody has to look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A line of days: reactions to all posts, oldest first, and its points in a box of 100 by 30."""

    values: tuple[int, ...]
    points: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Everything beside the channel, in words."""

    day: str
    zone: str
    lines: tuple[TodayLine, ...]
    waiting: int
    finding: str
    """Empty while nothing was measured."""
    basis: str
    trend: Trend | None


def side_of(outlook: Outlook, look: Look) -> Side:
    """The day for this reader."""
    finding = outlook.finding
    return Side(
        day=look.day(look.now),
        zone=look.zone,
        lines=tuple(_line(p, look) for p in outlook.posts),
        waiting=outlook.waiting,
        finding=finding.text if finding else "",
        basis=finding.basis if finding else "",
        trend=trend(outlook.hours, look.local(look.now).date(), look.zone),
    )


def _line(post: PlannedPost, look: Look) -> TodayLine:
    return TodayLine(
        time=clock_time(post.at, look.zone) if post.at else "",
        topic=topic(post.draft),
        words=_words(post, look),
        place=draft_card_id(post.draft.id),
        asks=any(d.state in _BAD for d in post.deliveries),
    )


def _words(post: PlannedPost, look: Look) -> str:
    """Each state with its networks, or the draft's own state while nothing is on its way."""
    if not post.deliveries:
        return f"{DRAFT_WORDS[post.state]} · planned"
    places: dict[DeliveryState, list[str]] = defaultdict(list)
    for delivery in post.deliveries:
        network = look.network(delivery.platform)
        if network not in places[delivery.state]:
            places[delivery.state].append(network)
    return " · ".join(f"{DELIVERY_WORDS[state]} on {', '.join(names)}" for state, names in places.items())


def trend(hours: Sequence[HourSum], today: date, zone: str) -> Trend | None:
    """The reactions gained on each of the last days; None where fewer than two days gained any."""
    gained: dict[date, int] = defaultdict(int)
    for hour in hours:
        counters = (hour.likes, hour.comments, hour.shares)
        gained[hour.hour.astimezone(ZoneInfo(zone)).date()] += sum(c for c in counters if c is not None)
    values = tuple(max(0, gained[today - timedelta(days=n)]) for n in reversed(range(DAYS)))
    if sum(v > 0 for v in values) < 2:
        return None
    top, step = max(values), 100 / (DAYS - 1)
    points = " ".join(f"{n * step:.1f},{28 - 26 * v / top:.1f}" for n, v in enumerate(values))
    words = f"Likes, answers and shares a day over {DAYS} days: {', '.join(map(str, values))}."
    return Trend(values=values, points=points, words=words)
