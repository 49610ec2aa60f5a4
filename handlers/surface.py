"""What a place to talk in must be able to do, and how much fits into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from handlers.views.card import Card
    from handlers.views.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceLimits:
    """What one message holds; characters and plain counts."""

    card_text: int
    """All texts of a card together."""
    visible_buttons: int
    form_fields: int
    field_text: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a card is shown, in the surface's own words."""

    surface: str
    channel: str
    ref: str


class Surface(Protocol):
    """A chat or a page. Raises `Unavailable` when it can't be reached and `NotFound` for a place that is gone."""

    @property
    def name(self) -> str:
        """Its slug."""
        ...

    @property
    def limits(self) -> SurfaceLimits:
        """What fits."""
        ...

    async def send(self, channel: str, card: Card) -> Place:
        """Put a card up."""
        ...

    async def update(self, place: Place, card: Card) -> None:
        """Redraw it."""
        ...

    async def whisper(self, channel: str, person: str, card: Card) -> None:
        """Tell one person only."""
        ...

    async def open_form(self, trigger: str, form: Form) -> None:
        """Ask; `trigger` is what the surface gave for it."""
        ...

    async def upload(self, channel: str, data: bytes, *, name: str, alt: str) -> str:
        """Put a file up and return the surface's reference to it."""
        ...

    def permalink(self, place: Place) -> str | None:
        """An address that leads there."""
        ...
