"""Pictures people bring: judged by content, turned upright, stripped of what cameras write into them, and kept."""

from __future__ import annotations

import asyncio
import io
import struct
from typing import TYPE_CHECKING, Final, TypeVar

from services.domain.errors import InvalidInput
from services.domain.media import MediaItem
from services.images.gif import strip_gif

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from services.domain.ids import Digest
    from services.ports.clock import Clock
    from services.ports.media import MediaFiles
    from services.ports.storage import Store
    from services.ports.workers import Workers

MAX_BYTES: Final = 20_000_000
MAX_PIXELS: Final = 40_000_000
"""More than any network takes, and few enough to decode on a small server."""
PREVIEW_SIDE: Final = 1600
"""Pixels of what is only looked at, on a card in chat."""
MAX_FRAMES: Final = 5_000
MAX_MOVING_PIXELS: Final = 2_000_000_000
"""Of all pictures of a GIF together: 40 seconds of 1920 × 1080 with 24 a second."""
_READ: Final = {"PNG": "PNG", "JPEG": "JPEG", "MPO": "JPEG", "WEBP": "WEBP", "GIF": "GIF"}
"""What may come in, and what it is kept as."""
_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
DAMAGE: Final = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, OverflowError, struct.error)
"""What the reader of pictures raises on bytes that are not what they say."""
T = TypeVar("T")
KINDS: Final = "PNG, JPEG, WebP, GIF, MP4, MOV, WebM or PDF"


class PictureIntake:
    """The part of the intake that knows pictures."""

    def __init__(self, store: Store, files: MediaFiles, clock: Clock, workers: Workers | None = None) -> None:
        """Bytes go to the files, facts to the store; without workers a thread does the unpacking."""
        self._store = store
        self._files = files
        self._clock = clock
        self._workers = workers

    async def accept(self, data: bytes) -> MediaItem:
        """Keep a cleaned copy and give its facts; raises `InvalidInput` (field "upload") for no usable picture."""
        if not data:
            raise _no_picture("This file is empty.")
        require_size(len(data))
        clean, mime, width, height = await self._run(clean_picture, data)
        digest = await self._files.put(clean)
        item = MediaItem(digest=digest, mime=mime, width=width, height=height, size=len(clean))
        now = self._clock.now()
        await self._store.write(lambda tx: tx.media.put(item, at=now))
        return item

    async def portable(self, digest: Digest) -> bytes:
        """A kept picture as PNG, JPEG or GIF, which every chat shows; raises `NotFound`."""
        data = await self._files.get(digest)
        return await self._run(as_png, data) if data.startswith(b"RIFF") else data

    async def preview(self, digest: Digest) -> bytes:
        """A kept picture as a JPEG of at most `PREVIEW_SIDE` pixels a side.

        Raises `NotFound`, and `InvalidInput` (field "upload") for a damaged one.
        """
        return await self._run(as_preview, await self._files.get(digest))

    async def _run(self, work: Callable[[bytes], T], data: bytes) -> T:
        if self._workers is None:
            return await asyncio.to_thread(work, data)
        return await self._workers.run(work, data)


def require_size(size: int) -> None:
    """Raise `InvalidInput` (field "upload") for more bytes than a picture may have."""
    if size > MAX_BYTES:
        msg = f"This file has {size / 1e6:.1f} MB; {MAX_BYTES / 1e6:.0f} MB is the most."
        raise InvalidInput(msg, next_step="Upload a smaller picture.", field="upload")


def as_png(data: bytes) -> bytes:
    """The picture in the form that is read everywhere; blocking, run it elsewhere."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.save(out, format="PNG")
    return out.getvalue()


def as_preview(data: bytes) -> bytes:
    """The picture, or the first one of a moving GIF, as a small JPEG on white; blocking, run it elsewhere."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=list(_TYPES)) as image:
            image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
            plain = Image.new("RGB", image.size, "white")
            seen = image.convert("RGBA")
            plain.paste(seen, mask=seen)
    except DAMAGE:
        raise _no_picture("This picture is damaged: it can't be read to its end.") from None
    out = io.BytesIO()
    plain.save(out, format="JPEG", quality=80, progressive=True)
    return out.getvalue()


def clean_picture(data: bytes) -> tuple[bytes, str, int, int]:
    """The picture without metadata, with its MIME type and size in pixels; blocking, run it elsewhere."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=list(_TYPES)) as image:
            return _cleaned(image, data)
    except UnidentifiedImageError:
        raise _no_picture("This file is not a picture the desk can read.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _no_picture("This picture unpacks to more pixels than is safe.", "Upload a smaller picture.") from None
    except MemoryError:
        raise _no_picture("This picture takes more memory than is safe.", "Upload a smaller picture.") from None
    except DAMAGE:
        raise _no_picture("This picture is damaged: it can't be read to its end.") from None


def _cleaned(image: Image, data: bytes) -> tuple[bytes, str, int, int]:
    kind = _READ[image.format or ""]
    width, height = image.size
    if width * height > MAX_PIXELS:
        msg = f"This picture is {width} × {height} pixels; {MAX_PIXELS // 1_000_000} million in all is the most."
        raise InvalidInput(msg, next_step="Upload a smaller picture.", field="upload")
    # Phones keep a second frame behind the first of a JPEG (depth, a preview): that is no animation.
    if kind != "JPEG" and getattr(image, "n_frames", 1) > 1:
        if kind == "GIF":
            _require_calm(image.n_frames, width, height)  # type: ignore[attr-defined]  # not of the base class
            return strip_gif(data), _TYPES[kind], width, height
        raise _no_picture(
            "Animated pictures other than GIF are not supported.", "Upload it as a GIF, or one frame of it."
        )
    profile = image.info.get("icc_profile")
    image.load()
    mode = image.mode
    upright = _plain_mode(_upright(image), kind)
    options: dict[str, object] = {"quality": 92} if kind in {"JPEG", "WEBP"} else {}
    # A profile describes the colours it was made for: after a conversion it would tint them.
    if profile and kind != "GIF" and upright.mode == mode:
        options["icc_profile"] = profile
    upright.info = {k: v for k, v in upright.info.items() if k == "transparency"}
    out = io.BytesIO()
    upright.save(out, format=kind, **options)
    return out.getvalue(), _TYPES[kind], upright.width, upright.height


def _require_calm(frames: int, width: int, height: int) -> None:
    """Raise `InvalidInput` for an animation that would keep whoever looks at it from doing anything else."""
    if frames > MAX_FRAMES or frames * width * height > MAX_MOVING_PIXELS:
        msg = f"This GIF shows {frames:,} pictures of {width} × {height} pixels; that is more than is safe to show."
        raise InvalidInput(msg, next_step="Upload a shorter or smaller one, or a video of it.", field="upload")


def _upright(image: Image) -> Image:
    """Turned as the camera was held; what a camera wrote badly turns nothing."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except DAMAGE:
        return image.copy()


def _plain_mode(image: Image, kind: str) -> Image:
    """In colours every network shows: eight bits, no print colours."""
    if kind == "JPEG":
        return image if image.mode in {"RGB", "L"} else image.convert("RGB")
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"RGB", "RGBA", "L", "LA", "P"}:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _no_picture(message: str, next_step: str = f"Upload a {KINDS}.") -> InvalidInput:
    return InvalidInput(message, next_step=next_step, field="upload")
