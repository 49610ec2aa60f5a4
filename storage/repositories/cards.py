"""Where each card was shown, as rows."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Integer, Text, and_, bindparam, delete, func, insert, or_, select, update

from services.domain.errors import InvalidInput
from services.domain.ids import DeliveryId
from services.ports.storage import ShownCard
from storage.prepared import Prepared, words
from storage.repositories.base import Repository
from storage.tables import cards
from storage.types import draft_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from services.domain.ids import DraftId
    from storage.prepared import Row

_KEY = ("card_id", "surface", "place")
_HERE = [cards.c[name] == bindparam(f"this_{name}") for name in _KEY]
_ADD = Prepared(insert(cards))
_SAVE = Prepared(update(cards).where(*_HERE), columns=[c.name for c in cards.c if c.name not in _KEY])
_REMOVE = Prepared(
    delete(cards).where(
        cards.c.card_id == bindparam("of"),
        or_(bindparam("on", type_=Text).is_(None), cards.c.surface == bindparam("on")),
        or_(bindparam("there", type_=Text).is_(None), cards.c.place == bindparam("there")),
    )
)
_REDRAW = Prepared(
    update(cards)
    .where(*_HERE)
    .values(
        told=func.coalesce(bindparam("told_now", type_=Integer), cards.c.told),
        drawn=func.coalesce(bindparam("drawn_now", type_=Text), cards.c.drawn),
    )
)
_SHOWN = Prepared(
    select(cards).where(cards.c.card_id == bindparam("of")).order_by(cards.c.created_at, cards.c.surface, cards.c.place)
)
_PLACES = Prepared(
    select(cards)
    .where(cards.c.draft_id == bindparam("of"))
    .order_by(cards.c.created_at, cards.c.card_id, cards.c.surface, cards.c.place)
)
_ON_SURFACE = cards.c.surface == bindparam("on")
_AT = Prepared(select(func.max(cards.c.created_at).label("at")).where(_ON_SURFACE, cards.c.card_id == bindparam("of")))
_RANK = func.row_number().over(partition_by=cards.c.card_id, order_by=(cards.c.created_at.desc(), cards.c.place.desc()))
_RANKED = select(cards, _RANK.label("rank")).where(_ON_SURFACE).subquery()
_NEWEST = (
    select(_RANKED)
    .where(_RANKED.c.rank == 1)
    .order_by(_RANKED.c.created_at.desc(), _RANKED.c.card_id.desc())
    .limit(bindparam("most"))
)
_TIE = and_(_RANKED.c.created_at == bindparam("at"), _RANKED.c.card_id < bindparam("before"))
_PAGE = Prepared(_NEWEST)
_NEXT_PAGE = Prepared(_NEWEST.where(or_(_RANKED.c.created_at < bindparam("at"), _TIE)))


@lru_cache(maxsize=32)
def _kept(kinds: frozenset[str]) -> Prepared:
    newest = (cards.c.created_at.desc(), cards.c.card_id.desc(), cards.c.place.desc())
    of_kind = cards.c.kind.in_(words(kinds))
    return Prepared(select(cards).where(_ON_SURFACE, of_kind).order_by(*newest).limit(bindparam("most")))


class Cards(Repository):
    """Implements the port's `CardRepository`."""

    __slots__ = ()

    def put(self, card: ShownCard) -> None:
        """Insert or replace by card, surface and place; raises `InvalidInput` on an id that no draft can have."""
        self._require_write()
        if card.draft_id is not None and draft_number(card.draft_id) is None:
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
            "told": card.told,
            "drawn": card.drawn,
        }
        here = {f"this_{name}": values[name] for name in _KEY}
        if not self._change(_SAVE, {**values, **here}, what="card"):
            self._change(_ADD, values, what="card")

    def list(self, *, surface: str, before: str | None = None, limit: int = 50) -> Sequence[ShownCard]:
        """Each card once, in its newest place there, newest first; so a page can be continued by the card's id."""
        values: dict[str, object] = {"on": surface, "most": limit}
        if before is None:
            return [_card(row) for row in _PAGE.rows(self._driver, values)]
        last = _AT.first(self._driver, {"on": surface, "of": before})
        if last is None or last.at is None:
            return []
        values |= {"at": last.at, "before": before}
        return [_card(row) for row in _NEXT_PAGE.rows(self._driver, values)]

    def places(self, draft_id: DraftId) -> Sequence[ShownCard]:
        """Oldest first, on every surface."""
        return [_card(row) for row in _PLACES.rows(self._driver, {"of": draft_id})]

    def shown(self, card_id: str) -> Sequence[ShownCard]:
        """Oldest first, on every surface."""
        return [_card(row) for row in _SHOWN.rows(self._driver, {"of": card_id})]

    def kept(self, surface: str, *, kinds: Collection[str], limit: int) -> Sequence[ShownCard]:
        """Newest first, a card once for each of its places."""
        return [_card(row) for row in _kept(frozenset(kinds)).rows(self._driver, {"on": surface, "most": limit})]

    def redraw(
        self, card_id: str, surface: str, place: str, *, told: int | None = None, drawn: str | None = None
    ) -> bool:
        """None leaves what is there."""
        here = {"this_card_id": card_id, "this_surface": surface, "this_place": place}
        return self._change(_REDRAW, {**here, "told_now": told, "drawn_now": drawn}, what="card") > 0

    def remove(self, card_id: str, *, surface: str | None = None, place: str | None = None) -> None:
        """From all its places, or from those named."""
        self._change(_REMOVE, {"of": card_id, "on": surface, "there": place}, what="card")


def _card(row: Row) -> ShownCard:
    return ShownCard(
        card_id=row.card_id,
        kind=row.kind,
        draft_id=row.draft_id,
        delivery_id=None if row.delivery_id is None else DeliveryId(row.delivery_id),
        surface=row.surface,
        place=row.place,
        created_at=row.created_at,
        told=row.told,
        drawn=row.drawn,
    )
