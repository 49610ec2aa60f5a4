"""Mastodon's way of counting: characters as people see them, each link the same length, a mention without its host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services.domain.post import Problem, Severity
from services.ports.platform import Measure
from services.text import count_graphemes, find_bare_domains, find_links, find_mentions, nfc, replace_spans, split_text

if TYPE_CHECKING:
    from services.domain.account import Limits


def length_of(text: str, limits: Limits) -> int:
    """What the server will count for `text`."""
    composed = nfc(text)
    links = () if limits.url_length is None else tuple(s for s in find_links(composed) if public(s.text))
    short = [(link, "x" * (limits.url_length or 0)) for link in links]
    mentions = [(m, m.text.rpartition("@")[0]) for m in find_mentions(composed)]
    return count_graphemes(replace_spans(composed, [*short, *mentions]))


def warning_length(warning: str) -> int:
    """What a content warning adds to the count: all of it, for the server shortens nothing there."""
    return count_graphemes(warning)


def public(url: str) -> bool:
    """Whether the server makes it a link: a name without a dot, or of numbers, is counted as written."""
    try:
        _, dot, ending = (urlsplit(url).hostname or "").rpartition(".")
    except ValueError:
        return False
    return bool(dot) and not ending.isdecimal()


def length_problem(length: int, limits: Limits) -> Problem | None:
    """The blocking problem of a text that is too long."""
    if length <= limits.text:
        return None
    return Problem(
        code="too_long",
        severity=Severity.BLOCK,
        message=f"{length} of {limits.text} {limits.unit}.",
        fix=f"Shorten by {length - limits.text}.",
    )


class MastodonRules:
    """`Rules` of the Mastodon API, with the limits of the account's own server."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules.measure`; warns of addresses without a scheme, which stay plain text."""
        length = length_of(text, limits)
        too_long = length_problem(length, limits)
        problems = () if too_long is None else (too_long,)
        return Measure(length=length, limit=limits.text, unit=limits.unit, problems=(*problems, *_unlinked(text)))

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules.split`."""
        return split_text(text, lambda part: length_of(part, limits) <= limits.text)


def _unlinked(text: str) -> tuple[Problem, ...]:
    names = dict.fromkeys(span.text for span in find_bare_domains(text))
    return tuple(
        Problem(
            code="link_without_scheme",
            severity=Severity.WARN,
            message=f"{name} will not be clickable.",
            fix=f"Write https://{name}.",
        )
        for name in names
    )
