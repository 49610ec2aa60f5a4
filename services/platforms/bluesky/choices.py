"""What a person may choose for a post on Bluesky."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.post import Problem, Severity
from services.platforms.bluesky import gates
from services.platforms.bluesky.record import LABELS, MOST_LANGUAGES, languages
from services.ports.options import Choice, PostOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.domain.account import Account
    from services.domain.post import Variant

OPTIONS: Final = (
    *gates.OPTIONS,
    PostOption(
        name="language",
        title="Languages",
        most=60,
        help="Up to three tags with commas between them, like en, pt-BR; empty: none is told.",
    ),
    PostOption(
        name=LABELS,
        title="Content label",
        choices=(
            Choice(value="", text="None"),
            Choice(value="sexual", text="Suggestive"),
            Choice(value="nudity", text="Nudity"),
            Choice(value="porn", text="Adult"),
            Choice(value="graphic-media", text="Graphic or violent"),
        ),
        help="Each reader's app shows, covers or hides such posts as its owner wants.",
    ),
)


def check_options(variant: Variant, _account: Account) -> Iterator[Problem]:
    """A tag that the post would go out without, which nobody would notice; answers that nobody could give."""
    yield from gates.gate_problems(variant)
    told = [tag.strip() for tag in variant.options.get("language", "").split(",") if tag.strip()]
    if len(told) > MOST_LANGUAGES:
        message = f"There are {len(told)} languages; Bluesky takes {MOST_LANGUAGES}."
        yield Problem(code="languages", severity=Severity.BLOCK, message=message, fix="Keep the main ones.")
    for tag in told:
        if not languages(tag):
            message = f"“{tag[:40]}” is not the tag of a language."
            yield Problem(code="language", severity=Severity.BLOCK, message=message, fix="Write tags like en or pt-BR.")
