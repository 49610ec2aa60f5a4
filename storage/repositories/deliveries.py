"""The outbox as rows with an append-only log."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState
from storage import claims
from storage.prepared import Prepared, words
from storage.repositories.base import Repository
from storage.rows import MOVING, delivery_from, frozen_columns, moving_columns
from storage.tables import deliveries, delivery_log
from storage.types import DraftNumber

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from services.domain.ids import DeliveryId, DraftId

_WHAT = "version's delivery to this account"
_MOST_DRAFTS = 512
"""Asked for in one query."""
_THIS = select(deliveries).where(deliveries.c.id == bindparam("of"))
_UNTOUCHED = (deliveries.c.id == bindparam("of"), deliveries.c.fence == bindparam("old_fence"))
_STEPS = select(delivery_log).where(delivery_log.c.delivery_id == bindparam("of"))
_STATES = select(deliveries.c.state, func.count().label("total"))

_BY_ID = Prepared(_THIS)
_LOCKED = Prepared(_THIS.with_for_update())
_ADD = Prepared(insert(deliveries))
_SAVE = Prepared(update(deliveries).where(*_UNTOUCHED), columns=MOVING)
_ADD_STEP = Prepared(insert(delivery_log), columns=[c.name for c in delivery_log.c if c.name != "seq"])
_LOG = Prepared(_STEPS.order_by(delivery_log.c.seq))
_COUNTS = Prepared(_STATES.group_by(deliveries.c.state))


@lru_cache(maxsize=16)
def _of_drafts(count: int) -> Prepared:
    wanted = [bindparam(f"of{place}", type_=DraftNumber, required=True) for place in range(count)]
    return Prepared(select(deliveries).where(deliveries.c.draft_id.in_(wanted)).order_by(deliveries.c.id))


@lru_cache(maxsize=64)
def _page(states: frozenset[DeliveryState] | None, *, continued: bool) -> Prepared:
    found = select(deliveries).order_by(deliveries.c.id.desc()).limit(bindparam("most"))
    if states is not None:
        found = found.where(deliveries.c.state.in_(words(states)))
    return Prepared(found.where(deliveries.c.id < bindparam("before")) if continued else found)


class Deliveries(Repository):
    """Implements the port's `DeliveryRepository`."""

    __slots__ = ()

    def add(self, delivery: Delivery, entry: DeliveryLogEntry) -> None:
        """Raises `Conflict` when the id, or a live row for this draft, revision and account, is here already."""
        self._change(_ADD, {**frozen_columns(delivery), **moving_columns(delivery)}, what=_WHAT)
        self._append(delivery.id, entry)

    def _append(self, delivery_id: DeliveryId, entry: DeliveryLogEntry) -> None:
        values = {
            "delivery_id": delivery_id,
            "at": entry.at,
            "from_state": entry.from_state.value if entry.from_state else None,
            "to_state": entry.to_state.value,
            "note": entry.note,
        }
        self._change(_ADD_STEP, values, what="log entry")

    def get(self, delivery_id: DeliveryId) -> Delivery | None:
        """By id."""
        row = _BY_ID.first(self._driver, {"of": delivery_id})
        return None if row is None else delivery_from(row)

    def lock(self, delivery_id: DeliveryId) -> Delivery | None:
        """As `get`; with one writer the whole transaction is the lock, elsewhere the row is."""
        self._require_write()
        row = _LOCKED.first(self._driver, {"of": delivery_id})
        return None if row is None else delivery_from(row)

    def for_draft(self, draft_id: DraftId) -> Sequence[Delivery]:
        """Oldest first, cancelled ones included."""
        return self.for_drafts((draft_id,))[draft_id]

    def for_drafts(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Sequence[Delivery]]:
        """One entry per id asked for, with as few queries as there can be."""
        found: dict[DraftId, list[Delivery]] = {draft_id: [] for draft_id in draft_ids}
        wanted = list(found)
        for start in range(0, len(wanted), _MOST_DRAFTS):
            some = wanted[start : start + _MOST_DRAFTS]
            # Filled up to a power of two, so that a few statements serve any number.
            size = 1 << (len(some) - 1).bit_length()
            values = {f"of{place}": some[min(place, len(some) - 1)] for place in range(size)}
            for row in _of_drafts(size).rows(self._driver, values):
                found[row.draft_id].append(delivery_from(row))
        return found

    def list(
        self, *, states: Collection[DeliveryState] | None = None, before: DeliveryId | None = None, limit: int = 50
    ) -> Sequence[Delivery]:
        """Newest first; ids sort by creation."""
        page = _page(None if states is None else frozenset(states), continued=before is not None)
        return [delivery_from(row) for row in page.rows(self._driver, {"before": before, "most": limit})]

    def claim(
        self, states: Collection[DeliveryState], *, now: datetime, owner: str, lease_until: datetime, limit: int
    ) -> Sequence[Delivery]:
        """Lease what is due and free, earliest first."""
        self._require_write()
        return claims.claim(self._driver, states, now=now, owner=owner, lease_until=lease_until, limit=limit)

    def save(self, delivery: Delivery, *, fence: int, entry: DeliveryLogEntry | None = None) -> bool:
        """Write what may change, when the stored fence still is `fence`; False when another worker took over."""
        if not self._change(_SAVE, {**moving_columns(delivery), "of": delivery.id, "old_fence": fence}, what=_WHAT):
            return False
        if entry is not None:
            self._append(delivery.id, entry)
        return True

    def lapsed(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """PREPARING and SENDING rows whose lease has ended."""
        return claims.lapsed(self._driver, now=now, limit=limit)

    def end_leases(self, *, at: datetime) -> int:
        """Let no lease last longer than `at`."""
        self._require_write()
        return claims.end_leases(self._driver, at=at)

    def next_wake(self, states: Collection[DeliveryState]) -> datetime | None:
        """When something will want looking at."""
        return claims.next_wake(self._driver, states)

    def log(self, delivery_id: DeliveryId) -> Sequence[DeliveryLogEntry]:
        """Oldest first."""
        return [
            DeliveryLogEntry(
                at=row.at,
                from_state=DeliveryState(row.from_state) if row.from_state else None,
                to_state=DeliveryState(row.to_state),
                note=row.note,
            )
            for row in _LOG.rows(self._driver, {"of": delivery_id})
        ]

    def count_by_state(self) -> Mapping[DeliveryState, int]:
        """Only states that occur."""
        return {DeliveryState(row.state): row.total for row in _COUNTS.rows(self._driver)}
