"""Who works on which delivery: leases taken by compare-and-set, and when to look next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, or_, select, text, update

from services.domain.delivery import Delivery, DeliveryState
from storage.rows import delivery_from
from storage.tables import OPEN, deliveries
from storage.types import Instant

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select, TextClause
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.dml import ReturningUpdate

_CLOSED: Final = frozenset({DeliveryState.PUBLISHED, DeliveryState.FAILED, DeliveryState.CANCELLED})
_IN_HAND: Final = (DeliveryState.PREPARING.value, DeliveryState.SENDING.value)
_ROW: Final = deliveries.c


def _claim(wanted: Sequence[ColumnElement[bool] | TextClause]) -> ReturningUpdate[Any]:
    free = or_(_ROW.lease_until.is_(None), _ROW.lease_until <= bindparam("now"))
    due = (
        select(_ROW.id)
        .where(*wanted, _ROW.next_at <= bindparam("now", type_=Instant), free)
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
    return update(deliveries).where(_ROW.id.in_(due)).values(lease).returning(deliveries)


def _look(wanted: Sequence[ColumnElement[bool] | TextClause]) -> Select[Any]:
    return select(_ROW.next_at).where(*wanted, _ROW.lease_until.is_(None)).order_by(_ROW.next_at).limit(1)


# The empty text keeps SQLite from the index by state, which would sort every waiting row to find the first few.
_ANY: Final = ((_ROW.state + "").in_(bindparam("states", expanding=True)),)
_ONLY_OPEN: Final = (text(OPEN), *_ANY)
"""The same, with the words that let the partial index serve."""

# Building a statement costs more than running it, so these are built once.
_CLAIM_ANY: Final = _claim(_ANY)
_CLAIM_OPEN: Final = _claim(_ONLY_OPEN)
_LOOK_ANY: Final = _look(_ANY)
_LOOK_OPEN: Final = _look(_ONLY_OPEN)
_END: Final = select(_ROW.lease_until).where(_ROW.lease_until.is_not(None)).order_by(_ROW.lease_until).limit(1)
_LAPSED: Final = (
    select(deliveries)
    .where(_ROW.state.in_(_IN_HAND), _ROW.lease_until <= bindparam("now"))
    .order_by(_ROW.lease_until, _ROW.id)
    .limit(bindparam("most"))
)
_CUT: Final = update(deliveries).where(_ROW.lease_until > bindparam("at")).values(lease_until=bindparam("at"))


def claim(
    connection: Connection,
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
    statement = _CLAIM_ANY if _CLOSED & set(states) else _CLAIM_OPEN
    values = {"states": _words(states), "now": now, "owner": owner, "until": lease_until, "most": limit}
    rows = [delivery_from(row) for row in connection.execute(statement, values)]
    return sorted(rows, key=lambda d: (d.next_at, d.id))


def lapsed(connection: Connection, *, now: datetime, limit: int) -> Sequence[Delivery]:
    """Rows in somebody's hands whose lease has ended, the longest forgotten first."""
    return [delivery_from(row) for row in connection.execute(_LAPSED, {"now": now, "most": limit})]


def end_leases(connection: Connection, *, at: datetime) -> int:
    """Cut every lease that would last longer; the fences stay, since whoever held them is gone."""
    return connection.execute(_CUT, {"at": at}).rowcount


def next_wake(connection: Connection, states: Collection[DeliveryState]) -> datetime | None:
    """The earliest of `next_at` of free rows in `states` and of every lease's end; None when nothing waits."""
    look = _LOOK_ANY if _CLOSED & set(states) else _LOOK_OPEN
    instants = (connection.execute(look, {"states": _words(states)}).scalar(), connection.execute(_END).scalar())
    return min((at for at in instants if at is not None), default=None)


def _words(states: Collection[DeliveryState]) -> list[str]:
    return sorted(state.value for state in states)
