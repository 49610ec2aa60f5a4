"""Pictures people bring: judged by content, turned upright, stripped of what cameras write into them, and kept."""

from __future__ import annotations

import asyncio
import io
import warnings
from typing import TYPE_CHECKING, Final

from services.domain.errors import InvalidInput
from services.domain.media import MediaItem

if TYPE_CHECKING:
    from PIL.Image import Image

    from services.ports.clock import Clock
    from services.ports.media import MediaFiles
    from services.ports.storage import Store

MAX_BYTES: Final = 20_000_000
MAX_PIXELS: Final = 40_000_000
"""More than any network takes, and few enough to decode on a small server."""
_FORMATS: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_KINDS: Final = "PNG, JPEG, WebP or GIF"


class PictureIntake:
    """The one way a file becomes a picture of the desk."""

    def __init__(self, store: Store, files: MediaFiles, clock: Clock) -> None:
        """Bytes go to the files, facts to the store."""
        self._store = store
        self._files = files
        self._clock = clock

    async def accept(self, data: bytes) -> MediaItem:
        """Keep a cleaned copy and give its facts; raises `InvalidInput` (field "upload") for what is no usable picture."""
        if len(data) > MAX_BYTES:
            msg = f"This file has {len(data) / 1e6:.1f} MB; {MAX_BYTES / 1e6:.0f} MB is the most."
            raise InvalidInput(msg, next_step="Upload a smaller picture.", field="upload")
        clean, mime, width, height = await asyncio.to_thread(clean_picture, data)
        digest = await self._files.put(clean)
        item = MediaItem(digest=digest, mime=mime, width=width, height=height, size=len(clean))
        await self._store.write(lambda tx: tx.media.put(item, at=self._clock.now()))
        return item


def clean_picture(data: bytes) -> tuple[bytes, str, int, int]:
    """The picture without metadata, with its MIME type and size in pixels; blocking, run it in a thread."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(_FORMATS)) as image:
                return _cleaned(image, data)
    except UnidentifiedImageError:
        raise _no_picture("This file is not a picture the desk can read.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _no_picture("This picture unpacks to more pixels than is safe.") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise _no_picture("This picture is damaged: it can't be read to its end.") from None


def _cleaned(image: Image, data: bytes) -> tuple[bytes, str, int, int]:
    from PIL import ImageOps

    kind = image.format or ""
    width, height = image.size
    if width * height > MAX_PIXELS:
        msg = f"This picture is {width} × {height} pixels; {MAX_PIXELS // 1_000_000} million in all is the most."
        raise InvalidInput(msg, next_step="Upload a smaller picture.", field="upload")
    if getattr(image, "n_frames", 1) > 1:
        if kind == "GIF":
            return data, _FORMATS[kind], width, height
        raise _no_picture("Animated pictures other than GIF are not supported.")
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in {"RGB", "RGBA", "L", "LA", "P"}:
        upright = upright.convert("RGB")
    profile = image.info.get("icc_profile")
    out = io.BytesIO()
    options: dict[str, object] = {"icc_profile": profile} if profile and kind != "GIF" else {}
    if kind == "JPEG":
        upright = upright.convert("RGB") if upright.mode not in {"RGB", "L"} else upright
        options |= {"quality": 92, "optimize": True}
    upright.info = {k: v for k, v in upright.info.items() if k == "transparency"}
    upright.save(out, format=kind, **options)
    return out.getvalue(), _FORMATS[kind], upright.width, upright.height


def _no_picture(message: str) -> InvalidInput:
    return InvalidInput(message, next_step=f"Upload a {_KINDS}.", field="upload")
