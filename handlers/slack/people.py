"""Who somebody on Slack is: their name, zone, standing and groups, remembered for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from handlers.slack.teams import SURFACE
from services.domain.errors import DeskError, NeedsOperator, Refused
from services.domain.identity import Standing, Visitor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from handlers.slack.teams import Team
    from handlers.slack.wire import Wire
    from services.ports.clock import Clock
    from services.ports.storage import Store

PERSON_FOR: Final = timedelta(hours=1)
GROUP_FOR: Final = timedelta(minutes=10)
_KEPT: Final = 2000
_log = structlog.get_logger(__name__)
Key = tuple[str, str]
"""Team and user, or team and group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A person without their groups, until when that is believed."""

    visitor: Visitor
    until: datetime


class People:
    """One for all teams."""

    def __init__(self, wire: Wire, store: Store, clock: Clock) -> None:
        """The store knows which groups mean something here."""
        self._wire = wire
        self._store = store
        self._clock = clock
        self._known: OrderedDict[Key, _Known] = OrderedDict()
        self._groups: dict[Key, tuple[frozenset[str], datetime]] = {}
        self._asking: dict[Key, asyncio.Lock] = {}

    async def visitor(self, team: Team, user: str) -> Visitor:
        """Somebody as they are now; what is remembered does when Slack can't be asked. Raises what the API raises."""
        found = await self._person(team, user)
        if found.standing is Standing.GUEST:
            return found
        return replace(found, groups=await self._groups_of(team, user))

    def forget(self, team: str) -> None:
        """The desk is not in this team any more."""
        for key in [k for k in self._known if k[0] == team]:
            del self._known[key]
        for key in [k for k in self._groups if k[0] == team]:
            del self._groups[key]

    async def _person(self, team: Team, user: str) -> Visitor:
        key = (team.id, user)
        async with self._asking.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is None or known.until <= self._clock.now():
                try:
                    known = self._known[key] = await self._ask(team, user, known)
                finally:
                    if key not in self._known:
                        self._asking.pop(key, None)
            self._known.move_to_end(key)
        if len(self._known) > _KEPT:
            gone, _ = self._known.popitem(last=False)
            self._asking.pop(gone, None)
        return known.visitor

    async def _ask(self, team: Team, user: str, known: _Known | None) -> _Known:
        try:
            told = await self._wire.call(team.token, "users.info", lambda c: c.users_info(user=user))
        except NeedsOperator:
            raise
        except DeskError as error:
            if known is None:
                raise
            _log.info("slack could not be asked who somebody is", reason=error.message)
            return known
        return _Known(visitor=_visitor(team, told["user"]), until=self._clock.now() + PERSON_FOR)

    async def _groups_of(self, team: Team, user: str) -> frozenset[str]:
        """Those of the groups that mean something here which the person is in."""
        mapped = await self._store.read(lambda tx: tx.identities.groups(SURFACE, team.id))
        found = [g.group for g in mapped if user in await self._members(team, g.group)]
        return frozenset(found)

    async def _members(self, team: Team, group: str) -> frozenset[str]:
        """None on a plan without groups, or without the scope: people then have the roles they were given.

        Raises what the API raises where nothing is remembered: to take somebody's role for a moment's trouble is worse.
        """
        key = (team.id, group)
        async with self._asking.setdefault(key, asyncio.Lock()):
            members, until = self._groups.get(key, (frozenset(), None))
            now = self._clock.now()
            if until is not None and until > now:
                return members
            try:
                told = await self._wire.call(
                    team.token, "usergroups.users.list", lambda c: c.usergroups_users_list(usergroup=group)
                )
                members = frozenset(map(str, told.get("users", ())))
            except (NeedsOperator, Refused) as error:
                _log.debug("no user groups", reason=error.message)
                members = frozenset()
            except DeskError as error:
                if until is None:
                    raise
                _log.info("slack could not be asked who is in a group", reason=error.message)
            self._groups[key] = (members, now + GROUP_FOR)
        return members


def _visitor(team: Team, user: Mapping[str, Any]) -> Visitor:
    profile: Mapping[str, Any] = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return Visitor(
        surface=SURFACE,
        team=team.id,
        user=str(user["id"]),
        name=str(name or user["id"]),
        zone=str(user.get("tz") or ""),
        standing=_standing(team, user),
    )


def _standing(team: Team, user: Mapping[str, Any]) -> Standing:
    """Guests and people of other organisations are guests here; what is missing makes nobody more than a member."""
    homes = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    flags = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted")
    if team.id not in homes or any(user.get(flag) for flag in flags):
        return Standing.GUEST
    return Standing.ADMIN if user.get("is_admin") or user.get("is_owner") else Standing.MEMBER
