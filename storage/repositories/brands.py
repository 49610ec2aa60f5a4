"""Voices as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from services.domain.ids import BrandId
from storage import codec
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import brands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.brand import Brand

_BY_ID = Prepared(select(brands).where(brands.c.id == bindparam("of")))
_LIST = Prepared(select(brands).order_by(brands.c.name, brands.c.id))
_ADD = Prepared(insert(brands))
_SAVE = Prepared(update(brands).where(brands.c.id == bindparam("of")), columns=["name", "voice"])


class Brands(Repository):
    """Implements the port's `BrandRepository`."""

    __slots__ = ()

    def get(self, brand_id: BrandId) -> Brand | None:
        """By id."""
        row = _BY_ID.first(self._driver, {"of": brand_id})
        return None if row is None else codec.load_voice(BrandId(row.id), row.name, row.voice)

    def put(self, brand: Brand) -> None:
        """Insert or replace."""
        values = {"of": brand.id, "id": brand.id, "name": brand.name, "voice": codec.dump_voice(brand)}
        if not self._change(_SAVE, values, what="brand"):
            self._change(_ADD, values, what="brand")

    def list(self) -> Sequence[Brand]:
        """By name."""
        rows = _LIST.rows(self._driver)
        return [codec.load_voice(BrandId(row.id), row.name, row.voice) for row in rows]
