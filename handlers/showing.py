"""A card by its id, drawn for whoever reads it: what a page and every copy in a chat are redrawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.digest import digest_card
from services.domain.errors import NotFound
from services.domain.ids import DeliveryId, DraftId
from services.domain.insight import digest_day

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.views.card import Card


async def card_of(call: Call, card_id: str, *, surface: str, channel: str) -> Card:
    """The card as it is now; a digest is the one that `channel` was sent. Raises `NotFound`."""
    board = call.services.board
    kind, _, ident = card_id.partition("-")
    if kind == "draft":
        return call.card(await board.draft(DraftId(ident)))
    if kind == "delivery":
        return call.delivery(await board.delivery(DeliveryId(ident)))
    if (day := digest_day(card_id)) is not None:
        return digest_card(await board.digest(surface, channel, day), call.look())
    raise NotFound("There is no such card.")
