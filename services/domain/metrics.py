"""Numbers and voices that come back from a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


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
