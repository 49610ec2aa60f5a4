"""Pictures are known by their bytes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.practice.pictures import plain_png, sniff


def drawn(kind: str, **options: object) -> bytes:
    """Draw a 37 by 21 picture with a real encoder."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (37, 21), (200, 100, 50)).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "mime", "options"),
    [
        ("PNG", "image/png", {}),
        ("JPEG", "image/jpeg", {}),
        ("JPEG", "image/jpeg", {"progressive": True, "exif": b"Exif\x00\x00" + b"\x00" * 200}),
        ("GIF", "image/gif", {}),
        ("WEBP", "image/webp", {"lossless": True}),
        ("WEBP", "image/webp", {"quality": 50}),
        ("WEBP", "image/webp", {"quality": 50, "exif": b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00"}),
    ],
)
def test_kinds_and_sizes_are_read(kind: str, mime: str, options: dict[str, object]) -> None:
    found = sniff(drawn(kind, **options))
    assert found is not None
    assert (found.mime, found.width, found.height) == (mime, 37, 21)


def test_the_drawn_png_is_one_a_real_decoder_reads() -> None:
    from PIL import Image

    with Image.open(io.BytesIO(plain_png(16, 9, (27, 26, 23)))) as picture:
        assert (picture.size, picture.getpixel((3, 3))) == ((16, 9), (27, 26, 23))


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF1234WEBPVP8 ", b"GIF89a"]
)
def test_what_is_no_whole_header_is_no_picture(content: bytes) -> None:
    assert sniff(content) is None


@given(
    head=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBPVP8", b"GIF89a"]), rest=st.binary()
)
def test_any_bytes_are_survived(head: bytes, rest: bytes) -> None:
    found = sniff(head + rest)
    assert found is None or found.mime.startswith("image/")
