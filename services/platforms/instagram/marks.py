"""What Instagram makes clickable in a caption: tags and names, never links."""

from __future__ import annotations

from services.marks import Mark, MarkKind, plain_marks
from services.platforms.instagram.rules import NAME
from services.text import apart


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`; what looks like a name within an address is none."""
    plain = plain_marks(text)
    links = [mark for mark in plain if mark.kind is MarkKind.LINK]
    tags = [mark for mark in plain if mark.kind is MarkKind.TAG]
    names = [Mark(start=m.start(), end=m.end(), kind=MarkKind.MENTION, shown=m.group()) for m in NAME.finditer(text)]
    return tuple(mark for mark in apart((*links, *tags, *names)) if mark.kind is not MarkKind.LINK)
