"""What comes in through a door and what goes back, the same for every surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handlers.grammar import Command
    from handlers.views.card import Card
    from handlers.views.form import Form
    from services.domain.actor import Person
    from services.domain.errors import DeskError
    from services.domain.identity import Visitor

PATIENCE: Final = 60.0
"""Seconds a caller waits for the writer before it is told that the work goes on."""
FieldValue = str | tuple[bytes | Path, ...]
"""A text; or files in the order they were chosen, each as it is or where it lies until its surface removes it."""
Typed = Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing a person asks: a typed command, or a button with its form's answers."""

    actor: Person
    text: str = ""
    action: str = ""
    """A button's id; empty for a typed command."""
    fields: Typed | None = None
    """None: the form was not filled in yet."""
    surface: str = "web"
    channel: str = ""
    visitor: Visitor | None = None
    """Who asks as the chat surface sees them; None on the page and over HTTP."""
    zone: str = ""
    """IANA name; empty means the person's own."""
    command: Command | None = None
    """What was chosen on a surface with typed options, instead of `text`."""
    shared: bool = False
    """The answer is read by many people, each on their own clock."""
    patience: float = PATIENCE

    @property
    def clock_zone(self) -> str:
        """The zone in which this person's times are read and shown."""
        return self.zone or self.actor.zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Put a card into the channel."""

    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """Tell the asking person only."""

    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Redraw a card wherever it is shown."""

    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Ask for a form's answers; the card, if any, helps to fill it in."""

    form: Form
    card: Card | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Nothing needs saying."""


Reply = Show | Whisper | Update | Open | Silent
Replies = tuple[Reply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer to a request: what to show, and the error when there was one. `status` speaks HTTP's numbers."""

    status: int
    replies: Replies
    error: DeskError | None = None
