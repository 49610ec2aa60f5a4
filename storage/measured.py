"""A measured post as columns and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.domain.ids import AccountId, DeliveryId, PlatformSlug, PostId
from services.domain.metrics import COUNTERS, MeasuredPost, PostMetrics, PostOrigin
from storage import codec

if TYPE_CHECKING:
    from datetime import datetime

    from storage.prepared import Row


def columns_of(post: MeasuredPost) -> dict[str, object]:
    """A row that was not measured yet: its first counters come with a snapshot."""
    return {
        "id": post.id,
        "account_id": post.account_id,
        "platform": post.platform,
        "published_at": post.published_at,
        "measured_at": None,
        **dict.fromkeys(COUNTERS),
        "next_at": post.next_at,
        "lease_owner": "",
        "lease_until": None,
        "taken": post.taken,
        "attempts": post.attempts,
        "gap": post.gap,
        "remote_id": post.remote_id,
        "url": post.url,
        "text": post.text,
        "pictures": post.pictures,
        "parts": post.parts,
        "origin": post.origin.value,
        "delivery_id": post.delivery_id,
        "draft_id": post.draft_id,
        "extra": codec.dump_texts(post.extra),
    }


def post_from(row: Row) -> MeasuredPost:
    """The value a whole row stands for."""
    return MeasuredPost(
        id=PostId(row.id),
        account_id=AccountId(row.account_id),
        platform=PlatformSlug(row.platform),
        remote_id=row.remote_id,
        url=row.url,
        text=row.text,
        pictures=row.pictures,
        parts=row.parts,
        published_at=row.published_at,
        origin=PostOrigin(row.origin),
        delivery_id=None if row.delivery_id is None else DeliveryId(row.delivery_id),
        draft_id=row.draft_id,
        extra=codec.load_texts(row.extra),
        latest=None if row.measured_at is None else metrics_from(row, at=row.measured_at),
        next_at=row.next_at,
        taken=row.taken,
        attempts=row.attempts,
        gap=row.gap,
    )


def metrics_from(row: Row, *, at: datetime) -> PostMetrics:
    """The counters of a post's row, or of a snapshot's that carries the post's remote id."""
    return PostMetrics(
        remote_id=row.remote_id,
        at=at,
        impressions=row.impressions,
        reach=row.reach,
        likes=row.likes,
        comments=row.comments,
        shares=row.shares,
        quotes=row.quotes,
        clicks=row.clicks,
        saves=row.saves,
        video_views=row.video_views,
    )
