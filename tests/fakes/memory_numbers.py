"""The part of the store in memory that remembers numbers, answers and digests."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

from services.domain.errors import Conflict, NotFound
from services.domain.insight import Digest, DigestState
from services.domain.metrics import COUNTERS, CRITICAL, WARM, HourSum, Moods, SlotSum
from services.ports.storage import WriteInRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from services.domain.ids import AccountId, PostId
    from services.domain.insight import Report, Subscription
    from services.domain.metrics import AccountMetrics, MeasuredPost, PostMetrics, StoredComment

_SUMMED: Final = ("impressions", "likes", "comments", "shares")
_RANKED: Final = ("likes", "comments", "shares")


@dataclass(slots=True)
class Numbers:
    """Everything measured; copied before each write."""

    posts: dict[PostId, MeasuredPost] = field(default_factory=dict)
    leases: dict[PostId, datetime] = field(default_factory=dict)
    snapshots: dict[PostId, tuple[PostMetrics, ...]] = field(default_factory=dict)
    hours: dict[tuple[datetime, AccountId], HourSum] = field(default_factory=dict)
    standings: dict[tuple[AccountId, datetime], AccountMetrics] = field(default_factory=dict)
    comments: dict[tuple[AccountId, str], StoredComment] = field(default_factory=dict)
    subscriptions: dict[tuple[str, str], Subscription] = field(default_factory=dict)
    digests: dict[tuple[str, str, date], Digest] = field(default_factory=dict)

    def twin(self) -> Numbers:
        """One level deep: the values themselves never change."""
        twin = copy(self)
        for name in (f.name for f in fields(self)):
            setattr(twin, name, dict(getattr(self, name)))
        return twin


class _Book:
    def __init__(self, numbers: Numbers, *, writable: bool) -> None:
        self._all = numbers
        self._writable = writable

    @property
    def _own(self) -> Numbers:
        if not self._writable:
            msg = "A read can't write."
            raise WriteInRead(msg)
        return self._all


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


class MemoryMetrics(_Book):
    """Implements the port's `MetricsRepository`."""

    def add(self, post: MeasuredPost) -> bool:
        """What a first look found counts in the hour of publication: it was gained long before anybody looked."""
        own = self._own
        if post.id in own.posts:
            return False
        own.posts[post.id] = replace(post, latest=None)
        if post.latest is not None:
            self._keep(own.posts[post.id], post.latest, hour=post.published_at)
        return True

    def get(self, post_id: PostId) -> MeasuredPost | None:
        """By id."""
        return self._all.posts.get(post_id)

    def posts(
        self, *, since: datetime, until: datetime | None = None, platform: str = "", limit: int = 1000
    ) -> Sequence[MeasuredPost]:
        """Newest first."""
        return sorted(self._between(since, until, platform), key=lambda p: (p.published_at, p.id), reverse=True)[:limit]

    def _between(self, since: datetime, until: datetime | None, platform: str) -> Iterable[MeasuredPost]:
        return (
            p
            for p in self._all.posts.values()
            if since <= p.published_at and (until is None or p.published_at < until) and platform in {"", p.platform}
        )

    def top(self, *, since: datetime, until: datetime, platform: str = "", limit: int = 5) -> Sequence[MeasuredPost]:
        """The best first, of two alike the newer one."""
        found = [
            (sum(values), p.published_at, p.id, p)
            for p in self._between(since, until, platform)
            if p.latest is not None
            and (values := [v for name in _RANKED if (v := getattr(p.latest, name)) is not None])
        ]
        return [p for *_, p in sorted(found, key=lambda row: row[:3], reverse=True)[:limit]]

    def claim_due(self, *, now: datetime, owner: str, lease_until: datetime, limit: int) -> Sequence[MeasuredPost]:
        """The longest waiting first."""
        del owner
        own = self._own
        due = sorted(
            (p.next_at, p.id, p)
            for p in own.posts.values()
            if p.next_at is not None and p.next_at <= now and own.leases.get(p.id, now) <= now
        )[:limit]
        own.leases.update((post_id, lease_until) for _, post_id, _ in due)
        return [p for *_, p in due]

    def record(self, post_id: PostId, metrics: PostMetrics) -> None:
        """An older or equal instant changes nothing."""
        post = self._require(post_id)
        if post.latest is None or post.latest.at < metrics.at:
            self._keep(post, metrics, hour=metrics.at)

    def _require(self, post_id: PostId) -> MeasuredPost:
        post = self._own.posts.get(post_id)
        if post is None:
            msg = f"There is no post {post_id}."
            raise NotFound(msg)
        return post

    def _keep(self, post: MeasuredPost, metrics: PostMetrics, *, hour: datetime) -> None:
        own, metrics = self._own, replace(metrics, remote_id=post.remote_id)
        start = _hour(hour)
        row = own.hours.get((start, post.account_id)) or HourSum(
            account_id=post.account_id, platform=post.platform, hour=start, samples=0
        )
        latest = {name: getattr(metrics, name) for name in COUNTERS}
        gained = {name: getattr(row, name) for name in _SUMMED}
        for name in COUNTERS:
            before = getattr(post.latest, name) if post.latest else None
            if latest[name] is None:
                latest[name] = before
            elif name in _SUMMED:
                gained[name] = (gained[name] or 0) + latest[name] - (before or 0)
        own.hours[(start, post.account_id)] = replace(row, samples=row.samples + 1, **gained)
        own.posts[post.id] = replace(post, latest=replace(metrics, **latest))
        own.snapshots[post.id] = (*own.snapshots.get(post.id, ()), metrics)

    def reschedule(
        self, post_id: PostId, *, next_at: datetime | None, taken: int, attempts: int = 0, gap: str = ""
    ) -> None:
        """Ends the lease."""
        post = self._require(post_id)
        self._own.posts[post_id] = replace(post, next_at=next_at, taken=taken, attempts=attempts, gap=gap)
        self._own.leases.pop(post_id, None)

    def snapshots(self, post_id: PostId) -> Sequence[PostMetrics]:
        """Oldest first."""
        return list(self._all.snapshots.get(post_id, ()))

    def hours(self, *, since: datetime, until: datetime, platform: str = "") -> Sequence[HourSum]:
        """Oldest first, per account."""
        found = sorted((key, row) for key, row in self._all.hours.items() if since <= key[0] < until)
        return [row for _, row in found if platform in {"", row.platform}]

    def slots(self, *, since: datetime, until: datetime, platform: str = "") -> Sequence[SlotSum]:
        """Oldest first, per account."""
        sums: dict[tuple[datetime, AccountId], SlotSum] = {}
        for post in self._between(since, until, platform):
            key = (_hour(post.published_at), post.account_id)
            row = sums.get(key) or SlotSum(account_id=post.account_id, platform=post.platform, hour=key[0], posts=0)
            earned = {
                name: (getattr(row, name) or 0) + value
                for name in _SUMMED
                if post.latest is not None and (value := getattr(post.latest, name)) is not None
            }
            sums[key] = replace(row, posts=row.posts + 1, **earned)
        return [sums[key] for key in sorted(sums)]

    def record_account(self, account_id: AccountId, metrics: AccountMetrics) -> None:
        """The first of an instant stays."""
        self._own.standings.setdefault((account_id, metrics.at), metrics)

    def account_history(self, account_id: AccountId, *, since: datetime) -> Sequence[AccountMetrics]:
        """Oldest first."""
        own = (m for (of, at), m in self._all.standings.items() if of == account_id and at >= since)
        return sorted(own, key=lambda m: m.at)


