"""Counts a text as X documents it, by means of its own: a stand-in must not repeat the mistakes of whom it tests."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import regex  # type: ignore[import-untyped, unused-ignore]  # the package ships no type hints

from bot.practice.text import GRAPHEME, links

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 280
PER_LINK = 23
LIGHT = (range(0x1100), range(0x2000, 0x200E), range(0x2010, 0x2020), range(0x2032, 0x2038))
EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20e3")
# The endings a practice text is likely to have; the real list has 1,500.
BARE = re.compile(
    r"(?<![\w@#$./:-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|org|net|edu|gov|io|dev|app|ai|co|info|news|blog|social|eu|de|fr|uk|nl|es|it|ch|at|us|ca|jp|xyz)"
    r"(?![\w@-]|\.\w)(?:/[^\s<>\"]*)?",
    re.IGNORECASE,
)


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Answer where each link starts and ends, with a scheme or without one, in reading order."""
    found = list(links(text))
    bare = [m.span() for m in BARE.finditer(text) if not any(a < m.end() and m.start() < b for a, b in found)]
    yield from sorted([*found, *bare])


def weight(text: str) -> int:
    """Answer how much of the 280 a text takes."""
    composed = unicodedata.normalize("NFC", text)
    total = at = 0
    for start, end in addresses(composed):
        total += _words(composed[at:start]) + PER_LINK
        at = end
    return total + _words(composed[at:])


def _words(words: str) -> int:
    return sum(2 if EMOJI.search(one) else sum(map(_letter, one)) for one in GRAPHEME.findall(words))


def _letter(letter: str) -> int:
    return 1 if any(ord(letter) in light for light in LIGHT) else 2
