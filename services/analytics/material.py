"""What goes to the worker and what comes back: plain rows in, sentences and a picture out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from services.domain.ids import AccountId, PlatformSlug
    from services.domain.insight import Finding
    from services.domain.metrics import HourSum, MeasuredPost, SlotSum


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account as the numbers need it."""

    id: AccountId
    platform: PlatformSlug
    handle: str
    followers: int | None
    """As last read; None where the network does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything a report is made of; the same material always makes the same report."""

    first: date
    """The first local day."""
    last: date
    """The last whole local day."""
    now: datetime
    """The hour in which it ends (aware, UTC)."""
    today: date
    """The local day of that hour."""
    zone: str
    labels: Mapping[str, str]
    """Platform slug → the network's name."""
    accounts: tuple[AccountRow, ...]
    posts: tuple[MeasuredPost, ...]
    """Those published in the period, the newest first."""
    hours: tuple[HourSum, ...]
    """Those of the period before included, to compare with."""
    slots: tuple[SlotSum, ...]
    top: tuple[MeasuredPost, ...]
    """The best first."""

    @property
    def days(self) -> int:
        """How many local days it is about."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture of charts (PNG) with the words for those who can't see it; sizes in pixels."""

    png: bytes
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the worker found."""

    posts: int
    """Measured ones."""
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...]
    drawing: Drawing | None
    """None where there is nothing to draw."""
