"""A tiny app on the unmodified discord.py, which proves that the fake is a Discord."""

from __future__ import annotations

import asyncio
import io
import re
from types import TracebackType
from typing import Any, Final

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord.server import FakeDiscord

PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(64)


class Act(ui.DynamicItem[ui.Button[Any]], template=r"cd:1:(?P<verb>\w+):(?P<draft>\d+)"):
    """A button that works after a restart."""

    def __init__(self, verb: str, draft: int = 142) -> None:
        super().__init__(ui.Button(label=verb.title(), custom_id=f"cd:1:{verb}:{draft}"))
        self.verb = verb

    @classmethod
    async def from_custom_id(cls, _: Any, item: Any, match: re.Match[str]) -> Act:
        return cls(match["verb"], int(match["draft"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.client.acted(interaction, self.verb)


class More(ui.DynamicItem[ui.Select[Any]], template=r"cd:1:more:(?P<draft>\d+)$"):
    """A menu that works after a restart."""

    def __init__(self, draft: int = 142) -> None:
        options = [discord.SelectOption(label="Publish now", value="pub"), discord.SelectOption(label="Reject")]
        super().__init__(ui.Select(placeholder="More…", custom_id=f"cd:1:more:{draft}", options=options))

    @classmethod
    async def from_custom_id(cls, _: Any, __: Any, match: re.Match[str]) -> More:
        return cls(int(match["draft"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        interaction.client.seen.append(("chosen", interaction.data))
        await interaction.response.defer()
        card = Card(f"Chosen: {self.item.values[0]}", done=True)
        await interaction.edit_original_response(view=card, attachments=[])


class Card(ui.LayoutView):
    """A card as an app of this kind posts it."""

    def __init__(self, text: str, *, picture: str = "", done: bool = False) -> None:
        super().__init__(timeout=None)
        box: ui.Container[Any] = ui.Container(ui.TextDisplay(text), ui.Separator(), accent_colour=0xB3261E)
        if picture:
            shown = discord.MediaGalleryItem(f"attachment://{picture}", description="A chart")
            box.add_item(ui.MediaGallery(shown))
        if not done:
            box.add_item(ui.ActionRow(*(Act(verb) for verb in ("approve", "edit", "silent", "twice"))))
            box.add_item(ui.ActionRow(More()))
        self.add_item(box)


class Edit(ui.Modal, title="Edit"):
    """A form with one of each field the tests need."""

    def __init__(self) -> None:
        super().__init__(custom_id="edit:142", timeout=60)
        whens = [discord.SelectOption(label=name, value=name.lower()) for name in ("Today", "Tomorrow")]
        self.add_item(ui.TextDisplay("What will be said"))
        self.text: Any = ui.TextInput(custom_id="text", max_length=20, default="Hello", style=discord.TextStyle.long)
        self.when: Any = ui.Select(custom_id="when", options=whens, required=False)
        self.who: Any = ui.UserSelect(custom_id="who", required=False, min_values=0)
        self.picture: Any = ui.FileUpload(custom_id="picture", required=False, max_values=2)
        for name, field in (("Text", self.text), ("When", self.when), ("Who", self.who), ("Picture", self.picture)):
            self.add_item(ui.Label(text=name, component=field))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        files = {file.filename: await file.read() for file in self.picture.values}
        told = {"text": self.text.value, "when": self.when.values, "who": self.who.values, "files": files}
        interaction.client.seen.append(("submitted", told))
        if self.text.value == "broken":
            raise LookupError(self.text.value)
        await interaction.response.edit_message(view=Card(self.text.value), attachments=[])

    async def on_error(  # type: ignore[override]  # a form has no item, as the library itself writes it
        self, interaction: discord.Interaction[Any], error: Exception
    ) -> None:
        interaction.client.raised.append(error)


class Client(discord.Client):
    """The bot itself."""

    def __init__(self, **options: Any) -> None:
        intents = options.pop("intents", discord.Intents.default())
        mentions = options.pop("allowed_mentions", discord.AllowedMentions.none())
        super().__init__(intents=intents, allowed_mentions=mentions, guild_ready_timeout=0.01, **options)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[tuple[str, Any]] = []
        self.raised: list[BaseException] = []
        self.tree.on_error = self._failed  # type: ignore[method-assign]  # documented as a way to set it
        self._desk()
        self._others()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds."""

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Act, More)
        await self.tree.sync()

    def told(self, kind: str) -> list[Any]:
        """Everything of one kind it was told."""
        return [body for name, body in self.seen if name == kind]

    async def _failed(self, _: Any, error: app_commands.AppCommandError) -> None:
        self.raised.append(getattr(error, "original", error))

    async def on_message(self, message: discord.Message) -> None:
        self.seen.append(("message", message))
        if message.author.bot or self.user not in message.mentions:
            return
        if isinstance(message.channel, discord.TextChannel):
            thread = await message.create_thread(name="A talk")
            await thread.send("Here.")
        else:
            await message.reply("Here.")

    async def on_resumed(self) -> None:
        self.seen.append(("resumed", None))

    async def acted(self, interaction: discord.Interaction[Any], verb: str) -> None:
        self.seen.append(("acted", interaction))
        match verb:
            case "approve":
                card = Card(f"Approved by {interaction.user.mention}", done=True)
                await interaction.response.edit_message(view=card, attachments=[])
            case "edit":
                await interaction.response.send_modal(Edit())
            case "twice":
                await interaction.response.defer()
                try:
                    await interaction.client.http.request(
                        Route("POST", "/interactions/{i}/{t}/callback", i=interaction.id, t=interaction.token),
                        json={"type": 6},
                    )
                except discord.HTTPException as error:
                    self.raised.append(error)
            case _:
                pass

    def _desk(self) -> None:
        desk = app_commands.Group(name="desk", description="The desk")

        @desk.command(name="draft", description="Write a draft")
        @app_commands.describe(brief="What it is about", networks="Where it goes")
        async def draft(interaction: discord.Interaction[Any], brief: str, networks: str | None = None) -> None:
            self.seen.append(("draft", interaction))
            await interaction.response.defer(thinking=True)
            picture = discord.File(io.BytesIO(PNG), "card.png")
            await interaction.followup.send(view=Card(brief, picture="card.png"), file=picture)

        @draft.autocomplete("networks")
        async def networks(_: Any, current: str) -> list[app_commands.Choice[str]]:
            known = [name for name in ("x", "linkedin", "mastodon") if current in name]
            return [app_commands.Choice(name=name.title(), value=name) for name in known]

        @desk.command(name="help", description="Help")
        async def help_(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("Try draft.", ephemeral=True)
            await interaction.followup.send("Or read the manual.", ephemeral=True)

        @desk.command(name="late", description="Think and never speak")
        async def late(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.defer(thinking=True, ephemeral=True)
            self.seen.append(("late", interaction))

        @desk.command(name="silent", description="Never answer")
        async def silent(interaction: discord.Interaction[Any]) -> None:
            self.seen.append(("silent", interaction))

        @desk.command(name="give", description="Every kind of option")
        async def give(
            interaction: discord.Interaction[Any],
            file: discord.Attachment,
            person: discord.Member,
            channel: discord.TextChannel,
            count: app_commands.Range[int, 1, 5],
        ) -> None:
            content = await file.read()
            told = {"file": content, "person": person.name, "channel": channel.name, "count": count}
            self.seen.append(("given", told))
            await interaction.response.send_message("Thanks.", ephemeral=True)

        self.tree.add_command(desk)

    def _others(self) -> None:
        tree = self.tree

        @tree.command(name="settings", description="For managers")
        @app_commands.default_permissions(manage_guild=True)
        @app_commands.guild_only()
        async def settings(interaction: discord.Interaction[Any]) -> None:
            self.seen.append(("settings", interaction))
            await interaction.response.send_modal(Edit())

        @tree.context_menu(name="Draft from message")
        async def from_message(interaction: discord.Interaction[Any], message: discord.Message) -> None:
            self.seen.append(("from message", message))
            await interaction.response.send_message(view=Card(message.content))

        @tree.context_menu(name="Who is this")
        async def who(interaction: discord.Interaction[Any], member: discord.Member) -> None:
            await interaction.response.send_message(f"{member.name}: {len(member.roles)} roles", ephemeral=True)


class TinyBot:
    """Use as `async with`: points discord.py at the fake, runs a client, and puts everything back."""

    def __init__(self, fake: FakeDiscord, **options: Any) -> None:
        """`options` go to the client."""
        self._fake = fake
        self._token = options.pop("token", fake.world.app.token)
        self._options = options

    async def __aenter__(self) -> Client:
        self._before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
        Route.BASE = self._fake.api_url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._fake.gateway_url)
        self.client = Client(**self._options)
        self._task = asyncio.ensure_future(self.client.start(self._token))
        waiting = asyncio.ensure_future(self._ready())
        await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            waiting.cancel()
            await self.__aexit__(None, None, None)
            self._task.result()
        await waiting
        return self.client

    async def done(self) -> None:
        """Wait for the client to give up, and raise why."""
        await self._task

    async def _ready(self) -> None:
        await self._fake.connected()
        await self.client.wait_until_ready()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.close()
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self._before
        await asyncio.wait({self._task})
