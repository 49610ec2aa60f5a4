"""Chat teams that let the desk in, as rows, their tokens only ever as sealed bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from services.domain.errors import NotFound
from services.domain.identity import Installation
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables_chat import installations, oauth_states
from storage.types import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.prepared import Row

_N, _S = installations.c, oauth_states.c
_OPENLY: Final = tuple(column for column in _N if column.name != "sealed")
_ON: Final = _N.surface == bindparam("on")
_THERE: Final = (_ON, _N.team == bindparam("within"))
_GET = Prepared(select(*_OPENLY).where(*_THERE))
_LIST = Prepared(select(*_OPENLY).where(_ON).order_by(_N.at, _N.team))
_SEALED = Prepared(select(_N.sealed).where(*_THERE))
_put = insert(installations)
_PUT = Prepared(
    _put.on_conflict_do_update(
        index_elements=["surface", "team"],
        set_={name: _put.excluded[name] for name in ("name", "bot_user", "installed_by", "at", "sealed")},
    ),
    columns=installations.c.keys(),
)
_REMOVE = Prepared(delete(installations).where(*_THERE))
_ADD_STATE = Prepared(insert(oauth_states))
_EXPIRE = Prepared(delete(oauth_states).where(_S.expires_at <= bindparam("now", type_=Instant)))
_TAKE_STATE = Prepared(delete(oauth_states).where(_S.digest == bindparam("is")))


class Installations(Repository):
    """Implements the port's `InstallationRepository`."""

    __slots__ = ()

    def get(self, surface: str, team: str) -> Installation | None:
        """Without its token."""
        row = _GET.first(self._driver, {"on": surface, "within": team})
        return None if row is None else _installation(row)

    def list(self, surface: str) -> Sequence[Installation]:
        """In order of installation."""
        return [_installation(row) for row in _LIST.rows(self._driver, {"on": surface})]

    def sealed(self, surface: str, team: str) -> bytes:
        """Raises `NotFound`."""
        row = _SEALED.first(self._driver, {"on": surface, "within": team})
        if row is None:
            msg = f"The desk is not installed in {team}."
            raise NotFound(msg)
        return bytes(row.sealed)

    def put(self, installation: Installation, sealed: bytes) -> None:
        """Insert or replace."""
        values = {
            "surface": installation.surface,
            "team": installation.team,
            "name": installation.name,
            "bot_user": installation.bot_user,
            "installed_by": installation.installed_by,
            "at": installation.at,
            "sealed": sealed,
        }
        self._change(_PUT, values, what="installation")

    def remove(self, surface: str, team: str) -> bool:
        """False when it was not there."""
        return self._change(_REMOVE, {"on": surface, "within": team}, what="installation") > 0

    def add_state(self, digest: str, *, expires_at: datetime) -> None:
        """Raises `Conflict` when it was given out already."""
        self._change(_ADD_STATE, {"digest": digest, "expires_at": expires_at}, what="state")

    def take_state(self, digest: str, *, now: datetime) -> bool:
        """One statement decides, so that it is good once."""
        self._change(_EXPIRE, {"now": now}, what="state")
        return self._change(_TAKE_STATE, {"is": digest}, what="state") > 0


def _installation(row: Row) -> Installation:
    return Installation(
        surface=row.surface,
        team=row.team,
        name=row.name,
        bot_user=row.bot_user,
        installed_by=row.installed_by,
        at=row.at,
    )
