"""What numbers say: claims with their evidence, and the digest that carries them to a channel each morning."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, time

    from services.domain.media import Picture
    from services.domain.metrics import Moods


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim with its sample; `kind` names the rule or comparison it comes from."""

    kind: str
    text: str
    """One sentence that states it: "Tuesdays at 9 earn twice the replies"."""
    posts: int
    """How many posts it rests on."""
    basis: str
    """The sample in words: "41 posts, 28 days"."""
    advice: str = ""
    """What to do about it; empty for a finding that is only worth knowing."""


class DigestState(StrEnum):
    """Where a day's digest for a channel stands."""

    CLAIMED = "claimed"
    """Somebody is making it, until the lease ends."""
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A channel that gets a digest each day at its local hour."""

    surface: str
    place: str
    at: time
    """On the clock of `zone`."""
    zone: str
    since: datetime
    """When it was asked for: no digest is made for days before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Charts and sentences about a period, for a channel, a page or one person."""

    since: datetime
    until: datetime
    zone: str
    platform: str = ""
    """A slug when it is about one network only."""
    posts: int
    """How many measured posts it rests on."""
    sentences: tuple[str, ...]
    """Three, fewer where there is nothing to say."""
    findings: tuple[Finding, ...] = ()
    """The most useful first."""
    planned: tuple[str, ...] = ()
    """What goes out next, a line each."""
    waiting: tuple[str, ...] = ()
    """What waits for a decision, a line each."""
    moods: Moods | None = None
    """None when no answers were collected."""
    gaps: tuple[str, ...] = ()
    """Accounts without numbers and why: never shown as zero."""
    picture: Picture | None = None
    """The charts; their alt text states the findings. None where there is nothing to draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One day's report for one channel: unique, so that a restart can't send it twice."""

    surface: str
    place: str
    day: date
    """The local day it is for."""
    state: DigestState
    lease_until: datetime | None
    attempts: int
    report: Report | None
    """None until it was made."""
    sent_at: datetime | None


def digest_card_id(surface: str, place: str, day: date) -> str:
    """The stable id of a digest's card, different in every channel."""
    where = hashlib.sha256(f"{surface}|{place}".encode()).hexdigest()[:8]
    return f"digest-{day.isoformat()}-{where}"


def digest_day(card_id: str) -> date | None:
    """The day a digest's card is about; None for the id of something else."""
    kind, _, rest = card_id.partition("-")
    try:
        return date.fromisoformat(rest[:10]) if kind == "digest" else None
    except ValueError:
        return None
