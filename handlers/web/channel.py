"""The channel as cards for one reader: what the page draws and `/api/cards` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.notifications import SURFACE
from handlers.views.delivery import delivery_card
from handlers.views.digest import digest_card
from handlers.views.draft import draft_card

if TYPE_CHECKING:
    from handlers.views.card import Card
    from handlers.web.door import Door
    from services.board import ShownItem
    from services.domain.actor import Person


async def channel(door: Door, actor: Person, *, before: str | None, limit: int) -> tuple[list[Card], str | None]:
    """A page of cards, newest first, and the `before` of the next one."""
    await door.notifications.catch_up()
    items = await door.services.board.shown(surface=SURFACE, before=before, limit=limit)
    cards = [c for c in (_card(door, actor, item) for item in items) if c is not None]
    return cards, items[-1].card.card_id if len(items) == limit else None


def _card(door: Door, actor: Person, item: ShownItem) -> Card | None:
    if item.digest is not None:
        return digest_card(item.digest, door.call(actor).look())
    if item.snapshot is None:
        return None
    look = door.call(actor).look(item.snapshot)
    if item.card.delivery_id is None:
        return draft_card(item.snapshot, look)
    return delivery_card(item.record, look) if item.record else None
