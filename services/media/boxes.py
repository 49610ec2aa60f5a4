"""The outermost boxes of an MP4 or MOV: enough to see whether its index comes first and whether its end is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST: Final = 100_000
"""Boxes that are looked at; fragments of hours are fewer."""
_HEAD: Final = 8
_LARGE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is laid out."""

    streamable: bool
    """The index comes before the pictures."""
    whole: bool
    """No box says that it goes on beyond the end of the file."""


def layout_of(path: Path) -> Layout:
    """Blocking; reads a few bytes of each outermost box."""
    size = path.stat().st_size
    kinds: list[bytes] = []
    whole = True
    for kind, end in _boxes(path, size):
        kinds.append(kind)
        whole = end <= size
    first = next((k for k in kinds if k in {b"moov", b"mdat"}), b"")
    return Layout(streamable=first == b"moov", whole=whole and b"moov" in kinds)


def _boxes(path: Path, size: int) -> Iterator[tuple[bytes, int]]:
    """Each box's kind and where it says it ends; one of no size goes to the end of the file."""
    place = 0
    with path.open("rb") as file:
        for _ in range(_MOST):
            file.seek(place)
            head = file.read(_LARGE)
            if len(head) < _HEAD:
                return
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            end = size if length == 0 else place + max(length, _HEAD)
            yield head[4:8], end
            place = end
