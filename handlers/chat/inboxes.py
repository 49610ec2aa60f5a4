"""What one person is told in their own conversation: drafts that wait for their approval, and what became of theirs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from handlers.chat.attempt import attempt
from handlers.desk import Call
from handlers.request import Request
from handlers.views.chat import inbox_card, result_card
from handlers.views.draft import draft_card_id
from handlers.views.sheet import sheet
from services.access import Permission
from services.domain.post import DraftState
from services.ports.storage import ShownCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.chat.copies import Copies, Surfaces
    from handlers.desk import Desk
    from handlers.surface import Surface
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

    def __init__(self, desk: Desk, surfaces: Surfaces, copies: Copies) -> None:
        """`copies` knows where a draft's card is up."""
        self._desk = desk
        self._surfaces = surfaces
        self._copies = copies
        self._asked: set[DraftId] = set()
        """Drafts in review that the approvers were called for."""

    async def review(self, snapshot: Snapshot) -> None:
        """A review that was asked for calls the approvers; one that is decided leaves their lists."""
        draft_id = snapshot.draft.id
        if snapshot.state is DraftState.IN_REVIEW and draft_id not in self._asked:
            self._asked.add(draft_id)
            await self._lists(call=True)
        elif snapshot.state is not DraftState.IN_REVIEW and draft_id in self._asked:
            self._asked.discard(draft_id)
            await self._lists(call=False)

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
            where = f"{identity.team}/{identity.user}"
            if surface is None or (surface.name, where) in told:
                continue
            row = self._row(card_id, "result", surface, where, draft.id)
            await store.write(partial(_put, row=row))
            look = self._reader(surface, author).look(snapshot)
            card = result_card(snapshot, look, await self._link(surface, draft.id))
            tell = partial(surface.tell, identity.team, identity.user, sheet(card, surface.limits))
            await attempt(tell, surface, self._desk.services.clock)

    async def _lists(self, *, call: bool) -> None:
        """Every approver's list of what waits."""
        services = self._desk.services
        waiting = await services.board.drafts(states={DraftState.IN_REVIEW}, limit=_LISTED)
        for person, identities in await services.identities.people(Permission.APPROVE):
            for identity in identities:
                surface = self._surfaces.get(identity.surface)
                if surface is not None:
                    await self._list(surface, person, identity, waiting, call=call)

    async def _list(
        self, surface: Surface, person: Person, identity: ChatIdentity, waiting: Sequence[Snapshot], *, call: bool
    ) -> None:
        """Edited in place while it is fresh; later a new message, and only when something new waits."""
        services = self._desk.services
        card_id = f"inbox-{identity.team}-{identity.user}"
        shown = [c for c in await services.store.read(lambda tx: tx.cards.shown(card_id)) if c.surface == surface.name]
        newest = max(shown, key=lambda c: c.created_at, default=None)
        fresh = newest is not None and services.clock.now() - newest.created_at < STILL
        links = [await self._link(surface, s.draft.id) for s in waiting]
        made = sheet(inbox_card(waiting, self._reader(surface, person).look(), links), surface.limits)
        if newest is not None and (fresh or not call):
            await attempt(partial(surface.update, newest.place, made), surface, services.clock)
        if fresh or not call:
            return
        sent = await attempt(partial(surface.tell, identity.team, identity.user, made), surface, services.clock)
        if sent is not None:
            row = self._row(card_id, "inbox", surface, sent.place)
            await services.store.write(partial(_replace, row=row))

    async def _link(self, surface: Surface, draft_id: DraftId) -> str | None:
        copy = next((c for c in await self._copies.of(draft_card_id(draft_id)) if c.surface == surface.name), None)
        if copy is None:
            return None
        return await attempt(partial(surface.permalink, copy.place), surface, self._desk.services.clock)

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


def _whoever(tx: Transaction, person_id: PersonId) -> Person | None:
    """The person with this id, or whoever it belongs to since accounts were linked."""
    return tx.people.get(person_id) or next((p for p in tx.people.list() if p.is_known_as(person_id)), None)


def _put(tx: Transaction, *, row: ShownCard) -> None:
    tx.cards.put(row)


def _replace(tx: Transaction, *, row: ShownCard) -> None:
    tx.cards.remove(row.card_id, surface=row.surface)
    tx.cards.put(row)
