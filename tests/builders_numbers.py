"""Small functions that make valid numbers, answers and reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from services.domain.ids import AccountId, PlatformSlug, PostId
from services.domain.insight import Report
from services.domain.metrics import SAMPLE_AGES, Comment, MeasuredPost, PostMetrics, StoredComment, post_id
from tests.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Unpack

    from services.domain.ids import DeliveryId, DraftId
    from services.domain.insight import Finding
    from services.domain.media import Picture
    from services.domain.metrics import Moods, PostOrigin


class MeasuredPostFields(TypedDict, total=False):
    """What `a_measured_post` lets a test choose."""

    id: PostId
    account_id: AccountId
    platform: PlatformSlug
    remote_id: str
    url: str
    text: str
    pictures: int
    parts: int
    published_at: datetime
    origin: PostOrigin
    delivery_id: DeliveryId | None
    draft_id: DraftId | None
    extra: Mapping[str, str]
    latest: PostMetrics | None
    next_at: datetime | None
    taken: int
    attempts: int
    gap: str


def a_measured_post(**fields: Unpack[MeasuredPostFields]) -> MeasuredPost:
    """A post that just went live; its id follows its account and remote id, its first look its time."""
    account_id, remote_id = fields.get("account_id", AccountId("acc1")), fields.get("remote_id", "1001")
    at = fields.get("published_at", NOW)
    post = MeasuredPost(
        id=post_id(account_id, remote_id),
        account_id=account_id,
        platform=PlatformSlug("mastodon"),
        remote_id=remote_id,
        url=f"https://social.test/@driftseas/{remote_id}",
        text="Ships today.",
        published_at=at,
        next_at=at + SAMPLE_AGES[0],
    )
    return replace(post, **fields)


class CounterFields(TypedDict, total=False):
    """What `some_metrics` lets a test choose."""

    remote_id: str
    at: datetime
    impressions: int | None
    reach: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    quotes: int | None
    clicks: int | None
    saves: int | None
    video_views: int | None


def some_metrics(**fields: Unpack[CounterFields]) -> PostMetrics:
    """Counters of `a_measured_post()`, none of them provided unless given."""
    return replace(PostMetrics(remote_id="1001", at=NOW), **fields)


class CommentFields(TypedDict, total=False):
    """What `a_comment` lets a test choose."""

    remote_id: str
    parent_id: str
    author: str
    text: str
    at: datetime
    url: str
    extra: tuple[tuple[str, str], ...]


def a_comment(**fields: Unpack[CommentFields]) -> Comment:
    """Somebody's answer to `a_measured_post()`."""
    said = Comment(
        remote_id="2001",
        parent_id="1001",
        author="bo@social.test",
        text="Nice.",
        at=NOW,
        url="https://social.test/2001",
    )
    return replace(said, **fields)


class StoredCommentFields(TypedDict, total=False):
    """What `a_stored_comment` lets a test choose."""

    account_id: AccountId
    platform: PlatformSlug
    post_id: PostId
    comment: Comment
    mood: float | None
    seen_at: datetime


def a_stored_comment(**fields: Unpack[StoredCommentFields]) -> StoredComment:
    """That answer as it is kept, read as kind."""
    kept = StoredComment(
        account_id=AccountId("acc1"),
        platform=PlatformSlug("mastodon"),
        post_id=PostId("acc1|1001"),
        comment=a_comment(),
        mood=0.5,
        seen_at=NOW,
    )
    return replace(kept, **fields)


class ReportFields(TypedDict, total=False):
    """What `a_report` lets a test choose."""

    since: datetime
    until: datetime
    zone: str
    platform: str
    posts: int
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...]
    planned: tuple[str, ...]
    waiting: tuple[str, ...]
    moods: Moods | None
    gaps: tuple[str, ...]
    picture: Picture | None


def a_report(**fields: Unpack[ReportFields]) -> Report:
    """Four weeks in one sentence."""
    report = Report(since=NOW - timedelta(days=28), until=NOW, zone="UTC", posts=3, sentences=("Three posts.",))
    return replace(report, **fields)
