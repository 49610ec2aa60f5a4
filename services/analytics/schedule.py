"""When a post's numbers are read next, and what a reading that failed means for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsOperator, NeedsReauth, RateLimited
from services.domain.metrics import SAMPLE_AGES

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.errors import DeskError
    from services.domain.metrics import MeasuredPost

FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
TRIES: Final = 24
"""Failed tries, most of them an hour apart, after which a sample is left out and the next one waited for."""
GONE: Final = "It is no longer there."
DISCONNECTED: Final = "Its account is no longer connected."
NO_NUMBERS: Final = "This network gives no numbers."


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What becomes of a post's row, as `MetricsRepository.reschedule` takes it."""

    next_at: datetime | None
    taken: int
    attempts: int = 0
    gap: str = ""


def behind(published_at: datetime, now: datetime) -> int:
    """How many samples a post of this age has behind it, those that were missed included."""
    return sum(published_at + age <= now for age in SAMPLE_AGES)


def due(published_at: datetime, taken: int) -> datetime | None:
    """When the sample after so many is due; None after the last."""
    return published_at + SAMPLE_AGES[taken] if taken < len(SAMPLE_AGES) else None


def after_sample(post: MeasuredPost, now: datetime) -> Next:
    """Samples missed while the desk was down are not made up for: the one taken late stands for them all."""
    taken = max(post.taken + 1, behind(post.published_at, now))
    return Next(next_at=due(post.published_at, taken), taken=taken)


def after_failure(post: MeasuredPost, error: DeskError, now: datetime) -> Next:
    """Again when the network allows it, later and later otherwise; the reason stays as the gap."""
    if isinstance(error, RateLimited):
        soonest = max(error.until, now + FIRST_WAIT)
        return Next(next_at=soonest, taken=post.taken, attempts=post.attempts, gap=error.message)
    attempts = post.attempts + 1
    if attempts >= TRIES:
        taken = max(post.taken + 1, behind(post.published_at, now))
        return Next(next_at=due(post.published_at, taken), taken=taken, gap=error.message)
    return Next(next_at=now + wait_after(error, attempts), taken=post.taken, attempts=attempts, gap=error.message)


def wait_after(error: DeskError, attempts: int) -> timedelta:
    """Doubling from a minute to an hour; an hour at once where a person has to act."""
    if isinstance(error, NeedsReauth | NeedsOperator):
        return LONGEST_WAIT
    return min(FIRST_WAIT * (1 << min(attempts - 1, 10)), LONGEST_WAIT)
