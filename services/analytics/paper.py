"""The sheet that charts are set on: colours, type, places in pixels, and words that fit."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from services import fonts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.figure import Figure
    from matplotlib.text import Text

PAPER: Final = "#faf7f1"
SHEET: Final = "#fffdf9"
INK: Final = "#1b1a17"
SOFT: Final = "#6b675e"
RULE: Final = "#ddd6c8"
SIGNAL: Final = "#b3261e"
OK: Final = "#2f6b3c"
WARN: Final = "#8a5a00"
WIDTH: Final = 1200
LABEL: Final = 24
"""Pixels of the smallest letters: a third of the width is still readable on a phone."""
_DPI: Final = 100
_LEAST_LETTERS: Final = 0.6
"""Of a text that the type must be able to set; below it the text is left out."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the sheet, in pixels from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


class Sheet:
    """A picture of a fixed width; every place is in pixels from its upper left corner."""

    def __init__(self, height: int) -> None:
        """Empty paper."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.height = height
        self.figure: Figure = Figure(figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=PAPER)
        self.figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        self._renderer: RendererBase = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]  # matplotlib's own gap

    def axes(self, place: Place) -> Axes:
        """A bare plot."""
        bottom = self.height - place.top - place.height
        parts = (place.left / WIDTH, bottom / self.height, place.width / WIDTH, place.height / self.height)
        axes = self.figure.add_axes(parts, facecolor="none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, pad=8, labelsize=points(LABEL), labelcolor=SOFT)
        return axes

    def text(self, left: float, top: float, words: str, **look: Any) -> Text:
        """One line whose baseline is `top` pixels down."""
        return self.figure.text(left / WIDTH, 1 - top / self.height, words, **(style() | look))

    def rule(self, top: float, left: float = 60, right: float = WIDTH - 60) -> None:
        """A hairline."""
        from matplotlib.lines import Line2D

        y = 1 - top / self.height
        self.figure.add_artist(Line2D([left / WIDTH, right / WIDTH], [y, y], color=RULE, linewidth=1.4))

    def width_of(self, words: str, **look: Any) -> float:
        """Pixels a line takes."""
        text = self.figure.text(0, 0, words, **(style() | look))
        width = text.get_window_extent(self._renderer).width
        text.remove()
        return float(width)

    def fit(self, words: str, width: float, **look: Any) -> str:
        """The words cut with a mark so that they take at most so many pixels."""
        if self.width_of(words, **look) <= width:
            return words
        low, high = 0, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width_of(f"{words[:middle].rstrip()}…", **look) <= width:
                low = middle
            else:
                high = middle - 1
        return f"{words[:low].rstrip(' .,;:')}…"

    def wrap(self, words: str, width: float, lines: int, **look: Any) -> list[str]:
        """Broken at spaces into at most so many lines; what is left is cut with a mark."""
        rest, set_lines = words.split(), list[str]()
        while rest and len(set_lines) < lines - 1:
            taken = 1
            while taken < len(rest) and self.width_of(" ".join(rest[: taken + 1]), **look) <= width:
                taken += 1
            set_lines.append(self.fit(" ".join(rest[:taken]), width, **look))
            rest = rest[taken:]
        return [*set_lines, self.fit(" ".join(rest), width, **look)] if rest else set_lines

    def png(self) -> bytes:
        """The picture; the same drawing makes the same bytes."""
        out = io.BytesIO()
        self.figure.savefig(out, format="png", facecolor=PAPER, metadata={"Software": None})
        return out.getvalue()


def points(pixels: float) -> float:
    """A size of letters as matplotlib counts it."""
    return pixels * 72 / _DPI


def style(pixels: float = LABEL, *, colour: str = INK, font: Path = fonts.TEXT) -> dict[str, Any]:
    """How words look."""
    return {"fontproperties": _font(font, pixels), "color": colour, "parse_math": False}


def head(pixels: float = 34) -> dict[str, Any]:
    """How headings look."""
    return style(pixels, font=fonts.HEAD)


def note() -> dict[str, Any]:
    """How samples and units look."""
    return style(LABEL, colour=SOFT)


@cache
def _font(font: Path, pixels: float) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(font), size=points(pixels))


def set_ticks(axes: Axes, *, x: Sequence[float] | None = None, y: Sequence[float] | None = None) -> None:
    """Only these, in the house's type; call it when the labels are there."""
    if x is not None:
        axes.set_xticks(list(x))
    if y is not None:
        axes.set_yticks(list(y))
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(_font(fonts.TEXT, LABEL))
        label.set_parse_math(parse_math=False)


@cache
def _letters(font: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(font)).get_charmap())


def settable(words: str, font: Path = fonts.TEXT, *, least: float = _LEAST_LETTERS) -> str:
    """The words without what the type has no letters for; empty when fewer than `least` of the letters are left."""
    known = _letters(font)
    line = " ".join(words.split())
    kept = " ".join("".join(c for c in line if c == " " or ord(c) in known).split())
    letters = sum(c.isalnum() for c in line)
    if not letters or sum(c.isalnum() for c in kept) < least * letters:
        return ""
    return kept
