"""Which chat channels are used for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from services.access import Permission, require
from services.domain.channel import ReviewChannel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.actor import Person
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

_log = structlog.get_logger(__name__)


class Routing:
    """Drafts that wait for a decision are shown where an admin said so."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Channels are rows."""
        self._store = store
        self._clock = clock

    async def review_here(self, actor: Person, surface: str, place: str) -> ReviewChannel:
        """From now on drafts that wait for a decision are shown in this channel; raises `Forbidden`."""
        channel = ReviewChannel(surface=surface, place=place, since=self._clock.now())

        def work(tx: Transaction) -> ReviewChannel:
            require(tx, actor, Permission.OPERATE)
            known = next((c for c in tx.chat.review_channels(surface) if c.place == place), None)
            if known is None:
                tx.chat.route_review(channel)
            return known or channel

        kept = await self._store.write(work)
        _log.info("a channel shows what waits for a decision", by=actor.name, surface=surface)
        return kept

    async def review_off(self, actor: Person, surface: str, place: str) -> bool:
        """No more of them here; False when there were none. Raises `Forbidden`."""

        def work(tx: Transaction) -> bool:
            require(tx, actor, Permission.OPERATE)
            return tx.chat.unroute_review(surface, place)

        ended = await self._store.write(work)
        if ended:
            _log.info("a channel no longer shows what waits for a decision", by=actor.name, surface=surface)
        return ended

    async def review_channels(self, surface: str | None = None) -> Sequence[ReviewChannel]:
        """Where drafts that wait are shown, on one surface or on all."""
        return await self._store.read(lambda tx: tx.chat.review_channels(surface))
