"""Chat accounts, whom they speak for, what their groups mean, and the codes that link them, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from services.domain.actor import Role
from services.domain.identity import ChatIdentity, GroupRole, LinkCode
from services.domain.ids import PersonId
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import people
from storage.tables_chat import group_roles, identities, link_codes, link_tries
from storage.types import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter

    from storage.prepared import Row

_I, _G, _C, _T = identities.c, group_roles.c, link_codes.c, link_tries.c
_KEY: Final = ["surface", "team", "user_id"]
_GROUP: Final = ["surface", "team", "group_id"]
_ARRIVAL: Final = (_I.created_at, _I.surface, _I.team, _I.user_id)
_ON: Final[BindParameter[str]] = bindparam("on")
_WITHIN: Final[BindParameter[str]] = bindparam("within")
_GET = Prepared(select(identities).where(_I.surface == _ON, _I.team == _WITHIN, _I.user_id == bindparam("who")))
_OF = Prepared(select(identities).where(_I.person_id == bindparam("of")).order_by(*_ARRIVAL))
_LIST = Prepared(select(identities).where(_I.surface == _ON).order_by(*_ARRIVAL))
_put = insert(identities)
_PUT = Prepared(
    _put.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: _put.excluded[name] for name in ("person_id", "name", "linked", "created_at")},
    ),
    columns=identities.c.keys(),
)
_BY_HAND: Final = (people.c.assigned.is_(True), people.c.role == Role.ADMIN.value)
_ADMIN = Prepared(
    select(_I.person_id)
    .join(people, people.c.id == _I.person_id)
    .where(_I.surface == _ON, _I.team == _WITHIN, *_BY_HAND)
    .limit(1)
)
_GROUPS = Prepared(select(group_roles).where(_G.surface == _ON, _G.team == _WITHIN).order_by(_G.name, _G.group_id))
_ALL_GROUPS = Prepared(select(group_roles).order_by(_G.surface, _G.team, _G.name, _G.group_id))
_put_group = insert(group_roles)
_PUT_GROUP = Prepared(
    _put_group.on_conflict_do_update(
        index_elements=_GROUP, set_={name: _put_group.excluded[name] for name in ("name", "role")}
    ),
    columns=group_roles.c.keys(),
)
_REMOVE_GROUP = Prepared(
    delete(group_roles).where(_G.surface == _ON, _G.team == _WITHIN, _G.group_id == bindparam("which"))
)
_DROP_CODE = Prepared(delete(link_codes).where(_C.person_id == bindparam("of")))
_EXPIRE = Prepared(delete(link_codes).where(_C.expires_at <= bindparam("now", type_=Instant)))
_ADD_CODE = Prepared(insert(link_codes))
_TAKE_CODE = Prepared(delete(link_codes).where(_C.digest == bindparam("is")).returning(link_codes))
_ADD_TRY = Prepared(insert(link_tries), columns=["surface", "team", "user_id", "at"])
_TRIES = Prepared(
    select(_T.at)
    .where(
        _T.surface == _ON,
        _T.team == _WITHIN,
        _T.user_id == bindparam("who"),
        _T.at >= bindparam("since", type_=Instant),
    )
    .order_by(_T.at)
)
_FORGET_TRIES = Prepared(delete(link_tries).where(_T.at < bindparam("before", type_=Instant)))


class Identities(Repository):
    """Implements the port's `IdentityRepository`."""

    __slots__ = ()

    def get(self, surface: str, team: str, user: str) -> ChatIdentity | None:
        """By the surface's own ids."""
        row = _GET.first(self._driver, {"on": surface, "within": team, "who": user})
        return None if row is None else _identity(row)

    def of(self, person_id: PersonId) -> Sequence[ChatIdentity]:
        """In order of arrival."""
        return [_identity(row) for row in _OF.rows(self._driver, {"of": person_id})]

    def put(self, identity: ChatIdentity) -> None:
        """Insert or replace; raises `NotFound` when there is no such person."""
        values = {
            "surface": identity.surface,
            "team": identity.team,
            "user_id": identity.user,
            "person_id": identity.person_id,
            "name": identity.name,
            "linked": identity.linked,
            "created_at": identity.created_at,
        }
        self._change(_PUT, values, what="chat account")

    def list(self, surface: str) -> Sequence[ChatIdentity]:
        """In order of arrival."""
        return [_identity(row) for row in _LIST.rows(self._driver, {"on": surface})]

    def has_admin(self, surface: str, team: str) -> bool:
        """Whether somebody of this team was made an admin by hand."""
        return _ADMIN.first(self._driver, {"on": surface, "within": team}) is not None

    def groups(self, surface: str, team: str) -> Sequence[GroupRole]:
        """By name."""
        return [_group(row) for row in _GROUPS.rows(self._driver, {"on": surface, "within": team})]

    def all_groups(self) -> Sequence[GroupRole]:
        """Of every team."""
        return [_group(row) for row in _ALL_GROUPS.rows(self._driver)]

    def put_group(self, group_role: GroupRole) -> None:
        """Insert or replace."""
        values = {
            "surface": group_role.surface,
            "team": group_role.team,
            "group_id": group_role.group,
            "name": group_role.name,
            "role": group_role.role.value,
        }
        self._change(_PUT_GROUP, values, what="group")

    def remove_group(self, surface: str, team: str, group: str) -> bool:
        """False when it meant nothing."""
        return self._change(_REMOVE_GROUP, {"on": surface, "within": team, "which": group}, what="group") > 0

    def add_code(self, code: LinkCode) -> None:
        """In place of the person's earlier one; raises `Conflict` when somebody else has the same."""
        self._change(_DROP_CODE, {"of": code.person_id}, what="code")
        values = {"digest": code.digest, "person_id": code.person_id, "expires_at": code.expires_at}
        self._change(_ADD_CODE, values, what="code")

    def take_code(self, digest: str, *, now: datetime) -> LinkCode | None:
        """Given and removed by one statement, so that two can't both have it."""
        self._change(_EXPIRE, {"now": now}, what="code")
        row = _TAKE_CODE.first(self._driver, {"is": digest})
        if row is None:
            return None
        return LinkCode(digest=row.digest, person_id=PersonId(row.person_id), expires_at=row.expires_at)

    def add_try(self, surface: str, team: str, user: str, *, at: datetime) -> None:
        """Note a wrong code."""
        self._change(_ADD_TRY, {"surface": surface, "team": team, "user_id": user, "at": at}, what="try")

    def tries(self, surface: str, team: str, user: str, *, since: datetime) -> Sequence[datetime]:
        """Oldest first."""
        values = {"on": surface, "within": team, "who": user, "since": since}
        return [row.at for row in _TRIES.rows(self._driver, values)]

    def forget_tries(self, *, before: datetime) -> int:
        """Of everybody."""
        return self._change(_FORGET_TRIES, {"before": before}, what="try")


def _group(row: Row) -> GroupRole:
    return GroupRole(surface=row.surface, team=row.team, group=row.group_id, name=row.name, role=Role(row.role))


def _identity(row: Row) -> ChatIdentity:
    return ChatIdentity(
        surface=row.surface,
        team=row.team,
        user=row.user_id,
        person_id=PersonId(row.person_id),
        name=row.name,
        linked=row.linked,
        created_at=row.created_at,
    )
