"""Tells what a video is from its own boxes: kind, size, length, pace and codec, never its name."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WEBM = b"\x1a\x45\xdf\xa3"
QUICKTIME = b"qt  "
IPOD = b"M4V"
NOMINAL = (640, 360)
"""The size a file is shown at whose own size is not read: WebM, and what is broken."""
INSIDE = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
WIDE_SIZE = 16
"""Bytes of a box's head when its size takes eight of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What a video's bytes say; `codec` is the name in its sample table ("avc1"), empty where none is read."""

    mime: str
    width: int
    height: int
    seconds: float = 0.0
    frame_rate: float = 0.0
    codec: str = ""
    broken: bool = False
    """Whether it begins like a video and has no pictures that could be found."""


def watch(content: bytes) -> Film | None:
    """Answer what video the bytes are, or None when they begin no MP4, MOV, M4V or WebM."""
    width, height = NOMINAL
    if content.startswith(WEBM):
        return Film(mime="video/webm", width=width, height=height)
    if content[4:8] != b"ftyp":
        return None
    brand = content[8:12]
    mime = "video/quicktime" if brand == QUICKTIME else "video/x-m4v" if brand.startswith(IPOD) else "video/mp4"
    try:
        found = next((film for film in _tracks(content, mime) if film is not None), None)
    except (struct.error, ZeroDivisionError):
        found = None
    return found or Film(mime=mime, width=width, height=height, broken=True)


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The name of each box between two places, with where its content begins and ends."""
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", content, start)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, start + 8)
            head = WIDE_SIZE
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            return
        yield name, start + head, start + size
        start += size


def _tracks(content: bytes, mime: str) -> Iterator[Film | None]:
    for name, start, end in _boxes(content, 0, len(content)):
        if name == b"moov":
            for inner, begins, ends in _boxes(content, start, end):
                if inner == b"trak":
                    # QuickTime names a second handler further down: the first is the track's.
                    leaves = tuple(_leaves(content, begins, ends))
                    yield _film(content, dict(reversed(leaves)), mime)


def _leaves(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Where the content of each box below begins, by name."""
    for name, begins, ends in _boxes(content, start, end):
        if name in INSIDE:
            yield from _leaves(content, begins, ends)
        else:
            yield name, begins


def _film(content: bytes, at: dict[bytes, int], mime: str) -> Film | None:
    if not {b"tkhd", b"mdhd", b"hdlr", b"stsd", b"stts"} <= set(at) or content[at[b"hdlr"] + 8 :][:4] != b"vide":
        return None
    long = content[at[b"tkhd"]] == 1
    width, height = struct.unpack_from(">II", content, at[b"tkhd"] + (88 if long else 76))
    seconds = _seconds(content, at[b"mdhd"])
    (entries,) = struct.unpack_from(">I", content, at[b"stts"] + 4)
    samples = sum(struct.unpack_from(">I", content, at[b"stts"] + 8 + 8 * n)[0] for n in range(entries))
    codec = content[at[b"stsd"] + 12 :][:4].decode("ascii", "replace")
    return Film(
        mime=mime,
        width=width >> 16 or NOMINAL[0],
        height=height >> 16 or NOMINAL[1],
        seconds=seconds,
        frame_rate=samples / seconds,
        codec=codec,
    )


def _seconds(content: bytes, at: int) -> float:
    if content[at] == 1:
        scale, length = struct.unpack_from(">IQ", content, at + 20)
    else:
        scale, length = struct.unpack_from(">II", content, at + 12)
    return float(length) / float(scale)
