"""The least that a Discord app can be: unmodified discord.py, with handlers that only answer at once.

`/desk card` puts a card with a button up, so that there is something to press.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

TEXT: Final = "Taken."


class Press(ui.DynamicItem[ui.Button[Any]], template=r"cd:1:(?P<verb>\w+)"):
    """A button that works after a restart, as the desk's do."""

    def __init__(self, verb: str) -> None:
        """By its word."""
        super().__init__(ui.Button(label=verb.title(), custom_id=f"cd:1:{verb}"))

    @classmethod
    async def from_custom_id(cls, _: Any, __: Any, match: re.Match[str]) -> Press:
        """As the library makes it from a press."""
        return cls(match["verb"])

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
        desk = app_commands.Group(name="desk", description="The desk")

        @desk.command(name="draft", description="Write a draft")
        async def draft(interaction: discord.Interaction[Any], brief: str, picture: str) -> None:
            del brief, picture
            await interaction.response.send_message(TEXT, ephemeral=True)

        @desk.command(name="card", description="Put a card up")
        async def card(interaction: discord.Interaction[Any]) -> None:
            view = ui.LayoutView(timeout=None)
            row: ui.ActionRow[Any] = ui.ActionRow(
                *(Press(verb) for verb in ("approve", "edit", "more", "image", "plan"))
            )
            view.add_item(ui.Container(ui.TextDisplay(TEXT), row))
            await interaction.response.send_message(view=view)

        self.tree.add_command(desk)

    async def setup_hook(self) -> None:
        """Tell the commands."""
        self.add_dynamic_items(Press)
        await self.tree.sync()


if __name__ == "__main__":
    Route.BASE = os.environ["DISCORD_API_BASE_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    Bare().run(os.environ["DISCORD_TOKEN"], log_handler=None)
