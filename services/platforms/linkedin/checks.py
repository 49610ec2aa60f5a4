"""What LinkedIn would refuse of a variant beyond its text, told before anybody approves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.domain.post import Problem, Severity
from services.platforms.linkedin.polls import problems_of
from services.platforms.linkedin.rules import comment_problem
from services.platforms.linkedin.uploads import LEAST_VIDEO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.domain.account import Account
    from services.domain.post import Variant


def check_variant(variant: Variant, account: Account) -> Iterable[Problem]:
    """See `OptionCheck`: the poll, later parts that are no comments, and a video that is too small to be one."""
    yield from problems_of(variant, account.limits)
    for index, part in enumerate(variant.parts):
        if problem := comment_problem(part, index):
            yield problem
    if variant.attachment is not None and variant.attachment.moves and variant.attachment.item.size < LEAST_VIDEO:
        yield Problem(
            code="video_too_small",
            severity=Severity.BLOCK,
            message=f"The video has {variant.attachment.item.size:,} bytes, LinkedIn takes none below {LEAST_VIDEO:,}.",
            fix="Use a larger video.",
        )
