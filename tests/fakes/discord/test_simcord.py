"""The same app goes the same way through simcord, in this process: what is shown there holds on the wire and back."""

from __future__ import annotations

import discord
import pytest
import simcord

from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.tinybot import Client, TinyBot


async def on_the_wire(fake: FakeDiscord) -> list[str]:
    ana = fake.join("ana")
    fake.channel("desk")
    async with TinyBot(fake):
        answer = await ana.slash("desk draft", "desk", brief="Hello")
        message = answer.message
        assert message is not None
        await fake.until(lambda: not message.thinking)
        seen = [message.text]
        await ana.click(message, "Edit")
        await ana.submit(values={"Text": "New"})
        seen.append(message.text)
        await ana.click(message, "Approve")
        return [*seen, message.text.replace(ana.id, "ana")]


async def in_process() -> list[str]:
    async with simcord.run(Client()) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("desk")
        ana = guild.add_member(env.create_user("ana"))
        await ana.slash(channel, "desk draft", brief="Hello")
        seen = [words(newest(channel))]
        form = await ana.click(newest(channel), label="Edit")
        await ana.submit_modal(form, {"text": "New"})
        seen.append(words(newest(channel)))
        await ana.click(newest(channel), label="Approve")
        return [*seen, words(newest(channel)).replace(str(ana.id), "ana")]


def newest(channel: simcord.ChannelHandle) -> discord.Message:
    message = channel.last_message
    assert message is not None
    return message


def words(message: discord.Message) -> str:
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay))


async def test_both_tell_the_same_story(fake_discord: FakeDiscord) -> None:
    assert await on_the_wire(fake_discord) == await in_process() == ["Hello", "New", "Approved by <@ana>"]


async def test_simcord_hides_what_only_the_wire_shows() -> None:
    """A command that never answers raises nothing there; here it is an AckTimeout."""
    bot = Client()
    async with simcord.run(bot) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("desk")
        ana = guild.add_member(env.create_user("ana"))
        result = await ana.slash(channel, "desk silent")
        assert not result.acknowledged
        env.inject_error("POST", "/channels/*/messages", status=429)
        with pytest.raises(discord.HTTPException):
            await bot.get_partial_messageable(channel.id).send("Hello")
