"""HTTP mode: signed requests in place of a socket, and workspaces that install the desk from the browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import structlog

from handlers.slack.http import MOST_BODY
from handlers.surface import Link
from services.domain.errors import NotFound
from tests.fakes.slack import AckTimeout, AppConfig
from tests.fakes.slack.http_mode import Requests
from tests.handlers.slack.driving import SlackDesk, a_desk, said
from tests.handlers.slack.test_bad_days import NOTICE, channel
from tests.handlers.slack.test_flow import field, form

BASE: Final = "https://desk.example.org"
EVENTS: Final = f"{BASE}/slack/events"
REDIRECT: Final = f"{BASE}/slack/oauth_redirect"
SECRET: Final = AppConfig().signing_secret


@asynccontextmanager
async def served(**settings: str) -> AsyncIterator[tuple[SlackDesk, Requests]]:
    """A desk that Slack reaches by requests."""
    told = {"app_token": "", "signing_secret": SECRET, **settings}
    async with a_desk(app=AppConfig(redirect_urls=(REDIRECT,)), settings=told, connect=False) as desk:
        requests = desk.slack.http_mode(EVENTS, desk.opened.mounts["slack"])
        await desk.later(lambda: desk.surface.link is not Link.CONNECTING)
        yield desk, requests
        await requests.close()


def browser(desk: SlackDesk) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=desk.opened.mounts["slack"]), base_url=BASE)


async def test_the_same_way_as_over_a_socket() -> None:
    async with served() as (desk, requests):
        assert await requests.verify()
        assert desk.surface.link is Link.CONNECTED
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Edit")
        modal = await form(desk)
        await desk.ana.submit(modal, {field(modal): ""} | {field(modal): "Twice as fast"})
        await desk.until(lambda: "Twice as fast" in said(card))
        await desk.ana.mention("desk", "help")
        await desk.whispered(desk.ana, "What you can type")
        assert desk.slack.hub.links == []


@pytest.mark.parametrize("wrong", ["old", "signature"])
async def test_a_request_that_is_not_slacks_does_nothing(wrong: str) -> None:
    async with served() as (desk, requests):
        requests.age = 301 if wrong == "old" else 0
        requests.secret = "somebody else's" if wrong == "signature" else requests.secret
        with pytest.raises(AckTimeout, match="http_error 401"):
            await desk.ana.slash("/desk draft Ships today", "desk")
        desk.slack.excuse("http_error 401")
        assert await desk.world.services.board.drafts(limit=9) == []


async def test_what_no_slack_sends_is_turned_away_before_it_is_read_whole() -> None:
    async with served() as (desk, _), browser(desk) as client:
        assert (await client.post("/slack/events", content=bytes(MOST_BODY + 1))).status_code == 413
        assert (await client.post("/slack/events", content=b"\xff\xfe")).status_code == 400
        assert (await client.post("/slack/events", content=b"{}")).status_code == 401
        assert (await client.get("/slack/events")).status_code == 404
        assert (await client.get("/slack/elsewhere")).status_code == 404


async def test_a_desk_that_stops_turns_requests_away_so_that_slack_brings_them_again() -> None:
    async with served() as (desk, _), browser(desk) as client:
        await desk.surface.stop()
        assert (await client.post("/slack/events", content=b"{}")).status_code == 503
        assert desk.surface.link is Link.OFF


async def test_a_wrong_token_is_told_in_http_mode_too() -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(bot_token="xoxb-wrong") as (desk, _):
            await desk.later(lambda: desk.surface.link is Link.IN_TROUBLE)
            assert "xoxb" not in str(logs)


# Installation

INSTALLS: Final = {
    "bot_token": "",
    "client_id": AppConfig().client_id,
    "client_secret": AppConfig().client_secret,
    "public_url": BASE,
}
basic = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack-sdk's use of aiohttp


async def allowed(desk: SlackDesk, client: httpx.AsyncClient) -> str:
    """From the ticket over Slack's page back to the address with the code."""
    sent = await client.get("/slack/install", params={"ticket": desk.tickets.new()})
    assert sent.status_code == 302
    return desk.slack.allow(sent.headers["location"])


