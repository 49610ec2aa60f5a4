"""Who gets a digest and which days were sent, as rows that no restart can send twice."""

from __future__ import annotations

from datetime import date, time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.sqlite import insert

from services.domain.errors import Conflict
from services.domain.insight import Digest, DigestState, Subscription
from storage import codec
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import digests, subscriptions
from storage.types import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.insight import Report
    from storage.prepared import Row

_S, _D = subscriptions.c, digests.c
_PLACE: Final = ["surface", "place"]
_KEY: Final = ["surface", "place", "day"]
_SENT: Final = DigestState.SENT.value
_subscribe = insert(subscriptions)
_SUBSCRIBE = Prepared(
    _subscribe.on_conflict_do_update(
        index_elements=_PLACE,
        set_={name: _subscribe.excluded[name] for name in ("at", "zone", "since")},
    ),
    columns=subscriptions.c.keys(),
)
_SUBSCRIPTIONS = Prepared(select(subscriptions).order_by(_S.surface, _S.place))
_UNSUBSCRIBE = Prepared(delete(subscriptions).where(_S.surface == bindparam("on"), _S.place == bindparam("where_")))
_put = insert(digests)
_CLAIM = Prepared(
    _put.on_conflict_do_update(
        index_elements=_KEY,
        set_={"lease_until": _put.excluded.lease_until, "attempts": _D.attempts + 1},
        where=(_D.state != _SENT) & or_(_D.lease_until.is_(None), _D.lease_until <= bindparam("now", type_=Instant)),
    ),
    columns=digests.c.keys(),
)
_FINISH = Prepared(
    _put.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            "state": _SENT,
            "lease_until": None,
            "report": _put.excluded.report,
            "sent_at": _put.excluded.sent_at,
        },
        where=_D.state != _SENT,
    ),
    columns=digests.c.keys(),
)
_ONE = Prepared(
    select(digests).where(_D.surface == bindparam("on"), _D.place == bindparam("where_"), _D.day == bindparam("on_day"))
)


@lru_cache(maxsize=4)
def _newest(*, on: bool, there: bool) -> Prepared:
    found = select(digests).where(_D.sent_at.is_not(None))
    if on:
        found = found.where(_D.surface == bindparam("on"))
    if there:
        found = found.where(_D.place == bindparam("where_"))
    order = (_D.sent_at.desc(), _D.day.desc(), _D.surface.desc(), _D.place.desc())
    return Prepared(found.order_by(*order).limit(1))


class Digests(Repository):
    """Implements the port's `DigestRepository`."""

    __slots__ = ()

    def subscriptions(self) -> Sequence[Subscription]:
        """In order of surface and place."""
        return [
            Subscription(
                surface=row.surface, place=row.place, at=time.fromisoformat(row.at), zone=row.zone, since=row.since
            )
            for row in _SUBSCRIPTIONS.rows(self._driver)
        ]

    def subscribe(self, subscription: Subscription) -> None:
        """Insert or replace."""
        values = {
            "surface": subscription.surface,
            "place": subscription.place,
            "at": subscription.at.isoformat(),
            "zone": subscription.zone,
            "since": subscription.since,
        }
        self._change(_SUBSCRIBE, values, what="subscription")

    def unsubscribe(self, surface: str, place: str) -> bool:
        """False when there was none."""
        return self._change(_UNSUBSCRIBE, {"on": surface, "where_": place}, what="subscription") > 0

    def claim(self, surface: str, place: str, day: date, *, now: datetime, lease_until: datetime) -> bool:
        """One statement decides, so that two can't both take it."""
        values = {
            "surface": surface,
            "place": place,
            "day": day.isoformat(),
            "state": DigestState.CLAIMED.value,
            "lease_until": lease_until,
            "attempts": 1,
            "report": None,
            "sent_at": None,
            "now": now,
        }
        return self._change(_CLAIM, values, what="digest") > 0

    def finish(self, surface: str, place: str, day: date, report: Report, *, at: datetime) -> None:
        """Raises `Conflict` when it was sent already."""
        values = {
            "surface": surface,
            "place": place,
            "day": day.isoformat(),
            "state": _SENT,
            "lease_until": None,
            "attempts": 1,
            "report": codec.dump_report(report),
            "sent_at": at,
        }
        if not self._change(_FINISH, values, what="digest"):
            msg = "This digest was sent already."
            raise Conflict(msg)

    def get(self, surface: str, place: str, day: date) -> Digest | None:
        """One day's."""
        row = _ONE.first(self._driver, {"on": surface, "where_": place, "on_day": day.isoformat()})
        return None if row is None else _digest(row)

    def newest(self, *, surface: str = "", place: str = "") -> Digest | None:
        """The last one sent."""
        found = _newest(on=bool(surface), there=bool(place))
        row = found.first(self._driver, {"on": surface, "where_": place})
        return None if row is None else _digest(row)


def _digest(row: Row) -> Digest:
    return Digest(
        surface=row.surface,
        place=row.place,
        day=date.fromisoformat(row.day),
        state=DigestState(row.state),
        lease_until=row.lease_until,
        attempts=row.attempts,
        report=None if row.report is None else codec.load_report(row.report),
        sent_at=row.sent_at,
    )
