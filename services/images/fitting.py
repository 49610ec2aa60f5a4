"""Fits a picture to what a network takes with the least loss, so that a person need not crop or shrink it."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from services.content.attachments import picture_problems
from services.domain.media import MediaItem, Picture, source_of
from services.images.intake import DAMAGE, MAX_PIXELS
from services.images.placing import Placing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from PIL.Image import Image

    from services.domain.account import Account, Limits
    from services.domain.ids import AccountId, Digest
    from services.domain.media import Slide
    from services.domain.post import Variant
    from services.images.placing import Fits
    from services.ports.media import MediaFiles
    from services.ports.platform import Platforms, PlatformSpec
    from services.ports.workers import Workers

_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""What a picture can be made into."""
_NAMES: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP"}
_QUALITIES: Final = (92, 86, 80, 74)
"""Below the last one a smaller picture looks better than a coarser one."""
_SCALES: Final = (1.0, 0.85, 0.7, 0.55, 0.4, 0.28, 0.2, 0.14, 0.1)
_NO_LIMIT: Final = 1 << 62
_SIDES: Final = 17
"""Shapes are named with numbers below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a picture must become; equal for networks that want the same."""

    width: int
    height: int
    types: tuple[str, ...]
    """Kinds that are taken, the best first."""
    max_bytes: int
    ratio: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What it became."""

    data: bytes
    mime: str
    width: int
    height: int


def fit_for(item: MediaItem, limits: Limits, spec: PlatformSpec) -> Fit | None:
    """How to change a picture for this network; None when it is taken as it is, or can't be made to be. Pure."""
    types = _taken(item.mime, limits.image_types)
    if not types or not (picture_problems(item, limits, spec) or item.mime not in limits.image_types):
        return None
    width, height = _cropped(item.width, item.height, limits.image_ratio)
    pixels = min(limits.image_pixels or MAX_PIXELS, MAX_PIXELS)
    width, height = _scaled(width, height, min(1.0, math.sqrt(pixels / (width * height))), limits.image_ratio)
    return Fit(
        width=width, height=height, types=types, max_bytes=limits.image_bytes or _NO_LIMIT, ratio=limits.image_ratio
    )


def _taken(mime: str, types: Iterable[str]) -> tuple[str, ...]:
    """The kinds it can become: its own before JPEG, JPEG before others."""
    there = [t for t in types if t in _FORMATS]
    return tuple(sorted(there, key=lambda t: (t != mime, t != "image/jpeg", t)))


def _cropped(width: int, height: int, ratio: tuple[float, float] | None) -> tuple[int, int]:
    """The largest part whose shape is taken."""
    if ratio is None:
        return width, height
    least, most = ratio
    if width < least * height:
        height = max(1, math.floor(width / least))
    elif width > most * height:
        width = max(1, math.floor(height * most))
    return width, height


def _scaled(width: int, height: int, scale: float, ratio: tuple[float, float] | None) -> tuple[int, int]:
    """Rounded down, and once more into the shape that rounding may have left."""
    return _cropped(max(1, math.floor(width * scale)), max(1, math.floor(height * scale)), ratio)


