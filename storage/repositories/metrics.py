"""Measured posts with their snapshots as rows, and the sums that each snapshot changes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Integer, bindparam, func, literal, or_, select, type_coerce, update
from sqlalchemy.dialects.sqlite import insert

from services.domain.errors import NotFound
from services.domain.metrics import COUNTERS, AccountMetrics, HourSum, PostMetrics, SlotSum
from storage.measured import columns_of, metrics_from, post_from
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import SUMMED, hours, posts, snapshots, standings
from storage.types import Instant, instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select

    from services.domain.ids import AccountId, PostId
    from services.domain.metrics import MeasuredPost

_END: Final = datetime.max.replace(tzinfo=UTC)
_HOUR: Final = 3_600_000_000
"""In the microseconds of a stored instant."""
_P: Final = posts.c
_THIS: Final = _P.id == bindparam("of")
_NEWER: Final = or_(_P.measured_at.is_(None), _P.measured_at < bindparam("at", type_=Instant))
_EARNED: Final = [func.sum(_P[name]).label(name) for name in SUMMED]
_RANKED: Final = (_P.likes, _P.comments, _P.shares)
_PLATFORM: Final = "platform_is"


def _given(name: str) -> ColumnElement[int]:
    return bindparam(f"new_{name}", type_=BigInteger, required=True)


def _add_up() -> Prepared:
    """One statement finds what is new since the last look, and adds it to the hour."""
    gained = [_given(name) - func.coalesce(_P[name], 0) for name in SUMMED]
    new = select(bindparam("hour", type_=Instant), _P.account_id, _P.platform, literal(1, Integer), *gained)
    adding = insert(hours).from_select(
        ["hour", "account_id", "platform", "samples", *SUMMED], new.where(_THIS, _NEWER), include_defaults=False
    )
    more = adding.excluded
    sums: dict[str, Any] = {
        name: func.coalesce(hours.c[name] + more[name], hours.c[name], more[name]) for name in SUMMED
    }
    return Prepared(
        adding.on_conflict_do_update(
            index_elements=["hour", "account_id"], set_={"samples": hours.c.samples + 1, **sums}
        )
    )


_ADD = Prepared(
    insert(posts).on_conflict_do_nothing(index_elements=["id"]), columns=[c.name for c in _P if c.name != "seq"]
)
_BY_ID = Prepared(select(posts).where(_THIS))
_KNOWN = Prepared(select(_P.seq).where(_THIS))
_ADD_UP = _add_up()
_APPEND = Prepared(
    insert(snapshots).from_select(
        ["post", "at", *COUNTERS],
        select(_P.seq, bindparam("at", type_=Instant), *map(_given, COUNTERS)).where(_THIS),
        include_defaults=False,
    )
)
_LATEST = Prepared(
    update(posts)
    .where(_THIS)
    .values(
        measured_at=bindparam("at", type_=Instant), **{name: func.coalesce(_given(name), _P[name]) for name in COUNTERS}
    )
)
_DUE = (
    select(_P.seq)
    .where(
        _P.next_at.is_not(None),
        _P.next_at <= bindparam("now"),
        or_(_P.lease_until.is_(None), _P.lease_until <= bindparam("now", type_=Instant)),
    )
    .order_by(_P.next_at, _P.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM = Prepared(
    update(posts)
    .where(_P.seq.in_(_DUE))
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until", type_=Instant))
    .returning(posts)
)
_RESCHEDULE = Prepared(
    update(posts).where(_THIS), columns=["next_at", "taken", "attempts", "gap", "lease_owner", "lease_until"]
)
_SNAPSHOTS = Prepared(
    select(snapshots, _P.remote_id)
    .select_from(posts.join(snapshots, snapshots.c.post == _P.seq))
    .where(_THIS)
    .order_by(snapshots.c.at)
)
_ADD_STANDING = Prepared(
    insert(standings).on_conflict_do_nothing(index_elements=["account_id", "at"]), columns=standings.c.keys()
)
_STANDINGS = Prepared(
    select(standings)
    .where(standings.c.account_id == bindparam("of"), standings.c.at >= bindparam("since"))
    .order_by(standings.c.at)
)


def _within(found: Select[Any], time: ColumnElement[datetime], platform: ColumnElement[str] | None) -> Select[Any]:
    found = found.where(time >= bindparam("since"), time < bindparam("until"))
    return found if platform is None else found.where(platform == bindparam(_PLATFORM))


@lru_cache(maxsize=2)
def _page(*, narrowed: bool) -> Prepared:
    found = _within(select(posts), _P.published_at, _P.platform if narrowed else None)
    return Prepared(found.order_by(_P.published_at.desc(), _P.id.desc()).limit(bindparam("most")))


@lru_cache(maxsize=2)
def _top(*, narrowed: bool) -> Prepared:
    """Found by their numbers alone: reading every post's words to order them would take many times as long."""
    liked, answered, shared = (func.coalesce(counter, 0) for counter in _RANKED)
    order = ((liked + answered + shared).desc(), _P.published_at.desc(), _P.id.desc())
    given = or_(*(counter.is_not(None) for counter in _RANKED))
    found = _within(select(_P.seq), _P.published_at, _P.platform if narrowed else None).where(given)
    best = found.order_by(*order).limit(bindparam("most"))
    return Prepared(select(posts).where(_P.seq.in_(best)).order_by(*order))


@lru_cache(maxsize=2)
def _hours(*, narrowed: bool) -> Prepared:
    found = _within(select(hours), hours.c.hour, hours.c.platform if narrowed else None)
    return Prepared(found.order_by(hours.c.hour, hours.c.account_id))


