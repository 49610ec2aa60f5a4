"""The installation's switches as one row."""

from __future__ import annotations

from typing import Final

from sqlalchemy import insert, select, update

from services.domain.actor import PictureMode, Workspace
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import workspace

_ONLY: Final = 1
_GET: Final = Prepared(select(workspace).where(workspace.c.id == _ONLY))
_ADD: Final = Prepared(insert(workspace))
_SAVE: Final = Prepared(update(workspace).where(workspace.c.id == _ONLY), columns=workspace.c.keys())


class Switches(Repository):
    """Reads and writes the only row."""

    __slots__ = ()

    def get(self) -> Workspace:
        """Defaults until something was saved."""
        row = _GET.first(self._driver)
        if row is None:
            return Workspace()
        return Workspace(
            four_eyes=row.four_eyes,
            submit_required=row.submit_required,
            late_minutes=row.late_minutes,
            frozen_by=row.frozen_by,
            frozen_at=row.frozen_at,
            pictures=PictureMode(row.pictures),
        )

    def save(self, switches: Workspace) -> None:
        """Replace them all."""
        values = {
            "id": _ONLY,
            "four_eyes": switches.four_eyes,
            "submit_required": switches.submit_required,
            "late_minutes": switches.late_minutes,
            "frozen_by": switches.frozen_by,
            "frozen_at": switches.frozen_at,
            "pictures": switches.pictures.value,
        }
        if not self._change(_SAVE, values, what="workspace"):
            self._change(_ADD, values, what="workspace")
