"""Reading what a person wants to see beside their work: the day's posts, how much waits, and what was learned last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.domain.delivery import DeliveryState, derive_state
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.domain.delivery import Delivery
    from services.domain.insight import Finding
    from services.domain.metrics import HourSum
    from services.domain.post import Draft
    from services.ports.storage import Transaction

WAITING: Final = frozenset({DraftState.DRAFT, DraftState.IN_REVIEW})
ASKING: Final = frozenset({DeliveryState.NEEDS_HUMAN, DeliveryState.HELD})
"""Deliveries that go nowhere until a person says so."""
MOST: Final = 100
"""Rows counted or read at most: beyond that "more" says enough."""
_PAST: Final = timedelta(days=28)
_GONE: Final = frozenset({DraftState.ARCHIVED, DraftState.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPost:
    """A draft that goes out, or went out, on this day, with its deliveries that stand."""

    at: datetime
    draft: Draft
    state: DraftState
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The day as it stands."""

    posts: tuple[DayPost, ...]
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
        posts=tuple(_posts(tx, since, until)),
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
    """How much waits for a decision; deliveries are counted up to `MOST`."""
    return tx.drafts.count(WAITING) + len(tx.deliveries.list(states=ASKING, limit=MOST))


def newest_finding(tx: Transaction) -> Finding | None:
    """The first finding of the digest sent last; None before there was one."""
    digest = tx.digests.newest()
    findings = digest.report.findings if digest and digest.report else ()
    return findings[0] if findings else None


def _posts(tx: Transaction, since: datetime, until: datetime) -> Iterator[DayPost]:
    drafts = tx.drafts.placed(since=since, until=until, limit=MOST)
    rows = tx.deliveries.for_drafts([d.id for d in drafts])
    found = [post for draft in drafts if (post := _post(draft, rows.get(draft.id, ()))) is not None]
    yield from sorted((p for p in found if since <= p.at < until), key=lambda p: (p.at, int(p.draft.id)))


def _post(draft: Draft, rows: Sequence[Delivery]) -> DayPost | None:
    number = draft.revision.number if draft.revision else 0
    live = tuple(d for d in rows if d.revision == number and d.state is not DeliveryState.CANCELLED)
    at = min((d.due_at for d in live), default=draft.planned_at)
    state = derive_state(draft, rows)
    return None if at is None or state in _GONE else DayPost(at=at, draft=draft, state=state, deliveries=live)
