"""Reading what a person wants to see beside their work: the day's posts, how much waits, and what was learned last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.domain.delivery import DeliveryState
from services.domain.post import DraftState
from services.planning import read_posts

if TYPE_CHECKING:
    from services.domain.insight import Finding
    from services.domain.metrics import HourSum
    from services.planning import PlannedPost
    from services.ports.storage import Transaction

WAITING: Final = frozenset({DraftState.DRAFT, DraftState.IN_REVIEW})
"""Drafts that wait for a decision once they have a text."""
ASKING: Final = frozenset({DeliveryState.NEEDS_HUMAN, DeliveryState.HELD})
"""Deliveries that go nowhere until a person says so."""
MOST: Final = 100
"""Rows counted or read at most: beyond that "more" says enough."""
_PAST: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The day as it stands."""

    posts: tuple[PlannedPost, ...]
    """By time."""
    waiting: int
    """Drafts and deliveries that wait for a decision."""
    finding: Finding | None
    """The most useful sentence of the newest report or digest."""
    hours: tuple[HourSum, ...]
    """What four weeks gained, for a line under it; empty without a finding."""


def outlook(tx: Transaction, *, now: datetime, zone: str, learned: Finding | None = None) -> Outlook:
    """The day of `now` on the clock of `zone`; `learned` is what was found out since the last digest."""
    since, until = day_of(now, zone)
    finding = learned or newest_finding(tx)
    return Outlook(
        posts=read_posts(tx, since=since, until=until, most=MOST)[0],
        waiting=waiting(tx),
        finding=finding,
        hours=tuple(tx.metrics.hours(since=now - _PAST, until=now)) if finding else (),
    )


def day_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first instant of the local day and of the next one: 23 to 25 hours apart."""
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    start, end = (datetime.combine(today + timedelta(days=n), time(), there) for n in (0, 1))
    return start, end


def waiting(tx: Transaction) -> int:
    """How much waits for a decision: what the page of approvals lists; deliveries are counted up to `MOST`."""
    return tx.drafts.count(WAITING) + len(tx.deliveries.list(states=ASKING, limit=MOST))


def newest_finding(tx: Transaction) -> Finding | None:
    """The first finding of the digest sent last; None before there was one."""
    digest = tx.digests.newest()
    findings = digest.report.findings if digest and digest.report else ()
    return findings[0] if findings else None
