"""What belongs into a draft's thread or a channel for reviews: new versions, the card itself, trouble on the way."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from handlers.views.chat import revision_note
from handlers.views.delivery import delivery_card_id
from handlers.views.diff import changed
from handlers.views.draft import draft_card_id
from handlers.views.sheet import sheet
from handlers.views.versions import changes
from services.domain.post import DraftState

if TYPE_CHECKING:
    from handlers.chat.attempt import Attempts
    from handlers.chat.copies import Copies, Surfaces
    from handlers.desk import Desk
    from services.domain.ids import DeliveryId, DraftId
    from services.domain.post import Revision
    from services.ledger import Snapshot
    from services.ports.storage import ShownCard, Transaction


class Threads:
    """One for all chats; a row says of each thing that it was told."""

    def __init__(self, desk: Desk, surfaces: Surfaces, copies: Copies, attempts: Attempts) -> None:
        """Cards that change are put up through `copies`."""
        self._desk = desk
        self._surfaces = surfaces
        self._copies = copies
        self._attempt = attempts

    async def versions(self, snapshot: Snapshot) -> None:
        """A new version in the thread of each copy of the card: who, why, and the words that changed."""
        revision = snapshot.draft.revision
        if revision is None:
            return
        for copy in await self._copies.of(draft_card_id(snapshot.draft.id)):
            if copy.told < revision.number:
                await self._version(copy, revision, snapshot)

    async def _version(self, copy: ShownCard, revision: Revision, snapshot: Snapshot) -> None:
        """Marked before it is said: a version told twice would be worse than one that its card alone shows."""

        def claim(tx: Transaction) -> Revision | None:
            tx.cards.redraw(copy.card_id, copy.surface, copy.place, told=revision.number)
            return tx.drafts.revision(snapshot.draft.id, copy.told) if copy.told else None

        before = await self._desk.services.store.write(claim)
        if before is None:
            return  # the card itself showed it first
        surface = self._surfaces[copy.surface]
        found = changes(before, revision, snapshot, self._copies.reader(surface.name).look(snapshot))
        if not any(changed(c.pieces) for c in found):
            return  # only its picture is another, which the card shows
        note = sheet(revision_note(snapshot, revision, found), surface.limits)
        send = partial(surface.send, surface.channel_of(copy.place), note, thread=copy.place)
        await self._attempt(send, surface, where=copy.place, what=f"v{revision.number}")

    async def review(self, snapshot: Snapshot) -> None:
        """The card in each channel for reviews, once it can be judged."""
        draft = snapshot.draft
        asked = snapshot.state is DraftState.IN_REVIEW
        judged = asked or (snapshot.state is DraftState.DRAFT and not snapshot.workspace.submit_required)
        if not judged or draft.revision is None or draft.picturing is not None:
            return
        wanted = [
            r
            for r in await self._desk.services.routing.review_channels()
            if r.surface in self._surfaces and (asked or draft.created_at >= r.since)
        ]
        if not wanted:
            return
        card_id = draft_card_id(draft.id)
        up = await self._where(card_id)
        for channel in wanted:
            surface = self._surfaces[channel.surface]
            if (surface.name, channel.place) not in up:
                put = partial(self._copies.put, card_id, draft_id=draft.id, surface=surface, channel=channel.place)
                await self._attempt(put, surface, where=channel.place, what=card_id)

    async def trouble(self, draft_id: DraftId, delivery_id: DeliveryId) -> None:
        """A delivery that waits for a person speaks up in each of the draft's threads, or where reviews go."""
        card_id = delivery_card_id(delivery_id)
        told = await self._where(card_id)
        copies = await self._copies.of(draft_card_id(draft_id))
        places = [(self._surfaces[c.surface], self._channel(c), c.place) for c in copies]
        if not places:
            routed = await self._desk.services.routing.review_channels()
            places = [(self._surfaces[r.surface], r.place, "") for r in routed if r.surface in self._surfaces]
        for surface, channel, thread in places:
            if (surface.name, channel) not in told:
                told.add((surface.name, channel))
                put = partial(
                    self._copies.put,
                    card_id,
                    draft_id=draft_id,
                    delivery_id=delivery_id,
                    surface=surface,
                    channel=channel,
                    thread=thread,
                )
                await self._attempt(put, surface, where=thread or channel, what=card_id)

    async def _where(self, card_id: str) -> set[tuple[str, str]]:
        """Surface and channel of each copy."""
        return {(c.surface, self._channel(c)) for c in await self._copies.of(card_id)}

    def _channel(self, copy: ShownCard) -> str:
        return self._surfaces[copy.surface].channel_of(copy.place)
