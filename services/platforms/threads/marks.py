"""What Threads makes clickable: links, @names, and the one tag that becomes the topic and loses its sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import regex

from services.marks import Mark, MarkKind, plain_marks
from services.text import apart

_NAME: Final = regex.compile(r"(?<![\w@/.])@([A-Za-z0-9_](?:[A-Za-z0-9_.]{0,28}[A-Za-z0-9_])?)(?![\w@])")


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`."""
    found = plain_marks(text)
    links = [mark for mark in found if mark.kind is MarkKind.LINK]
    topics = [replace(mark, shown=mark.shown[1:]) for mark in found if mark.kind is MarkKind.TAG][:1]
    names = [Mark(start=m.start(), end=m.end(), kind=MarkKind.MENTION, shown=m.group()) for m in _NAME.finditer(text)]
    return apart((*links, *names, *topics))
