"""What TikTok makes clickable: tags and names, never links."""

from __future__ import annotations

from services.marks import Mark, MarkKind, plain_marks
from services.platforms.tiktok.rules import NAME
from services.text import apart


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`; what looks like a name within an address is none."""
    plain = [mark for mark in plain_marks(text) if mark.kind is not MarkKind.MENTION]
    names = [Mark(start=m.start(), end=m.end(), kind=MarkKind.MENTION, shown=m.group()) for m in NAME.finditer(text)]
    return tuple(mark for mark in apart((*plain, *names)) if mark.kind is not MarkKind.LINK)
