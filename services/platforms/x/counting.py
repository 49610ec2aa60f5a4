"""X's weighted length: most scripts of the West weigh one, all else two, each link 23, each emoji two."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from services.platforms.x.addresses import find_addresses, listed
from services.text import nfc

LINK: Final = 23
"""What every link weighs, as it is replaced by one of X's own."""
# Configuration version 3 of twitter-text: weight 100 of a scale of 100 in these ranges, 200 outside; the two signs of
# the Latin block that are emoji weigh as such.
_HEAVY: Final = re.compile(r"(?:[^\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]|[\u00A9\u00AE])+")
_JOINED: Final = re.compile(r"[\uFE0F\u200D\u20E3\U0001F3FB-\U0001F3FF\U0001F1E6-\U0001F1FF\U000E0020-\U000E007F]")
"""Every emoji of more than one code point has one of these."""
_RUN: Final = re.compile(r"[#*0-9]?[\u00A9\u00AE\u200D-\U000E007F]+")
"""Where such an emoji can stand, with much else; a digit or sign begins one only as a keycap."""
_ONE: Final = "\U0001f642"


def weigh(text: str) -> int:
    """How much of the 280 a text takes."""
    composed = nfc(text)
    if "\r" in composed:
        composed = composed.replace("\r\n", "\n")
    total = at = 0
    for link in find_addresses(composed):
        total += _weigh_words(composed[at : link.start]) + LINK
        at = link.end
    return total + _weigh_words(composed[at:])


def _weigh_words(words: str) -> int:
    if words.isascii():
        return len(words)
    if _JOINED.search(words) is not None:
        words = _RUN.sub(_shortened, words)
    return len(words) + sum(map(len, _HEAVY.findall(words)))


@cache
def _emoji() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """The emoji of several characters, and how long they can be by their first one, the longest first."""
    known = frozenset(listed("emoji.txt"))
    lengths: dict[str, set[int]] = {}
    for one in known:
        lengths.setdefault(one[0], set()).add(len(one))
    return known, {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def _shortened(run: re.Match[str]) -> str:
    """The run with one character for each emoji of several, the longest first, as X reads them."""
    text = run.group()
    known, lengths = _emoji()
    if text in known:
        return _ONE
    short = []
    at = 0
    while at < len(text):
        for length in lengths.get(text[at], ()):
            if text[at : at + length] in known:
                short.append(_ONE)
                at += length
                break
        else:
            short.append(text[at])
            at += 1
    return "".join(short)
