"""Brings a painted picture to exactly the size a network shows, in a file small enough to send."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from services.domain.errors import Unavailable
from services.images.intake import DAMAGE, MAX_PIXELS

if TYPE_CHECKING:
    from PIL.Image import Image

    from services.domain.media import PictureSize

FIT_BYTES: Final = 950_000
"""Below the smallest limit of the networks (1,000,000 bytes)."""
_QUALITIES: Final = (90, 82, 74, 64, 50, 35)
_READ: Final = ("PNG", "JPEG", "WEBP")
_UNCHANGED: Final = "The draft is unchanged."


def fit_picture(data: bytes, size: PictureSize, max_bytes: int = FIT_BYTES, *, png: bool = True) -> bytes:
    """Cover the size exactly, cropped evenly around the middle; PNG where that is small and taken, else JPEG. Blocking.

    Raises `Unavailable` for bytes that are no picture or would not fit into memory.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=list(_READ)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _unusable("it is too large to unpack")
            plain = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
    except UnidentifiedImageError:
        raise _unusable("it is not a picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _unusable("it is too large to unpack") from None
    except DAMAGE:
        raise _unusable("it is damaged") from None
    if plain.mode == "RGBA":
        white = Image.new("RGBA", plain.size, "white")
        plain = Image.alpha_composite(white, plain).convert("RGB")
    plain = ImageOps.fit(plain, (size.width, size.height), Image.Resampling.LANCZOS)
    return _encoded(plain, max_bytes, png=png)


def _encoded(image: Image, max_bytes: int, *, png: bool) -> bytes:
    sharp = _saved(image, "PNG", optimize=False) if png else b""
    if png and len(sharp) <= max_bytes // 2:
        return sharp
    jpeg = b""
    for quality in _QUALITIES:
        jpeg = _saved(image, "JPEG", quality=quality, progressive=True)
        if len(jpeg) <= max_bytes:
            break
    return jpeg


def _saved(image: Image, kind: str, **options: object) -> bytes:
    image.info = {}
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _unusable(reason: str) -> Unavailable:
    return Unavailable(
        f"The image model's answer could not be used: {reason}.",
        unchanged=_UNCHANGED,
        next_step="Try again, or upload a picture.",
    )