class MemoryComments(_Book):
    """Implements the port's `CommentRepository`."""

    def add(self, comment: StoredComment) -> bool:
        """Once per account."""
        key = (comment.account_id, comment.comment.remote_id)
        if key in self._own.comments:
            return False
        self._own.comments[key] = comment
        return True

    def latest(self, post_id: PostId) -> datetime | None:
        """When the newest one was written."""
        return max((c.comment.at for c in self._all.comments.values() if c.post_id == post_id), default=None)

    def list(self, *, since: datetime, platform: str = "", limit: int = 50) -> Sequence[StoredComment]:
        """Newest first."""
        own = (c for c in self._all.comments.values() if c.comment.at >= since and platform in {"", c.platform})
        return sorted(own, key=lambda c: (c.comment.at, c.account_id, c.comment.remote_id), reverse=True)[:limit]

    def moods(self, *, since: datetime, until: datetime, platform: str = "") -> Moods:
        """Counted."""
        moods = [c.mood for c in self.list(since=since, platform=platform, limit=2**31) if c.comment.at < until]
        read = [mood for mood in moods if mood is not None]
        warm, critical = sum(mood > WARM for mood in read), sum(mood < CRITICAL for mood in read)
        return Moods(warm=warm, neutral=len(read) - warm - critical, critical=critical, unread=len(moods) - len(read))


class MemoryDigests(_Book):
    """Implements the port's `DigestRepository`."""

    def subscriptions(self) -> Sequence[Subscription]:
        """In order of surface and place."""
        return [self._all.subscriptions[key] for key in sorted(self._all.subscriptions)]

    def subscribe(self, subscription: Subscription) -> None:
        """Insert or replace."""
        self._own.subscriptions[(subscription.surface, subscription.place)] = subscription

    def unsubscribe(self, surface: str, place: str) -> bool:
        """False when there was none."""
        return self._own.subscriptions.pop((surface, place), None) is not None

    def claim(self, surface: str, place: str, day: date, *, now: datetime, lease_until: datetime) -> bool:
        """Once, unless the one who took it is gone."""
        found = self._own.digests.get((surface, place, day))
        if found is not None and (
            found.state is DigestState.SENT or (found.lease_until is not None and found.lease_until > now)
        ):
            return False
        self._own.digests[(surface, place, day)] = Digest(
            surface=surface,
            place=place,
            day=day,
            state=DigestState.CLAIMED,
            lease_until=lease_until,
            attempts=found.attempts + 1 if found else 1,
            report=None,
            sent_at=None,
        )
        return True

    def finish(self, surface: str, place: str, day: date, report: Report, *, at: datetime) -> None:
        """Keep it as sent."""
        found = self._own.digests.get((surface, place, day))
        if found is not None and found.state is DigestState.SENT:
            msg = "This digest was sent already."
            raise Conflict(msg)
        self._own.digests[(surface, place, day)] = Digest(
            surface=surface,
            place=place,
            day=day,
            state=DigestState.SENT,
            lease_until=None,
            attempts=found.attempts if found else 1,
            report=report,
            sent_at=at,
        )

    def get(self, surface: str, place: str, day: date) -> Digest | None:
        """One day's."""
        return self._all.digests.get((surface, place, day))

    def newest(self, *, surface: str = "", place: str = "") -> Digest | None:
        """The last one sent."""
        sent = [
            (d.sent_at, d.day, d.surface, d.place, d)
            for d in self._all.digests.values()
            if d.sent_at is not None and surface in {"", d.surface} and place in {"", d.place}
        ]
        return max(sent, key=lambda row: row[:4])[-1] if sent else None
