"""Whose workspaces the desk is in, and with which token: the one of the settings, or all that installed it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from services.domain.errors import NotFound

if TYPE_CHECKING:
    from handlers.slack.wire import Wire
    from services.ports.storage import Store
    from services.ports.vault import Vault

SURFACE: Final = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A workspace with the desk's own standing in it."""

    id: str
    token: str
    bot_user: str
    bot_id: str


class Teams(Protocol):
    """The workspaces there are."""

    async def get(self, team_id: str) -> Team:
        """Raises `NotFound` where the desk is not installed, and what the Web API raises."""
        ...

    async def forget(self, team_id: str) -> None:
        """It was removed there: its token is worth nothing."""
        ...


class OneTeam:
    """The workspace of SLACK_BOT_TOKEN, whatever team an event names: the token speaks for no other."""

    def __init__(self, wire: Wire, token: str) -> None:
        """Slack is asked at the first need who the token is."""
        self._wire = wire
        self._token = token
        self._known: Team | None = None
        self._asking = asyncio.Lock()

    async def get(self, team_id: str = "") -> Team:
        """See `Teams.get`."""
        del team_id
        async with self._asking:
            if self._known is None:
                told = await self._wire.call(self._token, "auth.test", lambda c: c.auth_test())
                self._known = Team(
                    id=str(told["team_id"]),
                    token=self._token,
                    bot_user=str(told["user_id"]),
                    bot_id=str(told.get("bot_id", "")),
                )
        return self._known

    async def forget(self, team_id: str) -> None:
        """Ask again: the operator may install the app anew with the same token."""
        del team_id
        self._known = None


class InstalledTeams:
    """Every workspace that installed the app; tokens lie sealed in the vault and are opened when they are needed."""

    def __init__(self, store: Store, vault: Vault) -> None:
        """Rows and the key to them."""
        self._store = store
        self._vault = vault
        self._known: dict[str, Team] = {}

    async def get(self, team_id: str) -> Team:
        """See `Teams.get`."""
        known = self._known.get(team_id)
        if known is not None:
            return known
        installation = await self._store.read(lambda tx: tx.installations.get(SURFACE, team_id))
        if installation is None:
            raise NotFound("The desk is not installed in this Slack workspace.", next_step="Install it there first.")
        sealed = await self._store.read(lambda tx: tx.installations.sealed(SURFACE, team_id))
        told = self._vault.open_installation(SURFACE, team_id, sealed)
        team = Team(id=team_id, token=told["bot_token"], bot_user=installation.bot_user, bot_id=told.get("bot_id", ""))
        self._known[team_id] = team
        return team

    def changed(self, team_id: str) -> None:
        """It was installed anew: the next look reads the new token."""
        self._known.pop(team_id, None)

    async def forget(self, team_id: str) -> None:
        """See `Teams.forget`."""
        self._known.pop(team_id, None)
        await self._store.write(lambda tx: tx.installations.remove(SURFACE, team_id))
