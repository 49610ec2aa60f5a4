"""What is wrong with a variant besides its words: parts and media against what a network takes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from services.content.moving import attached_problems, block
from services.domain.media import attachments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.domain.account import Account, Limits
    from services.domain.media import MediaItem, Picture
    from services.domain.post import Problem, Variant
    from services.ports.platform import PlatformSpec

_KINDS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF"}
_ANIMATED: Final = "image/gif"
NO_PICTURE: Final = "no_picture"
"""The code of a picture that is lacking, which one that is being made will put right."""


def attachment_problems(variant: Variant, account: Account, spec: PlatformSpec) -> tuple[Problem, ...]:
    """All that blocks, in the order a person would put it right."""
    return (*_parts(variant, account.limits), *media_problems(variant, account, spec))


def media_problems(variant: Variant, account: Account, spec: PlatformSpec) -> tuple[Problem, ...]:
    """What blocks in its pictures, its videos or its document, which only a person can put right."""
    limits, attached = spec.limits_for(account.limits, variant.options), attachments_of(variant.media)
    found = [problem for one in attached for problem in attached_problems(one, limits, spec)]
    if attached:
        found = [*_mixed(variant, limits, spec), *found]
    if variant.pictures or not attached:
        found += _pictures(variant.pictures, limits, spec)
    return tuple(dict.fromkeys(found))


def picture_problems(item: MediaItem, limits: Limits, spec: PlatformSpec) -> tuple[Problem, ...]:
    """What a network would not take of one picture."""
    return (
        *_kind(item, limits, spec),
        *_size(item, limits, spec),
        *_pixels(item, limits, spec),
        *_shape(item, limits, spec),
    )


def _parts(variant: Variant, limits: Limits) -> Iterator[Problem]:
    if len(variant.parts) > limits.thread_parts:
        message = f"The thread has {len(variant.parts)} parts; {limits.thread_parts} are possible."
        yield block("too_many_parts", message, "Join or remove parts.")


def _mixed(variant: Variant, limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    """More than one thing where one is a video or a document."""
    count = len(variant.media)
    if count <= 1:
        return
    if any(not one.moves for one in attachments_of(variant.media)):
        yield block("mixed_media", f"{spec.label} shows nothing beside a document.", "Leave one of them out.")
    elif not limits.mixed:
        yield block("mixed_media", f"{spec.label} shows pictures or one video, not both.", "Leave one of them out.")
    elif count > limits.mixed:
        message = f"There are {count} pictures and videos; {spec.label} shows {limits.mixed} together."
        yield block("too_many_media", message, f"Remove {count - limits.mixed}.")


def _pictures(pictures: Sequence[Picture], limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    unreachable = spec.unreachable(limits) if pictures or spec.needs_media else None
    if unreachable is not None:
        yield unreachable
    elif len(pictures) > limits.images:
        possible = "1 is" if limits.images == 1 else f"{limits.images} are"
        message = f"There are {len(pictures)} pictures; {possible} possible."
        yield block("too_many_pictures", message, f"Remove {len(pictures) - limits.images}.")
    if spec.needs_media and not pictures:
        kinds = "a picture or a video" if limits.video else "a picture"
        yield block(NO_PICTURE, f"{spec.label} takes no post without {kinds}.", f"Add {kinds}.")
    if limits.alt_text is not None and any(len(p.alt) > limits.alt_text for p in pictures):
        message = f"A picture's description is longer than {limits.alt_text} characters."
        yield block("alt_too_long", message, "Shorten the description.")
    for item in dict.fromkeys(picture.item for picture in pictures):
        yield from picture_problems(item, limits, spec)


def _kind(item: MediaItem, limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    converted = spec.pulls_pictures and item.mime != _ANIMATED
    if item.mime not in limits.image_types and not converted:
        kind, taken = _KINDS.get(item.mime, item.mime), ", ".join(_KINDS.get(t, t) for t in limits.image_types)
        yield block("picture_kind", f"{spec.label} does not take {kind} pictures.", f"Use one of {taken}.")


def _size(item: MediaItem, limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    """A picture that is turned into another kind comes out smaller."""
    most = limits.bytes_of(item.mime)
    if most is not None and item.mime in limits.image_types and item.size > most:
        message = f"A picture has {item.size / 1e6:.1f} MB; {spec.label} takes {most / 1e6:.1f} MB."
        yield block("picture_size", message, "Use a smaller picture.")


def _pixels(item: MediaItem, limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    if limits.image_pixels is not None and item.width * item.height > limits.image_pixels:
        message = f"A picture has {item.width * item.height:,} pixels; {spec.label} takes {limits.image_pixels:,}."
        yield block("picture_pixels", message, "Use a smaller picture.")


def _shape(item: MediaItem, limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    if limits.image_ratio is None:
        return
    least, most = limits.image_ratio
    if not least <= item.width / item.height <= most:
        shape = f"The picture is {item.width} × {item.height}"
        message = f"{shape}; {spec.label} takes {_shapes(least, most)}."
        yield block("picture_shape", message, "Crop it.")


def _shapes(least: float, most: float) -> str:
    """A range, or the one shape, in small numbers, where the bounds only leave room for sides that are not even."""
    if most > 1.01 * least:
        return f"from {least:g} to {most:g} times as wide as high"
    wide, high = Fraction((least + most) / 2).limit_denominator(16).as_integer_ratio()
    return f"it as {wide}:{high} when shared like this"
