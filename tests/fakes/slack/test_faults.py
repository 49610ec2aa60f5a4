"""What goes wrong between an app and Slack: repeated events, lost sockets, pace limits, missing rights."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.fakes.clock import FakeClock
from tests.fakes.slack.basics import AckTimeout
from tests.fakes.slack.person import Person
from tests.fakes.slack.scopes import NEEDED
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.tinybot import TinyBot
from tests.fakes.slack.world import EVENTS, AppConfig


@pytest.fixture
def ana(fake_slack: FakeSlack) -> Person:
    person = fake_slack.join("ana")
    fake_slack.channel("desk", "ana")
    return person


@pytest.fixture
def clock(fake_slack: FakeSlack) -> FakeClock:
    assert isinstance(fake_slack.clock, FakeClock)
    return fake_slack.clock


async def test_an_event_delivered_twice_runs_bolts_listener_twice(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        fake_slack.duplicate_next_event()
        await ana.mention("desk", "hello")
        await ana.mention("desk", "once")
        await fake_slack.until(lambda: len(bot.told("mention")) == 3)
        first, second, third = (body["event_id"] for body in bot.told("mention"))
        assert first == second != third
        retries = [e.detail for e in fake_slack.world.transcript.entries if '"retry_attempt": 1' in e.detail]
        assert len(retries) == 1


async def test_events_that_overtake_each_other(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        fake_slack.reorder()
        await ana.dm("first")
        assert bot.told("message") == []
        await ana.dm("second")
        await fake_slack.until(lambda: len(bot.told("message")) == 2)
        assert [body["event"]["text"] for body in bot.told("message")] == ["second", "first"]


async def test_an_event_nobody_acknowledges_comes_again_at_once_after_one_and_after_five_minutes(
    fake_slack: FakeSlack, ana: Person, clock: FakeClock
) -> None:
    fake_slack.hub.patience = 0.05
    async with TinyBot(fake_slack) as bot:
        fake_slack.hub.mute_acks = 4
        await ana.dm("hello")
        await fake_slack.until(lambda: len(bot.told("message")) == 2)
        assert await fake_slack.redeliver() == 0
        await clock.advance(60)
        assert await fake_slack.redeliver() == 1
        await clock.advance(299)
        assert await fake_slack.redeliver() == 0
        await clock.advance(1)
        assert await fake_slack.redeliver() == 1
        await clock.advance(3600)
        assert await fake_slack.redeliver() == 0
        await fake_slack.until(lambda: len(bot.told("message")) == 4)
        assert len({body["event_id"] for body in bot.told("message")}) == 1
        fake_slack.excuse("event message was never acknowledged (timeout)")


async def test_a_redelivery_that_is_acknowledged_ends_it(fake_slack: FakeSlack, ana: Person, clock: FakeClock) -> None:
    fake_slack.hub.patience = 0.2
    async with TinyBot(fake_slack) as bot:
        fake_slack.hub.mute_acks = 1
        await ana.dm("hello")
        await clock.advance(60)
        assert await fake_slack.redeliver() == 0
        await fake_slack.until(lambda: len(bot.told("message")) == 2)


@pytest.mark.parametrize("how", ["asked", "closed", "cut"])
async def test_the_app_comes_back_by_a_new_socket(fake_slack: FakeSlack, ana: Person, how: str) -> None:
    async with TinyBot(fake_slack, ping=0.2 if how == "cut" else 10):
        before = fake_slack.hub.links[0].number
        if how == "asked":
            await fake_slack.disconnect("refresh_requested")
        else:
            await fake_slack.drop_socket(cut=how == "cut")
        await fake_slack.until(lambda: [link for link in fake_slack.hub.links if link.number > before])
        await ana.slash("/desk help", "desk")
        assert [m.text for m in ana.ephemerals] == ["Try draft."]


async def test_a_socket_lost_before_the_answer(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        bot.gate = asyncio.Event()
        typed = asyncio.ensure_future(ana.slash("/desk help", "desk"))
        await bot.heard.wait()
        await fake_slack.drop_socket(cut=True)
        with pytest.raises(AckTimeout, match="connection_failed"):
            await typed
        bot.gate.set()
        fake_slack.excuse("connection_failed")


async def test_with_no_socket_people_see_an_error(fake_slack: FakeSlack, ana: Person) -> None:
    with pytest.raises(AckTimeout, match="connection_failed"):
        await ana.slash("/desk help", "desk")
    fake_slack.excuse("connection_failed")


async def test_an_eleventh_socket_is_turned_away(fake_slack: FakeSlack) -> None:
    headers = {"Authorization": f"Bearer {fake_slack.world.app.app_token}"}
    async with aiohttp.ClientSession() as session:

        async def connect() -> aiohttp.ClientWebSocketResponse:
            async with session.post(f"{fake_slack.api_url}apps.connections.open", headers=headers) as answer:
                url = (await answer.json())["url"]
            return await session.ws_connect(url)

        sockets = [await connect() for _ in range(11)]
        words = [await socket.receive_json() for socket in sockets]
        assert [word["type"] for word in words] == ["hello"] * 10 + ["disconnect"]
        assert (words[9]["num_connections"], words[10]["reason"]) == (10, "too_many_websockets")
        for socket in sockets:
            await socket.close()


async def test_a_socket_address_works_once(fake_slack: FakeSlack) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await session.ws_connect(f"{fake_slack.world.base}/link/?ticket=L1")


async def test_a_rate_limit_reaches_an_app_that_does_not_wait(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        fake_slack.inject("chat.postMessage", status=429, retry_after=1)
        channel = fake_slack.world.channel("desk").id
        with pytest.raises(SlackApiError) as caught:
            await bot.client.chat_postMessage(channel=channel, text="Hi")
        assert caught.value.response.status_code == 429
        assert (caught.value.response["error"], caught.value.response.headers["Retry-After"]) == ("ratelimited", "1")
        await bot.client.chat_postMessage(channel=channel, text="Hi")


async def test_and_is_survived_by_one_that_does(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack, retries=2) as bot:
        fake_slack.inject("chat.postMessage", status=429, retry_after=0)
        await bot.client.chat_postMessage(channel=fake_slack.world.channel("desk").id, text="Hi")
        assert len(ana.sees("desk")) == 1
        assert len(fake_slack.world.transcript.named("chat.postMessage")) == 2


async def test_an_answer_that_got_lost_after_the_work_was_done(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        fake_slack.inject("chat.postMessage", status=503, after=True)
        with pytest.raises(SlackApiError):
            await bot.client.chat_postMessage(channel=fake_slack.world.channel("desk").id, text="Hi")
        assert [m.text for m in ana.sees("desk")] == ["Hi"]


async def test_a_slow_method_takes_its_time_by_the_clock(fake_slack: FakeSlack, ana: Person, clock: FakeClock) -> None:
    async with TinyBot(fake_slack) as bot:
        fake_slack.slow("auth.test", 5)
        asked = asyncio.ensure_future(bot.client.auth_test())
        while not clock.sleepers:
            await asyncio.wait({asked}, timeout=0.01)
        assert not asked.done()
        await clock.advance(5)
        assert (await asked)["user_id"] == fake_slack.world.bot.id


async def test_the_limiter_lets_a_burst_through_and_then_one_a_second(
    fake_slack: FakeSlack, ana: Person, clock: FakeClock
) -> None:
    fake_slack.faults.strict_rate = True
    channel = fake_slack.world.channel("desk").id
    other = fake_slack.channel("reports", "ana").id
    async with TinyBot(fake_slack) as bot:
        for _ in range(3):
            await bot.client.chat_postMessage(channel=channel, text="Hi")
        with pytest.raises(SlackApiError) as caught:
            await bot.client.chat_postMessage(channel=channel, text="Hi")
        assert caught.value.response.headers["Retry-After"] == "3"
        await bot.client.chat_postMessage(channel=other, text="Hi")
        await clock.advance(3)
        await bot.client.chat_postMessage(channel=channel, text="Hi")


async def test_the_limiter_knows_tiers(fake_slack: FakeSlack, clock: FakeClock) -> None:
    fake_slack.faults.strict_rate = True
    async with TinyBot(fake_slack) as bot:
        for _ in range(20):
            await bot.client.usergroups_list()
        with pytest.raises(SlackApiError, match="ratelimited"):
            await bot.client.usergroups_list()
        await clock.advance(60)
        await bot.client.usergroups_list()


async def test_an_unknown_method_fails_the_test(fake_slack: FakeSlack) -> None:
    async with TinyBot(fake_slack) as bot:
        with pytest.raises(SlackApiError, match="unknown_method"):
            await bot.client.api_call("chat.shout")
        with pytest.raises(AssertionError, match=r"unknown method: chat\.shout"):
            fake_slack.check()
        fake_slack.excuse("chat.shout")


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-nobody", "auth.test", "invalid_auth"),
        (AppConfig().app_token, "auth.test", "not_allowed_token_type"),
        (AppConfig().bot_token, "apps.connections.open", "not_allowed_token_type"),
    ],
)
async def test_tokens(fake_slack: FakeSlack, token: str, method: str, error: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{fake_slack.api_url}{method}", headers=headers) as answer,
    ):
        assert await answer.json() == {"ok": False, "error": error}


@pytest.mark.parametrize("encoding", ["query", "form", "json", "token in the form"])
async def test_all_encodings_of_a_call(fake_slack: FakeSlack, ana: Person, encoding: str) -> None:
    channel, token = fake_slack.world.channel("desk").id, fake_slack.world.app.bot_token
    blocks = '[{"type":"divider"}]'
    plain = {"channel": channel, "text": "Hi", "blocks": blocks}
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(base_url=fake_slack.api_url) as session:
        match encoding:
            case "query":
                answer = await session.get("chat.postMessage", params=plain, headers=headers)
            case "form":
                answer = await session.post("chat.postMessage", data=plain, headers=headers)
            case "json":
                answer = await session.post("chat.postMessage", json=plain, headers=headers)
            case _:
                answer = await session.post("chat.postMessage", data={**plain, "token": token})
        assert (await answer.json())["ok"] is True
    assert [block["type"] for block in ana.sees("desk")[0].blocks] == ["divider"]


async def test_a_call_that_is_no_json(fake_slack: FakeSlack) -> None:
    headers = {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{fake_slack.api_url}auth.test", data="{", headers=headers) as answer,
    ):
        assert await answer.json() == {"ok": False, "error": "invalid_json"}


class TestFewRights:
    @pytest.fixture
    def fake_slack_app(self) -> AppConfig:
        return AppConfig(scopes=frozenset({"commands"}))

    @pytest.mark.parametrize("method", sorted(NEEDED.keys() - {"apps.connections.open"}))
    async def test_missing_scopes_are_named(self, fake_slack: FakeSlack, method: str) -> None:
        async with TinyBot(fake_slack, socket=False) as bot:
            with pytest.raises(SlackApiError) as caught:
                await bot.client.api_call(method)
            assert caught.value.response.data == {
                "ok": False,
                "error": "missing_scope",
                "needed": ",".join(NEEDED[method]),
                "provided": "commands",
            }


class TestUninstalled:
    @pytest.fixture
    def fake_slack_app(self) -> AppConfig:
        return AppConfig(events=EVENTS | {"member_joined_channel"})

    async def test_its_token_dies_and_it_hears_of_it(self, fake_slack: FakeSlack) -> None:
        async with TinyBot(fake_slack) as bot:
            await bot.client.auth_test()
            fake_slack.channel("news", bot=False)
            await fake_slack.invite_bot("news")
            await fake_slack.until(lambda: bot.told("member_joined_channel"))
            await fake_slack.uninstall()
            with pytest.raises(SlackApiError, match="token_revoked"):
                await bot.client.auth_test()
            told = [e.detail for e in fake_slack.world.transcript.entries if e.way == "slack"]
            assert sum('"type": "tokens_revoked"' in detail for detail in told) == 1
            assert sum('"type": "app_uninstalled"' in detail for detail in told) == 1
