"""Chat channels that the desk was told to use for something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewChannel:
    """A channel where drafts that wait for a decision are shown; `place` is the surface's own reference."""

    surface: str
    place: str
    since: datetime
