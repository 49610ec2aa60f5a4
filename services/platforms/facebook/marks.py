"""What Facebook makes clickable in a Page's post: links and tags; names only through its own picker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.marks import MarkKind, plain_marks

if TYPE_CHECKING:
    from services.marks import Mark


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`."""
    return tuple(mark for mark in plain_marks(text) if mark.kind is not MarkKind.MENTION)
