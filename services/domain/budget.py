"""How many posts an account may send in a time, counted so that nothing has to be forgotten at its end (GCRA)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

NETWORK: Final = "network"
"""The window under which it is kept until when a network itself asked for quiet."""


class Counted(StrEnum):
    """What a budget counts; the later parts of a thread are replies to ourselves."""

    ALL = "all"
    POSTS = "posts"
    REPLIES = "replies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most `posts` in any `period`; one row an account and window keeps count over restarts and workers."""

    window: str
    """Its name among the account's budgets: "quarter", "day"."""
    posts: int
    period: timedelta
    counted: Counted = Counted.ALL

    def counts(self, part: int) -> bool:
        """Whether it is spent by part `part` of a post, counted from 0."""
        return self.counted is not (Counted.REPLIES if part == 0 else Counted.POSTS)

    def spend(self, spent_until: datetime | None, now: datetime, *, posts: int = 1) -> Spending:
        """Take `posts` at once, or learn when they may be taken.

        `spent_until` is when all that was taken would be used up at an even pace; None: nothing was taken. More than
        the whole budget is taken as the whole budget.
        """
        each = self.period / self.posts
        after = max(spent_until or now, now) + each * min(posts, self.posts)
        free_at = after - self.period
        return Spending(spent_until=after, wait_until=free_at if free_at > now else None)

    @property
    def sentence(self) -> str:
        """As "100 posts in 15 minutes"."""
        one, many = ("reply", "replies") if self.counted is Counted.REPLIES else ("post", "posts")
        return f"{self.posts:,} {many if self.posts > 1 else one} in {_span(self.period)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What taking from a budget would leave."""

    spent_until: datetime
    """To be kept when it is taken."""
    wait_until: datetime | None
    """When it can be taken; None: now."""


def _span(time: timedelta) -> str:
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        count = time / unit
        if count >= 1:
            return f"a {name}".replace("a hour", "an hour") if count == 1 else f"{count:g} {name}s"
    return f"{time.total_seconds():g} seconds"
