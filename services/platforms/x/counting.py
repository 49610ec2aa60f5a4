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
        runs, _, _ = _emoji()
        words = runs.sub(_shortened, words)
    return len(words) + sum(map(len, _HEAVY.findall(words)))


@cache
def _emoji() -> tuple[re.Pattern[str], frozenset[str], int]:
    """What finds runs of characters that emoji are made of, the emoji, and the length of the longest."""
    known = frozenset(listed("emoji.txt"))
    letters = "".join(map(re.escape, sorted(set().union(*known))))
    return re.compile(f"[{letters}]{{2,}}"), known, max(map(len, known))


def _shortened(run: re.Match[str]) -> str:
    """The run with one character for each emoji of several, the longest first, as X reads them."""
    text = run.group()
    if text.isascii():
        return text
    _, known, longest = _emoji()
    short = []
    at = 0
    while at < len(text):
        ends = range(min(at + longest, len(text)), at + 1, -1)
        end = next((end for end in ends if text[at:end] in known), at + 1)
        short.append(_ONE if end > at + 1 else text[at])
        at = end
    return "".join(short)
