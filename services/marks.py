"""What a network marks in a text (links, mentions, tags) and how it shows each, so that a proof looks like the post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from services.text import apart, find_hashtags, find_links, find_mentions


class MarkKind(StrEnum):
    """What a marked piece leads to."""

    LINK = "link"
    MENTION = "mention"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A range of the text in characters, end exclusive, that the network makes clickable."""

    start: int
    end: int
    kind: MarkKind
    shown: str
    """What readers see in its place; a network may shorten an address."""
    href: str = ""
    """Where a link leads; empty for what only the network can resolve."""


Marker = Callable[[str], tuple[Mark, ...]]
"""Finds a text's marks in reading order, never overlapping."""


def plain_marks(text: str) -> tuple[Mark, ...]:
    """Links, @user@host and #tags as written, for a network that changes nothing."""
    links = [Mark(start=s.start, end=s.end, kind=MarkKind.LINK, shown=s.text, href=s.text) for s in find_links(text)]
    names = [Mark(start=s.start, end=s.end, kind=MarkKind.MENTION, shown=s.text) for s in find_mentions(text)]
    tags = [Mark(start=s.start, end=s.end, kind=MarkKind.TAG, shown=s.text) for s in find_hashtags(text)]
    return apart((*links, *names, *tags))
