"""LinkedIn's way of counting: characters as readers see them, with a warning when the written form is longer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.domain.account import DocumentLimits, Limits, VideoLimits
from services.domain.post import Problem, Severity
from services.platforms.linkedin.littletext import escape, visible
from services.platforms.linkedin.polls import POLL
from services.ports.platform import Measure
from services.text import nfc, split_text

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMITS: Final = Limits(
    text=3000,
    unit="characters",
    images=20,
    image_bytes=5_000_000,
    image_pixels=36_152_319,
    image_types=("image/jpeg", "image/png", "image/gif"),
    video=VideoLimits(size=500_000_000, seconds=(3.0, 1800.0), ratio=(1 / 2.4, 2.4)),
    document=DocumentLimits(size=100_000_000, pages=300),
    poll=POLL,
)
"""For pictures no limit of bytes is documented; five million is what the careful keep to."""
COMMENT: Final = 1250
"""Characters of a comment, which later parts are."""
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def length_of(text: str) -> int:
    """What LinkedIn counts."""
    return len(nfc(visible(text)))


def comment_problem(text: str, index: int) -> Problem | None:
    """What blocks in a later part, which becomes a comment; `index` counts parts from 0."""
    length = length_of(text)
    if index == 0 or length <= COMMENT:
        return None
    return Problem(
        code="comment_too_long",
        severity=Severity.BLOCK,
        message=f"Part {index + 1} has {length} characters; it becomes a comment, and LinkedIn takes {COMMENT}.",
        fix=f"Shorten it by {length - COMMENT}, or put more into the first part.",
    )


class LinkedInRules:
    """See `Rules`."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules.measure`."""
        length = length_of(text)
        problems = tuple(_problems(text, length, limits))
        return Measure(length=length, limit=limits.text, unit=limits.unit, problems=problems)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules.split`; the first part is the post, the others fit into comments."""
        first, *others = split_text(text, lambda part: length_of(part) <= limits.text) or ("",)
        short = min(COMMENT, limits.text)
        rest = (split_text(part, lambda one: length_of(one) <= short) for part in others)
        return tuple(part for part in (first, *(one for parts in rest for one in parts)) if part)


def _problems(text: str, length: int, limits: Limits) -> Iterator[Problem]:
    if length > limits.text:
        yield Problem(
            code="too_long",
            severity=Severity.BLOCK,
            message=f"{length} of {limits.text} {limits.unit}.",
            fix=f"Shorten by {length - limits.text}.",
        )
    if _SURROGATE.search(text):
        yield Problem(
            code="bad_character",
            severity=Severity.BLOCK,
            message="The text holds half a character, which no network can take.",
            fix="Type the last emoji or symbol again.",
        )
    written = len(escape(nfc(text)))
    if length <= limits.text < written:
        yield Problem(
            code="long_in_writing",
            severity=Severity.WARN,
            message=f"With its signs escaped the text is {written} characters; LinkedIn may count these.",
            fix=f"Shorten by {written - limits.text}, or use fewer brackets, underscores and hashtags.",
        )
