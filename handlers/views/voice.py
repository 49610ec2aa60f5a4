"""The brand as its page shows it: the voice in words, the colours with their measured contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.domain.brand import Brand, Palette

_TEXT: Final = 4.5
"""The least contrast of text of ordinary size (WCAG 2.2, 1.4.3)."""
_LARGE: Final = 3.0
"""The same for large lettering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swatch:
    """A colour and how well it can be told from the background."""

    name: str
    colour: str
    contrast: float | None
    """WCAG ratio, 1 to 21; None for the background itself."""
    verdict: str
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One brand."""

    brand: Brand
    swatches: tuple[Swatch, ...]


def voice(brand: Brand) -> Voice:
    """The brand with its colours measured."""
    return Voice(brand=brand, swatches=_swatches(brand.palette))


def _swatches(palette: Palette) -> tuple[Swatch, ...]:
    ground = Swatch(name="Background", colour=palette.background, contrast=None, verdict="", good=True)
    return (ground, _swatch("Text", palette.text, palette), _swatch("Accent", palette.accent, palette))


def _swatch(name: str, colour: str, palette: Palette) -> Swatch:
    ratio = contrast(colour, palette.background)
    if ratio >= _TEXT:
        verdict = "good for any text"
    else:
        verdict = "good for large lettering only" if ratio >= _LARGE else "too weak to be read"
    return Swatch(name=name, colour=colour, contrast=round(ratio, 1), verdict=verdict, good=ratio >= _LARGE)


def contrast(one: str, other: str) -> float:
    """The WCAG 2.2 contrast ratio of two colours written as #rrggbb, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of sRGB, from 0 to 1."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
