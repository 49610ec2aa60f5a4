"""Holding one claimed row: commits under its fence, and a lease that lasts as long as the work."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from services.domain.delivery import DeliveryState
from services.domain.errors import Busy, NotFound
from services.ports.platform import Absence
from services.publishing.change import Change, announce, same_claim, write_change

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.domain.delivery import Delivery
    from services.domain.ids import AccountId
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader, Publisher
    from services.ports.storage import Store, Transaction
    from services.publishing.allowance import Allowance
    from services.publishing.connections import Connections
    from services.publishing.retry import Random
    from services.publishing.settings import DispatchSettings

T = TypeVar("T")
log = logging.getLogger(__name__)
_WRITE_TRIES: Final = 4
_IN_HAND: Final = frozenset({DeliveryState.PREPARING, DeliveryState.SENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What every worker shares."""

    store: Store
    connections: Connections
    clock: Clock
    bus: EventBus
    settings: DispatchSettings
    random: Random
    read_media: MediaReader
    allowance: Allowance
    publishers: dict[AccountId, Publisher] = field(default_factory=dict)
    """Those last opened, only to tell inside a claim whether there is something to prepare."""


class Lost(Exception):
    """The row is no longer this worker's to move."""


class Grip:
    """What a worker knows and may do about its row; `row` is always as it was last committed."""

    def __init__(self, tools: Tools, row: Delivery) -> None:
        """Start with the row as its claim left it."""
        self.tools = tools
        self.row = row

    @property
    def label(self) -> str:
        """The network's name as people write it."""
        try:
            return self.tools.connections.spec(self.row.platform).label
        except NotFound:
            return str(self.row.platform)

    @property
    def absence(self) -> Absence:
        """When not being shown is proof; the usual for a network that isn't registered any more."""
        try:
            return self.tools.connections.spec(self.row.platform).absence
        except NotFound:
            return Absence()

    @property
    def now(self) -> datetime:
        """The present."""
        return self.tools.clock.now()

    async def commit(self, make: Callable[[Transaction, Delivery], Change]) -> None:
        """Write what `make` says about the row as stored and go on with it; raises `Lost` unless it stays in hand."""
        known = self.row

        def fn(tx: Transaction) -> Change | None:
            stored = tx.deliveries.lock(known.id)
            if stored is None or not same_claim(stored, known):
                return None
            change = make(tx, stored)
            return change if write_change(tx, change) else None

        change = await self.write(fn)
        if change is None:
            log.warning("Delivery %s was taken over or stopped; %s lets it go.", known.id, known.lease_owner)
            raise Lost
        announce(self.tools.bus, (change.after,))
        if change.after.state not in _IN_HAND:
            raise Lost
        self.row = change.after

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        """Write, and try again a few times while the store is busy."""
        for _ in range(_WRITE_TRIES - 1):
            try:
                return await self.tools.store.write(fn)
            except Busy:
                await self.tools.clock.sleep(1.0)
        return await self.tools.store.write(fn)

    def lease_end(self) -> datetime:
        """How far a lease taken now reaches."""
        return self.now + self.tools.settings.lease

    async def ensure_lease(self) -> None:
        """Have enough of the lease left for the whole call; raises `Lost` when it is no longer ours."""
        needed = timedelta(seconds=2 * self.tools.settings.send_timeout)
        if self.row.lease_until is None or self.row.lease_until - self.now < needed:
            await self.renew()

    async def renew(self, *, calls: int = 0) -> None:
        """Push the lease's end and count `calls` about to be made; raises `Lost`."""
        known = self.row
        renewed = replace(known, lease_until=self.lease_end(), attempts=known.attempts + calls)
        change = Change(before=known, after=renewed)
        if not await self.write(lambda tx: write_change(tx, change)):
            raise Lost
        self.row = renewed

    async def keep_lease(self) -> None:
        """Renew every third of the lease until cancelled; a lost row shows at the next commit."""
        while True:
            await self.tools.clock.sleep(self.tools.settings.lease.total_seconds() / 3)
            await self.renew()
