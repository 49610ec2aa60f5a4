"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

HEAD: Final = 2048
"""Bytes that are enough to tell."""
_EBML: Final = b"\x1a\x45\xdf\xa3"
_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""What an MP4 or MOV may begin with; old cameras write no ftyp."""
_STILL: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
"""Brands of pictures in the same boxes."""
_PDF_WITHIN: Final = 1024
"""Readers look for the mark so far into a file."""
_PAGE: Final = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml")


class Kind(StrEnum):
    """What a file can become of the desk's."""

    PICTURE = "picture"
    BOXES = "boxes"
    """MP4, M4V or MOV."""
    MATROSKA = "matroska"
    """WebM or MKV."""
    DOCUMENT = "document"
    STILL = "still"
    """A picture only phones read: HEIC, AVIF."""
    DRAWING = "drawing"
    """An SVG: it may carry scripts, and no network takes it."""
    PAGE = "page"
    """A web page."""


def kind_of(head: bytes) -> Kind:
    """By the beginning of a file; what nobody knows is left to the reader of pictures, which says so."""
    if head.startswith(_EBML):
        return Kind.MATROSKA
    if head[4:8] in _BOXES:
        return Kind.STILL if head[4:8] == b"ftyp" and head[8:12] in _STILL else Kind.BOXES
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return Kind.DOCUMENT
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--")) and b"<svg" in text):
        return Kind.DRAWING
    return Kind.PAGE if text.startswith(_PAGE) else Kind.PICTURE
