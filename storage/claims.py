"""Who works on which delivery: leases taken by compare-and-set, and when to look next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, literal, or_, select, text, update

from services.domain.delivery import Delivery, DeliveryState
from storage.rows import delivery_from
from storage.tables import OPEN, deliveries
from storage.types import Instant

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select, TextClause
    from sqlalchemy.engine import Connection

_CLOSED: Final = frozenset({DeliveryState.PUBLISHED, DeliveryState.FAILED, DeliveryState.CANCELLED})
_IN_HAND: Final = (DeliveryState.PREPARING.value, DeliveryState.SENDING.value)
_ROW: Final = deliveries.c


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
    due = (
        select(_ROW.id)
        .where(*_in(states), _ROW.next_at <= now, or_(_ROW.lease_until.is_(None), _ROW.lease_until <= now))
        .order_by(_ROW.next_at, _ROW.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(deliveries)
        .where(_ROW.id.in_(due))
        .values(
            fence=_ROW.fence + 1,
            lease_owner=owner,
            lease_until=lease_until,
            first_claimed_at=func.coalesce(_ROW.first_claimed_at, literal(now, Instant())),
        )
        .returning(deliveries)
    )
    rows = [delivery_from(row) for row in connection.execute(taken)]
    return sorted(rows, key=lambda d: (d.next_at, d.id))


def lapsed(connection: Connection, *, now: datetime, limit: int) -> Sequence[Delivery]:
    """Rows in somebody's hands whose lease has ended, the longest forgotten first."""
    found = (
        select(deliveries)
        .where(_ROW.state.in_(_IN_HAND), _ROW.lease_until <= now)
        .order_by(_ROW.lease_until, _ROW.id)
        .limit(limit)
    )
    return [delivery_from(row) for row in connection.execute(found)]


def next_wake(connection: Connection, states: Collection[DeliveryState]) -> datetime | None:
    """The earliest of `next_at` of free rows in `states` and of every lease's end; None when nothing waits."""
    look = select(_ROW.next_at).where(*_in(states), _ROW.lease_until.is_(None)).order_by(_ROW.next_at)
    end = select(_ROW.lease_until).where(_ROW.lease_until.is_not(None)).order_by(_ROW.lease_until)
    instants = (_first(connection, look), _first(connection, end))
    return min((at for at in instants if at is not None), default=None)


def _first(connection: Connection, instants: Select[Any]) -> datetime | None:
    found: datetime | None = connection.execute(instants.limit(1)).scalar()
    return found


def _in(states: Collection[DeliveryState]) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """The states asked for, with the words that let the partial index serve when they allow it.

    The empty text keeps SQLite from the index by state, which would sort every waiting row to find the first few.
    """
    wanted = (_ROW.state + "").in_(sorted(state.value for state in states))
    return (wanted,) if _CLOSED & set(states) else (text(OPEN), wanted)
