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
    from services.domain.delivery import Delivery
    from services.ledger import Change, DraftRef, Snapshot
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

FARTHEST: Final = timedelta(days=36_525)
"""A hundred years: whoever writes a year means it, until it is no time anybody could wait for."""
_PLANNABLE: Final = ledger.CHANGEABLE - {DraftState.FAILED}
_SENDABLE: Final = frozenset({DraftState.APPROVED, DraftState.SCHEDULED})


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
            msg = f"{ledger.local(at, actor.zone):%a %d %b %Y %H:%M} ({actor.zone}) is past."
            raise InvalidInput(msg, next_step="Give a time that is still to come.", field="when")
        if at > now + FARTHEST:
            msg = "That is more than a hundred years ahead, which is probably not what you meant."
            raise InvalidInput(msg, next_step="Give the date with its year.", field="when")

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.PLAN)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            ledger.require_state(tx, draft, _PLANNABLE, doing="scheduled", actor=actor, now=now)
            if draft.revision is None:
                raise Conflict("There is no text yet to schedule.", next_step="Write it first.")
            events = ledger.cancel_unsent(tx, draft, at=now, note=f"Moved by {actor.name}.")
            draft = replace(draft, planned_at=at, problem="")
            if draft.approved_as_is and draft.picturing is None:
                events.append(ledger.enqueue(tx, draft, due_at=at, now=now, note=f"Scheduled by {actor.name}."))
            ledger.record(tx, draft, actor, ledger.SCHEDULED, at=now, note=at.isoformat())
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def publish_now(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Make the approved version due as soon as the time to undo has passed."""
        now = self._clock.now()
        due = now + self._undo

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.PUBLISH)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            state = ledger.require_state(tx, draft, _SENDABLE, doing="published", actor=actor, now=now)
            if state is DraftState.SCHEDULED and any(d.undo_until for d in ledger.snapshot(tx, draft).deliveries):
                raise Conflict("This is on its way out already.", next_step="The card has been refreshed.")
            ledger.require_no_picture_job(draft, doing="published")
            events = ledger.cancel_unsent(tx, draft, at=now, note=f"{actor.name} publishes it now instead.")
            draft = replace(draft, planned_at=due, problem="")
            note = f"{actor.name} publishes it now; {self._undo.total_seconds():.0f} s to undo."
            events.append(ledger.enqueue(tx, draft, due_at=due, now=now, note=note, undo_until=due))
            ledger.record(tx, draft, actor, ledger.PUBLISHED_NOW, at=now)
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def unschedule(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Take the time away; an approval stands."""
        return await self._take_back(actor, ref, ledger.UNSCHEDULED)

    async def undo(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Take "publish now" back while nothing has been sent; raises `Conflict` when it is too late."""
        return await self._take_back(actor, ref, ledger.TOOK_BACK)

    async def _take_back(self, actor: Person, ref: DraftRef, verb: str) -> Snapshot:
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.PLAN)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            shot = ledger.snapshot(tx, draft)
            waiting = any(d.state in ledger.UNSENT for d in shot.deliveries)
            in_public = (d for d in shot.deliveries if d.state not in ledger.UNSENT or d.receipts)
            gone = [d for d in in_public if d.state is not DeliveryState.FAILED]
            if not waiting and (shot.deliveries or verb == ledger.TOOK_BACK or draft.planned_at is None):
                raise _too_late() if gone else Conflict("Nothing is planned.", next_step="The card has been refreshed.")
            events = ledger.cancel_unsent(tx, draft, at=now, note=f"{actor.name} {verb} it.")
            sent = ", ".join(_name(d, shot) for d in gone)
            note = f"{sent} could not be stopped any more" if sent else ""
            draft = replace(draft, planned_at=None)
            ledger.record(tx, draft, actor, verb, at=now, note=note)
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def _run(self, work: Callable[[Transaction], Change]) -> Snapshot:
        change = await self._store.write(work)
        self._bus.publish(*change.events)
        return change.snapshot


def _too_late() -> Conflict:
    return Conflict(
        "It is too late: it was handed to the network already.",
        next_step="Delete it on the network if it must go.",
    )


def _name(delivery: Delivery, shot: Snapshot) -> str:
    """The account as people know it; the network's name when it was removed."""
    account = shot.accounts.get(delivery.account_id)
    return f"@{account.handle}" if account else delivery.platform
