"""Where each card was shown, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from services.domain.errors import InvalidInput
from services.domain.ids import DeliveryId
from services.ports.storage import ShownCard
from storage.repositories.base import Repository
from storage.tables import cards
from storage.types import draft_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from services.domain.ids import DraftId


class Cards(Repository):
    """Implements the port's `CardRepository`."""

    __slots__ = ()

    def put(self, card: ShownCard) -> None:
        """Insert or replace by card, surface and place; raises `InvalidInput` on an id that no draft can have."""
        self._require_write()
        if draft_number(card.draft_id) is None:
            msg = f"{card.draft_id!r} is no draft number."
            raise InvalidInput(msg)
        values = {
            "card_id": card.card_id,
            "surface": card.surface,
            "place": card.place,
            "kind": card.kind,
            "draft_id": card.draft_id,
            "delivery_id": card.delivery_id,
            "created_at": card.created_at,
        }
        here = and_(cards.c.card_id == card.card_id, cards.c.surface == card.surface, cards.c.place == card.place)
        if not self._change(update(cards).where(here), values, what="card"):
            self._change(insert(cards), values, what="card")

    def list(self, *, surface: str, before: str | None = None, limit: int = 50) -> Sequence[ShownCard]:
        """Each card once, in its newest place there, newest first; so a page can be continued by the card's id."""
        rank = func.row_number().over(
            partition_by=cards.c.card_id, order_by=(cards.c.created_at.desc(), cards.c.place.desc())
        )
        ranked = select(cards, rank.label("rank")).where(cards.c.surface == surface).subquery()
        newest = select(ranked).where(ranked.c.rank == 1)
        if before is not None:
            place = select(func.max(cards.c.created_at)).where(cards.c.surface == surface, cards.c.card_id == before)
            at = self._select(place).scalar()
            if at is None:
                return []
            older = ranked.c.created_at < at
            newest = newest.where(or_(older, and_(ranked.c.created_at == at, ranked.c.card_id < before)))
        newest = newest.order_by(ranked.c.created_at.desc(), ranked.c.card_id.desc()).limit(limit)
        return [_card(row) for row in self._select(newest)]

    def places(self, draft_id: DraftId) -> Sequence[ShownCard]:
        """Oldest first, on every surface."""
        order = (cards.c.created_at, cards.c.card_id, cards.c.surface, cards.c.place)
        query = select(cards).where(cards.c.draft_id == draft_id).order_by(*order)
        return [_card(row) for row in self._select(query)]

    def remove(self, card_id: str) -> None:
        """From all its places."""
        self._change(delete(cards).where(cards.c.card_id == card_id), what="card")


def _card(row: Row[Any]) -> ShownCard:
    return ShownCard(
        card_id=row.card_id,
        kind=row.kind,
        draft_id=row.draft_id,
        delivery_id=None if row.delivery_id is None else DeliveryId(row.delivery_id),
        surface=row.surface,
        place=row.place,
        created_at=row.created_at,
    )