def fitted_picture(data: bytes, fit: Fit) -> Fitted | None:
    """The picture cut evenly around its middle and made small enough; None for an animation. Blocking.

    Quality goes before size, and size before quality once the loss would be seen.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as image:
            if getattr(image, "n_frames", 1) > 1 and image.format == "GIF":
                return None
            profile = image.info.get("icc_profile")
            whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
            kept = {"icc_profile": profile} if profile and image.mode in {"RGB", "RGBA"} else {}
    except DAMAGE:
        return None
    for scale in _SCALES:
        size = _scaled(fit.width, fit.height, scale, fit.ratio)
        small = ImageOps.fit(whole, size, Image.Resampling.LANCZOS)
        for mime, tried in _encodings(small, fit.types, kept):
            if len(tried) <= fit.max_bytes:
                return Fitted(data=tried, mime=mime, width=size[0], height=size[1])
    return None


def _encodings(image: Image, types: tuple[str, ...], kept: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    """The picture in every kind that is taken, the best first."""
    for mime in types:
        kind = _FORMATS[mime]
        if kind == "PNG":
            yield mime, _saved(image, kind, **kept)
            continue
        plain = _on_white(image) if kind == "JPEG" else image
        for quality in _QUALITIES:
            yield mime, _saved(plain, kind, quality=quality, **kept)


def _on_white(image: Image) -> Image:
    from PIL import Image as Images

    if image.mode != "RGBA":
        return image
    return Images.alpha_composite(Images.new("RGBA", image.size, "white"), image).convert("RGB")


def _saved(image: Image, kind: str, **options: object) -> bytes:
    image.info = {}
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


class Fitter:
    """Makes each network's own picture where it wants another one than was brought or made."""

    def __init__(self, files: MediaFiles, workers: Workers, platforms: Platforms) -> None:
        """Pixels are changed by the workers."""
        self._files = files
        self._workers = workers
        self._platforms = platforms

    async def fits(
        self, slides: Sequence[Slide], variants: Iterable[Variant], accounts: Mapping[AccountId, Account]
    ) -> Fits:
        """The pictures that each network takes otherwise than they came; what can't be fitted the checks tell.

        Networks that want the same get the same. Raises `NotFound` when the bytes are gone, `Unavailable`.
        """
        made: dict[tuple[Picture, Fit], Picture] = {}
        found: dict[tuple[AccountId, Digest], Picture] = {}
        placing = Placing(self._platforms, accounts)
        for variant in variants:
            account, spec = accounts.get(variant.account_id), self._platforms.get(variant.platform)
            if account is None or spec is None:
                continue
            media = placing.whole(slides, variant)
            limits = spec.limits_for(account.limits, variant.options)
            there = {source_of(picture).digest: picture for picture in variant.pictures if picture.fitted}
            for index, medium in enumerate(media):
                shown, source = medium.item, source_of(medium).digest
                if isinstance(medium, Picture):
                    fitted = await self._for(medium, there.get(source), limits, spec, made)
                    found[account.id, source], shown = fitted, fitted.item
                if spec.alike and index == 0 and len(media) > 1:
                    limits = replace(limits, image_ratio=_as_wide(shown, limits.image_ratio))
        return found

    async def _for(
        self,
        picture: Picture,
        there: Picture | None,
        limits: Limits,
        spec: PlatformSpec,
        made: dict[tuple[Picture, Fit], Picture],
    ) -> Picture:
        """`there` is what the account shows of it already, which is not made again where it would come out the same."""
        fit = fit_for(picture.item, limits, spec) if limits.images else None
        if fit is None:
            return picture
        if there is not None and _is_fit(there.item, fit):
            return there
        if (picture, fit) not in made:
            made[picture, fit] = await self._made(picture, fit)
        return made[picture, fit]

    async def _made(self, picture: Picture, fit: Fit) -> Picture:
        data = await self._files.get(picture.item.digest)
        fitted = await self._workers.run(fitted_picture, data, fit)
        if fitted is None:
            return picture
        digest = await self._files.put(fitted.data)
        item = MediaItem(
            digest=digest, mime=fitted.mime, width=fitted.width, height=fitted.height, size=len(fitted.data)
        )
        told = ", ".join(_told(picture.item, item)) or "made smaller"
        return replace(picture, item=item, fitted=told, whole=picture.item)


def _is_fit(item: MediaItem, fit: Fit) -> bool:
    same = (item.width, item.height) == (fit.width, fit.height)
    return same and item.mime in fit.types and item.size <= fit.max_bytes


def _as_wide(first: MediaItem, taken: tuple[float, float] | None) -> tuple[float, float]:
    """The shape of what comes first, as near as pictures may come to it, with room for sides that are not even."""
    ratio = first.width / max(first.height, 1)
    if taken is not None:
        ratio = min(max(ratio, taken[0]), taken[1])
    return (max(ratio * 0.995, taken[0]), min(ratio * 1.005, taken[1])) if taken else (ratio * 0.995, ratio * 1.005)


def _told(old: MediaItem, new: MediaItem) -> Iterator[str]:
    """What was done, in words."""
    if abs(old.width * new.height - old.height * new.width) > max(old.width, old.height, new.width, new.height):
        yield f"cropped to {shape_of(new.width, new.height)}"
    elif new.width < old.width:
        yield "made smaller"
    if new.mime != old.mime:
        yield f"as a {_NAMES[new.mime]}"


def shape_of(width: int, height: int) -> str:
    """As "4:5" where small numbers say it, else as "1.91:1"."""
    shape = width / height
    near = [(a, b) for a in range(1, _SIDES) for b in range(1, _SIDES) if abs(a / b - shape) < 0.01 * shape]
    if not near:
        return f"{shape:.2f}:1"
    first, second = min(near, key=sum)
    return f"{first}:{second}"
