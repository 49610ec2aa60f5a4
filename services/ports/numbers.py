"""Remembering numbers, as repositories in a transaction: what posts earned, what was answered, what was reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from services.domain.ids import AccountId, PostId
    from services.domain.insight import Digest, Report, Subscription
    from services.domain.metrics import (
        AccountMetrics,
        HourSum,
        MeasuredPost,
        Moods,
        PostMetrics,
        SlotSum,
        StoredComment,
    )


class MetricsRepository(Protocol):
    """Measured posts, their append-only snapshots, and the sums kept at each write."""

    def add(self, post: MeasuredPost) -> bool:
        """Follow a post; False (and nothing changes) when it is followed already. A first `latest` is recorded too."""
        ...

    def get(self, post_id: PostId) -> MeasuredPost | None:
        """None when it is not followed."""
        ...

    def posts(
        self, *, since: datetime, until: datetime | None = None, platform: str = "", limit: int = 1000
    ) -> Sequence[MeasuredPost]:
        """By time of publication, newest first."""
        ...

    def top(self, *, since: datetime, until: datetime, platform: str = "", limit: int = 5) -> Sequence[MeasuredPost]:
        """Those with the most likes, comments and shares together, the best first; measured ones only."""
        ...

    def claim_due(self, *, now: datetime, owner: str, lease_until: datetime, limit: int) -> Sequence[MeasuredPost]:
        """Lease posts whose `next_at` has come and that nobody else has, the longest waiting first."""
        ...

    def record(self, post_id: PostId, metrics: PostMetrics) -> None:
        """Append the snapshot; the hour's sums and the post's latest counters change in the same transaction.

        An older or equal instant than the latest one changes nothing. Raises `NotFound`.
        """
        ...

    def reschedule(
        self, post_id: PostId, *, next_at: datetime | None, taken: int, attempts: int = 0, gap: str = ""
    ) -> None:
        """Say when it is measured next and end the lease; raises `NotFound`."""
        ...

    def snapshots(self, post_id: PostId) -> Sequence[PostMetrics]:
        """Oldest first."""
        ...

    def hours(self, *, since: datetime, until: datetime, platform: str = "") -> Sequence[HourSum]:
        """What was gained in each hour, oldest first, per account."""
        ...

    def slots(self, *, since: datetime, until: datetime, platform: str = "") -> Sequence[SlotSum]:
        """What the posts of each hour of publication have earned, oldest first, per account."""
        ...

    def record_account(self, account_id: AccountId, metrics: AccountMetrics) -> None:
        """Append an account's standing; the same instant twice is kept once."""
        ...

    def account_history(self, account_id: AccountId, *, since: datetime) -> Sequence[AccountMetrics]:
        """Oldest first."""
        ...


class CommentRepository(Protocol):
    """Answers to our posts."""

    def add(self, comment: StoredComment) -> bool:
        """False (and nothing changes) when it is kept already."""
        ...

    def latest(self, post_id: PostId) -> datetime | None:
        """When the newest kept answer to this post was written."""
        ...

    def list(self, *, since: datetime, platform: str = "", limit: int = 50) -> Sequence[StoredComment]:
        """Newest first by the time they were written."""
        ...

    def moods(self, *, since: datetime, until: datetime, platform: str = "") -> Moods:
        """How the answers written in this time read."""
        ...


class DigestRepository(Protocol):
    """Which channels get a digest, and which days they got one."""

    def subscriptions(self) -> Sequence[Subscription]:
        """In order of surface and place."""
        ...

    def subscribe(self, subscription: Subscription) -> None:
        """Insert, or replace by surface and place."""
        ...

    def unsubscribe(self, surface: str, place: str) -> bool:
        """False when there was none."""
        ...

    def claim(self, surface: str, place: str, day: date, *, now: datetime, lease_until: datetime) -> bool:
        """Take the making of this digest: False when it was sent, or somebody makes it just now."""
        ...

    def finish(self, surface: str, place: str, day: date, report: Report, *, at: datetime) -> None:
        """Keep it as sent; raises `Conflict` when it was sent already."""
        ...

    def get(self, surface: str, place: str, day: date) -> Digest | None:
        """One day's, or None."""
        ...

    def newest(self, *, surface: str = "", place: str = "") -> Digest | None:
        """The last one sent, anywhere or there."""
        ...
