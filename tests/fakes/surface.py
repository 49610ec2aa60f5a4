"""A chat surface in memory: what was put up, redrawn, whispered and asked, with scripted refusals."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from handlers.surface import Link, Sent
from handlers.views.sheet import Sheet, SurfaceLimits
from services.domain.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.card import Card
    from handlers.views.form import Form
    from services.domain.errors import DeskError
    from services.domain.identity import Visitor

LIMITS: Final = SurfaceLimits(text=11_000, block_text=2900, form_fields=50, field_text=3000, menu=99, excerpt=2000)


@dataclass
class Message:
    """One that is up; `sheets` are what it showed, the newest last."""

    place: str
    channel: str
    thread: str
    sheets: list[Sheet] = field(default_factory=list)

    @property
    def card(self) -> Card:
        return self.sheets[-1].card

    @property
    def labels(self) -> list[str]:
        return [b.label for b in self.card.buttons]


class FakeSurface:
    """Channels are "T/C", messages "T/C/number"."""

    def __init__(self, name: str = "slack", limits: SurfaceLimits = LIMITS) -> None:
        self.name = name
        self.label = name.capitalize()
        self.limits = limits
        self.link = Link.CONNECTED
        self.messages: dict[str, Message] = {}
        self.told: dict[tuple[str, str], list[Message]] = defaultdict(list)
        """What each person got in their own conversation, by team and user."""
        self.updates: list[str] = []
        """Places, in the order in which they were redrawn."""
        self.fail: dict[str, deque[DeskError]] = defaultdict(deque)
        """By method: what the next calls answer instead."""
        self.gate: asyncio.Event | None = None
        """While set and closed, redraws wait for it."""
        self.half = 0
        """How many of the next messages are up without their picture."""
        self._numbers = 0

    async def start(self) -> None:
        """Connected from the start."""

    async def stop(self) -> None:
        self.link = Link.OFF

    def channel_of(self, place: str) -> str:
        return "/".join(place.split("/")[:2])

    async def permalink(self, place: str) -> str | None:
        self._refuse("permalink")
        return f"https://{self.name}.example/{place}"

    async def send(self, channel: str, sheet: Sheet, *, thread: str = "") -> Sent:
        self._refuse("send")
        return self._put(channel, sheet, thread)

    async def update(self, place: str, sheet: Sheet) -> Sent:
        if self.gate is not None:
            await self.gate.wait()
        self.updates.append(place)
        self._refuse("update")
        if place not in self.messages:
            raise NotFound("The message is gone.")
        self.messages[place].sheets.append(sheet)
        return self._sent(place)

    async def tell(self, team: str, user: str, sheet: Sheet) -> Sent:
        self._refuse("tell")
        sent = self._put(f"{team}/D{user}", sheet, "")
        self.told[team, user].append(self.messages[sent.place])
        return sent

    def in_channel(self, channel: str) -> list[Message]:
        """Its messages outside of threads."""
        return [m for m in self.messages.values() if m.channel == channel and not m.thread]

    def in_thread(self, place: str) -> list[Message]:
        return [m for m in self.messages.values() if m.thread == place]

    def _put(self, channel: str, sheet: Sheet, thread: str) -> Sent:
        self._numbers += 1
        place = f"{channel}/{self._numbers}"
        self.messages[place] = Message(place=place, channel=channel, thread=thread, sheets=[sheet])
        return self._sent(place)

    def _sent(self, place: str) -> Sent:
        whole = self.half == 0
        self.half = max(self.half - 1, 0)
        return Sent(place=place, whole=whole)

    def _refuse(self, method: str) -> None:
        if self.fail[method]:
            raise self.fail[method].popleft()


class FakeTurn:
    """Somebody at a `FakeSurface`."""

    def __init__(
        self, surface: FakeSurface, visitor: Visitor, channel: str = "T/C", *, thread: str = "", whispered: bool = False
    ) -> None:
        self.surface = surface
        self.visitor = visitor
        self.channel = channel
        self.thread = thread
        self.whispered = whispered
        self.heard: list[Card] = []
        self.sheets: list[Sheet] = []
        self.forms: list[Form] = []
        self.too_late = False
        self.deaf: DeskError | None = None

    async def whisper(self, sheets: Sequence[Sheet]) -> None:
        if self.deaf is not None:
            raise self.deaf
        self.sheets += sheets
        self.heard += [s.card for s in sheets]

    async def open(self, form: Form) -> bool:
        if not self.too_late:
            self.forms.append(form)
        return not self.too_late

    @property
    def titles(self) -> list[str]:
        return [c.title for c in self.heard]
