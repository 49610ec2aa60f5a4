"""The connection itself: discord.py with no more rights than needed, and what it hears handed on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, Protocol

import discord
import structlog
from discord import app_commands

from handlers.discord.buttons import Ask, More, Press
from handlers.discord.commands import add_commands, fingerprint
from handlers.discord.errors import TROUBLE
from handlers.discord.invite import intents, invite_link
from handlers.discord.who import NAME
from handlers.surface import Link
from services.domain.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.discord.buttons import Interaction
    from handlers.discord.doing import Doing
    from handlers.discord.homes import Homes
    from handlers.grammar import Word
    from services.ports.clock import Clock
    from services.ports.storage import Store

LONGEST_WAIT: Final = 30.0
"""Seconds the library waits by itself when Discord says that it was too fast; longer ones are the desk's business."""
_AFTER_INVALID: Final = 5.0
"""Seconds Discord wants between an invalid session and a new one."""
_COMMANDS: Final = "commands"
_NOISE: Final = ("Attempting a reconnect", "PyNaCl is not installed", "davey is not installed")
_log = structlog.get_logger(__name__)


class Tree(app_commands.CommandTree["DeskClient"]):
    """The commands; one that can't be run is told in the log, and to the person where that is possible."""

    async def on_error(self, interaction: discord.Interaction[DeskClient], error: app_commands.AppCommandError) -> None:
        """For instance a command of an older start that a client still offers."""
        _log.warning("a command could not be run in Discord", reason=str(error))
        if not interaction.response.is_done() and interaction.type is not discord.InteractionType.autocomplete:
            words = "Discord still offered an old command. Type /desk again."
            try:
                await interaction.response.send_message(words, ephemeral=True)
            except TROUBLE as trouble:
                _log.info("a person could not be told", surface=NAME, reason=str(trouble))


class Told(Protocol):
    """Whoever wants to know how the connection is."""

    def linked(self, link: Link) -> None:
        """It changed, or was told once more."""
        ...


class DeskClient(discord.Client):
    """One connection; after its end a new one is made."""

    def __init__(
        self, doing: Doing, told: Told, *, homes: Homes, store: Store, clock: Clock, ready_within: float | None = None
    ) -> None:
        """What happens goes to `doing`; `ready_within` is the library's wait for the servers to be told."""
        more: dict[str, Any] = {} if ready_within is None else {"guild_ready_timeout": ready_within}
        super().__init__(
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=LONGEST_WAIT,
            **more,
        )
        self._doing = doing
        self._told = told
        self._store = store
        self._clock = clock
        self.homes = homes
        self.tree = Tree(self)
        add_commands(self.tree, self)

    async def setup_hook(self) -> None:
        """Once logged in: cards from before a restart work again, and Discord knows the commands."""
        await self.homes.load(open_to_all=self.application is not None and self.application.bot_public)
        self.add_dynamic_items(Press, Ask, More)
        try:
            await self._sync()
        except (DeskError, *TROUBLE) as error:
            _log.warning("Discord does not know the desk's commands yet; the next start tells it", reason=str(error))

    async def _sync(self) -> None:
        """Tell the commands, but only when they changed: Discord counts how often that is done."""
        team, wanted = str(self.application_id), fingerprint(self.tree)
        if await self._store.read(lambda tx: tx.chat.uploaded(NAME, team, _COMMANDS)) == wanted:
            return
        await self.tree.sync()
        at = self._clock.now()
        await self._store.write(lambda tx: tx.chat.put_upload(NAME, team, _COMMANDS, wanted, at=at))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait as long as Discord wants before another session."""
        del shard_id
        if not initial:
            await self._clock.sleep(_AFTER_INVALID)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """After the end nothing is told any more: the library would still say that it is ready, into nothing."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    # How the connection is

    async def on_connect(self) -> None:
        """A session began; its servers are told next."""
        self._told.linked(Link.CONNECTED)

    async def on_ready(self) -> None:
        """All its servers are known."""
        await self._admit()
        if not self.guilds:
            _log.warning("The bot is in no Discord server yet. Invite it.", link=invite_link(self.application_id or 0))

    async def _admit(self) -> None:
        try:
            await self.homes.admit(self.guilds, bot=str(self.user.id) if self.user else "")
        except DeskError as error:
            _log.warning("servers of Discord were not noted", reason=error.message)

    async def on_resumed(self) -> None:
        """A session goes on."""
        self._told.linked(Link.CONNECTED)

    async def on_disconnect(self) -> None:
        """The socket is gone; the library comes back by itself."""
        self._told.linked(Link.IN_TROUBLE)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """One event that fails keeps no other from being heard."""
        del args, kwargs
        _log.exception("an event of Discord was not understood", discord_event=event_method)

    # What it hears

    async def on_interaction(self, interaction: Interaction) -> None:
        """Windows; buttons and commands have their own ways."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self._doing.submitted(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Words."""
        if self.user is not None:
            self._doing.said(message, self.user.id, self.guilds)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Somebody invited the bot."""
        await self._admit()
        if self.homes.serves(guild):
            await self._doing.joined(guild)

    async def pressed(self, interaction: Interaction, action_id: str) -> None:
        """A button of a card."""
        await self._doing.pressed(interaction, action_id)

    async def asked(self, interaction: Interaction, page_id: str) -> None:
        """A button that opens a window."""
        await self._doing.asked(interaction, page_id)

    async def chosen(self, interaction: Interaction, word: Word, values: Mapping[str, str]) -> None:
        """A command."""
        await self._doing.chosen(interaction, word, values)

    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[app_commands.Choice[str]]:
        """An option that is being typed."""
        return await self._doing.suggested(interaction, source, typed)

    async def from_message(self, interaction: Interaction, text: str) -> None:
        """The command in the menu of a message."""
        await self._doing.from_message(interaction, text)


class _Quiet(logging.Filter):
    """What the library says again and again: the desk says the first once, in a sentence, and needs no voice."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Everything else stays."""
        return not str(record.msg).startswith(_NOISE)


QUIET: Final = _Quiet()
"""For the library's own log; one, so that a second start adds none."""
