"""What follows from an error that certainly had no effect: try again, give up, or hold until a person acted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from services.domain.errors import DeskError, InvalidInput, NeedsOperator, NeedsReauth, RateLimited, Refused

if TYPE_CHECKING:
    from services.domain.delivery import Delivery

BASE: Final = timedelta(seconds=30)
CAP: Final = timedelta(hours=1)
PATIENCE: Final = timedelta(hours=24)
"""How long a delivery is tried before a person is asked to decide."""
MOST_CALLS: Final = 3
"""How often in all a post is handed to a network that gives it up by a fault of its own."""
_LEAST: Final = timedelta(seconds=1)


class Random(Protocol):
    """The part of `random.Random` that spreads retries."""

    def uniform(self, a: float, b: float) -> float:
        """A number between `a` and `b`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """It will be tried again at `at` by itself."""

    at: datetime
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """It failed for good; only a person can send it again."""

    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The account is at fault, not the post: it waits unchanged until somebody put the account right."""

    problem: str


Verdict = Again | GiveUp | Hold


def decide(error: DeskError, *, trying_since: datetime, now: datetime, random: Random) -> Verdict:
    """The consequence of `error`.

    A reset time is honoured to the second. Other transient errors back off with full jitter over a window that doubles
    on average: twice the time already spent, from 30 s up to 1 h. So the row needs no counter of its own, and preparing
    and sending count alike. After 24 h of trying, the next transient error is final.
    """
    text = sentence(error)
    if isinstance(error, Refused | InvalidInput):
        return GiveUp(problem=text)
    if isinstance(error, NeedsReauth | NeedsOperator):
        return Hold(problem=text)
    if now - trying_since >= PATIENCE:
        hours = int(PATIENCE.total_seconds() // 3600)
        return GiveUp(problem=f"Given up after {hours} hours of trying. The last answer: {text}")
    if isinstance(error, RateLimited):
        return Again(at=max(error.until, now + _LEAST), problem=text)
    return Again(at=now + backoff(now - trying_since, random), problem=text)


def backoff(spent: timedelta, random: Random) -> timedelta:
    """How long to wait after `spent` time of trying, at least one second."""
    window = min(CAP, max(BASE, 2 * spent))
    return max(_LEAST, timedelta(seconds=random.uniform(0.0, window.total_seconds())))


def trying_since(delivery: Delivery) -> datetime:
    """When the present effort began: due time or first claim, whichever is later; a person's retry moves the former."""
    return max(delivery.due_at, delivery.first_claimed_at or delivery.due_at)


def sentence(error: DeskError) -> str:
    """The error as one short text for people: what happened and the next step."""
    step = "" if isinstance(error, RateLimited) else error.next_step
    return f"{error.message} {step}".strip()
