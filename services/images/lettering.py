"""Sets words: what the bundled faces can set, lines of even length, the largest size that fits a box."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from services.fonts import BOLD, HEAD, TEXT

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.ImageFont import FreeTypeFont

    from services.images.colour import Rgb

_REFERENCE: Final = 200
"""Pixels at which words are measured before a size is known."""
LEADING: Final = {HEAD: 1.06, BOLD: 1.16, TEXT: 1.34}
"""From line to line, in sizes: tight for heads, open for reading."""
_DESCENT: Final = 0.27
_MAX_LINES: Final = 9
_MAX_WORDS: Final = 60
_WEAK: Final = frozenset(
    [
        *("a", "an", "the", "of", "to", "in", "on", "at", "for", "and", "or", "with", "by", "is", "as", "from", "our"),
        *("der", "die", "das", "den", "dem", "ein", "eine", "und", "im", "am", "zu", "von", "mit", "la", "les", "de"),
    ]
)
_TEASED: Final = 0.4
"""Of the largest size: a word that would make the head smaller than this is cut in two."""
_ELLIPSIS: Final = "…"
_EXCHANGED: Final = str.maketrans({"→": "–", "←": "–", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-"})
_SELECTORS: Final = dict.fromkeys([*range(0xFE00, 0xFE10), 0x20E3])
"""Marks that only choose the look of an emoji, and its keycap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels, right and lower edge excluded."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words on one line in one colour, at a left end on a baseline."""

    text: str
    x: float
    y: float
    face: Path
    size: int
    fill: Rgb

    @property
    def box(self) -> Box:
        """Where its ink is."""
        left, top, right, bottom = font(self.face, self.size).getbbox(self.text, anchor="ls")
        return Box(x0=self.x + left, y0=self.y + top, x1=self.x + right, y1=self.y + bottom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Lines at a size, not yet placed."""

    lines: tuple[str, ...]
    face: Path
    size: int

    @property
    def rise(self) -> float:
        """From the top of the ink to the first baseline, in pixels."""
        measured = font(self.face, self.size).getbbox(self.lines[0] if self.lines else "H", anchor="ls")
        return max(-measured[1], -font(self.face, self.size).getbbox("H", anchor="ls")[1])

    @property
    def leading(self) -> float:
        """From baseline to baseline."""
        return self.size * LEADING[self.face]

    @property
    def height(self) -> float:
        """From the top of the ink to below the last line's descenders."""
        return self.rise + self.leading * (len(self.lines) - 1) + self.size * _DESCENT

    @property
    def width(self) -> float:
        """Of the ink of the longest line, which may reach further than its letters are spaced."""
        boxes = [font(self.face, self.size).getbbox(line, anchor="ls") for line in self.lines]
        return max((right - left for left, _, right, _ in boxes), default=0.0)


@lru_cache(maxsize=64)
def font(face: Path, size: int) -> FreeTypeFont:
    """A face at a size, opened once."""
    from PIL import ImageFont

    return ImageFont.truetype(str(face), max(1, size))


def cleaned(text: str) -> str:
    """One line of plain words: joined accents, no control characters, spaces as spaces."""
    plain = unicodedata.normalize("NFC", text.translate(_EXCHANGED).translate(_SELECTORS))
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn"}
    return "".join(c for c in " ".join(plain.split()) if unicodedata.category(c) not in hidden)


def settable(text: str) -> tuple[str, bool]:
    """The text without symbols the faces lack, and whether all its letters can be set."""
    missing = {c for c in set(cleaned(text)) if not _has(c)}
    if any(unicodedata.category(c)[0] in "LNM" for c in missing):
        return "", False
    kept = " ".join("".join(c for c in cleaned(text) if c not in missing).split())
    return kept.strip("–—- ") if missing or "–" in kept[-1:] else kept, True


@lru_cache(maxsize=2048)
def _has(char: str) -> bool:
    return char.isspace() or all(_glyph(face, char) != _glyph(face, "\uffff") for face in (HEAD, BOLD, TEXT))


def _glyph(face: Path, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font(face, 32).getmask(char)
    return mask.size, bytes(mask)


def set_in(text: str, box: Box, face: Path, *, largest: float, smallest: float, max_lines: int = _MAX_LINES) -> Setting:
    """The largest setting of the text that fits, its lines balanced; ends in an ellipsis only for what never fits."""
    words = _broken(cleaned(text).split()[:_MAX_WORDS], box.width, face, max(smallest, largest * _TEASED))
    while words:
        found = _largest(tuple(words), box, face, largest, max_lines)
        if found.size >= smallest or (len(words) == 1 and len(words[0]) <= 2):
            return _shrunk(found, box)
        keep = words[:-1] if len(words) > 1 else [words[0][: len(words[0]) * 2 // 3]]
        words = [*keep[:-1], keep[-1].rstrip(f".,;:–-{_ELLIPSIS}") + _ELLIPSIS]
    return Setting(lines=(), face=face, size=max(1, round(smallest)))


def _broken(words: list[str], width: float, face: Path, size: float) -> list[str]:
    """Words longer than a line at the size given, cut where they must be."""
    pieces: list[str] = []
    for word in words:
        rest = word
        while (measured := _width(rest, face) * size) > width and len(rest) > 2:
            fit = max(2, int(len(rest) * width / measured) - 2)
            pieces.append(rest[:fit] + "-")
            rest = rest[fit:]
        pieces.append(rest)
    return pieces


def _largest(words: tuple[str, ...], box: Box, face: Path, largest: float, max_lines: int) -> Setting:
    best, won = Setting(lines=(" ".join(words),), face=face, size=0), 0.0
    for lines in _partitions(words, face, min(max_lines, len(words))):
        longest = max(_width(line, face) for line in lines)
        tall = 0.72 + LEADING[face] * (len(lines) - 1) + _DESCENT
        size = int(min(box.width / longest if longest else largest, box.height / tall, largest))
        # Another line must be worth it, and uneven lines cost: both take the calm out of a head.
        slack = sum(longest - _width(line, face) for line in lines) / (len(lines) * longest) if longest else 0.0
        score = size * (1 - 0.4 * slack) * 0.97 ** len(lines)
        if score > won:
            best, won = replace(best, lines=lines, size=size), score
    return best


def _partitions(words: tuple[str, ...], face: Path, most: int) -> list[tuple[str, ...]]:
    """For each number of lines the words cut most evenly, without weak words at the ends of lines."""
    n = len(words)
    width = {(i, j): _width(" ".join(words[i:j]), face) for i in range(n) for j in range(i + 1, min(n, i + 14) + 1)}
    even = _width(" ".join(words), face)
    cost: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    found: list[tuple[str, ...]] = []
    for count in range(1, most + 1):
        row: dict[int, tuple[float, int]] = {}
        extra = 0.14 * (even / count) ** 2
        for j in range(count, n + 1):
            options = [
                (before + width[i, j] ** 2 + _ugly(words, i, j) * extra, i)
                for i, (before, _) in cost[-1].items()
                if i < j and (i, j) in width
            ]
            if options:
                row[j] = min(options)
        cost.append(row)
        if n in row:
            found.append(_traced(words, cost, count))
    return found


def _ugly(words: tuple[str, ...], i: int, j: int) -> float:
    """What a reader stumbles over: a line that ends in a weak word, a lone short word at the end."""
    last = j == len(words)
    lone = last and i and j - i == 1 and len(words[i]) < 6
    return (0.0 if last else float(words[j - 1].lower() in _WEAK)) + float(lone)


def _traced(words: tuple[str, ...], cost: list[dict[int, tuple[float, int]]], count: int) -> tuple[str, ...]:
    lines: list[str] = []
    end = len(words)
    for row in reversed(cost[1 : count + 1]):
        start = row[end][1]
        lines.append(" ".join(words[start:end]))
        end = start
    return tuple(reversed(lines))


def _shrunk(setting: Setting, box: Box) -> Setting:
    """Smaller by the pixels that hinting and tall accents add."""
    while setting.size > 6 and (setting.width > box.width or setting.height > box.height + 1):
        setting = replace(setting, size=setting.size - 1)
    return setting


@lru_cache(maxsize=4096)
def _width(text: str, face: Path) -> float:
    """In sizes."""
    return font(face, _REFERENCE).getlength(text) / _REFERENCE


def place(setting: Setting, x: float, top: float, fill: Rgb, *, accent: Rgb | None = None) -> list[Run]:
    """Put the lines with the top of their ink at `top`; the last words take the accent."""
    runs: list[Run] = []
    face, size = setting.face, setting.size
    marked = _marked(setting.lines) if accent else 0
    for number, line in enumerate(setting.lines):
        y = round(top + setting.rise + number * setting.leading)
        left = x - font(face, size).getbbox(line[:1], anchor="ls")[0]
        if number < len(setting.lines) - 1 or not marked or accent is None:
            runs.append(Run(text=line, x=left, y=y, face=face, size=size, fill=fill))
            continue
        words = line.split()
        plain, tail = " ".join(words[:-marked]), " ".join(words[-marked:])
        if plain:
            runs.append(Run(text=plain, x=left, y=y, face=face, size=size, fill=fill))
            left += font(face, size).getlength(f"{plain} ")
        runs.append(Run(text=tail, x=left, y=y, face=face, size=size, fill=accent))
    return runs


def _marked(lines: tuple[str, ...]) -> int:
    """How many words of the last line take the accent: the telling end, never all of a single line."""
    last = lines[-1].split() if lines else []
    if len(lines) > 1 and len(last) <= 3:
        return len(last)
    return 0 if len(last) < 2 else 1 if len(last) < 4 else 2
