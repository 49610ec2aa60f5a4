"""Every place a card was put up in a chat shows it as it is now: redrawn at once, in order, and until it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from handlers.desk import Call
from handlers.request import Request
from handlers.showing import card_of
from handlers.views.delivery import delivery_card_id
from handlers.views.draft import draft_card_id
from handlers.views.sheet import sheet
from services.domain.actor import Person, Role
from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.domain.events import AccountChanged, DeliveriesPlanned, DeliveryChanged, DraftChanged, PolicyChanged
from services.domain.ids import DraftId, PersonId
from services.ports.storage import ShownCard

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

    from handlers.desk import Desk
    from handlers.surface import Sent, Surface
    from handlers.views.card import Card
    from handlers.views.sheet import Sheet
    from services.domain.events import Event
    from services.domain.ids import DeliveryId

Surfaces = Mapping[str, "Surface"]
"""By name."""
KINDS: Final = frozenset({"draft", "delivery"})
"""Cards that change after they were put up."""
_AGAIN: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 240.0)
"""Seconds between tries to redraw a copy; after the last the next change or start tries again."""
_PICTURES: Final = (1.5, 1.5, 3.0, 6.0, 10.0, 10.0, 10.0, 10.0, 30.0, 60.0, 120.0, 240.0)
"""The same where only a picture is missing, which a chat may rest from taking in for half a minute after trouble."""
_MOST_TRIES: Final = max(len(_AGAIN), len(_PICTURES))
_LOOKED_AT: Final = 300
"""The newest copies on a surface that are looked at after a start."""
_MOST_KNOWN: Final = 10_000
_log = structlog.get_logger(__name__)


def everybody(desk: Desk, zone: str) -> Person:
    """Whoever reads a card in a channel: sees what an approver may do, and is asked for the right at the click."""
    now = desk.services.clock.now()
    return Person(id=PersonId("everybody"), name="everybody", role=Role.APPROVER, zone=zone, created_at=now)


@dataclass(slots=True)
class _Copy:
    """A copy that is being redrawn; `again` says that something changed meanwhile."""

    again: bool = True


class Copies:
    """Give `hear` to the bus and call `catch_up` once the surfaces are there."""

    def __init__(self, desk: Desk, surfaces: Surfaces, zone: str) -> None:
        """`zone` is the installation's, for words that no surface can set on a reader's clock."""
        self._desk = desk
        self._surfaces = surfaces
        self._zone = zone
        self._drawing: dict[tuple[str, str, str], _Copy] = {}
        self._looking: set[str] = set()
        self._looking_through = False
        self._nowhere: set[str] = set()
        """Cards that are known to have no copy: most changes are about those."""
        self._puts = 0
        """Copies put up so far: what was looked up across one of them may be wrong by then."""
        self._running: set[asyncio.Task[None]] = set()

    def hear(self, event: Event) -> None:
        """Take an event from the bus and return at once."""
        match event:
            case DraftChanged() | DeliveriesPlanned():
                self.changed(draft_card_id(event.draft_id))
            case DeliveryChanged():
                self.changed(draft_card_id(event.draft_id))
                self.changed(delivery_card_id(event.delivery_id))
            case AccountChanged() | PolicyChanged():
                if self._surfaces and not self._looking_through:
                    self._looking_through = True
                    self._spawn(self._look_through(), name="copies")
            case _:
                pass

    def changed(self, card_id: str) -> None:
        """Redraw every copy of the card soon; what is asked for meanwhile becomes one redraw."""
        if self._surfaces and card_id not in self._looking and card_id not in self._nowhere:
            self._looking.add(card_id)
            self._spawn(self._look(card_id), name=f"copies-{card_id}")

    async def changed_here(self, card_id: str, surface: str, channel: str) -> bool:
        """The same at once; True when a copy of it is up in this channel."""
        places = await self._mark(card_id)
        here = self._surfaces[surface].channel_of
        return any(p.surface == surface and here(p.place) == channel for p in places)

    async def put(
        self,
        card_id: str,
        *,
        draft_id: str,
        surface: Surface,
        channel: str,
        thread: str = "",
        delivery_id: DeliveryId | None = None,
    ) -> str:
        """Put a copy up and remember where; gives its place. Raises what the surface raises."""
        call = self.reader(surface.name)
        card = await card_of(call, card_id, surface=surface.name, channel=channel)
        made = sheet(card, surface.limits)
        sent = await surface.send(channel, made, thread=thread)
        shown = ShownCard(
            card_id=card_id,
            kind="delivery" if delivery_id else "draft",
            draft_id=DraftId(draft_id),
            delivery_id=delivery_id,
            surface=surface.name,
            place=sent.place,
            created_at=self._desk.services.clock.now(),
            told=card.revision,
            drawn=drawn(made, sent),
        )
        self._puts += 1
        await self._desk.services.store.write(lambda tx: tx.cards.put(shown))
        self._nowhere.discard(card_id)
        self._keep(shown)
        return sent.place

    async def post(self, surface: Surface, channel: str, made: Sheet, *, thread: str = "") -> str:
        """Put up what does not change any more, and redraw it until its pictures are there; gives its place."""
        sent = await surface.send(channel, made, thread=thread)
        if not sent.whole:
            self._spawn(self._complete(surface, sent.place, made), name=f"pictures-{made.card.card_id}")
        return sent.place

    async def _complete(self, surface: Surface, place: str, made: Sheet) -> None:
        for wait in _PICTURES:
            await self._desk.services.clock.sleep(wait)
            try:
                if (await surface.update(place, made)).whole:
                    return
            except (RateLimited, Unavailable, OutcomeUnknown):
                continue
            except DeskError as error:
                _log.warning("a picture is missing", surface=surface.name, card=made.card.card_id, reason=error.message)
                return

    def reader(self, surface: str) -> Call:
        """The desk as everybody on a surface reads it."""
        actor = everybody(self._desk, self._zone)
        return Call(desk=self._desk, request=Request(actor=actor, surface=surface, shared=True))

    async def catch_up(self) -> None:
        """Redraw what changed while nobody was there to do it, or by something that no draft tells of."""
        for surface in self._surfaces:
            try:
                kept = await self._desk.services.store.read(
                    lambda tx, on=surface: tx.cards.kept(on, kinds=KINDS, limit=_LOOKED_AT)  # type: ignore[misc]
                )
            except DeskError as error:
                _log.warning("copies not looked through", surface=surface, reason=error.message)
                continue
            for shown in kept:
                self._keep(shown)

    async def _look_through(self) -> None:
        self._looking_through = False  # what changes from here on wants another look
        await self.catch_up()

    def close(self) -> None:
        """Let go what still waits: the rows know which copies are old, and the next start redraws them."""
        for task in tuple(self._running):
            task.cancel()

    def _spawn(self, work: Coroutine[object, object, None], *, name: str) -> None:
        task = self._desk.tasks.spawn(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _look(self, card_id: str) -> None:
        try:
            await self._mark(card_id)
        except DeskError as error:
            _log.warning("copies not redrawn", card=card_id, reason=error.message)

    async def of(self, card_id: str) -> list[ShownCard]:
        """Every copy of a card in a chat that is open, oldest first."""
        shown = await self._desk.services.store.read(lambda tx: tx.cards.shown(card_id))
        return [c for c in shown if c.surface in self._surfaces and c.kind in KINDS]

    async def _mark(self, card_id: str) -> list[ShownCard]:
        self._looking.discard(card_id)  # what changes from here on wants another look
        puts = self._puts
        places = await self.of(card_id)
        for place in places:
            self._keep(place)
        if not places and puts == self._puts:
            if len(self._nowhere) >= _MOST_KNOWN:
                self._nowhere.clear()
            self._nowhere.add(card_id)
        return places

    def _keep(self, shown: ShownCard) -> None:
        key = (shown.card_id, shown.surface, shown.place)
        copy = self._drawing.get(key)
        if copy is not None:
            copy.again = True
            return
        self._drawing[key] = copy = _Copy()
        self._spawn(self._redraw(shown, copy), name=f"copy-{shown.card_id}")

    async def _redraw(self, shown: ShownCard, copy: _Copy) -> None:
        """Until the copy shows what is, the place is gone, or patience ends."""
        key, clock, last, tries = (shown.card_id, shown.surface, shown.place), self._desk.services.clock, shown.drawn, 0
        try:
            while copy.again:
                copy.again = False
                try:
                    last, wait = await self._one(shown, last, tries)
                except RateLimited as error:  # to be patient is no failure
                    copy.again = True
                    await clock.sleep(max((error.until - clock.now()).total_seconds(), 0.1))
                    continue
                if wait is None:
                    tries = 0
                    continue
                tries += 1
                if wait < 0 or tries > _MOST_TRIES:
                    return
                copy.again = True
                await clock.sleep(wait)
        finally:
            self._drawing.pop(key, None)

    async def _one(self, shown: ShownCard, last: str, tries: int) -> tuple[str, float | None]:
        """One try: what the copy shows now, and the seconds until the next (None: it holds; negative: no more).

        Raises `RateLimited`.
        """
        surface = self._surfaces[shown.surface]
        try:
            card = await self._card(shown, surface)
            if card is None:
                return last, -1
            made = sheet(card, surface.limits)
            if drawn(made) == last:
                return last, None
            sent = await surface.update(shown.place, made)
            now = drawn(made, sent)
            await self._desk.services.store.write(
                lambda tx: tx.cards.redraw(shown.card_id, shown.surface, shown.place, drawn=now)
            )
        except RateLimited:
            raise
        except (Unavailable, OutcomeUnknown) as error:
            _log.info(
                "a copy could not be redrawn yet", surface=shown.surface, card=shown.card_id, reason=error.message
            )
            return last, _AGAIN[min(tries, len(_AGAIN) - 1)]
        except NotFound:
            await self._forget(shown)
            return last, -1
        except (NeedsOperator, NeedsReauth, Refused, DeskError) as error:
            _log.warning("a copy is left as it is", surface=shown.surface, card=shown.card_id, reason=error.message)
            return last, -1
        return now, None if sent.whole else _PICTURES[min(tries, len(_PICTURES) - 1)]

    async def _card(self, shown: ShownCard, surface: Surface) -> Card | None:
        channel = surface.channel_of(shown.place)
        try:
            return await card_of(self.reader(surface.name), shown.card_id, surface=surface.name, channel=channel)
        except NotFound:
            return None

    async def _forget(self, shown: ShownCard) -> None:
        """The message was deleted, or its channel: nothing is there to be redrawn."""
        _log.info("a copy is gone", surface=shown.surface, card=shown.card_id)
        try:
            await self._desk.services.store.write(
                lambda tx: tx.cards.remove(shown.card_id, surface=shown.surface, place=shown.place)
            )
        except DeskError as error:
            _log.warning("a copy that is gone was not forgotten", card=shown.card_id, reason=error.message)


def drawn(made: Sheet, sent: Sent | None = None) -> str:
    """What a message shows, as a short digest; empty while its picture is missing, so that it is drawn again."""
    if sent is not None and not sent.whole:
        return ""
    return hashlib.sha256(repr(made.card).encode()).hexdigest()[:16]
