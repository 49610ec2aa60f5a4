"""Planning: when an approved version goes out, and taking that back in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services import ledger
from services.access import Permission, require
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, InvalidInput
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.domain.actor import Person
    from services.ledger import Change, DraftRef, Snapshot
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

FARTHEST: Final = timedelta(days=730)


class Calendar:
    """Sets, moves and takes back the time of a draft; deliveries exist only once the content is approved."""

    def __init__(self, store: Store, bus: EventBus, clock: Clock, undo: timedelta) -> None:
        """`undo` is how long "publish now" waits before it can't be taken back."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._undo = undo

    async def schedule(self, actor: Person, ref: DraftRef, at: datetime) -> Snapshot:
        """Set or move the time (aware). Approved: deliveries are made or moved; otherwise approval will make them."""
        now = self._clock.now()
        if at <= now:
            msg = f"{ledger.local(at, actor.zone):%a %d %b %Y %H:%M} ({actor.zone}) is in the past."
            raise InvalidInput(msg, next_step="Give a time that is still to come.", field="when")
        if at > now + FARTHEST:
            msg = "That is more than two years ahead, which is probably not what you meant."
            raise InvalidInput(msg, next_step="Give the date with its year.", field="when")

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.PLAN)
            draft = ledger.lock_current(tx, ref, zone=actor.zone)
            ledger.require_state(tx, draft, ledger.CHANGEABLE, doing="scheduled", zone=actor.zone)
            if draft.revision is None:
                raise Conflict("There is no text yet to schedule.", next_step="Write it first.")
            events, _ = ledger.cancel_unsent(tx, draft, at=now, note=f"Moved by {actor.name}.")
            draft = replace(draft, planned_at=at)
            if draft.approved_as_is:
                events.append(ledger.enqueue(tx, draft, due_at=at, now=now, note=f"Scheduled by {actor.name}."))
            ledger.record(tx, draft, actor, "scheduled", at=now, note=at.isoformat())
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def publish_now(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Make the approved version due as soon as the time to undo has passed."""
        now = self._clock.now()
        due = now + self._undo

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.PUBLISH)
            draft = ledger.lock_current(tx, ref, zone=actor.zone)
            allowed = frozenset({DraftState.APPROVED, DraftState.SCHEDULED})
            state = ledger.require_state(tx, draft, allowed, doing="published", zone=actor.zone)
            if state is DraftState.SCHEDULED and any(d.undo_until for d in ledger.snapshot(tx, draft).deliveries):
                raise Conflict("This is on its way out already.", next_step="The card has been refreshed.")
            events, _ = ledger.cancel_unsent(tx, draft, at=now, note=f"{actor.name} publishes it now instead.")
            draft = replace(draft, planned_at=due)
            note = f"{actor.name} publishes it now; {self._undo.total_seconds():.0f} s to undo."
            events.append(ledger.enqueue(tx, draft, due_at=due, now=now, note=note, undo_until=due))
            ledger.record(tx, draft, actor, "published now", at=now)
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def unschedule(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Take the time away; an approval stands."""
        return await self._take_back(actor, ref, "unscheduled", undo=False)

    async def undo(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Take "publish now" back while nothing has been sent; raises `Conflict` when it is too late."""
        return await self._take_back(actor, ref, "took back", undo=True)

    async def _take_back(self, actor: Person, ref: DraftRef, verb: str, *, undo: bool) -> Snapshot:
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.PLAN)
            draft = ledger.lock_current(tx, ref, zone=actor.zone)
            waiting = [d for d in ledger.snapshot(tx, draft).deliveries if d.state in ledger.UNSENT]
            gone = [d for d in ledger.snapshot(tx, draft).deliveries if d.state not in ledger.UNSENT]
            if undo and not waiting:
                raise Conflict(
                    "It is too late to undo: it has been sent." if gone else "There is nothing to undo.",
                    next_step="Delete it on the network if it must go." if gone else "The card has been refreshed.",
                )
            events, _ = ledger.cancel_unsent(tx, draft, at=now, note=f"{actor.name} {verb} it.")
            draft = replace(draft, planned_at=None)
            sent = ", ".join(d.platform for d in gone if d.state is not DeliveryState.FAILED)
            note = f"{sent} could not be stopped any more" if sent else ""
            ledger.record(tx, draft, actor, verb, at=now, note=note)
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def _run(self, work: Callable[[Transaction], Change]) -> Snapshot:
        change = await self._store.write(work)
        self._bus.publish(*change.events)
        return change.snapshot