@lru_cache(maxsize=2)
def _slots(*, narrowed: bool) -> Prepared:
    at = type_coerce(_P.published_at, BigInteger)
    hour = type_coerce(at - at % _HOUR, Instant).label("hour")
    platform = func.min(_P.platform).label("platform")  # An account is on one: not grouping by it saves a sort.
    found = select(hour, _P.account_id, platform, func.count().label("posts"), *_EARNED)
    found = _within(found, _P.published_at, _P.platform if narrowed else None)
    return Prepared(found.group_by(hour, _P.account_id).order_by(hour, _P.account_id))


class Metrics(Repository):
    """Implements the port's `MetricsRepository`."""

    __slots__ = ()

    def add(self, post: MeasuredPost) -> bool:
        """What a first look found counts in the hour of publication: it was gained long before anybody looked."""
        if not self._change(_ADD, columns_of(post), what="post"):
            return False
        if post.latest is not None:
            self._keep(post.id, post.latest, hour=post.published_at)
        return True

    def get(self, post_id: PostId) -> MeasuredPost | None:
        """By id."""
        row = _BY_ID.first(self._driver, {"of": post_id})
        return None if row is None else post_from(row)

    def posts(
        self, *, since: datetime, until: datetime | None = None, platform: str = "", limit: int = 1000
    ) -> Sequence[MeasuredPost]:
        """Newest first."""
        values = {"since": since, "until": until or _END, _PLATFORM: platform, "most": limit}
        return [post_from(row) for row in _page(narrowed=bool(platform)).rows(self._driver, values)]

    def top(self, *, since: datetime, until: datetime, platform: str = "", limit: int = 5) -> Sequence[MeasuredPost]:
        """The best first, of two alike the newer one."""
        values = {"since": since, "until": until, _PLATFORM: platform, "most": limit}
        return [post_from(row) for row in _top(narrowed=bool(platform)).rows(self._driver, values)]

    def claim_due(self, *, now: datetime, owner: str, lease_until: datetime, limit: int) -> Sequence[MeasuredPost]:
        """The longest waiting first."""
        self._require_write()
        values = {"now": now, "owner": owner, "until": lease_until, "most": limit}
        rows = _CLAIM.rows(self._driver, values)
        return [post_from(row) for row in sorted(rows, key=lambda row: (row.next_at, row.id))]

    def record(self, post_id: PostId, metrics: PostMetrics) -> None:
        """An older or equal instant changes nothing; raises `NotFound`."""
        if not self._keep(post_id, metrics, hour=metrics.at) and _KNOWN.first(self._driver, {"of": post_id}) is None:
            raise _missing(post_id)

    def _keep(self, post_id: PostId, metrics: PostMetrics, *, hour: datetime) -> bool:
        """False when there is no such post, or nothing new about it."""
        values: Mapping[str, object] = {
            "of": post_id,
            "at": metrics.at,
            "hour": hour.astimezone(UTC).replace(minute=0, second=0, microsecond=0),
            **{f"new_{name}": getattr(metrics, name) for name in COUNTERS},
        }
        if not self._change(_ADD_UP, values, what="sum"):
            return False
        self._change(_APPEND, values, what="snapshot")
        self._change(_LATEST, values, what="post")
        return True

    def reschedule(
        self, post_id: PostId, *, next_at: datetime | None, taken: int, attempts: int = 0, gap: str = ""
    ) -> None:
        """Ends the lease; raises `NotFound`."""
        values = {
            "of": post_id,
            "next_at": next_at,
            "taken": taken,
            "attempts": attempts,
            "gap": gap,
            "lease_owner": "",
            "lease_until": None,
        }
        if not self._change(_RESCHEDULE, values, what="post"):
            raise _missing(post_id)

    def snapshots(self, post_id: PostId) -> Sequence[PostMetrics]:
        """Oldest first."""
        return [metrics_from(row, at=row.at) for row in _SNAPSHOTS.rows(self._driver, {"of": post_id})]

    def hours(self, *, since: datetime, until: datetime, platform: str = "") -> Sequence[HourSum]:
        """Oldest first, per account."""
        values = {"since": since, "until": until, _PLATFORM: platform}
        return [
            HourSum(
                account_id=account_id,
                platform=platform,
                hour=instant_of(hour),
                samples=samples,
                impressions=impressions,
                likes=likes,
                comments=comments,
                shares=shares,
            )
            for hour, account_id, platform, samples, impressions, likes, comments, shares in _hours(
                narrowed=bool(platform)
            ).plain(self._driver, values)
        ]

    def slots(self, *, since: datetime, until: datetime, platform: str = "") -> Sequence[SlotSum]:
        """Oldest first, per account."""
        values = {"since": since, "until": until, _PLATFORM: platform}
        return [
            SlotSum(
                account_id=account_id,
                platform=platform,
                hour=instant_of(hour),
                posts=count,
                impressions=impressions,
                likes=likes,
                comments=comments,
                shares=shares,
            )
            for hour, account_id, platform, count, impressions, likes, comments, shares in _slots(
                narrowed=bool(platform)
            ).plain(self._driver, values)
        ]

    def record_account(self, account_id: AccountId, metrics: AccountMetrics) -> None:
        """The first of an instant stays."""
        values = {
            "account_id": account_id,
            "at": metrics.at,
            "followers": metrics.followers,
            "posts": metrics.posts,
        }
        self._change(_ADD_STANDING, values, what="standing")

    def account_history(self, account_id: AccountId, *, since: datetime) -> Sequence[AccountMetrics]:
        """Oldest first."""
        return [
            AccountMetrics(at=row.at, followers=row.followers, posts=row.posts)
            for row in _STANDINGS.rows(self._driver, {"of": account_id, "since": since})
        ]


def _missing(post_id: PostId) -> NotFound:
    return NotFound(f"There is no post {post_id}.")
