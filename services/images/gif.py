"""An animated GIF without its comments and foreign data: its frames stay as they are, byte for byte."""

from __future__ import annotations

from typing import Final

_EXTENSION: Final = 0x21
_FRAME: Final = 0x2C
_END: Final = 0x3B
_CONTROL: Final = 0xF9
_APPLICATION: Final = 0xFF
_LOOPS: Final = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})


def strip_gif(data: bytes) -> bytes:
    """Header, colours, timing and frames only, ended where they end; raises `ValueError` for a broken file.

    Blocks as in the GIF89a specification, sections 17 to 27.
    """
    position = 13 + _table_size(data[10])
    kept = bytearray(data[:position])
    while data[position : position + 1] != bytes([_END]):
        kind = data[position : position + 2]
        start = position
        if kind[:1] == bytes([_FRAME]):
            position = _after_blocks(data, position + 11 + _table_size(data[position + 9]))
            kept += data[start:position]
            continue
        if len(kind) < 2 or kind[0] != _EXTENSION:
            msg = "not a GIF block"
            raise ValueError(msg)
        position = _after_blocks(data, position + 2)
        loop = kind[1] == _APPLICATION and data[start + 3 : start + 14] in _LOOPS
        if kind[1] == _CONTROL or loop:
            kept += data[start:position]
    return bytes(kept) + bytes([_END])


def _table_size(packed: int) -> int:
    """Bytes of the colour table that a packed field announces."""
    return 3 << ((packed & 0x07) + 1) if packed & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> int:
    """Just behind the empty block that ends a row of data blocks."""
    while position < len(data):
        size = data[position]
        position += 1 + size
        if size == 0:
            return position
    msg = "the file ends inside a block"
    raise ValueError(msg)
