"""What is on the desk: lists, and one draft by its number or words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.request import Show, Whisper
from handlers.views.delivery import log_card
from handlers.views.queue import list_card
from services.board import DeliveryRecord
from services.domain.errors import InvalidInput, NotFound
from services.domain.ids import DraftId
from services.domain.post import DraftState
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.desk import Call
    from handlers.request import Replies
    from services.ledger import Snapshot
    from services.ports.storage import Transaction

_S = DraftState
OPEN: Final = frozenset({_S.DRAFTING, _S.DRAFT, _S.IN_REVIEW, _S.APPROVED, _S.SCHEDULED, _S.PUBLISHING})
VIEWS: Final = {
    "": (OPEN, "The queue", "The desk is empty. Type: draft <what the post is about>"),
    "mine": (OPEN, "Your drafts", "You have no open draft."),
    "review": (frozenset({_S.DRAFT, _S.IN_REVIEW}), "Waits for approval", "Nothing waits for approval."),
    "scheduled": (frozenset({_S.SCHEDULED, _S.PUBLISHING}), "Scheduled", "Nothing is scheduled."),
}
"""What `queue` can be asked for: states, title, and what is said when there is nothing."""
_SHOWN: Final = 20
_LOOKED_AT: Final = 200
"""The newest of these states, among which a list of some of them is found."""


async def queue(call: Call) -> Replies:
    """One of the lists."""
    view = call.rest.casefold()
    if view not in VIEWS:
        near = nearest(view, [v for v in VIEWS if v])
        hint = f"Did you mean: queue {near}?" if near else "It can be mine, review or scheduled."
        raise InvalidInput(f"There is no list called “{call.rest}”.", next_step=hint)
    return await _list(call, view)


async def list_scheduled(call: Call) -> Replies:
    """What has a time."""
    return await _list(call, "scheduled")


async def _list(call: Call, view: str) -> Replies:
    states, title, empty = VIEWS[view]
    limit = _LOOKED_AT if view in {"mine", "scheduled"} else _SHOWN
    found = await call.services.board.drafts(states=states, limit=limit)
    if view == "mine":
        found = [s for s in found if call.request.actor.is_known_as(s.draft.author)]
    if view == "scheduled":
        found = sorted(found, key=lambda s: s.draft.planned_at or s.draft.created_at)
    return call.whisper(list_card(view or "queue", title, found[:_SHOWN], call.look(), empty=empty))


async def show(call: Call) -> Replies:
    """A draft by its button, its number, or words of its brief."""
    if call.action is not None:
        return await _one(call, await call.services.board.draft(call.action.draft_id))
    if not call.rest:
        return await _list(call, "")
    number = call.rest.removeprefix("#")
    if number.isascii() and number.isdigit():
        return await _one(call, await call.services.board.draft(DraftId(number)))
    found = await call.services.board.search(call.rest)
    if not found:
        raise NotFound(f"No draft is about “{call.rest}”.", next_step="The queue lists the drafts there are.")
    if len(found) == 1:
        return await _one(call, found[0])
    return call.whisper(list_card("found", f"Drafts about “{call.rest[:80]}”", found, call.look(), empty=""))


async def _one(call: Call, snapshot: Snapshot) -> Replies:
    """The card, and the log of its deliveries when there are any."""
    card = Show(card=call.card(snapshot))
    records = await call.services.store.read(lambda tx: _records(tx, snapshot)) if snapshot.deliveries else ()
    if not records:
        return (card,)
    return (card, Whisper(card=log_card(snapshot.draft.id, records, call.look())))


def _records(tx: Transaction, snapshot: Snapshot) -> Sequence[DeliveryRecord]:
    return [
        DeliveryRecord(delivery=d, log=tuple(tx.deliveries.log(d.id)), account=snapshot.accounts.get(d.account_id))
        for d in snapshot.deliveries
    ]
