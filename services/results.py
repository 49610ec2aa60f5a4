"""The numbers of a period as a page shows them: posts, answers and how accounts stand, read at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from services.domain.account import PracticeMode, in_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.account import Account
    from services.domain.insight import Report
    from services.domain.metrics import AccountMetrics, MeasuredPost, StoredComment
    from services.ports.storage import Store, Transaction

MOST_POSTS: Final = 200
MOST_COMMENTS: Final = 20
_SEARCHED: Final = 2_000
"""Rows looked through where some belong to accounts that take no part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account at the end of the period and at its beginning; None where nothing was measured."""

    account: Account
    first: AccountMetrics | None
    last: AccountMetrics | None

    @property
    def gained(self) -> int | None:
        """Followers won, below zero for lost ones; None unless it was measured twice."""
        if self.first is None or self.last is None or self.first.at == self.last.at:
            return None
        if self.first.followers is None or self.last.followers is None:
            return None
        return self.last.followers - self.first.followers


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a period's page lists."""

    posts: tuple[MeasuredPost, ...]
    """Newest first."""
    comments: tuple[StoredComment, ...]
    """Newest first: quoted data."""
    standings: tuple[Standing, ...]
    cut: bool = False
    """True when there are more posts than are listed."""
    followed: bool = True
    """False when no post was ever followed: there is nothing to measure yet."""


class Reporter(Protocol):
    """Makes reports."""

    async def make(self, *, since: datetime, until: datetime, zone: str, platform: str = "") -> Report:
        """Aware instants, an IANA zone, a slug or empty for all."""
        ...


class Results:
    """Reports with the rows behind them."""

    def __init__(self, store: Store, reporter: Reporter, practice: PracticeMode) -> None:
        """Only ever reads; `practice` decides whose numbers count, as it does in reports."""
        self._store = store
        self._reporter = reporter
        self._practice = practice

    async def report(self, *, since: datetime, until: datetime, zone: str, platform: str = "") -> Report:
        """Findings and charts."""
        return await self._reporter.make(since=since, until=until, zone=zone, platform=platform)

    async def numbers(self, *, since: datetime, until: datetime, platform: str = "") -> Numbers:
        """Rows of one transaction."""
        practice = self._practice
        return await self._store.read(
            lambda tx: read_numbers(tx, since=since, until=until, platform=platform, practice=practice)
        )


def read_numbers(
    tx: Transaction,
    *,
    since: datetime,
    until: datetime,
    platform: str = "",
    practice: PracticeMode = PracticeMode.ON,
) -> Numbers:
    """Posts by publication in the period, its newest answers, and each account's first and last standing in it.

    Accounts that take no part are left out: practice numbers never stand among real ones.
    """
    everybody = tx.accounts.list()
    here = in_use(everybody, practice)
    resting = {a.id for a in everybody} - {a.id for a in here}

    def most(shown: int) -> int:
        return _SEARCHED if resting else shown

    found = tx.metrics.posts(since=since, until=until, platform=platform, limit=most(MOST_POSTS + 1))
    posts = [p for p in found if p.account_id not in resting]
    answers = tx.comments.list(since=since, platform=platform, limit=most(MOST_COMMENTS))
    ever = posts or tx.metrics.posts(since=datetime.fromtimestamp(0, UTC), limit=most(1))
    return Numbers(
        posts=tuple(posts[:MOST_POSTS]),
        comments=tuple([c for c in answers if c.account_id not in resting][:MOST_COMMENTS]),
        standings=tuple(_standing(tx, a, since, until) for a in here if platform in {"", a.platform}),
        cut=len(posts) > MOST_POSTS,
        followed=any(p.account_id not in resting for p in ever),
    )


def _standing(tx: Transaction, account: Account, since: datetime, until: datetime) -> Standing:
    history: Sequence[AccountMetrics] = tx.metrics.account_history(account.id, since=since)
    within = [m for m in history if m.at < until]
    return Standing(account=account, first=within[0] if within else None, last=within[-1] if within else None)
