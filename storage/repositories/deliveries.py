"""The outbox as rows with an append-only log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState
from storage import claims
from storage.repositories.base import Repository
from storage.rows import delivery_from, frozen_columns, moving_columns
from storage.tables import deliveries, delivery_log

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from services.domain.ids import DeliveryId, DraftId

_WHAT = "version's delivery to this account"
# Building a statement costs more than running it, so those of every day are built once.
_BY_ID = select(deliveries).where(deliveries.c.id == bindparam("of"))
_LOCKED = _BY_ID.with_for_update()
_SAVE = update(deliveries).where(deliveries.c.id == bindparam("of"), deliveries.c.fence == bindparam("old_fence"))
_OF_DRAFTS = (
    select(deliveries).where(deliveries.c.draft_id.in_(bindparam("of", expanding=True))).order_by(deliveries.c.id)
)


class Deliveries(Repository):
    """Implements the port's `DeliveryRepository`."""

    __slots__ = ()

    def add(self, delivery: Delivery, entry: DeliveryLogEntry) -> None:
        """Raises `Conflict` when the id, or a live row for this draft, revision and account, is here already."""
        self._change(insert(deliveries), {**frozen_columns(delivery), **moving_columns(delivery)}, what=_WHAT)
        self._append(delivery.id, entry)

    def _append(self, delivery_id: DeliveryId, entry: DeliveryLogEntry) -> None:
        values = {
            "delivery_id": delivery_id,
            "at": entry.at,
            "from_state": entry.from_state.value if entry.from_state else None,
            "to_state": entry.to_state.value,
            "note": entry.note,
        }
        self._change(insert(delivery_log), values, what="log entry")

    def get(self, delivery_id: DeliveryId) -> Delivery | None:
        """By id."""
        row = self._select(_BY_ID, {"of": delivery_id}).first()
        return None if row is None else delivery_from(row)

    def lock(self, delivery_id: DeliveryId) -> Delivery | None:
        """As `get`; with one writer the whole transaction is the lock, elsewhere the row is."""
        self._require_write()
        row = self._select(_LOCKED, {"of": delivery_id}).first()
        return None if row is None else delivery_from(row)

    def for_draft(self, draft_id: DraftId) -> Sequence[Delivery]:
        """Oldest first, cancelled ones included."""
        return self.for_drafts((draft_id,))[draft_id]

    def for_drafts(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Sequence[Delivery]]:
        """One entry per id asked for, in one query."""
        found: dict[DraftId, list[Delivery]] = {draft_id: [] for draft_id in draft_ids}
        for row in self._select(_OF_DRAFTS, {"of": list(found)}):
            found[row.draft_id].append(delivery_from(row))
        return found

    def list(
        self, *, states: Collection[DeliveryState] | None = None, before: DeliveryId | None = None, limit: int = 50
    ) -> Sequence[Delivery]:
        """Newest first; ids sort by creation."""
        found = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
        if states is not None:
            found = found.where(deliveries.c.state.in_([state.value for state in states]))
        if before is not None:
            found = found.where(deliveries.c.id < before)
        return [delivery_from(row) for row in self._select(found)]

    def claim(
        self, states: Collection[DeliveryState], *, now: datetime, owner: str, lease_until: datetime, limit: int
    ) -> Sequence[Delivery]:
        """Lease what is due and free, earliest first."""
        self._require_write()
        return claims.claim(self._connection, states, now=now, owner=owner, lease_until=lease_until, limit=limit)

    def save(self, delivery: Delivery, *, fence: int, entry: DeliveryLogEntry | None = None) -> bool:
        """Write what may change, when the stored fence still is `fence`; False when another worker took over."""
        if not self._change(_SAVE, {**moving_columns(delivery), "of": delivery.id, "old_fence": fence}, what=_WHAT):
            return False
        if entry is not None:
            self._append(delivery.id, entry)
        return True

    def lapsed(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """PREPARING and SENDING rows whose lease has ended."""
        return claims.lapsed(self._connection, now=now, limit=limit)

    def end_leases(self, *, at: datetime) -> int:
        """Let no lease last longer than `at`."""
        self._require_write()
        return claims.end_leases(self._connection, at=at)

    def next_wake(self, states: Collection[DeliveryState]) -> datetime | None:
        """When something will want looking at."""
        return claims.next_wake(self._connection, states)

    def log(self, delivery_id: DeliveryId) -> Sequence[DeliveryLogEntry]:
        """Oldest first."""
        query = select(delivery_log).where(delivery_log.c.delivery_id == delivery_id).order_by(delivery_log.c.seq)
        return [
            DeliveryLogEntry(
                at=row.at,
                from_state=DeliveryState(row.from_state) if row.from_state else None,
                to_state=DeliveryState(row.to_state),
                note=row.note,
            )
            for row in self._select(query)
        ]

    def count_by_state(self) -> Mapping[DeliveryState, int]:
        """Only states that occur."""
        query = select(deliveries.c.state, func.count().label("total")).group_by(deliveries.c.state)
        return {DeliveryState(row.state): row.total for row in self._select(query)}
