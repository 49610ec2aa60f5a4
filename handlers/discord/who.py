"""Who somebody is in Discord: their name, the roles they have, and whether they belong to the server at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord
import structlog

from handlers.discord.errors import TROUBLE
from handlers.discord.places import PRIVATE
from services.domain.identity import Standing, Visitor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.ports.clock import Clock

NAME: Final = "discord"
STRANGER: Final = Visitor(surface=NAME, team=PRIVATE, user="", name="somebody", standing=Standing.GUEST)
"""Whoever it is, as long as nobody knows."""
_LOOKED_UP_FOR: Final = timedelta(minutes=5)
_MOST: Final = 1000
_log = structlog.get_logger(__name__)


class Who:
    """Looks members up where Discord does not tell who they are: in conversations with the bot."""

    def __init__(self, clock: Clock) -> None:
        """Nobody is known yet."""
        self._clock = clock
        self._known: dict[tuple[int, int], tuple[datetime, discord.Member | None]] = {}

    async def visitor(
        self,
        user: discord.User | discord.Member,
        guild: discord.Guild | None,
        guilds: Sequence[discord.Guild],
        rights: discord.Permissions | None = None,
    ) -> Visitor:
        """Somebody in a server, or in a conversation: then as a member of the first of `guilds` they are in.

        `rights` are those Discord told with what they did.
        """
        member = user if isinstance(user, discord.Member) else None
        if member is None and guild is None:
            member = await self._member(user, guilds)
        team = member.guild if member else guild or next(iter(guilds), None)
        return Visitor(
            surface=NAME,
            team=str(team.id) if team else PRIVATE,
            user=str(user.id),
            name=(member or user).display_name,
            standing=_standing(member, rights),
            groups=frozenset(str(r.id) for r in member.roles if not r.is_default()) if member else frozenset(),
        )

    async def _member(
        self, user: discord.User | discord.Member, guilds: Sequence[discord.Guild]
    ) -> discord.Member | None:
        for guild in sorted(guilds, key=lambda g: g.id):
            found = await self._in(guild, user.id)
            if found is not None:
                return found
        return None

    async def _in(self, guild: discord.Guild, user: int) -> discord.Member | None:
        until, member = self._known.get((guild.id, user), (self._clock.now(), None))
        if until > self._clock.now():
            return member
        try:
            member = await guild.fetch_member(user)
        except discord.NotFound:
            member = None
        except TROUBLE as error:
            _log.warning("a member could not be looked up in Discord, and counts as a guest", reason=str(error))
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[guild.id, user] = (self._clock.now() + _LOOKED_UP_FOR, member)
        return member


def _standing(member: discord.Member | None, rights: discord.Permissions | None) -> Standing:
    if member is None:
        return Standing.GUEST
    may = rights or member.guild_permissions
    return Standing.ADMIN if may.administrator or may.manage_guild else Standing.MEMBER
