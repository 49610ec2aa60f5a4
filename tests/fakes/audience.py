"""Networks that only answer back: counters, comments and a past, with failures by script."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from services.domain.errors import NotFound
from services.domain.metrics import AccountMetrics, PostMetrics
from tests.fakes.platform import FakeNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.domain.ids import AccountId
    from services.domain.metrics import Comment, PastPost
    from services.ports.clock import Clock
    from services.ports.platform import Roles


@dataclass(slots=True, kw_only=True)
class FakeAudience:
    """One account's readers; a script is used up call by call, None for one that goes well."""

    clock: Clock
    likes: dict[str, int] = field(default_factory=dict)
    """By remote id; a post that is not here is gone."""
    said: dict[str, list[Comment]] = field(default_factory=dict)
    past: list[PastPost] = field(default_factory=list)
    followers: int = 100
    opening: deque[Exception | None] = field(default_factory=deque)
    counting: deque[Exception | None] = field(default_factory=deque)
    listening: deque[Exception | None] = field(default_factory=deque)
    remembering: deque[Exception | None] = field(default_factory=deque)
    standing: deque[Exception | None] = field(default_factory=deque)
    measures: bool = True
    """Whether the network gives numbers at all."""
    remembers: bool = True
    """Whether it shows the past."""
    calls: list[str] = field(default_factory=list)
    """Every read as "open", "count 1,2", "account", "answers 1", "past", "refresh"."""

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """Likes, and as many comments as were said; in another order than asked."""
        self.calls.append("count " + ",".join(r.remote_id for r in receipts))
        fail(self.counting)
        return [
            PostMetrics(
                remote_id=r.remote_id,
                at=self.clock.now(),
                likes=self.likes[r.remote_id],
                comments=len(self.said.get(r.remote_id, ())),
            )
            for r in reversed(receipts)
            if r.remote_id in self.likes
        ]

    async def account_metrics(self) -> AccountMetrics:
        """Followers."""
        self.calls.append("account")
        fail(self.standing)
        return AccountMetrics(at=self.clock.now(), followers=self.followers)

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """Those newer."""
        self.calls.append(f"answers {receipt.remote_id}")
        fail(self.listening)
        return [c for c in self.said.get(receipt.remote_id, ()) if since is None or c.at > since]

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """Newest first."""
        self.calls.append("past")
        fail(self.remembering)
        return sorted((p for p in self.past if p.at >= since), key=lambda p: p.at, reverse=True)[:limit]


class FakeReadings:
    """Opens accounts for reading."""

    def __init__(self, audiences: Mapping[AccountId, FakeAudience]) -> None:
        """One audience an account."""
        self.audiences = dict(audiences)

    async def open(self, account_id: AccountId) -> Roles:
        """See `Connections.open`."""
        one = self._one(account_id)
        one.calls.append("open")
        fail(one.opening)
        return replace(
            FakeNetwork(clock=one.clock).roles(),
            metrics=one if one.measures else None,
            comments=one,
            history=one if one.remembers else None,
        )

    async def refresh(self, account_id: AccountId) -> None:
        """See `Connections.refresh`."""
        self._one(account_id).calls.append("refresh")

    def _one(self, account_id: AccountId) -> FakeAudience:
        if account_id not in self.audiences:
            raise NotFound("This account is not here.")
        return self.audiences[account_id]


def fail(script: deque[Exception | None]) -> None:
    """Raise what the script has next."""
    error = script.popleft() if script else None
    if error is not None:
        raise error
