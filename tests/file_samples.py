"""Small real documents for tests, and files made larger than what they hold."""

from __future__ import annotations

import io
import struct
from functools import cache


@cache
def tiny_document(pages: int = 1) -> bytes:
    """A PDF of so many empty pages."""
    from pypdf import PdfWriter

    out, writer = io.BytesIO(), PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=200)
    writer.write(out)
    return out.getvalue()


def padded(video: bytes, size: int) -> bytes:
    """The same MP4 as a file of so many bytes: what is added says of itself that it is empty."""
    room = size - len(video)
    return video if room < 8 else video + struct.pack(">I4s", room, b"free") + bytes(room - 8)
