"""TikTok's way of counting, UTF-16 units, and what it takes of pictures and videos.

Source: developers.tiktok.com, "Content Posting API" (Direct Post, Photo Post, Media Transfer Guide), 2024 and 2025: a
description has 4,000 units, the title of photos 90, the text of a video 2,200.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from services.domain.account import Limits, VideoLimits
from services.domain.post import Problem, Severity
from services.ports.platform import Measure
from services.text import find_hashtags, find_links, nfc, split_text

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE: Final = 90
"""Units of the title above a post of photos."""
VIDEO_TEXT: Final = 2200
"""Units of the text of a video."""
TAGS: Final = 5
"""Hashtags after which TikTok looks at no more, as maintained clients report."""
MOST_SECONDS: Final = 600
"""How long a video may be that comes through the API, whatever else the creator may do."""
LIMITS: Final = Limits(
    text=4000,
    unit="UTF-16 units",
    images=35,
    image_bytes=20_000_000,
    image_pixels=1080 * 1920,
    image_types=("image/jpeg", "image/webp"),
    thread_parts=1,
    video=VideoLimits(
        size=4_000_000_000,
        types=("video/mp4", "video/quicktime", "video/webm"),
        seconds=(0.0, MOST_SECONDS),
        side=(360, 4096),
        frame_rate=(23.0, 60.0),
        codecs=("h264", "hevc", "vp8", "vp9"),
    ),
)
NAME: Final = regex.compile(r"(?<![\w@/.])@([A-Za-z0-9_.]{1,23}[A-Za-z0-9_])(?![\w@])")


def length_of(text: str) -> int:
    """What TikTok counts."""
    return len(nfc(text).encode("utf-16-le", "surrogatepass")) // 2


class TikTokRules:
    """`Rules` of descriptions; a video's text is shorter, which `check_options` looks at."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules.measure`."""
        length = length_of(text)
        found = (*_too_long(length, limits), *_tags(text), *_links(text))
        return Measure(length=length, limit=limits.text, unit=limits.unit, problems=found)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules.split`."""
        return split_text(text, lambda part: length_of(part) <= limits.text)


def _too_long(length: int, limits: Limits) -> Iterator[Problem]:
    if length > limits.text:
        message, fix = f"{length} of {limits.text} {limits.unit}.", f"Shorten by {length - limits.text}."
        yield Problem(code="too_long", severity=Severity.BLOCK, message=message, fix=fix)


def _tags(text: str) -> Iterator[Problem]:
    count = len(find_hashtags(text))
    if count > TAGS:
        message = f"{count} hashtags; TikTok heeds about the first {TAGS}."
        yield Problem(code="many_tags", severity=Severity.WARN, message=message, fix=f"Remove {count - TAGS}.")


def _links(text: str) -> Iterator[Problem]:
    if find_links(text):
        message = "Links on TikTok can't be clicked."
        yield Problem(code="dead_link", severity=Severity.WARN, message=message, fix="Name the link in the profile.")
