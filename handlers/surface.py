"""What a chat must be able to do so that the desk can live in it, and how much fits into one of its messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.form import Form
    from handlers.views.sheet import Sheet, SurfaceLimits
    from services.domain.identity import Visitor


class Link(StrEnum):
    """Whether a surface reaches its chat at the moment."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    IN_TROUBLE = "in trouble"
    """It tries again by itself, or needs the operator; the log says which."""
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that is up; `whole` is False while a picture of it is still being taken in and a redraw is due."""

    place: str
    whole: bool = True


class Surface(Protocol):
    """A chat that holds cards. Channels, threads and places are opaque to everybody else: "T1/C2", "T1/C2/17.3".

    Each call raises `NotFound` for a channel or message that is gone or closed to the bot, `RateLimited` with the
    time the chat gave, `Unavailable` when nothing happened, `NeedsOperator` for a token, right or setting that is
    missing, and `OutcomeUnknown` when nobody can tell whether a message was put up.
    """

    @property
    def name(self) -> str:
        """Its slug."""
        ...

    @property
    def label(self) -> str:
        """Its name as people write it."""
        ...

    @property
    def limits(self) -> SurfaceLimits:
        """What one message holds."""
        ...

    @property
    def link(self) -> Link:
        """Whether it reaches its chat."""
        ...

    async def start(self) -> None:
        """Connect in the background and keep connected; raises nothing for what a later try may cure."""
        ...

    async def stop(self) -> None:
        """Take nothing more in, and disconnect."""
        ...

    async def send(self, channel: str, sheet: Sheet, *, thread: str = "") -> Sent:
        """Put a card up where everybody in the channel, or in the thread below the message `thread`, sees it."""
        ...

    async def update(self, place: str, sheet: Sheet) -> Sent:
        """Redraw it."""
        ...

    async def tell(self, team: str, user: str, sheet: Sheet) -> Sent:
        """Put a card into the conversation with one person; `Refused` when they take no messages."""
        ...

    def channel_of(self, place: str) -> str:
        """The channel of a message."""
        ...

    async def permalink(self, place: str) -> str | None:
        """An address that leads there; None when there is none."""
        ...


class Turn(Protocol):
    """One thing a person typed or pressed, with the ways a chat gives to answer just them."""

    @property
    def surface(self) -> Surface:
        """Where it happened."""
        ...

    @property
    def visitor(self) -> Visitor:
        """Who did it, as the chat says."""
        ...

    @property
    def channel(self) -> str:
        """In which channel."""
        ...

    @property
    def thread(self) -> str:
        """The message whose thread it happened in; empty outside of threads."""
        ...

    @property
    def whispered(self) -> bool:
        """True when the button was on a whisper, which the next whisper replaces."""
        ...

    async def whisper(self, sheets: Sequence[Sheet]) -> None:
        """Tell only them."""
        ...

    async def open(self, form: Form) -> bool:
        """Ask them; False when the chat takes no form from this turn any more."""
        ...
