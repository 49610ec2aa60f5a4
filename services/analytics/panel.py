"""A chart before it has a place on the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from services.analytics.paper import Place, Sheet

LEAST_POSTS: Final = 3
"""For a chart that compares."""


class Plot(Protocol):
    """Draws into a place."""

    def __call__(self, sheet: Sheet, place: Place) -> None:
        """Everything but title and sample."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What it says and how it is drawn; height in pixels, its words included."""

    title: str
    sample: str
    height: int
    wide: bool
    plot: Plot
