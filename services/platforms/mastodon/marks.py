"""How a Mastodon server sets a post: links without scheme and cut, mentions without their host."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import regex

from services.marks import Mark, MarkKind, plain_marks
from services.platforms.mastodon.rules import public

SHOWN: Final = 30
"""Characters of an address that are shown after its beginning was taken off (`app/lib/text_formatter.rb`)."""
_BEGINNING: Final = regex.compile(r"https?://(?:www\.)?", regex.IGNORECASE)


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`."""
    return tuple(_shown(mark) for mark in plain_marks(text) if mark.kind is not MarkKind.LINK or public(mark.href))


def _shown(mark: Mark) -> Mark:
    if mark.kind is MarkKind.MENTION:
        return replace(mark, shown=mark.shown.rpartition("@")[0])
    if mark.kind is MarkKind.LINK:
        bare = _BEGINNING.sub("", mark.shown, count=1)
        return replace(mark, shown=bare if len(bare) <= SHOWN else f"{bare[:SHOWN]}…")
    return mark
