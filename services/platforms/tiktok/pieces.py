"""How a video is cut for its upload: pieces of one size, the last of which takes the rest as well.

Source: developers.tiktok.com, "Media Transfer Guide", 2025: pieces of 5 to 64 MB, the last of up to 128 MB, a file
below 5 MB whole, as many as the size divided by theirs, and at most 1,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST: Final = 64_000_000
"""Bytes of a piece that any reading of TikTok's rules allows."""
PIECE: Final = 10_000_000
"""Bytes of our pieces: the last may be twice that, and has to get through within the time of one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A video of `size` bytes in pieces of `piece`."""

    size: int
    piece: int
    count: int

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where each piece begins and how long it is, in order."""
        for number in range(self.count):
            start = number * self.piece
            yield start, self.size - start if number + 1 == self.count else self.piece

    @property
    def last(self) -> tuple[int, int]:
        """The piece that completes the video."""
        start = (self.count - 1) * self.piece
        return start, self.size - start


def cut(size: int, piece: int = LARGEST) -> Cut:
    """The pieces of a video with at least one byte."""
    whole = min(size, piece)
    return Cut(size=size, piece=whole, count=max(size // whole, 1))
