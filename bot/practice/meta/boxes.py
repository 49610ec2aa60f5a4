"""Tells what a video is made of by reading its boxes: a stand-in must not trust a file's name."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
CODECS = {b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc", b"mp4v": "mpeg4", b"vp09": "vp9"}
LONG = 1
"""The length that says that the real one follows in eight bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What an MP4 or MOV is made of; sizes in pixels."""

    mime: str
    width: int
    height: int
    seconds: float
    frame_rate: float
    codec: str
    index_first: bool
    """Whether it can be played before all of it has arrived."""


@dataclass(slots=True, kw_only=True)
class _Track:
    """What the boxes of one track tell."""

    moving: bool = False
    width: int = 0
    height: int = 0
    codec: str = ""
    samples: int = 0


@dataclass(slots=True, kw_only=True)
class _Found:
    """What all boxes tell."""

    order: list[bytes] = field(default_factory=list)
    brand: bytes = b""
    seconds: float = 0.0
    tracks: list[_Track] = field(default_factory=list)


def sniff_video(content: bytes) -> Video | None:
    """Answer what video the bytes are, or None when they are no whole MP4 or MOV with moving pictures."""
    found = _Found()
    try:
        _read(content, found)
    except (struct.error, IndexError, ZeroDivisionError):
        return None
    moving = next((track for track in found.tracks if track.moving), None)
    if moving is None or not found.brand or not {b"moov", b"mdat"} <= set(found.order):
        return None
    if found.seconds <= 0 or moving.width <= 0 or moving.height <= 0:
        return None
    return Video(
        mime="video/quicktime" if found.brand == b"qt  " else "video/mp4",
        width=moving.width,
        height=moving.height,
        seconds=found.seconds,
        frame_rate=moving.samples / found.seconds,
        codec=moving.codec,
        index_first=found.order.index(b"moov") < found.order.index(b"mdat"),
    )


def _read(content: bytes, found: _Found) -> None:
    for kind, body in _boxes(content, 0, len(content)):
        found.order.append(kind)
        if kind == b"ftyp":
            found.brand = content[body.start : body.start + 4]
        elif kind == b"moov":
            _look_into(content, body, found)


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, range]]:
    """Each box between two places: its kind and where its body lies; one that is cut off ends the reading."""
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", content, start)
        head = 8
        if length == LONG:
            (length,) = struct.unpack_from(">Q", content, start + 8)
            head = 16
        length = length or end - start
        if length < head or start + length > end:
            raise struct.error
        yield kind, range(start + head, start + length)
        start += length


def _look_into(content: bytes, holder: range, found: _Found) -> None:
    for kind, body in _boxes(content, holder.start, holder.stop):
        if kind == b"trak":
            found.tracks.append(_Track())
        if kind in HOLDERS:
            _look_into(content, body, found)
        elif kind == b"mvhd":
            found.seconds = _duration(content, body.start)
        elif found.tracks:
            _note(content, kind, body, found.tracks[-1])


def _duration(content: bytes, at: int) -> float:
    if content[at] == 1:
        scale, units = struct.unpack_from(">IQ", content, at + 20)
    else:
        scale, units = struct.unpack_from(">II", content, at + 12)
    return float(units / scale)


def _note(content: bytes, kind: bytes, body: range, track: _Track) -> None:
    if kind == b"hdlr" and content[body.start + 8 : body.start + 12] == b"vide":
        track.moving = True
    elif kind == b"tkhd":
        width, height = struct.unpack_from(">II", content, body.stop - 8)
        track.width, track.height = width >> 16, height >> 16
    elif kind == b"stsd":
        track.codec = CODECS.get(content[body.start + 12 : body.start + 16], "unknown")
    elif kind == b"stts":
        (entries,) = struct.unpack_from(">I", content, body.start + 4)
        counts = (struct.unpack_from(">I", content, body.start + 8 + 8 * n)[0] for n in range(entries))
        track.samples = sum(counts)
