"""Voices as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from services.domain.ids import BrandId
from storage import codec
from storage.repositories.base import Repository
from storage.tables import brands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.brand import Brand


class Brands(Repository):
    """Implements the port's `BrandRepository`."""

    __slots__ = ()

    def get(self, brand_id: BrandId) -> Brand | None:
        """By id."""
        row = self._select(select(brands).where(brands.c.id == brand_id)).first()
        return None if row is None else codec.load_voice(BrandId(row.id), row.name, row.voice)

    def put(self, brand: Brand) -> None:
        """Insert or replace."""
        values = {"id": brand.id, "name": brand.name, "voice": codec.dump_voice(brand)}
        if not self._change(update(brands).where(brands.c.id == brand.id), values, what="brand"):
            self._change(insert(brands), values, what="brand")

    def list(self) -> Sequence[Brand]:
        """By name."""
        rows = self._select(select(brands).order_by(brands.c.name, brands.c.id))
        return [codec.load_voice(BrandId(row.id), row.name, row.voice) for row in rows]
