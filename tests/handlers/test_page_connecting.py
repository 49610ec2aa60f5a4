"""Connecting in the browser: the accounts' room, the link from chat, the network's answer, and who is turned away."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from handlers.web.connecting import COOKIE
from services.domain.actor import Role
from services.domain.ids import PersonId, PlatformSlug
from services.platforms import mastodon, x
from services.ports.signin import App
from tests.builders import a_person
from tests.fakes.http import FakeHttp
from tests.handlers.visiting import press, text_of, words_of
from tests.handlers.world import BASE, Outside, World, make_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.domain.account import Account

X = PlatformSlug("x")
APPS = {X: App(values={"client_id": "app-1", "client_secret": "app-secret"})}
TOKENS = {
    "access_token": "access-1",
    "refresh_token": "refresh-1",
    "expires_in": 7200,
    "scope": "tweet.read tweet.write users.read media.write offline.access tweet.moderate.write",
}
ME = {"data": {"id": "77", "username": "driftseas", "name": "Drift Seas"}}
VI = a_person(id=PersonId("p-vi"), name="Vi", role=Role.APPROVER)


@pytest.fixture
def http() -> FakeHttp:
    """What is said to networks, by script."""
    return FakeHttp()


@pytest.fixture
async def world(http: FakeHttp) -> World:
    """A desk with X, for which an app is set up, and a real Mastodon."""
    return await make_world(outside=Outside(more=(x.SPEC, mastodon.SPEC), http=http, apps=APPS))


@pytest.fixture
async def signed_in(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The owner's browser."""
    async with browsing(world) as client:
        await client.get(f"/signin?token={world.links.new()}")
        yield client


