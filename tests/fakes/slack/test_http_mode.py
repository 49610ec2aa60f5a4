"""HTTP mode and installation by OAuth, with slack-bolt's own verifier, adapter and flow on the other side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.fakes.slack.basics import AckTimeout, Refused
from tests.fakes.slack.delivery import Retry
from tests.fakes.slack.http_mode import Requests
from tests.fakes.slack.person import Person
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.tinybot import TinyBot
from tests.fakes.slack.world import AppConfig

EVENTS = "https://desk.example.org/slack/events"
REDIRECT = "https://desk.example.org/slack/oauth_redirect"


@pytest.fixture
def ana(fake_slack: FakeSlack) -> Person:
    person = fake_slack.join("ana")
    fake_slack.channel("desk", "ana")
    return person


def web(bot: TinyBot) -> Starlette:
    handler = AsyncSlackRequestHandler(bot.app)

    async def all_of_it(request: Request) -> Response:
        answer: Response = await handler.handle(request)
        return answer

    paths = ("/slack/events", "/slack/install", "/slack/oauth_redirect")
    return Starlette(routes=[Route(path, all_of_it, methods=["GET", "POST"]) for path in paths])


@asynccontextmanager
async def served(slack: FakeSlack) -> AsyncIterator[tuple[TinyBot, Requests]]:
    async with TinyBot(slack, socket=False) as bot:
        yield bot, slack.http_mode(EVENTS, web(bot))


async def test_the_same_flow_as_by_socket(fake_slack: FakeSlack, ana: Person) -> None:
    async with served(fake_slack) as (bot, requests):
        assert await requests.verify()
        await ana.slash("/desk help", "desk")
        assert [m.text for m in ana.ephemerals] == ["Try draft."]
        await ana.slash("/desk draft Hello", "desk")
        (message,) = await fake_slack.until(lambda: ana.sees("desk"))
        await ana.click(message, "Edit")
        view = await fake_slack.until(lambda: ana.modal)
        await ana.submit(view, {"Text": "bad"})
        assert view.errors == {"text": "312 of 280 characters. Shorten by 32."}
        await ana.submit(view, {"Text": "fine"})
        assert ana.modal is None
        await ana.mention("desk", "hello")
        await fake_slack.until(lambda: bot.told("mention"))


@pytest.mark.parametrize(("age", "fresh"), [(299, True), (301, False)])
async def test_a_stale_request_is_refused(fake_slack: FakeSlack, ana: Person, age: int, *, fresh: bool) -> None:
    async with served(fake_slack) as (_, requests):
        requests.age = age
        if fresh:
            await ana.slash("/desk help", "desk")
        else:
            with pytest.raises(AckTimeout, match="http_error 401"):
                await ana.slash("/desk help", "desk")
            fake_slack.excuse("http_error 401")


async def test_a_request_signed_with_another_secret_is_refused(fake_slack: FakeSlack, ana: Person) -> None:
    async with served(fake_slack) as (_, requests):
        requests.secret = "somebody-else"
        with pytest.raises(AckTimeout, match="http_error 401"):
            await ana.slash("/desk help", "desk")
        fake_slack.excuse("http_error 401")


async def test_retries_are_marked_and_an_app_can_decline_them(fake_slack: FakeSlack, ana: Person) -> None:
    seen: list[str | None] = []

    async def failing(request: Request) -> Response:
        seen.append(request.headers.get("X-Slack-Retry-Num"))
        declined = {"X-Slack-No-Retry": "1"} if len(seen) == 2 else {}
        return PlainTextResponse("no", status_code=500, headers=declined)

    app = Starlette(routes=[Route("/slack/events", failing, methods=["POST"])])
    requests = fake_slack.http_mode(EVENTS, app)
    await ana.dm("hello")
    assert seen == [None, "1"]
    answer = await requests.send("events_api", {"type": "event_callback"}, Retry(number=3, reason="http_timeout"))
    assert (answer.acked, answer.why, seen[-1]) == (False, "http_error 500", "3")


class TestInstallation:
    @pytest.fixture
    def fake_slack_app(self) -> AppConfig:
        return AppConfig(redirect_urls=(REDIRECT,))

    @pytest.fixture
    def settings(self, fake_slack: FakeSlack, tmp_path: Path) -> AsyncOAuthSettings:
        own = fake_slack.world.app
        return AsyncOAuthSettings(
            client_id=own.client_id,
            client_secret=own.client_secret,
            scopes=["commands", "chat:write"],
            redirect_uri=REDIRECT,
            authorization_url=fake_slack.authorize_url,
            install_page_rendering_enabled=False,
            installation_store=FileInstallationStore(base_dir=str(tmp_path)),
            state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(tmp_path)),
        )

    @pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack-sdk's own use of aiohttp
    async def test_install_and_then_act_with_the_new_token(
        self, fake_slack: FakeSlack, ana: Person, settings: AsyncOAuthSettings
    ) -> None:
        fake_slack.world.grants[fake_slack.world.app.bot_token].revoked = True
        async with TinyBot(fake_slack, socket=False, oauth_settings=settings) as bot:
            asgi = httpx.ASGITransport(app=web(bot))
            async with (
                httpx.AsyncClient(transport=asgi, base_url="https://desk.example.org") as browser,
                httpx.AsyncClient(trust_env=False) as outside,
            ):
                install = await browser.get("/slack/install")
                allowed = await outside.get(install.headers["location"])
                assert allowed.status_code == 302
                done = await browser.get(allowed.headers["location"])
                assert (done.status_code, "xoxb" in done.text) == (200, False)
                again = await browser.get(allowed.headers["location"])
                assert again.status_code == 400
            fake_slack.http_mode(EVENTS, web(bot))
            bot.client.token = None
            await ana.slash("/desk help", "desk")
            assert [m.text for m in ana.ephemerals] == ["Try draft."]
            tests = [e for e in fake_slack.world.transcript.entries if e.what == "auth.test refused"]
            assert tests == []

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"client_secret": "wrong"}, "bad_client_secret"),
            ({"client_id": "wrong"}, "invalid_client_id"),
            ({"code": "wrong"}, "invalid_code"),
            ({"redirect_uri": "https://elsewhere.example.org"}, "bad_redirect_uri"),
        ],
    )
    async def test_a_wrong_exchange_is_refused(
        self, fake_slack: FakeSlack, ana: Person, changed: dict[str, str], error: str
    ) -> None:
        own = fake_slack.world.app
        url = f"{fake_slack.authorize_url}?client_id={own.client_id}&scope=commands&redirect_uri={REDIRECT}"
        code = httpx.URL(fake_slack.allow(url)).params["code"]
        right = {"client_id": own.client_id, "client_secret": own.client_secret, "code": code, "redirect_uri": REDIRECT}
        async with httpx.AsyncClient(base_url=fake_slack.api_url, trust_env=False) as client:
            answer = await client.post("oauth.v2.access", data={**right, **changed})
            assert answer.json() == {"ok": False, "error": error}
            assert (await client.post("oauth.v2.access", data=right)).json()["ok"] is True
            assert (await client.post("oauth.v2.access", data=right)).json()["error"] == "code_already_used"

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ("client_id=9&scope=commands", "invalid_client_id"),
            ("client_id=1111.2222&scope=commands&redirect_uri=https://evil.example.org", "bad_redirect_uri"),
            ("client_id=1111.2222&scope=admin", "invalid_scope: admin"),
        ],
    )
    async def test_slack_shows_an_error_page(self, fake_slack: FakeSlack, query: str, error: str) -> None:
        with pytest.raises(Refused, match=error):
            fake_slack.allow(f"{fake_slack.authorize_url}?{query}")
