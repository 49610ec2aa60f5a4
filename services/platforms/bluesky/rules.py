"""Counts and cuts texts as the network does: graphemes and UTF-8 bytes of the text as written, never composed first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from services.domain.post import Problem, Severity
from services.ports.platform import Measure
from services.text import find_bare_domains, split_text

if TYPE_CHECKING:
    from services.domain.account import Limits

TEXT_BYTES: Final = 3000
_GRAPHEME: Final = regex.compile(r"\X")
_SURROGATE: Final = regex.compile(r"[\ud800-\udfff]")


def count(text: str) -> tuple[int, int]:
    """Graphemes and UTF-8 bytes."""
    return sum(1 for _ in _GRAPHEME.finditer(text)), len(text.encode("utf-8", "surrogatepass"))


class BlueskyRules:
    """See `Rules`; a link weighs what it is written with."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules`; `also` counts bytes, and all problems of both counts stand in the main measure."""
        length, size = count(text)
        most_bytes = limits.text_bytes or TEXT_BYTES
        problems = [
            *_over(length, limits.text, limits.unit),
            *_over(size, most_bytes, "bytes"),
            *_broken(text),
            *_bare(text),
        ]
        return Measure(
            length=length,
            limit=limits.text,
            unit=limits.unit,
            problems=tuple(problems),
            also=Measure(length=size, limit=most_bytes, unit="bytes"),
        )

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules`."""
        most_bytes = limits.text_bytes or TEXT_BYTES

        def fits(part: str) -> bool:
            length, size = count(part)
            return length <= limits.text and size <= most_bytes

        return split_text(text, fits)


def _over(length: int, limit: int, unit: str) -> list[Problem]:
    if length <= limit:
        return []
    return [
        Problem(
            code="too_long",
            severity=Severity.BLOCK,
            message=f"{length} of {limit} {unit}.",
            fix=f"Shorten by {length - limit} {unit}.",
        )
    ]


def _broken(text: str) -> list[Problem]:
    if not _SURROGATE.search(text):
        return []
    return [
        Problem(
            code="bad_character",
            severity=Severity.BLOCK,
            message="The text holds half a character, which no network can take.",
            fix="Type the last emoji or symbol again.",
        )
    ]


def _bare(text: str) -> list[Problem]:
    found = find_bare_domains(text)
    if not found:
        return []
    return [
        Problem(
            code="link_without_scheme",
            severity=Severity.WARN,
            message=f"{found[0].text} is not clickable on Bluesky.",
            fix=f"Write https://{found[0].text} to make it a link.",
        )
    ]
