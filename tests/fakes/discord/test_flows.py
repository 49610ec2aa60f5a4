"""An app on the unmodified discord.py goes through everything people do with it."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.fakes.discord.basics import AckTimeout, Refused
from tests.fakes.discord.model import Message
from tests.fakes.discord.person import Person
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.tinybot import PNG, Client, TinyBot


@pytest.fixture
def ana(fake_discord: FakeDiscord) -> Person:
    fake_discord.role("manager", "manage_guild")
    person = fake_discord.join("ana", "manager")
    fake_discord.channel("desk")
    return person


async def drafted(fake: FakeDiscord, person: Person, text: str = "Hello") -> Message:
    answer = await person.slash("desk draft", "desk", brief=text)
    message = answer.message
    assert message is not None
    await fake.until(lambda: not message.thinking)
    return message


async def test_login_and_sync(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        assert bot.user is not None
        assert (bot.user.name, bot.application_id) == ("copydesk", int(fake_discord.world.application_id))
        assert [guild.name for guild in bot.guilds] == ["acme"]
        assert [link.beats > 0 for link in fake_discord.hub.live] == [True]
        assert [channel.name for channel in bot.guilds[0].text_channels] == ["desk"]
        assert [role.name for role in bot.guilds[0].roles] == ["@everyone", "copydesk", "manager"]
        synced = {(command["type"], command["name"]) for command in fake_discord.world.commands}
        assert synced == {(1, "desk"), (1, "settings"), (2, "Who is this"), (3, "Draft from message")}
        assert fake_discord.world.syncs == ["global"]
        before = {command["name"]: command["id"] for command in fake_discord.world.commands}
        await bot.tree.sync()
        assert {command["name"]: command["id"] for command in fake_discord.world.commands} == before
        await bot.tree.sync(guild=bot.guilds[0])
        assert fake_discord.world.syncs == ["global", "global", fake_discord.world.guild.id]


async def test_a_command_is_deferred_and_followed_up_with_a_picture(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        answer = await ana.slash("/desk draft", "desk", brief="Hello", networks="x")
        assert answer.type == 5
        assert answer.seconds < 3
        message = answer.message
        assert message is not None
        await fake_discord.until(lambda: not message.thinking)
        assert (message.text, message.v2, message.ephemeral) == ("Hello", True, False)
        (file,) = message.attachments
        assert (file.filename, file.content, file.content_type) == ("card.png", PNG, "image/png")
        gallery = message.components[0]["components"][2]
        assert gallery["items"][0]["media"]["url"] == file.url
        assert fake_discord.messages("desk") == [message]
        (interaction,) = bot.told("draft")
        assert interaction.namespace.networks == "x"
        assert interaction.user.guild_permissions.manage_guild
        assert [role.name for role in interaction.user.roles] == ["@everyone", "manager"]
        assert interaction.channel.name == "desk"
        assert interaction.filesize_limit == 10 * 1024 * 1024


async def test_a_click_changes_the_card_in_place(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord):
        message = await drafted(fake_discord, ana)
        answer = await ana.click(message, "Approve")
        assert (answer.type, answer.message) == (7, message)
        assert message.text == f"Approved by <@{ana.id}>"
        assert message.attachments == []
        assert message.pinged == set()
        assert [user.name for user in message.mentions] == ["ana"]


async def test_a_button_works_after_a_restart(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord):
        message = await drafted(fake_discord, ana)
    fake_discord.patience = 0.1
    with pytest.raises(AckTimeout, match="the app is not connected"):
        await ana.click(message, "Approve")
    fake_discord.excuse("not connected")
    fake_discord.patience = 3
    async with TinyBot(fake_discord):
        await ana.click(message, "cd:1:approve:142")
        assert message.text.startswith("Approved")


async def test_a_menu(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        message = await drafted(fake_discord, ana)
        with pytest.raises(Refused, match="'Delete' is not among the options: Publish now, Reject"):
            await ana.select(message, "More…", "Delete")
        with pytest.raises(Refused, match="1 to 1 values, not 2"):
            await ana.select(message, "More…", "Reject", "Publish now")
        answer = await ana.select(message, "More…", "Publish now")
        assert answer.type == 6
        await fake_discord.until(lambda: message.text == "Chosen: pub")
        assert bot.told("chosen")[0]["values"] == ["pub"]


async def test_a_form_goes_round(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        message = await drafted(fake_discord, ana)
        answer = await ana.click(message, "Edit")
        assert answer.type == 9
        assert answer.modal is ana.modal is not None
        values: dict[str, Any] = {
            "Text": "New",
            "When": ["Tomorrow"],
            "Who": ["ana"],
            "Picture": [("a.png", PNG), ("b.png", b"b")],
        }
        submitted = await ana.submit(values=values)
        assert (submitted.type, front(ana), message.text) == (7, None, "New")
        (told,) = bot.told("submitted")
        assert (told["text"], told["when"]) == ("New", ["tomorrow"])
        assert [person.name for person in told["who"]] == ["ana"]
        assert told["files"] == {"a.png": PNG, "b.png": b"b"}


async def test_a_form_refuses_what_the_client_would(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        await ana.click(await drafted(fake_discord, ana), "Edit")
        for values, why in (
            ({"Text": "x" * 21}, "Text takes 0 to 20 characters, not 21"),
            ({"Text": ""}, "This field is required: Text"),
            ({"Text": "a", "Title": "b"}, r"'Title' is not in the form\. There is: Text, When, Who, Picture"),
            ({"Text": "a", "When": ["Never"]}, "'Never' is not among the options"),
            ({"Text": "a", "When": [], "Picture": [("a", b"")] * 3}, "Picture takes 1 to 2 files, not 3"),
            ({"Text": "a", "Picture": [("a", bytes(10 * 1024 * 1024 + 1))]}, "a is too large: the limit is 10 MiB"),
        ):
            with pytest.raises(Refused, match=why):
                await ana.submit(values=dict(values))
        assert bot.told("submitted") == []
        ana.close()
        with pytest.raises(Refused, match="not open"):
            await ana.submit()


async def test_a_form_that_is_not_answered_stays_with_what_was_typed(fake_discord: FakeDiscord, ana: Person) -> None:
    fake_discord.patience = 0.2
    async with TinyBot(fake_discord):
        await ana.click(await drafted(fake_discord, ana), "Edit")
        with pytest.raises(AckTimeout):
            await ana.submit(values={"Text": "broken"})
        modal = ana.modal
        assert modal is not None
        assert modal.values["text"] == "broken"
        fake_discord.patience = 3
        await ana.submit(values={"Text": "loud"})
        assert front(ana) is None
        fake_discord.excuse("was not answered within 3 s")


def front(person: Person) -> object:
    """What is in front of somebody now; a type checker would remember what it was before."""
    return person.modal


async def test_menus_of_messages_and_people(fake_discord: FakeDiscord, ana: Person) -> None:
    ben = fake_discord.join("ben")
    said = await ben.say("desk", "We ship on Monday")
    async with TinyBot(fake_discord) as bot:
        answer = await ana.context_menu("Draft from message", said)
        assert answer.message is not None
        assert (answer.message.text, answer.message.type) == ("We ship on Monday", 23)
        (message,) = bot.told("from message")
        assert (message.author.name, message.content) == ("ben", "We ship on Monday")
        await ana.context_menu("Who is this", ben, "desk")
        assert [one.text for one in ana.ephemerals] == ["ben: 1 roles"]
        with pytest.raises(Refused, match="There is no command 'Delete'"):
            await ana.context_menu("Delete", said)


async def test_choices_while_typing(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord):
        found = await ana.autocomplete("desk draft", "networks", "in", "desk", brief="Hello")
        assert found == [{"name": "Linkedin", "value": "linkedin"}]
        with pytest.raises(Refused, match="'brief' asks nobody"):
            await ana.autocomplete("desk draft", "brief", "in", "desk")


async def test_every_kind_of_option(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        given: dict[str, Any] = {"file": ("a.png", PNG), "person": "ana", "channel_": "desk", "count": 3}
        await ana.slash("desk give", "desk", **given)
        assert bot.told("given") == [{"file": PNG, "person": "ana", "channel": "desk", "count": 3}]
        for wrong, why in (
            ({"count": 6}, "count takes 1 to 5"),
            ({"count": "3"}, "count does not take '3'"),
            ({"person": "carl"}, "'carl' is not among the users here"),
            ({"person": None}, "This option is required: person"),
            ({"colour": "red"}, "There is no option colour"),
            ({"file": "a.png"}, r"given as \(name, bytes\)"),
        ):
            with pytest.raises(Refused, match=why):
                await ana.slash("desk give", "desk", **{**given, **wrong})


async def test_commands_that_are_not_offered(fake_discord: FakeDiscord, ana: Person) -> None:
    ben = fake_discord.join("ben")
    fake_discord.channel("secret", only=["manager"])
    async with TinyBot(fake_discord) as bot:
        for command, place, why in (
            ("settings", "desk", "/settings is not offered to ben, who lacks the permission"),
            ("settings", None, "/settings is not offered in conversations"),
            ("desk", "desk", r"/desk is not whole: draft, help, late, silent, give follow"),
            ("desk dratf", "desk", "/desk dratf is not there"),
            ("post", "desk", "There is no command 'post'. Synced are: desk, settings"),
            ("desk help", "secret", "ben can't see #secret"),
        ):
            with pytest.raises(Refused, match=why):
                await ben.slash(command, place)
        answer = await ana.slash("settings", "secret")
        assert answer.type == 9
        fake_discord.give("ben", "manager")
        await ben.slash("settings", "secret")
        assert [interaction.user.name for interaction in bot.told("settings")] == ["ana", "ben"]


async def test_what_one_person_alone_sees(fake_discord: FakeDiscord, ana: Person) -> None:
    ben = fake_discord.join("ben")
    async with TinyBot(fake_discord) as bot:
        await ana.slash("desk help", "desk")
        await fake_discord.until(lambda: len(ana.ephemerals) == 2)
        assert [one.text for one in ana.ephemerals] == ["Try draft.", "Or read the manual."]
        assert (ben.ephemerals, ben.sees("desk"), bot.told("message")) == ([], [], [])
        first = ana.ephemerals[0]
        channel = bot.get_channel(int(first.channel))
        assert isinstance(channel, discord.TextChannel)
        with pytest.raises(discord.NotFound, match="10008"):
            await channel.get_partial_message(int(first.id)).edit(content="Changed")


async def test_a_mention_opens_a_thread_and_a_message_is_answered(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        said = await ana.mention("desk", "write something")
        await fake_discord.until(lambda: [one.text for one in fake_discord.thread(said)] == ["Here."])
        assert bot.told("message")[0].clean_content == "@copydesk write something"
        await ana.mention("A talk", "and more")
        await fake_discord.until(lambda: len(fake_discord.thread(said)) == 3)
        assert fake_discord.thread(said)[2].reply_to == fake_discord.thread(said)[1].id
        assert fake_discord.thread(said)[2].pinged == set()


async def test_without_the_intent_only_mentions_and_conversations_can_be_read(
    fake_discord: FakeDiscord, ana: Person
) -> None:
    async with TinyBot(fake_discord) as bot:
        await ana.say("desk", "between us")
        await ana.dm("to you")
        await ana.mention("desk", "hello")
        await fake_discord.until(lambda: len(bot.told("message")) >= 3)
        heard = [message.content for message in bot.told("message") if not message.author.bot]
        assert heard == ["", "to you", f"<@{fake_discord.world.bot.id}> hello"]
    async with TinyBot(fake_discord, intents=discord.Intents.all() & ~discord.Intents(presences=True)) as bot:
        await ana.say("desk", "between us")
        await fake_discord.until(lambda: bot.told("message"))
        assert bot.told("message")[0].content == "between us"


async def test_the_client_refuses_what_is_not_there(fake_discord: FakeDiscord, ana: Person) -> None:
    ben = fake_discord.join("ben")
    fake_discord.channel("secret", only=["ana"])
    async with TinyBot(fake_discord) as bot:
        message = await drafted(fake_discord, ana)
        seen = message.snapshot()
        with pytest.raises(Refused, match=r"'Publish' is not there\. There is: Approve, "):
            await ana.click(message, "Publish")
        with pytest.raises(Refused, match="is a menu"):
            await ana.click(message, "More…")
        with pytest.raises(Refused, match="is a button"):
            await ana.select(message, "Approve", "x")
        with pytest.raises(Refused, match="ben can't see #secret"):
            await ben.say("secret", "hello")
        await ana.click(message, "Approve")
        with pytest.raises(Refused, match="no longer on the message"):
            await ana.click(seen, "Approve")
        await ana.click(seen, "Approve", stale=True)
        assert len(bot.told("acted")) == 2
        fake_discord.delete_message(message)
        with pytest.raises(Refused, match="not there any more"):
            await ana.click(seen, "Approve", stale=True)


async def test_the_bot_meets_what_is_gone_or_forbidden(fake_discord: FakeDiscord, ana: Person) -> None:
    fake_discord.channel("quiet", deny=["send_messages"])
    hidden = fake_discord.channel("hidden", bot=False)
    async with TinyBot(fake_discord) as bot:
        quiet = found(bot, "quiet")
        with pytest.raises(discord.Forbidden, match="50013"):
            await quiet.send("Hello")
        with pytest.raises(discord.Forbidden, match="50001"):
            await bot.get_partial_messageable(int(hidden.id)).send("Hello")
        message = await drafted(fake_discord, ana)
        desk = found(bot, "desk")
        other = await ana.say("desk", "Mine")
        with pytest.raises(discord.Forbidden, match="50005"):
            await desk.get_partial_message(int(other.id)).edit(content="Yours")
        with pytest.raises(discord.Forbidden, match="50013"):
            await desk.get_partial_message(int(other.id)).delete()
        fake_discord.delete_message(message)
        with pytest.raises(discord.NotFound, match="10008"):
            await desk.get_partial_message(int(message.id)).edit(content="Late")
        fake_discord.delete_channel("desk")
        with pytest.raises(discord.NotFound, match="10003"):
            await desk.send("Hello")


def found(bot: Client, name: str) -> discord.TextChannel:
    return next(channel for channel in bot.guilds[0].text_channels if channel.name == name)


async def test_people_who_take_no_messages(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        person = await bot.fetch_user(int(ana.id))
        await person.send("Hello")
        assert [message.text for message in ana.inbox] == ["Hello"]
        ana.refuse_dms()
        with pytest.raises(discord.Forbidden, match="50007"):
            await person.send("Hello again")


async def test_one_more_guild_and_out_again(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        fake_discord.guild("branch")
        fake_discord.channel("annex", guild="branch")
        fake_discord.join("ana", guild="branch")
        await fake_discord.until(lambda: bot.guilds[-1].text_channels)
        await ana.slash("desk help", "annex")
        fake_discord.kick_bot("branch")
        await fake_discord.until(lambda: len(bot.guilds) == 1)


async def test_what_a_bot_reads(fake_discord: FakeDiscord, ana: Person) -> None:
    first, second = await ana.say("desk", "One"), await ana.say("desk", "Two")
    async with TinyBot(fake_discord) as bot:
        desk = await bot.fetch_channel(int(first.channel))
        assert isinstance(desk, discord.TextChannel)
        assert [message.content async for message in desk.history()] == ["Two", "One"]
        assert [message.content async for message in desk.history(after=discord.Object(int(first.id)))] == ["Two"]
        assert [message.content async for message in desk.history(limit=1)] == ["Two"]
        message = await desk.fetch_message(int(second.id))
        await message.add_reaction("✅")
        await message.remove_reaction("✅", bot.guilds[0].me)
        await desk.typing()
        thread = await message.create_thread(name="A talk")
        await thread.add_user(discord.Object(int(ana.id)))
        await thread.join()
        assert ana.id in fake_discord.world.channels[str(thread.id)].members
        guild = await bot.fetch_guild(bot.guilds[0].id)
        assert [role.name for role in await guild.fetch_roles()] == ["@everyone", "copydesk", "manager"]
        assert [channel.name for channel in await guild.fetch_channels()] == ["desk"]
        assert [found.name async for found in bot.fetch_guilds()] == ["acme"]
        assert (await bot.http.get_bot_gateway())[1] == fake_discord.gateway_url


async def test_commands_one_by_one(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        assert bot.application_id is not None
        one: Any = {"name": "ping", "description": "Ping", "type": 1}
        made = await bot.http.upsert_global_command(bot.application_id, one)
        other: Any = {**one, "description": "Pong"}
        again = await bot.http.upsert_global_command(bot.application_id, other)
        assert made["id"] == again["id"]
        assert [command.name for command in await bot.tree.fetch_commands()][-1] == "ping"
        await bot.http.delete_global_command(bot.application_id, int(made["id"]))
        with pytest.raises(discord.NotFound, match="10063"):
            await bot.http.delete_global_command(bot.application_id, int(made["id"]))
        other["name"] = "Ping Pong"
        with pytest.raises(discord.HTTPException, match="50035"):
            await bot.http.upsert_global_command(bot.application_id, other)
