"""The channel as cards for one reader: what the page draws and `/api/cards` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.notifications import SURFACE
from handlers.views.delivery import delivery_card
from handlers.views.digest import digest_card
from handlers.views.draft import draft_card
from handlers.views.today import side_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.card import Card
    from handlers.views.today import Side
    from handlers.web.door import Door
    from services.board import ShownItem
    from services.domain.actor import Person
    from services.domain.insight import Finding


async def channel(door: Door, actor: Person, *, before: str | None, limit: int) -> tuple[list[Card], str | None]:
    """A page of cards, newest first, and the `before` of the next one."""
    await door.notifications.catch_up()
    items = await door.services.board.shown(surface=SURFACE, before=before, limit=limit)
    return _cards(door, actor, items), _next(items, limit)


async def front(door: Door, actor: Person, *, before: str | None, limit: int) -> tuple[list[Card], str | None, Side]:
    """The same with what stands beside it, read together."""
    await door.notifications.catch_up()
    now = door.services.clock.now()
    items, outlook = await door.services.board.front(
        surface=SURFACE, before=before, limit=limit, now=now, zone=actor.zone, learned=_learned(door)
    )
    return _cards(door, actor, items), _next(items, limit), side_of(outlook, door.call(actor).look())


async def beside(door: Door, actor: Person) -> Side:
    """What stands beside the channel, alone."""
    outlook = await door.services.board.outlook(now=door.services.clock.now(), zone=actor.zone, learned=_learned(door))
    return side_of(outlook, door.call(actor).look())


def _learned(door: Door) -> Finding | None:
    report = door.services.reports.newest
    return report.findings[0] if report and report.findings else None


def _next(items: Sequence[ShownItem], limit: int) -> str | None:
    return items[-1].card.card_id if len(items) == limit else None


def _cards(door: Door, actor: Person, items: Sequence[ShownItem]) -> list[Card]:
    return [c for c in (_card(door, actor, item) for item in items) if c is not None]


def _card(door: Door, actor: Person, item: ShownItem) -> Card | None:
    if item.digest is not None:
        return digest_card(item.digest, door.call(actor).look())
    if item.snapshot is None:
        return None
    look = door.call(actor).look(item.snapshot)
    if item.card.delivery_id is None:
        return draft_card(item.snapshot, look)
    return delivery_card(item.record, look) if item.record else None
