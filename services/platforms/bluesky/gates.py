"""Who may answer and quote a post: records beside it, under its own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.domain.post import Problem, Severity
from services.platforms.bluesky import facets
from services.platforms.bluesky.client import GATES, QUOTES
from services.platforms.bluesky.keys import timestamp
from services.ports.options import YES, Choice, PostOption, switch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from services.domain.post import Variant
    from services.platforms.bluesky.record import Record
    from services.ports.platform import OutgoingPart

THREADGATE: Final = "threadgate"
POSTGATE: Final = "postgate"
_MENTIONED: Final = "mentioned"
_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "nobody": (),
    _MENTIONED: ("mentionRule",),
    "following": ("followingRule",),
    "followers": ("followerRule",),
}
"""The rules behind each choice; without a record everybody may answer, with one that has no rule nobody."""
OPTIONS: Final = (
    PostOption(
        name=THREADGATE,
        title="Who can reply",
        choices=(
            Choice(value="", text="Everyone"),
            Choice(value="nobody", text="Nobody"),
            Choice(value=_MENTIONED, text="Accounts you mention"),
            Choice(value="following", text="Accounts you follow"),
            Choice(value="followers", text="Your followers"),
        ),
    ),
    switch(POSTGATE, "No quotes", help="Nobody else can quote the post."),
)


def gates(part: OutgoingPart, *, post: str, created_at: datetime) -> dict[str, Record]:
    """The records for beside `post` (its at-uri) by their collections, none where everybody may.

    A thread is answered by the rules of its first post; quoting is a matter of each part.
    """
    who = part.options.get(THREADGATE, "")
    if who and who not in _ALLOWED:
        raise Refused(f"“{who[:40]}” is no choice of who can reply.", fix=f"Choose one of {', '.join(_ALLOWED)}.")
    found: dict[str, Record] = {}
    if who and part.index == 0:
        found[GATES] = _gate(GATES, post, created_at) | {"allow": _rules(GATES, _ALLOWED[who])}
    if part.options.get(POSTGATE) == YES:
        found[QUOTES] = _gate(QUOTES, post, created_at) | {"embeddingRules": _rules(QUOTES, ("disableRule",))}
    return found


def gate_problems(variant: Variant) -> Iterator[Problem]:
    """Only those whom a post mentions, and it mentions nobody: a slip, as there is a choice for nobody."""
    mentions = facets.handles(variant.parts[0])
    if variant.options.get(THREADGATE) == _MENTIONED and not mentions:
        message = "Only accounts it mentions can reply, and it mentions nobody."
        fix = "Mention somebody as @name.domain, or choose who else can reply."
        yield Problem(code="nobody_mentioned", severity=Severity.WARN, message=message, fix=fix)


def _gate(kind: str, post: str, created_at: datetime) -> Record:
    return {"$type": kind, "post": post, "createdAt": timestamp(created_at)}


def _rules(kind: str, names: tuple[str, ...]) -> list[Record]:
    return [{"$type": f"{kind}#{name}"} for name in names]
