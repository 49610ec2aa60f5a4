"""After every change: remembers which cards are up, and tells whoever watches that one is different now."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

import structlog

from handlers.views.delivery import DECISIONS, delivery_card_id
from handlers.views.draft import draft_card_id
from services.domain.errors import DeskError
from services.domain.events import (
    AccountChanged,
    ConnectedFromChat,
    DeliveriesPlanned,
    DeliveryChanged,
    DigestSent,
    DraftChanged,
    NumbersChanged,
    PolicyChanged,
)
from services.domain.insight import digest_card_id
from services.ports.storage import ShownCard

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from services.domain.delivery import DeliveryState
    from services.domain.events import Event
    from services.domain.ids import DeliveryId, DraftId
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

SURFACE: Final = "web"
PLACE: Final = "desk"
_BACKLOG: Final = 256
"""Messages a slow watcher may lag behind before it is told to look at everything again."""
_LOOK_BACK: Final = 500
"""Rows looked through at the start."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A card is different, or gone; an empty `card_id` means "look at everything again"."""

    card_id: str
    draft_id: str


EVERYTHING: Final = Changed(card_id="", draft_id="")


class Watchers:
    """Whoever listens for changed cards right now."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._queues: set[asyncio.Queue[Changed | None]] = set()
        self._closed = False
        self.told = 0
        """Changes since the start; a page notes it before it is read."""

    def tell(self, changed: Changed) -> None:
        """Never waits: a watcher that lags is told to look again instead of every step."""
        self.told += 1
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(EVERYTHING)
            else:
                queue.put_nowait(changed)

    async def watch(self, since: int | None = None) -> AsyncGenerator[Changed, None]:
        """Changes from now on, until `close`; before them "look again" when some came after `told` was `since`."""
        queue: asyncio.Queue[Changed | None] = asyncio.Queue(maxsize=_BACKLOG)
        if self._closed:
            return
        self._queues.add(queue)
        if since is not None and since != self.told:
            queue.put_nowait(EVERYTHING)
        try:
            while (changed := await queue.get()) is not None:
                yield changed
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        """End every watch, so that the server can stop."""
        self._closed = True
        for queue in self._queues:
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._queues)


class Notifications:
    """Subscribe `notice` to the bus; `run` works off what it was told, and `catch_up` does so at once."""

    def __init__(self, store: Store, clock: Clock, watchers: Watchers) -> None:
        """Card places are rows; watchers are told after the rows are right."""
        self._store = store
        self._clock = clock
        self._watchers = watchers
        self._waiting: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._shown: set[DraftId] = set()
        """Drafts whose card is known to be up."""

    def notice(self, event: Event) -> None:
        """Take an event from the bus and return at once."""
        self._waiting.append(event)
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; a failure is logged and what it was about is told all the same."""
        await self.recover()
        while True:
            await self._wake.wait()
            await self.catch_up()

    async def recover(self) -> None:
        """Put up what a stop or another process kept from us: drafts and decisions without a card."""

        def missed(tx: Transaction) -> list[Event]:
            waiting = tx.deliveries.list(states=DECISIONS, limit=_LOOK_BACK)
            events: list[Event] = [DraftChanged(draft_id=d.id) for d in tx.drafts.list(limit=_LOOK_BACK)]
            events += [DeliveryChanged(delivery_id=d.id, draft_id=d.draft_id, state=d.state) for d in waiting]
            return events

        try:
            events = await self._store.read(missed)
            async with self._turn:
                await self._keep_places(events)
        except DeskError as error:
            _log.warning("card places not looked through", reason=error.message)

    async def catch_up(self) -> None:
        """Work off everything told so far."""
        if not self._waiting and not self._turn.locked():
            return
        async with self._turn:
            self._wake.clear()
            events = list(self._waiting)
            self._waiting.clear()
            try:
                await self._keep_places(events)
            except DeskError as error:
                _log.warning("card places not kept", reason=error.message)
            except Exception:  # noqa: BLE001 - one bad event must not end the watching
                _log.exception("card places not kept")
            for changed in dict.fromkeys(_changes(events)):
                self._watchers.tell(changed)

    async def _keep_places(self, events: list[Event]) -> None:
        drafts = {e.draft_id for e in events if isinstance(e, DraftChanged)} - self._shown
        states: dict[DeliveryId, tuple[DraftId, DeliveryState]] = {
            e.delivery_id: (e.draft_id, e.state) for e in events if isinstance(e, DeliveryChanged)
        }
        if not drafts and not states:
            return
        now = self._clock.now()

        def missing(tx: Transaction) -> tuple[list[ShownCard], list[str]]:
            put = [_draft_place(tx, d) for d in sorted(drafts, key=int) if not _is_up(tx, d, draft_card_id(d))]
            gone = []
            for delivery_id, (draft_id, state) in states.items():
                card_id = delivery_card_id(delivery_id)
                up = _is_up(tx, draft_id, card_id)
                if state in DECISIONS and not up:
                    put.append(_place(card_id, draft_id, delivery_id, now))
                elif up and state not in DECISIONS:
                    gone.append(card_id)
            return [p for p in put if p is not None], gone

        put, gone = await self._store.read(missing)
        if put or gone:

            def work(tx: Transaction) -> None:
                for card in put:
                    tx.cards.put(card)
                for card_id in gone:
                    tx.cards.remove(card_id, surface=SURFACE)

            await self._store.write(work)
        self._shown |= drafts


def _draft_place(tx: Transaction, draft_id: DraftId) -> ShownCard | None:
    """Where a draft's card goes: as old as the draft, so that the order of the page is theirs."""
    draft = tx.drafts.get(draft_id)
    return _place(draft_card_id(draft_id), draft_id, None, draft.created_at) if draft else None


def _place(card_id: str, draft_id: DraftId, delivery_id: DeliveryId | None, at: datetime) -> ShownCard:
    return ShownCard(
        card_id=card_id,
        kind="delivery" if delivery_id else "draft",
        draft_id=draft_id,
        delivery_id=delivery_id,
        surface=SURFACE,
        place=PLACE,
        created_at=at,
    )


def _is_up(tx: Transaction, draft_id: DraftId, card_id: str) -> bool:
    return any(c.card_id == card_id and c.surface == SURFACE for c in tx.cards.places(draft_id))


def _changes(events: list[Event]) -> list[Changed]:
    found: list[Changed] = []
    for event in events:
        match event:
            case DraftChanged():
                found.append(Changed(card_id=draft_card_id(event.draft_id), draft_id=event.draft_id))
            case DeliveryChanged():
                found.append(Changed(card_id=draft_card_id(event.draft_id), draft_id=event.draft_id))
                found.append(Changed(card_id=delivery_card_id(event.delivery_id), draft_id=event.draft_id))
            case DeliveriesPlanned():
                found.append(Changed(card_id=draft_card_id(event.draft_id), draft_id=event.draft_id))
            case AccountChanged() | PolicyChanged():
                found.append(EVERYTHING)
            case DigestSent():
                if event.surface == SURFACE:
                    card_id = digest_card_id(event.surface, event.place, event.day)
                    found.append(Changed(card_id=card_id, draft_id=""))
            case NumbersChanged() | ConnectedFromChat():
                pass  # no card in the channel changes: a digest stays what it was that morning
            case _:
                assert_never(event)
    return found
