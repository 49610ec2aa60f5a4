"""Tells what a picture is and how large, from its first bytes only: a stand-in must not trust a file's name."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

JPEG_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
FILL = 0xFF
VP8L_SIGNATURE = 0x2F
GIF_IMAGE, GIF_EXTENSION, GIF_END = 0x2C, 0x21, 0x3B


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The kind of a picture and its size in pixels."""

    mime: str
    width: int
    height: int


def sniff(content: bytes) -> Picture | None:
    """Answer what picture the bytes begin, or None when they are no PNG, JPEG, GIF or WebP."""
    for reader in (_png, _gif, _webp, _jpeg):
        try:
            found = reader(content)
        except (struct.error, IndexError):
            continue
        if found is not None and found.width > 0 and found.height > 0:
            return found
    return None


def _png(content: bytes) -> Picture | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return Picture(mime="image/png", width=width, height=height)


def _gif(content: bytes) -> Picture | None:
    if content[:6] not in {b"GIF87a", b"GIF89a"}:
        return None
    width, height = struct.unpack_from("<HH", content, 6)
    return Picture(mime="image/gif", width=width, height=height)


def gif_frames(content: bytes) -> int:
    """Answer how many pictures a GIF shows one after another; 0 for what is no whole GIF."""
    if content[:6] not in {b"GIF87a", b"GIF89a"}:
        return 0
    try:
        return _frames(content)
    except IndexError:
        return 0


def _frames(content: bytes) -> int:
    at, frames = 13 + _palette(content[10]), 0
    while content[at] != GIF_END:
        if content[at] == GIF_IMAGE:
            frames += 1
            at += 11 + _palette(content[at + 9])
        elif content[at] == GIF_EXTENSION:
            at += 2
        else:
            return 0
        while content[at]:
            at += 1 + content[at]
        at += 1
    return frames


def _palette(flags: int) -> int:
    """Bytes of a colour table, by the flags that announce it."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(content: bytes) -> Picture | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
    elif kind == b"VP8L" and content[20] == VP8L_SIGNATURE:
        (bits,) = struct.unpack_from("<I", content, 21)
        width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    elif kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 26))
    else:
        return None
    return Picture(mime="image/webp", width=width, height=height)


def _jpeg(content: bytes) -> Picture | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while content[at] == FILL:
        marker = content[at + 1]
        if marker == FILL:
            at += 1
            continue
        if marker in JPEG_ALONE:
            at += 2
            continue
        if marker in JPEG_START_OF_FRAME:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Picture(mime="image/jpeg", width=width, height=height)
        (length,) = struct.unpack_from(">H", content, at + 2)
        at += 2 + length
    return None


def plain_png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """Draw a one-coloured PNG, for the posts of the seeded history that carry a picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = (b"\x00" + bytes(colour) * width) * height
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
