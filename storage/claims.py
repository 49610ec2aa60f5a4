"""Who works on which delivery: leases taken by compare-and-set, and when to look next."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, or_, select, text, update

from services.domain.delivery import Delivery, DeliveryState
from storage.prepared import Prepared, words
from storage.rows import delivery_from
from storage.tables import OPEN, deliveries
from storage.types import Instant

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, TextClause

_CLOSED: Final = frozenset({DeliveryState.PUBLISHED, DeliveryState.FAILED, DeliveryState.CANCELLED})
_IN_HAND: Final = (DeliveryState.PREPARING.value, DeliveryState.SENDING.value)
_ROW: Final = deliveries.c


def _wanted(states: Collection[DeliveryState]) -> Sequence[ColumnElement[bool] | TextClause]:
    """The words of the partial index let it serve, unless it does not hold all that is asked for."""
    # The empty text keeps SQLite from the index by state, which would sort every waiting row to find the first few.
    listed = (_ROW.state + "").in_(words(states))
    return (listed,) if _CLOSED & set(states) else (text(OPEN), listed)


@lru_cache(maxsize=32)
def _claim(states: frozenset[DeliveryState]) -> Prepared:
    free = or_(_ROW.lease_until.is_(None), _ROW.lease_until <= bindparam("now"))
    due = (
        select(_ROW.id)
        .where(*_wanted(states), _ROW.next_at <= bindparam("now", type_=Instant), free)
        .order_by(_ROW.next_at, _ROW.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )
    lease = {
        "fence": _ROW.fence + 1,
        "lease_owner": bindparam("owner"),
        "lease_until": bindparam("until"),
        "first_claimed_at": func.coalesce(_ROW.first_claimed_at, bindparam("now", type_=Instant)),
    }
    return Prepared(update(deliveries).where(_ROW.id.in_(due)).values(lease).returning(deliveries))


@lru_cache(maxsize=32)
def _look(states: frozenset[DeliveryState]) -> Prepared:
    free = (*_wanted(states), _ROW.lease_until.is_(None))
    return Prepared(select(_ROW.next_at.label("at")).where(*free).order_by(_ROW.next_at).limit(1))


_LEASED: Final = select(_ROW.lease_until.label("at")).where(_ROW.lease_until.is_not(None))
_END: Final = Prepared(_LEASED.order_by(_ROW.lease_until).limit(1))
_LAPSED: Final = Prepared(
    select(deliveries)
    .where(_ROW.state.in_(words(_IN_HAND)), _ROW.lease_until <= bindparam("now"))
    .order_by(_ROW.lease_until, _ROW.id)
    .limit(bindparam("most"))
)
_CUT: Final = Prepared(
    update(deliveries)
    .where(_ROW.lease_until > bindparam("at", type_=Instant))
    .values(lease_until=bindparam("at", type_=Instant))
)


def claim(
    driver: sqlite3.Connection,
    states: Collection[DeliveryState],
    *,
    now: datetime,
    owner: str,
    lease_until: datetime,
    limit: int,
) -> Sequence[Delivery]:
    """Lease what is due and free, earliest first, each with its fence grown by one.

    Where several writers can be at work the rows that another is claiming are passed over, not waited for.
    """
    values = {"now": now, "owner": owner, "until": lease_until, "most": limit}
    rows = [delivery_from(row) for row in _claim(frozenset(states)).rows(driver, values)]
    return sorted(rows, key=lambda d: (d.next_at, d.id))


def lapsed(driver: sqlite3.Connection, *, now: datetime, limit: int) -> Sequence[Delivery]:
    """Rows in somebody's hands whose lease has ended, the longest forgotten first."""
    return [delivery_from(row) for row in _LAPSED.rows(driver, {"now": now, "most": limit})]


def end_leases(driver: sqlite3.Connection, *, at: datetime) -> int:
    """Cut every lease that would last longer; the fences stay, since whoever held them is gone."""
    return _CUT.change(driver, {"at": at})


def next_wake(driver: sqlite3.Connection, states: Collection[DeliveryState]) -> datetime | None:
    """The earliest of `next_at` of free rows in `states` and of every lease's end; None when nothing waits."""
    found = (_look(frozenset(states)).first(driver), _END.first(driver))
    return min((row.at for row in found if row is not None), default=None)
