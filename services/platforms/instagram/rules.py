"""Instagram's way of counting captions: characters, tags, names; and links that nobody can click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from services.domain.post import Problem, Severity
from services.ports.platform import Measure
from services.text import find_hashtags, find_links, nfc, split_text

if TYPE_CHECKING:
    from services.domain.account import Limits

TAGS: Final = 30
"""Hashtags the API takes (developers.facebook.com, "Content publishing", 2026)."""
TAGS_SHOWN: Final = 5
"""Hashtags the platform has allowed since December 2025, as maintained clients report."""
NAMES: Final = 20
"""Names the API takes."""
NAME: Final = regex.compile(r"(?<![\w@/.])@([A-Za-z0-9_](?:[A-Za-z0-9_.]{0,28}[A-Za-z0-9_])?)(?![\w@])")


class InstagramRules:
    """`Rules` of captions."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules.measure`."""
        length = len(nfc(text))
        found = (*_too_long(length, limits), *_tags(text), *_names(text), *_links(text))
        return Measure(length=length, limit=limits.text, unit=limits.unit, problems=found)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules.split`."""
        return split_text(text, lambda part: len(nfc(part)) <= limits.text)


def _too_long(length: int, limits: Limits) -> tuple[Problem, ...]:
    if length <= limits.text:
        return ()
    message, fix = f"{length} of {limits.text} {limits.unit}.", f"Shorten by {length - limits.text}."
    return (Problem(code="too_long", severity=Severity.BLOCK, message=message, fix=fix),)


def _tags(text: str) -> tuple[Problem, ...]:
    count = len(find_hashtags(text))
    if count > TAGS:
        message = f"{count} hashtags; {TAGS} are possible."
        return (Problem(code="too_many_tags", severity=Severity.BLOCK, message=message, fix=f"Remove {count - TAGS}."),)
    if count > TAGS_SHOWN:
        message = f"{count} hashtags; Instagram allows {TAGS_SHOWN} and may refuse more."
        fix = f"Remove {count - TAGS_SHOWN}."
        return (Problem(code="many_tags", severity=Severity.WARN, message=message, fix=fix),)
    return ()


def _names(text: str) -> tuple[Problem, ...]:
    count = len(NAME.findall(text))
    if count <= NAMES:
        return ()
    message, fix = f"{count} names; {NAMES} are possible.", f"Remove {count - NAMES}."
    return (Problem(code="too_many_names", severity=Severity.BLOCK, message=message, fix=fix),)


def _links(text: str) -> tuple[Problem, ...]:
    if not find_links(text):
        return ()
    message = "Links in a caption can't be clicked."
    return (Problem(code="dead_link", severity=Severity.WARN, message=message, fix="Name the link in the profile."),)
