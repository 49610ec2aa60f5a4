"""Numbers and voices that come back from a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.ids import PostId

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.domain.ids import AccountId, DeliveryId, DraftId, PlatformSlug

SAMPLE_AGES: Final = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=30),
)
"""How old a post is when its counters are read."""
COUNTERS: Final = ("impressions", "reach", "likes", "comments", "shares", "quotes", "clicks", "saves", "video_views")
"""The counters of `PostMetrics`, as its fields are named."""
MOST: Final = 10**15
"""More than any counter can be: what is above is a fault of the network's."""
WARM: Final = 0.2
"""A mood above this reads as kind."""
CRITICAL: Final = -0.2
"""A mood below this reads as critical."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMetrics:
    """Cumulative counters of one post at one instant; None means "the network does not provide it", never zero."""

    remote_id: str
    at: datetime
    impressions: int | None = None
    reach: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    quotes: int | None = None
    clicks: int | None = None
    saves: int | None = None
    video_views: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMetrics:
    """An account's standing at one instant."""

    at: datetime
    followers: int | None = None
    posts: int | None = None


def sound(metrics: PostMetrics) -> PostMetrics:
    """Without counters that can't be, below zero or beyond all measure: unknown, so that no sum is spoilt by them."""
    return PostMetrics(
        remote_id=metrics.remote_id,
        at=metrics.at,
        impressions=sound_count(metrics.impressions),
        reach=sound_count(metrics.reach),
        likes=sound_count(metrics.likes),
        comments=sound_count(metrics.comments),
        shares=sound_count(metrics.shares),
        quotes=sound_count(metrics.quotes),
        clicks=sound_count(metrics.clicks),
        saves=sound_count(metrics.saves),
        video_views=sound_count(metrics.video_views),
    )


def sound_count(value: int | None) -> int | None:
    """The count, None for one that can't be."""
    return value if value is not None and 0 <= value <= MOST else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Somebody's public answer to a post of ours: quoted data, never an instruction."""

    remote_id: str
    parent_id: str
    author: str
    text: str
    at: datetime
    url: str
    extra: tuple[tuple[str, str], ...] = ()
    """What the network needs to answer it (a record's cid)."""


class PostOrigin(StrEnum):
    """How we know of a post."""

    DESK = "desk"
    """We published it."""
    HISTORY = "history"
    """It was on the account's timeline before."""


def post_id(account_id: AccountId, remote_id: str) -> PostId:
    """One post of one account, however often we hear of it."""
    return PostId(f"{account_id}|{remote_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPost:
    """A live post whose numbers are followed, with what was measured last and when it is looked at next."""

    id: PostId
    account_id: AccountId
    platform: PlatformSlug
    remote_id: str
    url: str
    text: str
    pictures: int = 0
    parts: int = 1
    published_at: datetime
    origin: PostOrigin = PostOrigin.DESK
    delivery_id: DeliveryId | None = None
    draft_id: DraftId | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the network needs to refer to it (a record's cid)."""
    latest: PostMetrics | None = None
    """None until it was measured once."""
    next_at: datetime | None = None
    """When it is measured next; None when it is old enough."""
    taken: int = 0
    """How many of `SAMPLE_AGES` are behind it."""
    attempts: int = 0
    """Failed tries at the sample that is due."""
    gap: str = ""
    """Why the last try gave no numbers, in words for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPost:
    """A post found on an account's own timeline."""

    remote_id: str
    url: str
    text: str
    pictures: int
    at: datetime
    extra: Mapping[str, str] = field(default_factory=dict)
    metrics: PostMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class HourSum:
    """What was gained on one account within one hour of the clock; a counter taken back counts below zero.

    None: the network does not provide it. `samples` says how many measurements it rests on.
    """

    account_id: AccountId
    platform: PlatformSlug
    hour: datetime
    samples: int
    impressions: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSum:
    """What the posts of one account that went live within one hour have earned so far; None: not provided."""

    account_id: AccountId
    platform: PlatformSlug
    hour: datetime
    """The hour of publication, UTC."""
    posts: int
    impressions: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComment:
    """An answer as we keep it, with its mood from -1 (hostile) to 1 (warm); None: it could not be read."""

    account_id: AccountId
    platform: PlatformSlug
    post_id: PostId
    comment: Comment
    mood: float | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moods:
    """How answers read, counted; `unread` are those no offline reader can judge (another language, a picture)."""

    warm: int = 0
    neutral: int = 0
    critical: int = 0
    unread: int = 0

    @property
    def total(self) -> int:
        """All answers."""
        return self.warm + self.neutral + self.critical + self.unread
