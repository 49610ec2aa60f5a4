"""What one person is told in their own conversation: drafts that wait for their approval, and what became of theirs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from handlers.desk import Call
from handlers.request import Request
from handlers.views.chat import inbox_card, result_card
from handlers.views.draft import draft_card_id
from handlers.views.sheet import sheet
from services.access import Permission
from services.domain.post import DraftState
from services.ledger import SUBMITTED
from services.ports.storage import ShownCard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from handlers.chat.attempt import Attempts
    from handlers.chat.copies import Copies, Surfaces
    from handlers.desk import Desk
    from handlers.surface import Surface
    from handlers.views.sheet import Sheet
    from services.domain.actor import Person
    from services.domain.identity import ChatIdentity
    from services.domain.ids import DraftId, PersonId
    from services.ledger import Snapshot
    from services.ports.storage import Transaction

STILL: Final = timedelta(minutes=15)
"""How long a list of what waits is edited in place before a new message may call for its reader again."""
_OVER: Final = frozenset(
    {DraftState.PUBLISHED, DraftState.PARTLY_PUBLISHED, DraftState.FAILED, DraftState.REJECTED},
)
_LISTED: Final = 20


class Inboxes:
    """One for all chats."""

    def __init__(self, desk: Desk, surfaces: Surfaces, copies: Copies, attempts: Attempts) -> None:
        """`copies` knows where a draft's card is up."""
        self._desk = desk
        self._surfaces = surfaces
        self._copies = copies
        self._attempt = attempts
        self._asked: set[DraftId] = set()
        """Drafts in review that the lists have."""
        self._changed = self._call = False
        """Whether the lists are others now, and whether there is something new on them."""
        self._owed: set[tuple[str, str]] = set()
        """Accounts that were to be called and could not be reached: the next round tries them again."""

    def review(self, snapshot: Snapshot) -> None:
        """A review that was asked for calls the approvers; one that is decided leaves their lists. `settle` tells."""
        draft_id = snapshot.draft.id
        if snapshot.state is DraftState.IN_REVIEW and draft_id not in self._asked:
            self._asked.add(draft_id)
            self._changed = self._call = True
        elif snapshot.state is not DraftState.IN_REVIEW and draft_id in self._asked:
            self._asked.discard(draft_id)
            self._changed = True

    async def settle(self) -> None:
        """Every approver's list of what waits, once for all that changed, and once more for who was not reached."""
        if not self._changed and not self._owed:
            return
        services = self._desk.services
        waiting = await services.board.drafts(states={DraftState.IN_REVIEW}, limit=_LISTED)
        changed, call = self._changed, self._call
        self._changed = self._call = False
        self._owed = self._owed if waiting else set()
        links: dict[str, list[str | None]] = {}
        for person, identities in await services.identities.people(Permission.APPROVE):
            for identity in identities:
                surface, account = self._surfaces.get(identity.surface), (identity.surface, _where(identity))
                owed = account in self._owed
                if surface is None or not (changed or owed):
                    continue
                if surface.name not in links:
                    links[surface.name] = [await self._link(surface, s.draft.id) for s in waiting]
                made = self._list(surface, person, waiting, links[surface.name])
                self._owed.discard(account)
                if not await self._told(surface, identity, waiting, made, call=call or owed):
                    self._owed.add(account)

    async def result(self, snapshot: Snapshot) -> None:
        """What became of a draft, to its author, once; nobody is told what they did themselves."""
        draft = snapshot.draft
        if snapshot.state not in _OVER or draft.revision is None or not self._surfaces:
            return
        store = self._desk.services.store
        author = await store.read(lambda tx: _whoever(tx, draft.author))
        if author is None:
            return
        if snapshot.state is DraftState.REJECTED and snapshot.audit and author.is_known_as(snapshot.audit[-1].by):
            return
        card_id = f"result-{draft.id}-{draft.revision.number}-{snapshot.state.value}"
        told = {(c.surface, c.place) for c in await store.read(lambda tx: tx.cards.shown(card_id))}
        for identity in await self._desk.services.identities.links(author):
            surface = self._surfaces.get(identity.surface)
            where = _where(identity)
            if surface is None or (surface.name, where) in told:
                continue
            row = self._row(card_id, "result", surface, where, draft.id)
            await store.write(partial(_put, row=row))
            look = self._reader(surface, author).look(snapshot)
            card = result_card(snapshot, look, await self._link(surface, draft.id))
            tell = partial(surface.tell, identity.team, identity.user, sheet(card, surface.limits))
            await self._attempt(tell, surface, where=where, what=card_id)

    def _list(
        self, surface: Surface, person: Person, waiting: Sequence[Snapshot], links: Sequence[str | None]
    ) -> Sheet:
        return sheet(inbox_card(waiting, self._reader(surface, person).look(), links), surface.limits)

    async def _told(
        self, surface: Surface, identity: ChatIdentity, waiting: Sequence[Snapshot], made: Sheet, *, call: bool
    ) -> bool:
        """Edited in place while it is fresh; later a new message, and only when something new waits.

        False when somebody who was to be called was not reached.
        """
        services, where = self._desk.services, _where(identity)
        card_id = f"inbox-{identity.team}-{identity.user}"
        shown = [c for c in await services.store.read(lambda tx: tx.cards.shown(card_id)) if c.surface == surface.name]
        newest = max(shown, key=lambda c: c.created_at, default=None)
        if newest is not None and not (call and self._is_due(newest, waiting)):
            await self._attempt(partial(surface.update, newest.place, made), surface, where=newest.place)
            return True
        if not call or not waiting:
            return True
        tell = partial(surface.tell, identity.team, identity.user, made)
        sent = await self._attempt(tell, surface, where=where, what=card_id)
        if sent is None:
            return False
        row = self._row(card_id, "inbox", surface, sent.place)
        await services.store.write(partial(_replace, row=row))
        return True

    def _is_due(self, newest: ShownCard, waiting: Sequence[Snapshot]) -> bool:
        """Whether the last message is old enough for another, and something was asked since."""
        old = self._desk.services.clock.now() - newest.created_at >= STILL
        return old and any(_asked_at(s) > newest.created_at for s in waiting)

    async def _link(self, surface: Surface, draft_id: DraftId) -> str | None:
        copy = next((c for c in await self._copies.of(draft_card_id(draft_id)) if c.surface == surface.name), None)
        if copy is None:
            return None
        return await self._attempt(partial(surface.permalink, copy.place), surface, where=copy.place, what="link")

    def _reader(self, surface: Surface, person: Person) -> Call:
        return Call(desk=self._desk, request=Request(actor=person, surface=surface.name))

    def _row(self, card_id: str, kind: str, surface: Surface, place: str, draft_id: DraftId | None = None) -> ShownCard:
        return ShownCard(
            card_id=card_id,
            kind=kind,
            draft_id=draft_id,
            delivery_id=None,
            surface=surface.name,
            place=place,
            created_at=self._desk.services.clock.now(),
        )


def _where(identity: ChatIdentity) -> str:
    return f"{identity.team}/{identity.user}"


def _asked_at(snapshot: Snapshot) -> datetime:
    """When a review was asked for last."""
    return next((e.at for e in reversed(snapshot.audit) if e.verb == SUBMITTED), snapshot.draft.created_at)


def _whoever(tx: Transaction, person_id: PersonId) -> Person | None:
    """The person with this id, or whoever it belongs to since accounts were linked."""
    return tx.people.get(person_id) or next((p for p in tx.people.list() if p.is_known_as(person_id)), None)


def _put(tx: Transaction, *, row: ShownCard) -> None:
    tx.cards.put(row)


def _replace(tx: Transaction, *, row: ShownCard) -> None:
    tx.cards.remove(row.card_id, surface=row.surface)
    tx.cards.put(row)
