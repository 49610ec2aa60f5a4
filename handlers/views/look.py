"""Who looks, when and with what proofs: all a pure view needs besides the thing it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.ids import AccountId
    from services.domain.post import Problem
    from services.marks import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A variant as measured and checked for its account."""

    length: int
    limit: int
    unit: str
    valid: bool
    problems: tuple[Problem, ...]
    marks: tuple[tuple[Mark, ...], ...] = ()
    """Of each part: what the network makes clickable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The reader's side of a view."""

    actor: Person
    zone: str
    """IANA name in which times are set."""
    now: datetime
    labels: Mapping[str, str]
    """Platform slug → the network's name."""
    proofs: Mapping[AccountId, Proof]

    def network(self, platform: str) -> str:
        """The network's name as people write it."""
        return self.labels.get(platform, platform)

    def account(self, account: Account | None, platform: str) -> str:
        """The account with its network: "Mastodon · @driftseas@mastodon.social"."""
        return f"{self.network(platform)} · {self.who(account)}"

    def who(self, account: Account | None) -> str:
        """The account alone."""
        return f"@{account.handle}" if account else "not connected"

    def moment(self, at: datetime) -> str:
        """An instant on the reader's clock, with its zone: "Mon 2 Mar 2026 09:00 (Europe/Berlin)"."""
        local = at.astimezone(ZoneInfo(self.zone))
        return f"{local:%a} {local.day} {local:%b %Y %H:%M} ({self.zone})"

    def clock(self, at: datetime) -> str:
        """The time alone where it is today's: "09:00", else as `short_moment`."""
        local = at.astimezone(ZoneInfo(self.zone))
        today = local.date() == self.now.astimezone(ZoneInfo(self.zone)).date()
        return f"{local:%H:%M}" if today else self.short_moment(at)

    def day(self, at: datetime) -> str:
        """A day in full: "Monday 2 March"."""
        local = at.astimezone(ZoneInfo(self.zone))
        return f"{local:%A} {local.day} {local:%B}"

    def short_moment(self, at: datetime) -> str:
        """The same for narrow places: "2 Mar 09:00"."""
        local = at.astimezone(ZoneInfo(self.zone))
        return f"{local.day} {local:%b %H:%M}"