@asynccontextmanager
async def browsing(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody signed in with."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE) as client:
        yield client


def leads_to(page: str) -> str:
    """Where a page goes on by itself."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def of_x(world: World) -> list[Account]:
    return [a for a in await world.services.accounts.list() if a.platform == X]


async def test_from_the_room_to_the_network_and_back(
    world: World, signed_in: httpx.AsyncClient, http: FakeHttp
) -> None:
    assert "/accounts/connect/x" in await text_of(signed_in, "/accounts")
    asked = await text_of(signed_in, "/accounts/connect/x")
    answer = await press(signed_in, asked, "Sign in at X")
    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["set-cookie"]
    url = leads_to(answer.text)
    assert url.startswith("https://x.com/i/oauth2/authorize?")
    query = query_of(url)
    assert query["redirect_uri"] == f"{BASE}/connect/callback"
    http.on("POST", "/2/oauth2/token", json_body=TOKENS).on("GET", "/2/users/me", json_body=ME)
    back = f"/connect/callback?state={query['state']}&code=code-1"
    words = words_of(await text_of(signed_in, back))
    assert "Connected: X @driftseas" in words
    assert "280 characters" in words
    assert [a.handle for a in await of_x(world)] == ["driftseas"]
    assert "used already" in words_of(await text_of(signed_in, back, 404))
    assert len(await of_x(world)) == 1
    http.finish()


async def test_a_link_from_chat_needs_no_sign_in_and_goes_once(world: World, http: FakeHttp) -> None:
    link = await world.services.connecting.ticket(await world.actor(), "x")
    async with browsing(world) as browser:
        page = await text_of(browser, link)
        for _ in range(3):  # chats look at links by themselves
            assert page == await text_of(browser, link)
            assert "Connect an account of X? You are about to sign in at X for owner's desk." in words_of(page)
            assert browser.cookies.get(COOKIE) is None
        state = query_of(leads_to((await press(browser, page, "Sign in at X")).text))["state"]
        assert "used already" in words_of(await text_of(browser, link, 404))
        again = await browser.post("/connect/go", data={"ticket": link.rpartition("/")[2]})
        assert again.status_code == 404
        http.on("POST", "/2/oauth2/token", json_body=TOKENS).on("GET", "/2/users/me", json_body=ME)
        assert "Connected: X" in await text_of(browser, f"/connect/callback?state={state}&code=c")
    assert len(await of_x(world)) == 1


async def test_the_answer_counts_in_the_browser_that_went(world: World, signed_in: httpx.AsyncClient) -> None:
    asked = await text_of(signed_in, "/accounts/connect/x")
    state = query_of(leads_to((await press(signed_in, asked, "Sign in at X")).text))["state"]
    async with browsing(world) as other:
        words = words_of(await text_of(other, f"/connect/callback?state={state}&code=c", 403))
        assert "begun in another browser" in words
    await text_of(signed_in, f"/connect/callback?state={state}&code=c", 404)
    assert await of_x(world) == []


async def test_somebody_who_said_no_is_told_so(world: World, signed_in: httpx.AsyncClient) -> None:
    asked = await text_of(signed_in, "/accounts/connect/x")
    state = query_of(leads_to((await press(signed_in, asked, "Sign in at X")).text))["state"]
    words = words_of(await text_of(signed_in, f"/connect/callback?state={state}&error=access_denied", 422))
    assert "Access was not granted at X, so no account was connected." in words
    assert "/desk connect" in words


@pytest.mark.parametrize("query", ["", "?state=", "?state=made-up&code=c", "?code=c", "?denied=token"])
async def test_an_answer_that_nobody_waits_for(world: World, query: str) -> None:
    async with browsing(world) as browser:
        assert "used already" in words_of(await text_of(browser, f"/connect/callback{query}", 404))


async def test_a_look_at_the_headers_uses_nothing_up(world: World, signed_in: httpx.AsyncClient) -> None:
    assert (await signed_in.head("/connect/callback?state=s")).status_code == 405


async def test_only_who_runs_the_desk_connects(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.store.write(lambda tx: tx.people.add(VI))
    async with browsing(world) as browser:
        assert (await browser.get("/accounts/connect/x")).status_code == 401
        page = await text_of(browser, f"/signin/as?token={world.links.new(VI.id)}")
        await press(browser, page, "Sign in")
        assert "/accounts/connect/x" not in await text_of(browser, "/accounts")
        assert "it takes an admin" in words_of(await text_of(browser, "/accounts/connect/x", 403))
    assert (await signed_in.post("/accounts/connect/x", data={"csrf": "wrong"})).status_code == 403
    ticket = (await world.services.connecting.ticket(await world.actor(), "x")).rpartition("/")[2]
    for header in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
        assert (await signed_in.post("/connect/go", data={"ticket": ticket}, headers=header)).status_code == 403


async def test_without_an_app_the_steps_are_told(signed_in: httpx.AsyncClient) -> None:
    bare = await make_world(outside=Outside(more=(x.SPEC,)))
    async with browsing(bare) as client:
        await client.get(f"/signin?token={bare.links.new()}")
        page = await text_of(client, "/accounts/connect/x")
    assert page.count("<li>") >= 5
    assert f"{BASE}/connect/callback" in page
    assert "X_CLIENT_ID" in page
    assert "Sign in at X</button>" not in page


async def test_under_another_name_of_this_machine_it_begins_under_its_own(world: World, http: FakeHttp) -> None:
    transport = httpx.ASGITransport(app=world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8420") as client:
        await client.get(f"/signin?token={world.links.new()}")
        asked = await text_of(client, "/accounts/connect/x")
        url = leads_to((await press(client, asked, "Sign in at X")).text)
        assert url.startswith(f"{BASE}/connect/go/")


async def test_a_server_is_asked_for_and_a_wrong_one_told(
    world: World, signed_in: httpx.AsyncClient, http: FakeHttp
) -> None:
    asked = await text_of(signed_in, "/accounts/connect/mastodon")
    answer = await press(signed_in, asked, "Sign in at Mastodon", detail="")
    assert answer.status_code == 422
    assert "which one is the account on?" in words_of(answer.text)
    answer = await press(signed_in, asked, "Sign in at Mastodon", detail="http://example.social")
    assert (answer.status_code, 'value="http://example.social"' in answer.text) == (422, True)
    http.on("GET", "").on("POST", "/api/v1/apps", json_body={"client_id": "c", "client_secret": "s"})
    answer = await press(signed_in, asked, "Sign in at Mastodon", detail="@me@example.social")
    assert http.pages == ["https://example.social"]
    assert leads_to(answer.text).startswith("https://example.social/oauth/authorize?")


async def test_nothing_secret_and_no_script_is_on_the_way(world: World, signed_in: httpx.AsyncClient) -> None:
    asked = await text_of(signed_in, "/accounts/connect/x")
    page = (await press(signed_in, asked, "Sign in at X")).text
    assert "app-secret" not in page
    assert 'action="https' not in page
