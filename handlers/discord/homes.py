"""The servers the desk works for: an app that anybody may invite must make no strangers admins in servers of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from handlers.discord.who import NAME
from services.domain.errors import Forbidden
from services.domain.identity import Installation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import discord

    from services.domain.identity import Visitor
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

_log = structlog.get_logger(__name__)


class Homes:
    """Whoever manages a home is trusted; others are admitted only while nobody but the app's owner may invite it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Nothing is known before `load`."""
        self._store = store
        self._clock = clock
        self._ids: set[str] = set()
        self._told: set[str] = set()
        self.open_to_all = False
        """Whether anybody may invite the app ("Public Bot")."""

    async def load(self, *, open_to_all: bool) -> None:
        """What earlier starts admitted."""
        self.open_to_all = open_to_all
        rows = await self._store.read(lambda tx: tx.installations.list(NAME))
        self._ids = {row.team for row in rows}

    async def admit(self, guilds: Sequence[discord.Guild], *, bot: str) -> None:
        """Servers the bot is in: the first ones always, later ones only while nobody else may invite it."""
        fresh = [g for g in guilds if str(g.id) not in self._ids]
        if self.open_to_all and self._ids:
            for guild in fresh:
                self._tell(guild)
            return
        if not fresh:
            return
        at = self._clock.now()
        rows = [
            Installation(surface=NAME, team=str(g.id), name=g.name, bot_user=bot, installed_by="", at=at) for g in fresh
        ]

        def keep(tx: Transaction) -> None:
            for row in rows:
                tx.installations.put(row, b"")  # the token is the operator's setting, no server has its own

        await self._store.write(keep)
        self._ids |= {row.team for row in rows}

    def serves(self, guild: discord.Guild | None) -> bool:
        """Whether the desk works for a server; conversations are judged by who writes."""
        return guild is None or not self.open_to_all or not self._ids or str(guild.id) in self._ids

    def of(self, guilds: Sequence[discord.Guild]) -> list[discord.Guild]:
        """Those of these servers that it works for."""
        return [g for g in guilds if self.serves(g)]

    def require(self, guild: discord.Guild | None) -> None:
        """Raise `Forbidden` for a server that is not ours."""
        if not self.serves(guild):
            raise Forbidden(
                "This desk does not work for this server.",
                next_step="Whoever runs it finds in its log how to change that.",
            )

    def require_known(self, visitor: Visitor, *, private: str) -> None:
        """Raise `Forbidden` for somebody of none of our servers, while they may come from anywhere."""
        if self.open_to_all and visitor.team == private:
            raise Forbidden("This desk does not know you.", next_step="Write to it in a server that it works for.")

    def _tell(self, guild: discord.Guild) -> None:
        if str(guild.id) not in self._told:
            self._told.add(str(guild.id))
            _log.warning(
                "Another Discord server has the bot and is not served, because anybody may invite it. If it is yours, "
                "switch “Public Bot” off in the developer portal and restart the desk.",
                server=guild.name,
            )
