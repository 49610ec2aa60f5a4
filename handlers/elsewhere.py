"""Steps that another process took: the one that serves hears them from the rows, since no event crosses over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from handlers.notifications import PLACE, SURFACE
from services.domain.delivery import DeliveryState
from services.domain.errors import DeskError
from services.domain.events import DeliveriesPlanned, DeliveryChanged, DigestSent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from services.domain.delivery import Delivery
    from services.domain.events import Event
    from services.domain.ids import DeliveryId, DraftId
    from services.ports.storage import Store, Transaction

_SETTLED: Final = frozenset({DeliveryState.PUBLISHED, DeliveryState.CANCELLED, DeliveryState.FAILED})
_OPEN: Final = frozenset(DeliveryState) - _SETTLED
_MOST: Final = 500
"""Deliveries on their way that are watched at once, the newest of them."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What of a delivery shows on a card."""

    draft_id: DraftId
    state: DeliveryState
    attempts: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One look at the rows."""

    steps: Mapping[DeliveryId, _Step]
    digest: date | None


class Elsewhere:
    """Call `look` every few seconds in a process that doesn't publish itself, and give `hear` to its bus."""

    def __init__(self, store: Store, tell: Callable[[Event], None]) -> None:
        """`tell` takes the events; nothing is told of what was before the first look."""
        self._store = store
        self._tell = tell
        self._before: _Seen | None = None
        self._planned: set[DraftId] = set()

    def hear(self, event: Event) -> None:
        """Drafts that were planned here are looked at even when they were sent between two looks."""
        if isinstance(event, DeliveriesPlanned):
            self._planned.add(event.draft_id)

    async def look(self) -> None:
        """Tell what is different since the last look."""
        before, planned = self._before, frozenset(self._planned)
        known = frozenset(before.steps if before else ())
        try:
            now = await self._store.read(lambda tx: _seen(tx, known, planned))
        except DeskError as error:
            _log.warning("steps of another process not looked for", reason=error.message)
            return
        self._planned -= planned
        still = {i: step for i, step in now.steps.items() if step.state in _OPEN}
        self._before = _Seen(steps=still, digest=now.digest)
        if before is None:
            return
        for delivery_id, step in now.steps.items():
            if before.steps.get(delivery_id) != step:
                self._tell(DeliveryChanged(delivery_id=delivery_id, draft_id=step.draft_id, state=step.state))
        if now.digest is not None and now.digest != before.digest:
            self._tell(DigestSent(surface=SURFACE, place=PLACE, day=now.digest))


def _seen(tx: Transaction, known: frozenset[DeliveryId], planned: frozenset[DraftId]) -> _Seen:
    rows = {row.id: row for row in tx.deliveries.list(states=_OPEN, limit=_MOST)}
    rows |= {row.id: row for found in tx.deliveries.for_drafts(planned).values() for row in found}
    rows |= {row.id: row for row in map(tx.deliveries.get, known - rows.keys()) if row is not None}
    newest = tx.digests.newest(surface=SURFACE, place=PLACE)
    return _Seen(steps={i: _step(row) for i, row in rows.items()}, digest=newest.day if newest else None)


def _step(row: Delivery) -> _Step:
    return _Step(draft_id=row.draft_id, state=row.state, attempts=row.attempts, next_at=row.next_at)
