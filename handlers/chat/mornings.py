"""The digest of each morning in the channels that asked for one: posted once, also when the desk was stopped then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from handlers.views.digest import digest_card
from handlers.views.sheet import sheet
from services.domain.errors import DeskError, RateLimited, Unavailable
from services.domain.insight import digest_day

if TYPE_CHECKING:
    from handlers.chat.copies import Copies, Surfaces
    from handlers.desk import Desk
    from handlers.surface import Surface
    from services.ports.storage import ShownCard, Transaction

FRESH: Final = timedelta(hours=20)
"""An older digest is no news any more."""
POSTING: Final = "posting"
"""Stands in a digest's row while its message is on the way: after a crash nobody knows, and twice is worse."""
_LOOKED_AT: Final = 100
_log = structlog.get_logger(__name__)


class Mornings:
    """A digest that is made has a row for its channel; posting it puts the message's place there instead."""

    def __init__(self, desk: Desk, surfaces: Surfaces, copies: Copies) -> None:
        """`copies` draws for everybody."""
        self._desk = desk
        self._surfaces = surfaces
        self._copies = copies

    async def sweep(self) -> None:
        """Post those that are made and not posted, whichever process made them."""
        for surface in self._surfaces.values():
            try:
                await self._surface(surface)
            except DeskError as error:
                _log.warning("digests were not posted", surface=surface.name, reason=error.message)

    async def _surface(self, surface: Surface) -> None:
        services = self._desk.services
        rows = await services.store.read(lambda tx: tx.cards.kept(surface.name, kinds={"digest"}, limit=_LOOKED_AT))
        for row in rows:
            waits = surface.channel_of(row.place) == row.place and row.drawn != POSTING
            if waits and services.clock.now() - row.created_at < FRESH:
                await self._post(surface, row)

    async def _post(self, surface: Surface, row: ShownCard) -> None:
        store, day = self._desk.services.store, digest_day(row.card_id)
        if day is None or not await store.write(lambda tx: _claim(tx, row)):
            return
        place = ""
        try:
            found = await self._desk.services.board.digest(surface.name, row.place, day)
            card = digest_card(found, self._copies.reader(surface.name).look())
            place = await self._copies.post(surface, row.place, sheet(card, surface.limits))
        except (Unavailable, RateLimited) as error:
            await store.write(lambda tx: tx.cards.redraw(row.card_id, row.surface, row.place, drawn=""))
            _log.warning("a digest waits for its channel", surface=surface.name, reason=error.message)
            return
        except DeskError as error:
            _log.warning("a digest was not posted", surface=surface.name, reason=error.message)
        await store.write(lambda tx: _settle(tx, row, place))


def _claim(tx: Transaction, row: ShownCard) -> bool:
    """Whether it is still waiting, and nobody's but ours from now on."""
    waits = any((c.surface, c.place, c.drawn) == (row.surface, row.place, "") for c in tx.cards.shown(row.card_id))
    return waits and tx.cards.redraw(row.card_id, row.surface, row.place, drawn=POSTING)


def _settle(tx: Transaction, row: ShownCard, place: str) -> None:
    tx.cards.remove(row.card_id, surface=row.surface, place=row.place)
    if place:
        tx.cards.put(replace(row, place=place, drawn=""))
