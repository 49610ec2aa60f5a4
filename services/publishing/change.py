"""Lawful steps of one row, gathered in memory and written under its fence: the only way publishing changes a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState, step
from services.domain.events import DeliveryChanged, DraftChanged
from services.publishing.following import follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.ports.bus import EventBus
    from services.ports.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a row was when it was read, what it shall be, and the log entries in between."""

    before: Delivery
    after: Delivery
    entries: tuple[DeliveryLogEntry, ...] = ()

    @classmethod
    def of(cls, delivery: Delivery) -> Change:
        """Begin with nothing changed."""
        return cls(before=delivery, after=delivery)

    def to(self, state: DeliveryState, *, at: datetime, note: str) -> Change:
        """Take a step, by way of another where the table has none: see `_WAYS`."""
        way = _WAYS.get((self.after.state, state))
        current = self if way is None else self.to(way, at=at, note=note)
        after, entry = step(current.after, state, at=at, note=note)
        return replace(current, after=after, entries=(*current.entries, entry))

    def remark(self, *, at: datetime, note: str) -> Change:
        """Log something that happened without a step."""
        state = self.after.state
        entry = DeliveryLogEntry(at=at, from_state=state, to_state=state, note=note)
        return replace(self, entries=(*self.entries, entry))

    def lease(self, owner: str, until: datetime) -> Change:
        """Keep or take the row."""
        return replace(self, after=replace(self.after, lease_owner=owner, lease_until=until))

    def let_go(self, *, next_at: datetime, problem: str | None = None) -> Change:
        """Give the row back until `next_at`; `problem` replaces what is shown as wrong."""
        after = replace(self.after, lease_owner="", lease_until=None, next_at=next_at)
        return replace(self, after=after if problem is None else replace(after, problem=problem))

    def untaken(self) -> Change:
        """Forget when a row was first claimed that nothing was begun with: no two may derive a key from one moment."""
        row = self.after
        fresh = row.state is DeliveryState.SCHEDULED and not row.attempts and not row.handles and not row.receipts
        return replace(self, after=replace(row, first_claimed_at=None)) if fresh else self

    def problem(self, problem: str) -> Change:
        """Say what is wrong, or that nothing is."""
        return replace(self, after=replace(self.after, problem=problem))

    def holding(self, handles: Mapping[str, str]) -> Change:
        """Keep what preparing left on the network, or drop it with an empty mapping."""
        return replace(self, after=replace(self.after, handles=handles))

    def live(self, receipt: Receipt) -> Change:
        """Add the proof of the next part and forget what belonged to its making."""
        after = replace(self.after, receipts=(*self.after.receipts, receipt), handles={}, problem="", probes=0)
        return replace(self, after=after)

    def begun(self, *, at: datetime) -> Change:
        """Count the irreversible call that is about to be made."""
        after = replace(self.after, attempts=self.after.attempts + 1, sending_at=at, problem="")
        return replace(self, after=after)


_S = DeliveryState
_WAYS: Final = {
    (_S.SENDING, _S.HELD): _S.SCHEDULED,
    (_S.SENDING, _S.CANCELLED): _S.SCHEDULED,
    (_S.PROCESSING, _S.SCHEDULED): _S.UNCERTAIN,
}
"""Through SCHEDULED: certainly nothing happened. Through UNCERTAIN: a part is found live and the next one
follows, or certainly never will be live."""


def same_claim(stored: Delivery | None, known: Delivery) -> bool:
    """Whether nobody else took or moved the row since we read it."""
    return stored is not None and stored.fence == known.fence and stored.state is known.state


def write_change(tx: Transaction, change: Change) -> bool:
    """Save under the fence; False when the row is no longer ours, and then nothing is written."""
    if not same_claim(tx.deliveries.lock(change.before.id), change.before):
        return False
    first, *others = change.entries or (None,)
    if not tx.deliveries.save(change.after, fence=change.before.fence, entry=first):
        return False
    follow(tx, change.before, change.after)
    return all(tx.deliveries.save(change.after, fence=change.after.fence, entry=entry) for entry in others)


def announce(bus: EventBus, deliveries: Iterable[Delivery]) -> None:
    """Tell about committed steps: each delivery, then each draft once."""
    changed = list(deliveries)
    for one in changed:
        bus.publish(DeliveryChanged(delivery_id=one.id, draft_id=one.draft_id, state=one.state))
    for draft_id in dict.fromkeys(one.draft_id for one in changed):
        bus.publish(DraftChanged(draft_id=draft_id))
