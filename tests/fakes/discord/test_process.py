"""The fake as a process with its control face, and the transcript in the report of a failed test."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import discord
import httpx
import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.discord.control import VERBS, ControlledDiscord
from tests.fakes.discord.tinybot import PNG, TinyBot

ROOT: Final = Path(__file__).resolve().parents[3]


@pytest.fixture
async def fake() -> AsyncIterator[ControlledDiscord]:
    async with ControlledDiscord(clock=FakeClock()) as fake:
        yield fake


@pytest.fixture
async def control(fake: ControlledDiscord) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{fake.world.base}/_fake/", trust_env=False) as client:
        yield client


async def do(control: httpx.AsyncClient, verb: str, /, **args: Any) -> Any:
    answer = (await control.post(verb, json=args)).json()
    assert answer["ok"], answer
    return answer["result"]


async def test_a_whole_flow_by_remote_control(fake: ControlledDiscord, control: httpx.AsyncClient) -> None:
    await do(control, "role", role="manager", permissions=["manage_guild"])
    await do(control, "join", user="ana", roles=["manager"])
    await do(control, "join", user="ben")
    await do(control, "channel", channel="desk")
    async with TinyBot(fake) as bot:
        await do(control, "connected")
        told = await do(
            control, "slash", user="ana", channel="desk", command="desk draft", options={"brief": "We ship"}
        )
        assert told["type"] == 5
        await fake.until(lambda: not fake.messages("desk")[0].thinking)
        assert (await do(control, "click", user="ana", channel="desk", what="Edit"))["modal"]["labels"] == [
            "Text",
            "When",
            "Who",
            "Picture",
        ]
        file = {"name": "a.png", "base64": base64.b64encode(PNG).decode()}
        await do(control, "submit", user="ana", values={"Text": "We shipped", "Picture": [file]})
        assert bot.told("submitted")[0]["files"] == {"a.png": PNG}
        await do(control, "click", user="ana", channel="desk", what="Edit")
        await do(control, "close_form", user="ana")
        found = await do(
            control, "autocomplete", user="ana", channel="desk", command="desk draft", option="networks", text="mast"
        )
        assert found == [{"name": "Mastodon", "value": "mastodon"}]
        await do(control, "select", user="ana", channel="desk", what="More…", values=["Reject"])
        await do(control, "slash", user="ana", channel="desk", command="desk help")
        said = await do(control, "say", user="ben", channel="desk", text="An idea", files=[file])
        assert said["attachments"][0]["filename"] == "a.png"
        place = {"channel": "desk", "message": said["id"]}
        told = await do(control, "context_menu", user="ana", name="Draft from message", **place)
        assert told["message"]["text"] == "An idea"
        await do(control, "context_menu", user="ana", name="Who is this", target="ben", channel="desk")
        await do(control, "mention", user="ana", channel="desk", text="hello")
        await fake.until(lambda: any(channel.name == "A talk" for channel in fake.world.channels.values()))
        await do(control, "dm", user="ben", text="hello")
        await fake.until(lambda: fake.messages("A talk"))
        state = await do(control, "state")
        assert [one["text"] for one in state["channels"]["desk"]][:3] == ["Chosen: Reject", "An idea", "An idea"]
        assert state["channels"]["desk"][2]["actions"] == ["Approve", "Edit", "Silent", "Twice", "More…"]
        assert state["people"]["ana"]["ephemerals"][0]["text"] == "Try draft."
        assert [one["text"] for one in state["people"]["ben"]["inbox"]] == ["hello"]
        assert (state["syncs"], "Draft from message" in state["commands"]) == (["global"], True)
        assert any("We ship" in line for line in await do(control, "transcript"))
        assert await do(control, "check") == []


async def test_places_people_and_faults_by_remote_control(fake: ControlledDiscord, control: httpx.AsyncClient) -> None:
    await do(control, "join", user="ana")
    await do(control, "channel", channel="desk")
    async with TinyBot(fake) as bot:
        await do(control, "inject", route="GET /users/*", status=403, code=50001, message="Missing Access")
        with pytest.raises(discord.Forbidden, match="50001"):
            await bot.fetch_user(1)
        await do(control, "slow", route="GET /users/*", seconds=0)
        with pytest.raises(discord.NotFound, match="10013"):
            await bot.fetch_user(1)
        await do(control, "reconnect")
        await fake.until(lambda: fake.hub.resumed == 1)
        await do(control, "drop_gateway")
        await fake.until(lambda: fake.hub.resumed == 2)
        await do(control, "close", code=4000)
        await fake.until(lambda: fake.hub.resumed == 3)
        await do(control, "invalidate")
        await fake.until(lambda: len(fake.hub.identified) == 2)
        await do(control, "connected", sockets=1, within=2)
        await do(control, "guild", guild="branch")
        await do(control, "channel", channel="annex", guild="branch", only=["ana"])
        await do(control, "kick_bot", guild="branch")
        await fake.until(lambda: len(bot.guilds) == 1)
        await do(control, "role", role="manager", permissions=["manage_guild"])
        await do(control, "give", user="ana", roles=["manager"])
        assert (await do(control, "slash", user="ana", channel="desk", command="settings"))["type"] == 9
        await do(control, "refuse_dms", user="ana")
        with pytest.raises(discord.Forbidden, match="50007"):
            await (await bot.create_dm(discord.Object(int(fake.person("ana").id)))).send("Hello")
        said = await do(control, "say", user="ana", channel="desk", text="Hello")
        await do(control, "delete_message", user="ana", channel="desk", message=said["id"])
        assert fake.messages("desk") == []
        await do(control, "delete_channel", channel="desk")
        assert "desk" not in (await do(control, "state"))["channels"]


async def test_the_control_face_says_what_is_wrong(fake: ControlledDiscord, control: httpx.AsyncClient) -> None:
    answer = await control.post("shout", json={})
    assert (answer.status_code, answer.json()["verbs"]) == (404, sorted(VERBS))
    answer = await control.post("slash", json={"command": "desk"})
    assert (answer.status_code, answer.json()["error"]) == (400, "slash needs 'user'.")
    answer = await control.post("slash", json={"user": "ana", "command": "desk"})
    assert (answer.status_code, answer.json()["error"]) == (409, "Nobody here is called ana.")


async def test_a_crowd_by_remote_control(fake: ControlledDiscord, control: httpx.AsyncClient) -> None:
    for number in range(1, 6):
        await do(control, "join", user=f"one {number}")
        await do(control, "channel", channel=f"room {number}", only=[f"one {number}"])
    async with TinyBot(fake) as bot:
        theirs = {"user": "one {n}", "channel": "room {n}"}
        args = {**theirs, "command": "desk draft", "options": {"brief": "From {n}"}}
        told = await do(control, "crowd", verb="slash", count=5, args=args)
        assert told == fake.latencies[-5:]
        assert all(0 < seconds < 3 for seconds in told)
        for number in range(1, 6):
            await fake.until(lambda number=number: f"From {number}" in fake.messages(f"room {number}")[0].text)  # type: ignore[misc]
        assert len(await do(control, "crowd", verb="click", count=5, args={**theirs, "what": "Approve"})) == 5
        assert len(bot.told("acted")) == 5
        resting = asyncio.create_task(do(control, "rest", seconds=2))
        while not resting.done():
            await fake.clock.advance(1)  # type: ignore[attr-defined]  # the fake one
            await asyncio.wait({resting}, timeout=0.01)
        assert await resting is None


async def test_a_crowd_that_is_refused_says_why(fake: ControlledDiscord, control: httpx.AsyncClient) -> None:
    await do(control, "join", user="one 1")
    answer = await control.post("crowd", json={"verb": "dm", "count": 1, "args": {"user": "one {n}", "text": "Hello"}})
    assert (answer.status_code, answer.json()["error"]) == (400, "A crowd only does what is acknowledged.")
    answer = await control.post("crowd", json={"verb": "dm", "count": 2, "args": {"user": "one {n}", "text": "Hello"}})
    assert (answer.status_code, answer.json()["error"]) == (409, "Nobody here is called one 2.")


async def test_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.fakes.discord", "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        assert told["DISCORD_GATEWAY_URL"].startswith("ws://127.0.0.1:")
        headers = {"Authorization": f"Bot {told['DISCORD_TOKEN']}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            answer = await client.get(f"{told['DISCORD_API_BASE_URL']}/users/@me")
            assert (answer.status_code, answer.json()["username"]) == (200, "copydesk")
            state = (await client.post(f"{told['control']}state")).json()["result"]
            assert (sorted(state["people"]), state["channels"]["desk"]) == (["ana", "ben"], [])
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


FAILING: Final = """
import aiohttp
from tests.fakes.discord.fixtures import fake_discord, fake_discord_app

async def test_fails(fake_discord):
    async with aiohttp.ClientSession() as session:
        await session.get(f"{fake_discord.api_url}/users/@me")
    assert False

async def test_breaks(fake_discord):
    fake_discord.world.note("something broke")
"""


def test_a_failed_test_shows_what_was_said(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING, encoding="utf-8")
    config = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:cacheprovider", "-q"]
    command = [sys.executable, "-m", "pytest", *config, str(tmp_path / "test_failing.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed, 1 error" in done.stdout
    assert " what went between Discord and the app " in done.stdout
    assert "app → Discord GET /users/@me refused" in done.stdout
