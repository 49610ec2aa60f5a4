"""How LinkedIn sets a post: links as they are, tags, and of somebody mentioned only the name."""

from __future__ import annotations

from services.marks import Mark, MarkKind
from services.platforms.linkedin.littletext import MENTION
from services.text import apart, find_hashtags, find_links


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`."""
    names = [Mark(start=m.start(), end=m.end(), kind=MarkKind.MENTION, shown=m[1]) for m in MENTION.finditer(text)]
    links = [Mark(start=s.start, end=s.end, kind=MarkKind.LINK, shown=s.text, href=s.text) for s in find_links(text)]
    tags = [Mark(start=s.start, end=s.end, kind=MarkKind.TAG, shown=s.text) for s in find_hashtags(text)]
    return apart((*names, *links, *tags))
