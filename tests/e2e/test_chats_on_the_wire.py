"""The whole process with both chats connected, over their wire protocols: one desk, one card, wherever people are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.chats import ChatProcess, chat
from tests.e2e.process import NETWORKS, RunningDesk, Script, running, until

BRIEF = "Our vector index now rebuilds in 40 seconds instead of 11 minutes"
MEDIA_ONLY = ("instagram", "tiktok")
"""Left out of a draft for everywhere without a picture."""
OTHERS = tuple(network for network in NETWORKS if network not in MEDIA_ONLY)


@pytest.fixture
def slack() -> Iterator[ChatProcess]:
    with chat("tests.fakes.slack", "--manifest", "manifest.yml") as started:
        started.settings.pop("SLACK_SIGNING_SECRET", None)
        yield started


@pytest.fixture
def discord() -> Iterator[ChatProcess]:
    with chat("tests.fakes.discord") as started:
        yield started


@pytest.fixture
def desk(tmp_path: Path, slack: ChatProcess, discord: ChatProcess) -> Iterator[RunningDesk]:
    with running(tmp_path, {**slack.settings, **discord.settings}) as started:
        slack.connected()
        discord.connected()
        yield started


def draft(slack: ChatProcess, text: str = BRIEF) -> None:
    slack.do("slash", user="ana", channel="desk", text=f"/desk draft {text} picture=no")
    slack.showing("Approve")


def states(desk: RunningDesk) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"http://127.0.0.1:{desk.port}/readyz", trust_env=False).json()["surfaces"]
    return found


def test_a_draft_from_slack_is_approved_in_discord_and_published_and_both_see_it(
    desk: RunningDesk, slack: ChatProcess, discord: ChatProcess
) -> None:
    assert states(desk) == {"web": "serving", "slack": "connected", "discord": "connected"}
    draft(slack)
    discord.do("slash", user="ana", channel="desk", command="desk show", options={"draft": "1"})
    discord.showing("Approve")
    discord.do("click", user="ana", channel="desk", what="Approve")
    card = slack.showing("Approved")
    assert "cd:1:approve:" not in str(card)
    slack.do("click", user="ana", channel="desk", what="Publish now", confirm=True)
    with desk.client as client:
        script = Script(client)
        live = script.published("1")
        assert len({d["url"] for d in live}) == len(OTHERS)
        assert [len(script.networks().posts(network)) for network in OTHERS] == [1] * len(OTHERS)
    slack.showing("Published")
    discord.showing("Published")


def test_two_accounts_of_one_person_are_linked_by_a_code(
    desk: RunningDesk, slack: ChatProcess, discord: ChatProcess
) -> None:
    slack.do("slash", user="ben", channel="desk", text="/desk help")
    slack.do("slash", user="ana", channel="desk", text="/desk roles ben=approver")
    slack.do("slash", user="ben", channel="desk", text="/desk settings link")

    def code() -> str | None:
        heard = str(slack.do("state")["people"]["ben"]["ephemerals"])
        found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", heard)
        return found[0] if found else None

    discord.do("slash", user="ben", channel="desk", command="desk settings", options={"link": until(code, "a code")})
    until(lambda: "Here you are ben" in str(discord.do("state")["people"]["ben"]["ephemerals"]), "the link")
    draft(slack)
    discord.do("slash", user="ben", channel="desk", command="desk show", options={"draft": "1"})
    discord.showing("Approve")
    discord.do("click", user="ben", channel="desk", what="Approve")
    assert "ben" in str(slack.showing("Approved")).casefold()


def test_after_kill_and_restart_the_old_card_works_and_nothing_goes_out_twice(
    desk: RunningDesk, slack: ChatProcess, discord: ChatProcess
) -> None:
    draft(slack)
    slack.do("click", user="ana", channel="desk", what="Approve")
    slack.showing("Approved")
    desk.kill()
    desk.start()
    slack.connected()
    discord.connected()
    slack.do("click", user="ana", channel="desk", what="Publish now", confirm=True)
    with desk.client as client:
        script = Script(client)
        script.published("1")
        assert [len(script.networks().posts(network)) for network in OTHERS] == [1] * len(OTHERS)
    slack.showing("Published")


def test_bad_days_of_both_chats_lose_nothing(desk: RunningDesk, slack: ChatProcess, discord: ChatProcess) -> None:
    draft(slack)
    discord.do("slash", user="ana", channel="desk", command="desk show", options={"draft": "1"})
    discord.showing("Approve")
    slack.do("inject", method="chat.update", status=429, retry_after=1, times=1)
    slack.do("inject", method="chat.update", status=503, times=1)
    discord.do("drop_gateway")
    slack.do("click", user="ana", channel="desk", what="Approve")
    slack.do("drop_socket")
    slack.showing("Approved")
    discord.showing("Approved")
    slack.connected()
    discord.connected()
    slack.do("slash", user="ana", channel="desk", text="/desk help")
    until(lambda: slack.do("state")["people"]["ana"]["ephemerals"], "help after the break")
    assert "Traceback" not in desk.log


def test_a_wrong_token_costs_only_its_chat_and_the_operator_is_told_once(tmp_path: Path, slack: ChatProcess) -> None:
    wrong = {**slack.settings, "SLACK_BOT_TOKEN": "xoxb-wrong-token-of-nobody"}
    with running(tmp_path, wrong) as desk:
        until(lambda: states(desk)["slack"] == "in trouble", "Slack to be in trouble")
        with desk.client as client:
            assert Script(client).command("draft It still works picture=no")["state"] == "draft"
        assert desk.log.count("SLACK_BOT_TOKEN") == 1
        assert "xoxb-wrong" not in desk.log
        assert "Traceback" not in desk.log


def test_an_event_that_slack_delivers_twice_makes_one_draft(desk: RunningDesk, slack: ChatProcess) -> None:
    slack.do("duplicate_next_event")
    slack.do("mention", user="ana", channel="desk", text="draft Ships today picture=no")
    slack.showing("Approve")
    with desk.client as client:
        assert len(client.get("/api/drafts").json()["drafts"]) == 1


def test_a_process_that_only_talks_tells_chat_what_the_worker_did(tmp_path: Path, slack: ChatProcess) -> None:
    with running(tmp_path, slack.settings, part="--surfaces") as surfaces, surfaces.client as client:
        slack.connected()
        with running(tmp_path, part="--worker", port=surfaces.port) as worker:
            script = Script(client)
            until(lambda: len(client.get("/api/accounts").json()["accounts"]) == len(NETWORKS), "the practice accounts")
            script.networks().fault(network="mastodon", operation="publish", fault="expire_tokens", times=1)
            draft(slack, f"{BRIEF} for mastodon")
            slack.do("click", user="ana", channel="desk", what="Approve")
            slack.showing("Approved")
            slack.do("click", user="ana", channel="desk", what="Publish now", confirm=True)
            note = slack.showing("Send it", "Don't send it")
            assert note["thread_ts"] == slack.messages()[0]["ts"]
            assert worker.stop() == 0
        assert "Traceback" not in surfaces.log
