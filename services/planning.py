"""Reading what is planned: every post of a span of time, and what is approved and has no time yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.delivery import DeliveryState, derive_state
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.delivery import Delivery
    from services.domain.ids import AccountId, DraftId
    from services.domain.post import Draft
    from services.ports.storage import Transaction

MOST: Final = 1000
"""Posts of one span; what is beyond is said to be missing, never left out silently."""
_SEARCHED: Final = 100
"""The newest without a time, some of which may be out already: their time was taken back too late."""
_GONE: Final = frozenset({DraftState.ARCHIVED, DraftState.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPost:
    """A draft with the deliveries that stand for its current text; it moves as a whole."""

    draft: Draft
    state: DraftState
    deliveries: tuple[Delivery, ...]

    @property
    def at(self) -> datetime | None:
        """When it goes out, or went: the earliest of its accounts, else the time that was chosen."""
        return min((d.due_at for d in self.deliveries), default=self.draft.planned_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A span of the calendar, read in one transaction."""

    posts: tuple[PlannedPost, ...]
    """By time."""
    unplaced: tuple[PlannedPost, ...]
    """Approved, without a time, the newest first."""
    accounts: Mapping[AccountId, Account]
    frozen_by: str | None
    """Who holds everything back at the moment."""
    cut: bool = False
    """True when there were more posts than could be read at once."""


def read_plan(tx: Transaction, *, since: datetime, until: datetime, unplaced: int = 20) -> Plan:
    """Everything that has a time from `since` (inclusive) to `until`, in a handful of queries however much it is."""
    posts, cut = read_posts(tx, since=since, until=until, most=MOST)
    return Plan(
        posts=posts,
        unplaced=_unplaced(tx, unplaced),
        accounts={a.id: a for a in tx.accounts.list()},
        frozen_by=tx.workspace().frozen_by,
        cut=cut,
    )


def read_posts(tx: Transaction, *, since: datetime, until: datetime, most: int) -> tuple[tuple[PlannedPost, ...], bool]:
    """The posts of a span by time, and whether there were more than could be read."""
    drafts = tx.drafts.placed(since=since, until=until, limit=most + 1)
    posts = [p for p in _posts(tx, drafts[:most]) if p.deliveries or p.state not in _GONE]
    timed = [(p.at, int(p.draft.id), p) for p in posts if p.at is not None and since <= p.at < until]
    return tuple(p for _, _, p in sorted(timed, key=lambda row: row[:2])), len(drafts) > most


def _unplaced(tx: Transaction, most: int) -> tuple[PlannedPost, ...]:
    free = _posts(tx, tx.drafts.unplaced(limit=_SEARCHED))
    return tuple(p for p in free if not p.deliveries)[:most]


def _posts(tx: Transaction, drafts: Iterable[Draft]) -> list[PlannedPost]:
    wanted = list(drafts)
    rows: Mapping[DraftId, Iterable[Delivery]] = tx.deliveries.for_drafts([d.id for d in wanted])
    return [_post(d, tuple(rows.get(d.id, ()))) for d in wanted]


def _post(draft: Draft, rows: tuple[Delivery, ...]) -> PlannedPost:
    number = draft.revision.number if draft.revision else 0
    live = tuple(d for d in rows if d.revision == number and d.state is not DeliveryState.CANCELLED)
    return PlannedPost(draft=draft, state=derive_state(draft, rows), deliveries=live)
