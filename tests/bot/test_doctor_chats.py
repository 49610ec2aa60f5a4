"""What `check` tells of the chats: each in one sentence, with what to do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from discord.http import Route

from bot.doctor import Report, examine
from tests.fakes.clock import FakeClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import AppConfig, FakeSlack
from tests.fakes.slack.world import SCOPES

APP = AppConfig()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory, whose `.env` is the only setting."""
    monkeypatch.chdir(tmp_path)
    before = Route.BASE
    yield tmp_path
    Route.BASE = before


async def told(folder: Path, **settings: str) -> Report:
    """What is found with these settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    lines = [f"COPYDESK_PORT={port}", *(f"{name}={value}" for name, value in settings.items())]
    (folder / ".env").write_text("\n".join(lines))
    return await examine()


def good(report: Report, name: str) -> list[str]:
    return [line for line in report.good if line.startswith(f"{name}: ")]


async def test_a_chat_that_is_not_set_up_is_not_spoken_of(folder: Path) -> None:
    report = await told(folder)
    assert report.problems == good(report, "slack") == good(report, "discord") == []


async def test_slack_works(folder: Path) -> None:
    async with FakeSlack(clock=FakeClock()) as slack:
        report = await told(
            folder, SLACK_BOT_TOKEN=APP.bot_token, SLACK_APP_TOKEN=APP.app_token, SLACK_API_BASE_URL=slack.api_url
        )
        assert not slack.hub.links
    assert report.problems == []
    assert good(report, "slack") == ["slack: works in Acme as copydesk"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "slack: SLACK_BOT_TOKEN: Slack does not take the token (invalid_auth)."),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "slack: SLACK_APP_TOKEN: Slack does not take the token (invalid_auth)."),
        ({"SLACK_APP_TOKEN": ""}, "slack: SLACK_APP_TOKEN is missing, so Slack can't reach the desk. Set it"),
        ({"SLACK_BOT_TOKEN": ""}, "slack: SLACK_BOT_TOKEN is missing. Set it beside SLACK_APP_TOKEN."),
        ({"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "SLACK_CLIENT_ID": "1.2"}, "slack: SLACK_APP_TOKEN is missing"),
        ({"SLACK_API_BASE_URL": "http://127.0.0.1:9/api"}, "slack: Slack can't be reached."),
    ],
)
async def test_slack_settings_that_can_not_work_are_one_sentence(
    folder: Path, settings: dict[str, str], problem: str
) -> None:
    async with FakeSlack(clock=FakeClock()) as slack:
        given = {
            "SLACK_BOT_TOKEN": APP.bot_token,
            "SLACK_APP_TOKEN": APP.app_token,
            "SLACK_API_BASE_URL": slack.api_url,
        }
        report = await told(folder, **(given | settings))
    (said,) = report.problems
    assert said.startswith(problem)
    assert good(report, "slack") == []
    assert "xoxb-" not in said
    assert "xapp-" not in said


async def test_a_scope_that_slack_did_not_give_is_named(folder: Path) -> None:
    app = AppConfig(scopes=SCOPES - {"im:write"})
    async with FakeSlack(clock=FakeClock(), app=app) as slack:
        report = await told(
            folder, SLACK_BOT_TOKEN=app.bot_token, SLACK_APP_TOKEN=app.app_token, SLACK_API_BASE_URL=slack.api_url
        )
    (said,) = report.problems
    assert said.startswith("slack: Slack's app lacks im:write. Add it under OAuth & Permissions")


async def test_over_http_workspaces_may_install_it_later(folder: Path) -> None:
    report = await told(
        folder,
        SLACK_SIGNING_SECRET="f" * 32,
        SLACK_CLIENT_ID="1.2",
        SLACK_CLIENT_SECRET="a-secret",
        COPYDESK_PUBLIC_URL="https://desk.example.org",
    )
    assert good(report, "slack") == ["slack: workspaces install it with a link from the log"]


async def test_discord_works(folder: Path) -> None:
    async with FakeDiscord(clock=FakeClock()) as fake:
        report = await told(folder, DISCORD_TOKEN=fake.world.app.token, DISCORD_API_BASE_URL=fake.api_url)
        assert not fake.hub.live
    assert report.problems == []
    assert good(report, "discord") == ["discord: works as copydesk in 1 server."]


async def test_what_discord_would_do_otherwise_than_wanted_is_told(folder: Path) -> None:
    async with FakeDiscord(clock=FakeClock()) as fake:
        fake.world.public = True
        del fake.world.guilds[fake.world.guild.id]
        report = await told(folder, DISCORD_TOKEN=fake.world.app.token, DISCORD_API_BASE_URL=fake.api_url)
    (said,) = good(report, "discord")
    assert said.startswith("discord: works as copydesk in no servers. Invite it: https://discord.com/oauth2/authorize")
    assert said.endswith("“Public Bot” is on, so no server is served but those of its first start.")


async def test_a_token_that_discord_does_not_know_is_one_sentence(folder: Path) -> None:
    async with FakeDiscord(clock=FakeClock()) as fake:
        report = await told(folder, DISCORD_TOKEN="a-token-of-nobody", DISCORD_API_BASE_URL=fake.api_url)
    (said,) = report.problems
    assert said.startswith("discord: Discord does not know the bot's token. Copy the token again")
    assert good(report, "discord") == []


async def test_a_discord_that_can_not_be_reached_is_one_sentence(folder: Path) -> None:
    report = await told(folder, DISCORD_TOKEN="a-token-of-discord", DISCORD_API_BASE_URL="http://127.0.0.1:9/api/v10")
    (said,) = report.problems
    assert said == "discord: Discord can't be reached. Look at the address and at the connection, then run this again."
