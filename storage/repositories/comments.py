"""Answers to our posts, as rows."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.sqlite import insert

from services.domain.ids import AccountId, PlatformSlug, PostId
from services.domain.metrics import CRITICAL, WARM, Comment, Moods, StoredComment
from storage import codec
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import comments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select

    from storage.prepared import Row

_C = comments.c
_PLATFORM = "platform_is"
_ADD = Prepared(
    insert(comments).on_conflict_do_nothing(index_elements=["account_id", "remote_id"]), columns=comments.c.keys()
)
_LATEST = Prepared(select(func.max(_C.at).label("at")).where(_C.post_id == bindparam("of")))


def _narrow(found: Select[*tuple[Any, ...]], *, narrowed: bool) -> Select[*tuple[Any, ...]]:
    return found.where(_C.platform == bindparam(_PLATFORM)) if narrowed else found


@lru_cache(maxsize=2)
def _page(*, narrowed: bool) -> Prepared:
    found = _narrow(select(comments).where(_C.at >= bindparam("since")), narrowed=narrowed)
    return Prepared(found.order_by(_C.at.desc(), _C.account_id.desc(), _C.remote_id.desc()).limit(bindparam("most")))


@lru_cache(maxsize=2)
def _moods(*, narrowed: bool) -> Prepared:
    counts = (
        func.count().label("every"),
        func.count().filter(_C.mood > WARM).label("warm"),
        func.count().filter(_C.mood < CRITICAL).label("critical"),
        func.count().filter(_C.mood.is_(None)).label("unread"),
    )
    within = select(*counts).where(_C.at >= bindparam("since"), _C.at < bindparam("until"))
    return Prepared(_narrow(within, narrowed=narrowed))


class Comments(Repository):
    """Implements the port's `CommentRepository`."""

    __slots__ = ()

    def add(self, comment: StoredComment) -> bool:
        """Once per account, under whichever post it was seen first."""
        said = comment.comment
        values = {
            "account_id": comment.account_id,
            "remote_id": said.remote_id,
            "post_id": comment.post_id,
            "platform": comment.platform,
            "parent_id": said.parent_id,
            "author": said.author,
            "text": said.text,
            "at": said.at,
            "url": said.url,
            "extra": codec.dump_pairs(said.extra),
            "mood": comment.mood,
            "seen_at": comment.seen_at,
        }
        return self._change(_ADD, values, what="answer") > 0

    def latest(self, post_id: PostId) -> datetime | None:
        """When the newest one was written."""
        row = _LATEST.first(self._driver, {"of": post_id})
        found: datetime | None = None if row is None else row.at
        return found

    def list(self, *, since: datetime, platform: str = "", limit: int = 50) -> Sequence[StoredComment]:
        """Newest first."""
        values = {"since": since, _PLATFORM: platform, "most": limit}
        return [_comment(row) for row in _page(narrowed=bool(platform)).rows(self._driver, values)]

    def moods(self, *, since: datetime, until: datetime, platform: str = "") -> Moods:
        """Counted by the database."""
        values = {"since": since, "until": until, _PLATFORM: platform}
        row = _moods(narrowed=bool(platform)).rows(self._driver, values)[0]
        neutral = row.every - row.warm - row.critical - row.unread
        return Moods(warm=row.warm, neutral=neutral, critical=row.critical, unread=row.unread)


def _comment(row: Row) -> StoredComment:
    return StoredComment(
        account_id=AccountId(row.account_id),
        platform=PlatformSlug(row.platform),
        post_id=PostId(row.post_id),
        comment=Comment(
            remote_id=row.remote_id,
            parent_id=row.parent_id,
            author=row.author,
            text=row.text,
            at=row.at,
            url=row.url,
            extra=codec.load_pairs(row.extra),
        ),
        mood=row.mood,
        seen_at=row.seen_at,
    )
