"""The fake as a process with its control face, and the transcript in the report of a failed test."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from tests.fakes.clock import FakeClock
from tests.fakes.slack.control import VERBS, ControlledSlack
from tests.fakes.slack.tinybot import TinyBot

ROOT: Final = Path(__file__).resolve().parents[3]


@pytest.fixture
async def slack() -> AsyncIterator[ControlledSlack]:
    async with ControlledSlack(clock=FakeClock()) as slack:
        yield slack


@pytest.fixture
async def control(slack: ControlledSlack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{slack.world.base}/_fake/", trust_env=False) as client:
        yield client


async def do(control: httpx.AsyncClient, verb: str, /, **args: Any) -> Any:
    answer = (await control.post(verb, json=args)).json()
    assert answer["ok"], answer
    return answer["result"]


async def test_a_whole_flow_by_remote_control(slack: ControlledSlack, control: httpx.AsyncClient) -> None:
    await do(control, "join", user="ana", is_admin=True)
    await do(control, "channel", channel="desk", members=["ana"])
    async with TinyBot(slack):
        await do(control, "connected")
        await do(control, "slash", user="ana", channel="desk", text="/desk draft Hello")
        await slack.until(lambda: slack.messages("desk"))
        await do(control, "click", user="ana", channel="desk", what="Edit")
        await slack.until(lambda: slack.person("ana").modal)
        state = await do(control, "state")
        assert state["people"]["ana"]["modal"]["elements"][0] == ["Text", "text"]
        told = await do(control, "submit", user="ana", values={"Text": "bad"})
        assert told["payload"]["response_action"] == "errors"
        await do(control, "close", user="ana")
        await do(control, "choose", user="ana", channel="desk", what="cd.more", value="Duplicate")
        await do(control, "home", user="ana")
        await do(control, "mention", user="ana", channel="desk", text="hello")
        await do(control, "dm", user="ana", text="hello")
        await do(control, "shortcut", user="ana", callback_id="new_draft")
        await do(control, "slash", user="ana", channel="desk", text="/desk help")
        await slack.until(lambda: slack.person("ana").home)
        state = await do(control, "state")
        assert state["people"]["ana"]["ephemerals"][0]["text"] == "Try draft."
        assert state["channels"]["desk"][0]["text"].startswith("Approved")
        assert state["people"]["ana"]["home"]["title"] == ""
        assert any("/desk" in line for line in await do(control, "transcript"))
        assert await do(control, "check") == []


async def test_the_control_face_says_what_is_wrong(slack: ControlledSlack, control: httpx.AsyncClient) -> None:
    answer = await control.post("shout", json={})
    assert (answer.status_code, answer.json()["verbs"]) == (404, sorted(VERBS))
    answer = await control.post("slash", json={"text": "/desk"})
    assert (answer.status_code, answer.json()["error"]) == (400, "slash needs 'user'.")
    answer = await control.post("slash", json={"user": "ana", "text": "/desk"})
    assert (answer.status_code, answer.json()["error"]) == (409, "Nobody here is called ana.")


async def test_faults_by_remote_control(slack: ControlledSlack, control: httpx.AsyncClient) -> None:
    async with TinyBot(slack) as bot:
        await do(control, "inject", method="auth.test", error="fatal_error")
        with pytest.raises(SlackApiError, match="fatal_error"):
            await bot.client.auth_test()
        await do(control, "inject", method="auth.test", error="fatal_error")
        await do(control, "mend")
        assert (await bot.client.auth_test())["ok"]
        slack.world.problems.append("something broke")
        await do(control, "excuse", words="broke")
        assert await do(control, "check") == []
        before = slack.hub.links[0].number
        await do(control, "disconnect")
        await slack.until(lambda: [link for link in slack.hub.links if link.number > before])


async def test_a_crowd_by_remote_control(slack: ControlledSlack, control: httpx.AsyncClient) -> None:
    for number in range(1, 6):
        await do(control, "join", user=f"one {number}")
        await do(control, "channel", channel=f"room {number}", members=[f"one {number}"])
    async with TinyBot(slack) as bot:
        theirs = {"user": "one {n}", "channel": "room {n}"}
        told = await do(control, "crowd", verb="slash", count=5, args={**theirs, "text": "/desk draft From {n}"})
        assert told == slack.latencies[-5:]
        assert all(0 < seconds < 3 for seconds in told)
        for number in range(1, 6):
            [message] = await slack.until(lambda number=number: slack.messages(f"room {number}"))  # type: ignore[misc]
            assert message.text == f"From {number}"
        assert len(await do(control, "crowd", verb="click", count=5, args={**theirs, "what": "Approve"})) == 5
        assert len({body["user"]["id"] for body in bot.told("action")}) == 5
        resting = asyncio.create_task(do(control, "rest", seconds=2))
        await slack.until(lambda: "cd.approve" not in str(slack.messages("room 5")[0].blocks))
        assert not resting.done()
        while not resting.done():
            await slack.clock.advance(1)  # type: ignore[attr-defined]  # the fake one
            await asyncio.wait({resting}, timeout=0.01)
        assert await resting is None


async def test_a_crowd_that_is_refused_says_why(slack: ControlledSlack, control: httpx.AsyncClient) -> None:
    await do(control, "join", user="one 1")
    args = {"verb": "slash", "count": 2, "args": {"user": "one {n}", "text": "/else"}}
    answer = await control.post("crowd", json=args)
    assert (answer.status_code, answer.json()["error"]) == (409, "/else is not a valid command.")
    answer = await control.post("crowd", json={"verb": "state", "count": 1, "args": {}})
    assert (answer.status_code, answer.json()["error"]) == (400, "A crowd only does what is acknowledged.")
    answer = await control.post("crowd", json={"verb": "shout", "count": 1, "args": {}})
    assert (answer.status_code, answer.json()["error"]) == (400, "crowd needs 'shout'.")


async def test_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.fakes.slack", "--port", "0", "--manifest", "manifest.yml"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        headers = {"Authorization": f"Bearer {told['SLACK_BOT_TOKEN']}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            answer = await client.post(f"{told['SLACK_API_BASE_URL']}auth.test")
            assert (answer.json()["ok"], answer.json()["user"]) == (True, "copydesk")
            state = (await client.post(f"{told['control']}state")).json()["result"]
            assert (sorted(state["people"]), state["channels"]["desk"]) == (["ana", "ben"], [])
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


FAILING: Final = """
import aiohttp
from tests.fakes.slack.fixtures import fake_slack, fake_slack_app

async def test_fails(fake_slack):
    async with aiohttp.ClientSession() as session:
        await session.post(f"{fake_slack.api_url}auth.test")
    assert False

async def test_breaks(fake_slack):
    fake_slack.world.problems.append("something broke")
"""


def test_a_failed_test_shows_what_was_said(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING, encoding="utf-8")
    config = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:cacheprovider", "-q"]
    command = [sys.executable, "-m", "pytest", *config, str(tmp_path / "test_failing.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed, 1 error" in done.stdout
    assert " what went between Slack and the app " in done.stdout
    assert "app → Slack auth.test refused" in done.stdout
    assert "- something broke" in done.stdout
