"""Files that are too large to be held, as bodies of requests: read from the desk while they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import NotFound
from services.ports.http import Stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.domain.media import MediaItem
    from services.ports.platform import PieceReader

PIECE: Final = 1 << 20
"""Bytes in memory at a time."""
_BASE_SECONDS: Final = 60.0
_SLOWEST: Final = 500_000
"""Bytes a second; whoever is slower than that can't send a video in time."""
_MOST_SECONDS: Final = 600.0


async def no_pieces(item: MediaItem, start: int, length: int) -> bytes:
    """`PieceReader` where there are no files."""
    del start, length
    msg = f"The file {item.digest[:8]} is not kept here."
    raise NotFound(msg)


def streamed(item: MediaItem, pieces: PieceReader, *, start: int = 0, length: int | None = None) -> Stream:
    """A file, or `length` bytes of it from `start` on."""
    size = item.size - start if length is None else length

    async def read() -> AsyncIterator[bytes]:
        at, end = start, start + size
        while at < end:
            piece = await pieces(item, at, min(PIECE, end - at))
            if not piece:
                return
            at += len(piece)
            yield piece

    return Stream(size=size, read=read)


def seconds_for(size: int) -> float:
    """How long a call may take that carries so many bytes."""
    return min(_MOST_SECONDS, _BASE_SECONDS + size / _SLOWEST)
