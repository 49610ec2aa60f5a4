"""Who looks, when and with what proofs: all a pure view needs besides the thing it shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.views.instants import Precision, mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.cost import Cost
    from services.domain.ids import AccountId
    from services.domain.post import Problem
    from services.marks import Mark
    from services.ports.options import PostOption


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
    cost: Cost | None = None
    """What the network charges for it; None: nothing."""
    terms: str = ""
    """What its network wants read before it goes out; empty: nothing."""


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
    options: Mapping[str, tuple[PostOption, ...]] = field(default_factory=dict)
    """Platform slug → what may be chosen for a post there."""
    deletes: frozenset[str] = frozenset()
    """Networks, by slug, that let the desk take posts down."""
    edits: frozenset[str] = frozenset()
    """Networks that let it change their words."""
    floating: bool = False
    """True for a card that many people read at once: its instants are marked, for each reader's own clock."""

    def network(self, platform: str) -> str:
        """The network's name as people write it."""
        return self.labels.get(platform, platform)

    def account(self, account: Account | None, platform: str) -> str:
        """The account with its network: "Mastodon · @driftseas@mastodon.social"."""
        return f"{self.network(platform)} · {self.who(account)}"

    def who(self, account: Account | None) -> str:
        """The account alone."""
        return f"@{account.handle}" if account else "not connected"

    def local(self, at: datetime) -> datetime:
        """An instant on the reader's clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def moment(self, at: datetime) -> str:
        """An instant on the reader's clock, with its zone: "Mon 2 Mar 2026 09:00 (Europe/Berlin)"."""
        local = self.local(at)
        return self._set(at, Precision.MOMENT, f"{local:%a} {local.day} {local:%b %Y %H:%M} ({self.zone})")

    def short_moment(self, at: datetime) -> str:
        """For narrow places: "2 Mar 09:00"."""
        local = self.local(at)
        return self._set(at, Precision.SHORT, f"{local.day} {local:%b %H:%M}")

    def _set(self, at: datetime, precision: Precision, text: str) -> str:
        return mark(at, precision, text) if self.floating else text

    def stamp(self, at: datetime) -> str:
        """An instant as a form sends it: ISO 8601 on the reader's clock, with the offset."""
        return self.local(at).isoformat(timespec="minutes")

    def exact(self, at: datetime) -> str:
        """An instant that leaves no doubt: "Mon 2 Mar 2026 09:00 (Europe/Berlin, UTC+01:00)"."""
        return f"{self.moment(at).removesuffix(')')}, {self.offset(at)})"

    def offset(self, at: datetime) -> str:
        """How far the reader's clock is from UTC at that instant: "UTC+01:00"."""
        offset = f"{self.local(at):%z}"
        return f"UTC{offset[:3]}:{offset[3:5]}"

    def second(self, at: datetime) -> str:
        """For steps that follow each other closely: "Mon 2 Mar 09:00:12"."""
        return f"{self.short_day(at)}:{at:%S}"

    def short_day(self, at: datetime) -> str:
        """For a list of times: "Mon 2 Mar 09:00", with the year when it is another one."""
        local, now = self.local(at), self.local(self.now)
        year = f" {local:%Y}" if local.year != now.year else ""
        return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"

    def lately(self, at: datetime) -> str:
        """For a list: "14:02" today, "Mon 2 Mar 14:02" otherwise."""
        local, now = self.local(at), self.local(self.now)
        return f"{local:%H:%M}" if local.date() == now.date() else self.short_day(at)

    def when(self, at: datetime) -> str:
        """An instant inside a sentence: "at 14:02", with the day when that is not today."""
        local, now = self.local(at), self.local(self.now)
        day = "" if local.date() == now.date() else f"on {local.day} {local:%b} "
        return f"{day}at {local:%H:%M}"

    def clock(self, at: datetime) -> str:
        """The time alone where it is today's: "09:00", else as `short_moment`."""
        local, now = self.local(at), self.local(self.now)
        today = local.date() == now.date() and not self.floating
        return f"{local:%H:%M}" if today else self.short_moment(at)

    def day(self, at: datetime) -> str:
        """A day in full: "Monday 2 March"."""
        local = self.local(at)
        return f"{local:%A} {local.day} {local:%B}"