@basic
async def test_a_workspace_installs_the_desk_and_works_with_its_own_token() -> None:
    async with served(**INSTALLS) as (desk, _), browser(desk) as client:
        for grant in desk.slack.world.grants.values():
            grant.revoked = True
        done = await client.get(await allowed(desk, client))
        assert (done.status_code, "xoxb" in done.text) == (200, False)
        assert "The desk is in Acme." in done.text

        await desk.draft()
        team = desk.slack.world.team_id
        row = await desk.world.store.read(lambda tx: tx.installations.get("slack", team))
        assert row is not None
        assert (row.name, row.bot_user) == ("Acme", desk.slack.world.bot.id)
        assert "xoxb" not in repr(row)
        sealed = await desk.world.store.read(lambda tx: tx.installations.sealed("slack", team))
        assert desk.vault.open_installation("slack", team, sealed)["bot_token"].startswith("xoxb-")


@basic
async def test_installing_anew_replaces_the_token_at_once() -> None:
    async with served(**INSTALLS) as (desk, _), browser(desk) as client:
        await client.get(await allowed(desk, client))
        await desk.draft()
        for grant in desk.slack.world.grants.values():
            grant.revoked = True
        await client.get(await allowed(desk, client))
        await desk.draft("Another picture=no")


@basic
async def test_a_state_is_good_once_in_one_browser_and_for_ten_minutes() -> None:
    async with served(**INSTALLS) as (desk, _), browser(desk) as client, browser(desk) as other:
        back = await allowed(desk, client)
        assert (await other.get(back)).status_code == 400
        assert (await client.get(back)).status_code == 200
        client.cookies.set("slack-app-oauth-state", parse_qs(urlsplit(back).query)["state"][0])
        assert (await client.get(back)).status_code == 401

        late = await allowed(desk, client)
        desk.world.clock.set(desk.world.clock.now() + timedelta(minutes=10))
        assert (await client.get(late)).status_code == 401


@basic
async def test_a_code_that_slack_does_not_take_installs_nothing() -> None:
    async with served(**INSTALLS) as (desk, _), browser(desk) as client:
        back = await allowed(desk, client)
        desk.slack.inject("oauth.v2.access", error="invalid_code")
        refused = await client.get(back)
        assert refused.status_code == 401
        assert "The desk was not installed (invalid_code)." in refused.text
        assert await desk.world.store.read(lambda tx: tx.installations.list("slack")) == []


async def test_somebody_who_says_no_on_slacks_page_is_told_that_nothing_changed() -> None:
    async with served(**INSTALLS) as (desk, _), browser(desk) as client:
        told = await client.get("/slack/oauth_redirect", params={"error": "<b>access_denied</b>"})
        assert told.status_code == 200
        assert "&lt;b&gt;access_denied" in told.text
        assert "Nothing changed." in told.text


async def test_only_whoever_reads_the_log_may_install() -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(**INSTALLS) as (desk, _), browser(desk) as client:
            for ticket in ("", "made.up", "made.up"):
                refused = await client.get("/slack/install", params={"ticket": ticket})
                assert refused.status_code == 403
                assert "location" not in refused.headers
            (offer,) = [e for e in logs if e["event"] == "to install the desk in Slack open"]
            link = urlsplit(offer["link"])
            assert (await client.get(f"{link.path}?{link.query}")).status_code == 302
            assert (await client.get(f"{link.path}?{link.query}")).status_code == 403
            await desk.world.clock.advance(60)
            await client.get("/slack/install")
    assert len([e for e in logs if e["event"] == "to install the desk in Slack open"]) == 2


@basic
async def test_a_workspace_that_removes_the_app_is_forgotten_with_its_token() -> None:
    async with served(**INSTALLS) as (desk, _), browser(desk) as client:
        await client.get(await allowed(desk, client))
        await desk.draft()
        await desk.slack.uninstall()
        before = desk.world.store.commits
        await desk.until(lambda: desk.world.store.commits > before)
        assert await desk.world.store.read(lambda tx: tx.installations.list("slack")) == []
        with pytest.raises(NotFound):
            await desk.surface.send(channel(desk), NOTICE)
        await desk.ana.slash("/desk help", "desk")
        await desk.whispered(desk.ana, "The desk is not installed in this workspace any more.")


@basic
async def test_a_desk_that_is_installed_nowhere_says_how_to_begin() -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(**INSTALLS) as (desk, _), browser(desk) as client:
            await desk.later(lambda: desk.surface.link is Link.IN_TROUBLE)
            (offer,) = [e["link"] for e in logs if e["event"] == "to install the desk in Slack open"]
            sent = await client.get(offer)
            assert (await client.get(desk.slack.allow(sent.headers["location"]))).status_code == 200
            await desk.later(lambda: desk.surface.link is Link.CONNECTED, step=10)
