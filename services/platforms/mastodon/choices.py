"""What can't be chosen together for a post on Mastodon."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.domain.post import Problem, Severity
from services.platforms.mastodon.rules import length_of, warning_length
from services.polls import poll_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.domain.account import Account
    from services.domain.post import Variant

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}")


def check_options(variant: Variant, account: Account) -> Iterator[Problem]:
    """A warning counts with every post it stands above; a text that is too long by itself says so itself."""
    yield from poll_problems(variant, account.limits, "the server")
    limits, warning = account.limits, variant.options.get("content_warning", "")
    longest = max((length_of(text, limits) for text in variant.parts), default=0)
    length = longest + warning_length(warning)
    if longest <= limits.text < length:
        message = f"With its content warning it is {length} of {limits.text} {limits.unit}."
        fix = f"Shorten by {length - limits.text}."
        yield Problem(code="too_long", severity=Severity.BLOCK, message=message, fix=fix)
    language = variant.options.get("language", "")
    if language and not _LANGUAGE.fullmatch(language):
        message = f"“{language}” is not the code of a language."
        yield Problem(code="language", severity=Severity.BLOCK, message=message, fix="Write two letters, like en.")
