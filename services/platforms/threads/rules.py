"""Threads' way of counting: characters, but an emoji as many as its bytes; five links; one topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from services.domain.post import Problem, Severity
from services.ports.platform import Measure
from services.text import find_bare_domains, find_hashtags, find_links, graphemes, split_text

if TYPE_CHECKING:
    from services.domain.account import Limits

LINKS: Final = 5
"""Different links a post may have; the sixth fails it since 2025-12-22 (developers.facebook.com, Threads "Posts")."""
TOPIC: Final = 50
"""Characters of a topic tag."""
_EMOJI: Final = regex.compile(r"\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u20e3")
"""What makes a whole character an emoji: a pictograph, a skin tone, half of a flag, or the frame of a keycap."""


def length_of(text: str) -> int:
    """What the network counts: code points, and the UTF-8 bytes of each emoji."""
    return sum(len(g.encode()) if _EMOJI.search(g) else len(g) for g in graphemes(text))


def links_of(text: str) -> tuple[str, ...]:
    """The different links, in order."""
    return tuple(dict.fromkeys(span.text for span in find_links(text)))


class ThreadsRules:
    """`Rules` of Threads."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules.measure`."""
        length = length_of(text)
        found = (*_too_long(length, limits), *_too_many_links(text), *_unlinked(text), *_topics(text))
        return Measure(length=length, limit=limits.text, unit=limits.unit, problems=found)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules.split`; a part has no more links than it may."""
        return split_text(text, lambda part: length_of(part) <= limits.text and len(links_of(part)) <= LINKS)


def _too_long(length: int, limits: Limits) -> tuple[Problem, ...]:
    if length <= limits.text:
        return ()
    message, fix = f"{length} of {limits.text} {limits.unit}.", f"Shorten by {length - limits.text}."
    return (Problem(code="too_long", severity=Severity.BLOCK, message=message, fix=fix),)


def _too_many_links(text: str) -> tuple[Problem, ...]:
    links = links_of(text)
    if len(links) <= LINKS:
        return ()
    message, fix = f"{len(links)} different links; {LINKS} are possible.", f"Remove {len(links) - LINKS}."
    return (Problem(code="too_many_links", severity=Severity.BLOCK, message=message, fix=fix),)


def _unlinked(text: str) -> tuple[Problem, ...]:
    names = dict.fromkeys(span.text for span in find_bare_domains(text))
    return tuple(
        Problem(
            code="link_without_scheme",
            severity=Severity.WARN,
            message=f"{name} may not become a link.",
            fix=f"Write https://{name}.",
        )
        for name in names
    )


def _topics(text: str) -> tuple[Problem, ...]:
    tags = tuple(dict.fromkeys(span.text for span in find_hashtags(text)))
    if len(tags) < 2:
        return ()
    message = f"Threads makes one topic of a post, {tags[0]}; the other tags stay plain words."
    return (Problem(code="one_topic", severity=Severity.WARN, message=message, fix="Leave one tag."),)
