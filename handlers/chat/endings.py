"""Accounts whose access is about to end and that only a person can renew: said once for each end, while it is time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from handlers.views.connecting import ending_card
from handlers.views.sheet import sheet
from services.access import Permission
from services.ports.storage import ShownCard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from handlers.chat.attempt import Attempts
    from handlers.chat.copies import Copies, Surfaces
    from handlers.desk import Desk
    from handlers.surface import Surface
    from handlers.views.sheet import Sheet
    from services.domain.account import Account
    from services.ports.storage import Transaction


class Endings:
    """One for all chats. A row says that a place was told, written after the message, which must not be missed."""

    def __init__(self, desk: Desk, surfaces: Surfaces, copies: Copies, attempts: Attempts) -> None:
        """`copies` draws for everybody."""
        self._desk = desk
        self._surfaces = surfaces
        self._copies = copies
        self._attempt = attempts

    async def sweep(self) -> None:
        """Tell the channels for reviews; where there are none, whoever may connect accounts, each in private."""
        services = self._desk.services
        now = services.clock.now()
        for account in [a for a in await services.accounts.list() if not a.practice and a.ends_soon(now)]:
            card_id = ending_id(account)
            told = {(c.surface, c.place) for c in await services.store.read(partial(_shown, card_id))}
            async for surface, where, tell in self._places():
                if (surface.name, where) in told:
                    continue
                made = sheet(ending_card(account, self._copies.reader(surface.name).look()), surface.limits)
                if await self._attempt(partial(tell, made), surface, where=where, what=card_id) is not None:
                    row = ShownCard(
                        card_id=card_id,
                        kind="ending",
                        draft_id=None,
                        delivery_id=None,
                        surface=surface.name,
                        place=where,
                        created_at=now,
                    )
                    await services.store.write(partial(_put, row))

    async def _places(self) -> AsyncIterator[tuple[Surface, str, Callable[[Sheet], Awaitable[object]]]]:
        """Each place with how it is told."""
        services = self._desk.services
        routed = [r for r in await services.routing.review_channels() if r.surface in self._surfaces]
        for channel in routed:
            surface = self._surfaces[channel.surface]
            yield surface, channel.place, partial(surface.send, channel.place)
        if routed:
            return
        for _, identities in await services.identities.people(Permission.OPERATE):
            for one in identities:
                if one.surface in self._surfaces:
                    surface = self._surfaces[one.surface]
                    yield surface, f"{one.team}/{one.user}", partial(surface.tell, one.team, one.user)


def ending_id(account: Account) -> str:
    """The same for one end of one account, and another after it was connected again."""
    ends = account.ends_at
    return f"ending-{account.id}-{ends:%Y%m%d}" if ends else f"ending-{account.id}"


def _shown(card_id: str, tx: Transaction) -> list[ShownCard]:
    return list(tx.cards.shown(card_id))


def _put(row: ShownCard, tx: Transaction) -> None:
    tx.cards.put(row)
