"""Files as bodies of requests: read piece by piece, again from the beginning, never more than they are."""

from __future__ import annotations

import pytest

from services.domain.errors import NotFound
from services.domain.ids import Digest
from services.domain.media import MediaItem
from services.pieces import PIECE, no_pieces, seconds_for, streamed
from services.ports.http import Stream

DATA = bytes(range(256)) * 10_000
ITEM = MediaItem(digest=Digest("a" * 64), mime="video/mp4", width=2, height=2, size=len(DATA))


class Shelf:
    """One file, and how it was read."""

    def __init__(self) -> None:
        self.read: list[tuple[int, int]] = []

    async def piece(self, item: MediaItem, start: int, length: int) -> bytes:
        self.read.append((start, length))
        return DATA[: item.size][start : start + length]


async def whole(stream: Stream) -> bytes:
    return b"".join([piece async for piece in stream.read()])


async def test_a_file_is_read_piece_by_piece_and_again_from_its_beginning() -> None:
    shelf = Shelf()
    stream = streamed(ITEM, shelf.piece)
    assert (stream.size, await whole(stream), await whole(stream)) == (len(DATA), DATA, DATA)
    rest = len(DATA) - 2 * PIECE
    assert shelf.read == [(0, PIECE), (PIECE, PIECE), (2 * PIECE, rest)] * 2


async def test_a_range_is_that_range() -> None:
    shelf = Shelf()
    stream = streamed(ITEM, shelf.piece, start=100, length=50)
    assert (stream.size, await whole(stream)) == (50, DATA[100:150])
    assert await whole(streamed(ITEM, shelf.piece, start=len(DATA) - 7)) == DATA[-7:]
    assert await whole(streamed(ITEM, shelf.piece, start=len(DATA) - 7, length=50)) == DATA[-7:]


async def test_where_there_are_no_files_it_says_so() -> None:
    with pytest.raises(NotFound):
        await whole(streamed(ITEM, no_pieces))


def test_more_bytes_have_more_time_up_to_an_end() -> None:
    assert seconds_for(0) == 60
    assert seconds_for(50_000_000) == 160
    assert seconds_for(4_000_000_000) == 600
