"""What goes wrong between an app and Discord: pace limits, lost sockets and sessions, late and double answers."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.fakes.clock import FakeClock
from tests.fakes.discord.basics import AckTimeout, Json, Refused
from tests.fakes.discord.person import Person
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.tinybot import Card, Client, TinyBot
from tests.fakes.discord.world import AppConfig


@pytest.fixture
def ana(fake_discord: FakeDiscord) -> Person:
    person = fake_discord.join("ana")
    fake_discord.channel("desk")
    return person


@pytest.fixture
def clock(fake_discord: FakeDiscord) -> FakeClock:
    assert isinstance(fake_discord.clock, FakeClock)
    return fake_discord.clock


def desk(bot: Client) -> discord.TextChannel:
    return next(channel for channel in bot.guilds[0].text_channels if channel.name == "desk")


# Pace


@pytest.mark.parametrize("everywhere", [False, True])
async def test_the_library_waits_out_a_limit(fake_discord: FakeDiscord, ana: Person, *, everywhere: bool) -> None:
    async with TinyBot(fake_discord) as bot:
        route = "POST /channels/{channel}/messages"
        fake_discord.inject(route, status=429, retry_after=0.01, everywhere=everywhere, times=2)
        await desk(bot).send("Hello")
        assert [message.text for message in ana.sees("desk")] == ["Hello"]
        told = [entry for entry in fake_discord.world.transcript.entries if entry.what.endswith("messages refused")]
        assert len(told) == 2
        assert f'"global": {str(everywhere).lower()}' in told[0].detail


async def test_a_limit_that_is_not_discords_own_is_an_error(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        fake_discord.inject("POST /channels/*/messages", status=429, via=False)
        with pytest.raises(discord.HTTPException) as caught:
            await desk(bot).send("Hello")
        assert caught.value.status == 429


async def test_follow_ups_wait_out_a_limit_too(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord):
        fake_discord.inject("POST /webhooks/*/*", status=429, retry_after=0.01)
        answer = await ana.slash("desk draft", "desk", brief="Hello")
        await fake_discord.until(lambda: answer.message is not None and answer.message.text == "Hello")


async def test_an_answer_that_gets_lost(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        fake_discord.inject("POST /channels/*/messages", status=503, after=True)
        with pytest.raises(discord.DiscordServerError):
            await desk(bot).send("Hello")
        assert [message.text for message in ana.sees("desk")] == ["Hello"]


async def test_a_slow_call(fake_discord: FakeDiscord, ana: Person, clock: FakeClock) -> None:
    async with TinyBot(fake_discord) as bot:
        fake_discord.slow("POST /channels/*/messages", 30)
        sending = asyncio.ensure_future(desk(bot).send("Hello"))
        await fake_discord.until(lambda: clock.sleepers)
        assert ana.sees("desk") == []
        await clock.advance(30)
        await sending
        assert len(ana.sees("desk")) == 1


async def test_five_messages_in_five_seconds(ana: Person, fake_discord: FakeDiscord, clock: FakeClock) -> None:
    fake_discord.faults.strict_rate = True
    headers = {"Authorization": f"Bot {fake_discord.world.app.token}"}
    url = f"{fake_discord.api_url}/channels/{fake_discord.world.channel('desk').id}/messages"
    body = {"content": "Hello", "allowed_mentions": {"parse": []}}
    async with aiohttp.ClientSession(headers=headers) as session:
        answers = [await session.post(url, json=body) for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        assert await answers[5].json() == {
            "message": "You are being rate limited.",
            "code": 0,
            "retry_after": 5.0,
            "global": False,
        }
        assert answers[5].headers["Retry-After"] == "5"
        await clock.advance(5)
        assert (await session.post(url, json=body)).status == 200


def test_a_route_that_is_none(fake_discord: FakeDiscord) -> None:
    with pytest.raises(Refused, match="is no route"):
        fake_discord.inject("/channels", status=500)


# Sockets and sessions


@pytest.mark.parametrize("how", ["asked", "closed", "cut", "resumable"])
async def test_a_session_is_taken_up_again(fake_discord: FakeDiscord, ana: Person, how: str) -> None:
    async with TinyBot(fake_discord) as bot:
        ways: dict[str, Callable[[], None]] = {
            "asked": fake_discord.reconnect,
            "closed": lambda: fake_discord.close(4000),
            "cut": fake_discord.drop_gateway,
            "resumable": lambda: fake_discord.invalidate(resumable=True),
        }
        ways[how]()
        said = await ana.mention("desk", "said in between")
        await fake_discord.until(lambda: bot.told("resumed"))
        await fake_discord.until(lambda: fake_discord.thread(said))
        assert (fake_discord.hub.resumed, len(fake_discord.hub.identified)) == (1, 1)
        assert [link.path for link in fake_discord.hub.live] == ["/gateway/resumed/"]
        await ana.slash("desk help", "desk")


async def test_a_press_while_the_socket_is_gone_arrives_when_it_is_back(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord):
        fake_discord.drop_gateway()
        await ana.slash("desk help", "desk")
        assert fake_discord.hub.resumed == 1


async def test_a_session_that_is_over_begins_anew(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        fake_discord.invalidate()
        await fake_discord.until(lambda: len(fake_discord.hub.identified) == 2)
        await fake_discord.connected()
        assert bot.told("resumed") == []
        await ana.slash("desk help", "desk")
        fake_discord.close(4009)
        await fake_discord.until(lambda: len(fake_discord.hub.identified) == 3)
        await ana.slash("desk help", "desk")
        assert fake_discord.hub.resumed == 0


@pytest.mark.parametrize("code", [4004, 4014])
async def test_codes_that_are_the_end(fake_discord: FakeDiscord, ana: Person, code: int) -> None:
    bot = TinyBot(fake_discord)
    async with bot:
        fake_discord.close(code)
        with pytest.raises(discord.ConnectionClosed if code == 4004 else discord.PrivilegedIntentsRequired):
            await bot.done()


async def test_a_wrong_token(fake_discord: FakeDiscord) -> None:
    with pytest.raises(discord.LoginFailure):
        async with TinyBot(fake_discord, token="wrong"):
            raise AssertionError
    async with aiohttp.ClientSession() as session, session.ws_connect(fake_discord.gateway_url) as socket:
        assert (await socket.receive_json())["d"] == {"heartbeat_interval": 41250, "_trace": ["fake"]}
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0, "properties": {}}})
        await socket.receive()
        assert socket.close_code == 4004


class TestIntents:
    @pytest.fixture
    def fake_discord_app(self) -> AppConfig:
        return AppConfig(approved_intents=frozenset())

    async def test_an_intent_that_is_switched_off(self, fake_discord: FakeDiscord) -> None:
        intents = discord.Intents.default() | discord.Intents(message_content=True)
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with TinyBot(fake_discord, intents=intents):
                raise AssertionError
        async with TinyBot(fake_discord):
            assert [one["intents"] & 1 << 15 for one in fake_discord.hub.identified] == [0]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("no json", 4002),
        ('{"op": 8, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "$", "intents": 67108864, "properties": {}}}', 4013),
        ('{"op": 2, "d": {"token": "$", "intents": 256, "properties": {}}}', 4014),
    ],
)
async def test_what_the_gateway_does_not_take(fake_discord: FakeDiscord, said: str, code: int) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(fake_discord.gateway_url) as socket:
        await socket.receive()
        await socket.send_str(said.replace("$", fake_discord.world.app.token))
        await socket.receive()
        assert socket.close_code == code


async def test_identified_twice_and_an_unknown_operation(fake_discord: FakeDiscord) -> None:
    hello = {"op": 2, "d": {"token": fake_discord.world.app.token, "intents": 0, "properties": {}}}
    for second, code in ((hello, 4005), ({"op": 99, "d": None}, 4001)):
        async with aiohttp.ClientSession() as session, session.ws_connect(fake_discord.gateway_url) as socket:
            await socket.send_json(hello)
            await socket.send_json(second)
            async for message in socket:
                assert message.json()["op"] in {0, 10}
            assert socket.close_code == code


async def test_a_session_nobody_knows_can_not_be_resumed(fake_discord: FakeDiscord) -> None:
    token = fake_discord.world.app.token
    async with aiohttp.ClientSession() as session, session.ws_connect(fake_discord.gateway_url) as socket:
        await socket.receive()
        await socket.send_json({"op": 6, "d": {"token": token, "session_id": "1", "seq": 3}})
        assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}


async def test_members_are_asked_for(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        guild = bot.guilds[0]
        assert [member.name for member in guild.members] == ["copydesk"]
        assert [member.name for member in await guild.query_members(user_ids=[int(ana.id)])] == ["ana"]
        assert [member.name for member in await guild.query_members("an")] == ["ana"]
        assert (await guild.fetch_member(int(ana.id))).name == "ana"


# Answers


async def test_no_answer_within_three_seconds(fake_discord: FakeDiscord, ana: Person) -> None:
    fake_discord.patience = 0.1
    async with TinyBot(fake_discord) as bot:
        with pytest.raises(AckTimeout, match="command 'desk' was not answered within 3 s"):
            await ana.slash("desk silent", "desk")
        fake_discord.excuse("command 'desk' was not answered")
        (interaction,) = bot.told("silent")
        with pytest.raises(discord.NotFound, match="10062"):
            await interaction.response.send_message("Sorry")


async def test_an_answer_after_three_seconds_of_the_clock(
    fake_discord: FakeDiscord, ana: Person, clock: FakeClock
) -> None:
    async with TinyBot(fake_discord) as bot:
        typed = asyncio.ensure_future(ana.slash("desk silent", "desk"))
        await fake_discord.until(lambda: bot.told("silent"))
        await clock.advance(3.1)
        with pytest.raises(discord.NotFound, match="10062"):
            await bot.told("silent")[0].response.send_message("Sorry")
        with pytest.raises(AckTimeout):
            await typed
        fake_discord.excuse("was not answered")


async def test_two_answers(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        answer = await ana.slash("desk draft", "desk", brief="Hello")
        message = answer.message
        assert message is not None
        await fake_discord.until(lambda: not message.thinking)
        await ana.click(message, "Twice")
        await fake_discord.until(lambda: bot.raised)
        (error,) = bot.raised
        assert isinstance(error, discord.HTTPException)
        assert (error.status, error.code) == (400, 40060)


async def test_a_token_lives_for_a_quarter_of_an_hour(fake_discord: FakeDiscord, ana: Person, clock: FakeClock) -> None:
    async with TinyBot(fake_discord) as bot:
        await ana.slash("desk late", "desk")
        (interaction,) = bot.told("late")
        await clock.advance(15 * 60)
        await interaction.edit_original_response(content="Done")
        assert [message.text for message in ana.ephemerals] == ["Done"]
        await clock.advance(1)
        for late in (interaction.edit_original_response(content="Again"), interaction.followup.send("Again")):
            with pytest.raises(discord.HTTPException) as caught:
                await late
            assert (caught.value.status, caught.value.code) == (401, 50027)


async def test_whoever_is_left_thinking_is_a_problem(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord):
        answer = await ana.slash("desk late", "desk")
    assert fake_discord.problems == [f"command {answer.interaction.id} was left thinking"]
    with pytest.raises(AssertionError, match="was left thinking"):
        fake_discord.check()
    fake_discord.excuse("left thinking")


async def test_the_original_is_read_changed_and_taken_away(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        await ana.slash("desk late", "desk")
        (interaction,) = bot.told("late")
        original = await interaction.original_response()
        assert original.flags.loading
        assert original.flags.ephemeral
        said = await interaction.followup.send("Here")
        assert said.id == original.id
        more = await interaction.followup.send("More", wait=True)
        await more.edit(content="Even more")
        assert [message.text for message in fake_discord.messages("desk")] == ["Even more"]
        assert [message.text for message in ana.ephemerals] == ["Here"]
        await interaction.delete_original_response()
        with pytest.raises(discord.NotFound, match="10008"):
            await interaction.edit_original_response(content="Back")


async def test_a_follow_up_needs_a_first_response(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        typed = asyncio.ensure_future(ana.slash("desk silent", "desk"))
        await fake_discord.until(lambda: bot.told("silent"))
        (interaction,) = bot.told("silent")
        with pytest.raises(discord.NotFound, match="10015"):
            await interaction.followup.send("Hello", ephemeral=True)
        await interaction.response.send_message("Hello")
        assert (await typed).type == 4


@pytest.mark.parametrize(
    ("kind", "data"),
    [(6, {}), (7, {"content": "x"}), (8, {"choices": []}), (1, {}), (5, {"flags": 1 << 15})],
)
async def test_responses_that_do_not_fit(fake_discord: FakeDiscord, ana: Person, kind: int, data: Json) -> None:
    async with TinyBot(fake_discord) as bot:
        typed = asyncio.ensure_future(ana.slash("desk silent", "desk"))
        await fake_discord.until(lambda: bot.told("silent"))
        (interaction,) = bot.told("silent")
        route = Route("POST", "/interactions/{i}/{t}/callback", i=interaction.id, t=interaction.token)
        with pytest.raises(discord.HTTPException, match="50035"):
            await bot.http.request(route, json={"type": kind, "data": data})
        await interaction.response.send_message("Hello")
        await typed


# What must never be seen


async def test_a_payload_that_may_ring_is_a_problem(fake_discord: FakeDiscord, ana: Person) -> None:
    number = fake_discord.world.channel("desk").id
    async with TinyBot(fake_discord, allowed_mentions=None) as bot:
        await desk(bot).send("Hello @everyone")
        assert fake_discord.messages("desk")[0].pinged == {"everyone"}
        fake_discord.excuse(f"POST /channels/{number}/messages: the payload has no allowed_mentions")
        fake_discord.excuse("rings everybody in the channel")
        await desk(bot).send("Hello", allowed_mentions=discord.AllowedMentions(users=True))
        fake_discord.excuse("the payload has allowed_mentions whose parse is")
        chosen = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(int(ana.id))])
        message = await desk(bot).send(f"Hello <@{ana.id}> @here", allowed_mentions=chosen)
        assert fake_discord.messages("desk")[2].pinged == {ana.id}
        await message.edit(content="@everyone", allowed_mentions=chosen)
        assert fake_discord.messages("desk")[2].pinged == {ana.id}
        assert fake_discord.problems == []


async def test_the_library_leaves_its_own_default_out_of_an_edit_without_content(
    fake_discord: FakeDiscord, ana: Person
) -> None:
    async with TinyBot(fake_discord) as bot:
        message = await desk(bot).send(view=Card("Hello"))
        assert fake_discord.problems == []
        await message.edit(view=Card("Hello again"))
        fake_discord.excuse("the payload has no allowed_mentions")


async def test_words_for_pictures_files_that_nothing_shows_and_secrets(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        view: Any = discord.ui.LayoutView()
        view.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png")))
        await desk(bot).send(view=view, file=discord.File(io.BytesIO(b"a"), "a.png"))
        fake_discord.excuse("a picture without words for those who can't see it")
        message = await desk(bot).send(
            view=Card("Hello", picture="b.png"), file=discord.File(io.BytesIO(b"b"), "b.png")
        )
        await message.edit(view=Card("Hello"), allowed_mentions=discord.AllowedMentions.none())
        fake_discord.excuse("nothing shows its file b.png")
        await desk(bot).send(f"My token is {fake_discord.world.app.token}")
        fake_discord.excuse("a secret is in the text")
        assert fake_discord.world.app.token not in str(fake_discord.world.transcript)
    with pytest.raises(Refused, match="No problem says"):
        fake_discord.excuse("anything")


async def test_an_unknown_route_is_a_problem(fake_discord: FakeDiscord) -> None:
    async with TinyBot(fake_discord) as bot:
        with pytest.raises(discord.NotFound):
            await bot.fetch_sticker(1)
    fake_discord.excuse("unknown route: GET /stickers/1")
