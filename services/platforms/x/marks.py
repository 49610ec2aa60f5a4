"""How X sets a post: every address cut and without its scheme, also one that was written without; names; tags."""

from __future__ import annotations

import re
from typing import Final

from services.marks import Mark, MarkKind
from services.platforms.x.addresses import LATIN, find_addresses
from services.platforms.x.rules import CASHTAG
from services.text import apart, find_hashtags

SHOWN: Final = 26
"""Characters of an address that are shown."""
_BEGINNING: Final = re.compile(r"https?://(?:www\.)?|www\.", re.IGNORECASE)
_MENTION: Final = re.compile(
    r"(?:(?<![A-Za-z0-9_!#$%&*@＠])|(?<=(?<![A-Za-z0-9_+~.\-])[Rr][Tt]))"
    rf"[@＠][A-Za-z0-9_]{{1,20}}+(?:/[A-Za-z][A-Za-z0-9_\-]{{0,24}}+)?+(?![@＠{LATIN}]|://)"
)
"""A name, or a list of somebody's, as twitter-text reads them: a dot before it hides the post from nobody."""


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`."""
    links = [
        Mark(start=s.start, end=s.end, kind=MarkKind.LINK, shown=_short(s.text), href=_target(s.text))
        for s in find_addresses(text)
    ]
    names = [_plain(MarkKind.MENTION, m.start(), m.end(), text) for m in _MENTION.finditer(text)]
    tags = [_plain(MarkKind.TAG, s.start, s.end, text) for s in find_hashtags(text)]
    stocks = [_plain(MarkKind.TAG, m.start(), m.end(), text) for m in CASHTAG.finditer(text)]
    return apart((*links, *names, *tags, *stocks))


def _plain(kind: MarkKind, start: int, end: int, text: str) -> Mark:
    return Mark(start=start, end=end, kind=kind, shown=text[start:end])


def _short(address: str) -> str:
    bare = _BEGINNING.sub("", address, count=1)
    return bare if len(bare) <= SHOWN else f"{bare[:SHOWN]}…"


def _target(address: str) -> str:
    return address if "://" in address[:8] else f"https://{address}"
