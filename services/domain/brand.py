"""The voice: what every draft is written in and checked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.domain.ids import BrandId


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours as #rrggbb for pictures and charts."""

    background: str
    text: str
    accent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """One voice with its audience and its forbidden words; several may share a workspace."""

    id: BrandId
    name: str
    industry: str
    tone: str
    audience: str
    values: tuple[str, ...]
    banned_words: tuple[str, ...]
    hashtags: tuple[str, ...] = ()
    """Tags the brand owns, offered before invented ones."""
    examples: tuple[str, ...] = ()
    palette: Palette
