"""What chats are told without having asked, event by event; what could not be told is found again in rounds."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from handlers.chat.attempt import Attempts
from handlers.chat.connected import ConnectedThere
from handlers.chat.endings import Endings
from handlers.chat.inboxes import Inboxes
from handlers.chat.mornings import Mornings
from handlers.chat.threads import Threads
from handlers.views.delivery import DECISIONS
from services.domain.delivery import DeliveryState
from services.domain.errors import DeskError
from services.domain.events import ConnectedFromChat, DeliveryChanged, DigestSent, DraftChanged
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from handlers.chat.copies import Copies, Surfaces
    from handlers.desk import Desk
    from services.domain.events import Event
    from services.domain.ids import DraftId
    from services.ports.storage import Transaction

_AGAIN: Final = timedelta(hours=24)
"""Longer than any chat tries to deliver an event."""
_ENDS: Final = frozenset({DeliveryState.PUBLISHED, DeliveryState.FAILED, DeliveryState.CANCELLED})
"""Steps after which a draft's story may be over."""
_HEARD: Final = (DraftChanged, DeliveryChanged, DigestSent, ConnectedFromChat)
_LOOK_BACK: Final = 200
"""Rows looked through in a round."""
_log = structlog.get_logger(__name__)


class News:
    """Give `hear` to the bus, run `run`, and call `sweep` in rounds."""

    def __init__(self, desk: Desk, surfaces: Surfaces, copies: Copies) -> None:
        """Cards that change are put up through `copies`."""
        self._desk = desk
        self._surfaces = surfaces
        self._copies = copies
        attempts = Attempts(desk.services.clock)
        self._threads = Threads(desk, surfaces, copies, attempts)
        self._inboxes = Inboxes(desk, surfaces, copies, attempts)
        self._mornings = Mornings(desk, surfaces, copies)
        self._endings = Endings(desk, surfaces, copies, attempts)
        self._connected = ConnectedThere(desk, surfaces)
        self._waiting: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    def hear(self, event: Event) -> None:
        """Take an event from the bus and return at once."""
        if self._surfaces and isinstance(event, _HEARD):
            self._waiting.append(event)
            self._wake.set()

    async def run(self) -> None:
        """What was missed, then what is heard, until cancelled."""
        await self._copies.catch_up()
        await self.sweep()
        while True:
            await self._wake.wait()
            await self.catch_up()

    async def sweep(self) -> None:
        """Decisions about deliveries, drafts in review and digests that some chat was not told of."""
        if not self._surfaces:
            return
        try:
            self._waiting.extend(await self._desk.services.store.read(_missed))
        except DeskError as error:
            _log.warning("what chat missed was not looked for", reason=error.message)
        await self.catch_up()
        await self._mornings.sweep()
        for about, sweep in (("that end", self._endings.sweep), ("that are connected", self._connected.sweep)):
            try:
                await sweep()
            except DeskError as error:
                _log.warning(f"chat was not told of accounts {about}", reason=error.message)

    async def forget(self) -> None:
        """Events are remembered for as long as a chat may hand them over again."""
        before = self._desk.services.clock.now() - _AGAIN
        await self._desk.services.store.write(lambda tx: tx.chat.forget(before=before))

    async def catch_up(self) -> None:
        """Work off everything heard so far; one that fails keeps no other from being told."""
        async with self._turn:
            self._wake.clear()
            events = list(self._waiting)
            self._waiting.clear()
            for work in self._works(events):
                try:
                    await work()
                except DeskError as error:
                    _log.warning("chat was not told", reason=error.message)
                except Exception:  # noqa: BLE001 - one bad event must not end the telling
                    _log.exception("chat was not told")

    def _works(self, events: Sequence[Event]) -> Iterator[Callable[[], Awaitable[None]]]:
        """What the events ask for, each once however many there are of a kind."""
        for draft_id in dict.fromkeys(e.draft_id for e in events if isinstance(e, DraftChanged)):
            yield partial(self._draft, draft_id)
        steps = dict.fromkeys(e for e in events if isinstance(e, DeliveryChanged))
        for step in steps:
            if step.state in DECISIONS:
                yield partial(self._threads.trouble, step.draft_id, step.delivery_id)
        for draft_id in dict.fromkeys(s.draft_id for s in steps if s.state in _ENDS):
            yield partial(self._result, draft_id)
        yield self._inboxes.settle
        if any(isinstance(e, DigestSent) for e in events):
            yield self._mornings.sweep
        if any(isinstance(e, ConnectedFromChat) for e in events):
            yield self._connected.sweep

    async def _draft(self, draft_id: DraftId) -> None:
        snapshot = await self._desk.services.board.draft(draft_id)
        await self._threads.versions(snapshot)
        await self._threads.review(snapshot)
        self._inboxes.review(snapshot)
        await self._inboxes.result(snapshot)

    async def _result(self, draft_id: DraftId) -> None:
        await self._inboxes.result(await self._desk.services.board.draft(draft_id))


def _missed(tx: Transaction) -> list[Event]:
    """Deliveries that wait for a person, and drafts in review."""
    waiting = tx.deliveries.list(states=DECISIONS, limit=_LOOK_BACK)
    asked = tx.drafts.list(states={DraftState.IN_REVIEW}, limit=_LOOK_BACK)
    events: list[Event] = [DeliveryChanged(delivery_id=d.id, draft_id=d.draft_id, state=d.state) for d in waiting]
    return [*events, *(DraftChanged(draft_id=d.id) for d in asked)]
