"""The least that a Discord app can be: unmodified discord.py, with handlers that only answer at once.

`/desk card` puts the card of a draft up, so that the same is pressed here as at the desk.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final, Self, cast

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

CARD: Final = Path(__file__).parents[1] / "golden" / "discord" / "draft.json"
COMPONENTS_V2: Final = 1 << 15
"""The flag of messages that are made of components (docs.discord.com, 2026-08)."""


class Press(ui.DynamicItem[ui.Button[Any]], template=r"cd:1:.+"):
    """Any button of the card."""

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], __: re.Match[str]) -> Self:
        """As the library makes it from a press."""
        return cls(cast("ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge."""
        await interaction.response.defer()


class Bare(discord.Client):
    """The app."""

    def __init__(self) -> None:
        """With the rights of the desk."""
        quiet = discord.AllowedMentions.none()
        super().__init__(intents=discord.Intents.default(), allowed_mentions=quiet, guild_ready_timeout=0.01)
        self.tree = app_commands.CommandTree(self)
        components = json.loads(CARD.read_text(encoding="utf-8"))
        desk = app_commands.Group(name="desk", description="The desk")

        @desk.command(name="draft", description="Write a draft")
        async def draft(interaction: discord.Interaction[Any], brief: str, picture: str) -> None:
            del brief, picture
            await interaction.response.send_message("Taken.", ephemeral=True)

        @desk.command(name="card", description="Put a card up")
        async def card(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("Taken.", ephemeral=True)
            where = Route("POST", "/channels/{channel_id}/messages", channel_id=interaction.channel_id)
            body = {"flags": COMPONENTS_V2, "components": components, "allowed_mentions": {"parse": []}}
            await self.http.request(where, json=body)

        self.tree.add_command(desk)

    async def setup_hook(self) -> None:
        """Tell the commands."""
        self.add_dynamic_items(Press)
        await self.tree.sync()


if __name__ == "__main__":
    Route.BASE = os.environ["DISCORD_API_BASE_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    Bare().run(os.environ["DISCORD_TOKEN"], log_handler=None)
