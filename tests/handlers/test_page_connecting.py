"""Connecting in the browser: the accounts' room, the link from chat, the network's answer, and who is turned away."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from handlers.request import Whisper
from handlers.views.card import Link
from handlers.views.sheet import as_text
from handlers.web.connecting import COOKIE
from services.domain.actor import Role
from services.domain.ids import PersonId, PlatformSlug
from services.platforms import mastodon, x
from services.ports.signin import App, Found, SignIn
from tests.builders import a_person
from tests.fakes.clock import FakeClock
from tests.fakes.doorman import Doorman
from tests.fakes.http import FakeHttp
from tests.fakes.social import FakeSocial
from tests.handlers.visiting import follow, form_on, press, text_of, words_of
from tests.handlers.world import BASE, MASTODON, Outside, World, make_world

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


@pytest.fixture
def atlas(clock: FakeClock) -> FakeSocial:
    """A network of its own, which knows two tokens."""
    people = {"token-1": ("1", "one.test"), "token-2": ("2", "two.test")}
    return FakeSocial(clock=clock, slug="atlas", label="Atlas", people=people)


@pytest.fixture
def clock() -> FakeClock:
    """Only for what is measured."""
    return FakeClock()


@asynccontextmanager
async def at_home(atlas: FakeSocial, signin: SignIn) -> AsyncIterator[tuple[World, httpx.AsyncClient]]:
    """The owner's browser at a desk with that network."""
    desk = await make_world(outside=Outside(more=(replace(atlas.spec(), signin=signin),)))
    async with browsing(desk) as client:
        await client.get(f"/signin?token={desk.links.new()}")
        yield desk, client


async def test_several_accounts_are_ticked(atlas: FakeSocial) -> None:
    found = tuple(Found(fields={"access_token": f"token-{n}"}, label=f"Page <{n}>") for n in (1, 2, 3))
    doorman = Doorman(found=found)
    async with at_home(atlas, SignIn(authorizer=doorman)) as (desk, client):
        asked = await text_of(client, "/accounts/connect/atlas")
        state = query_of(leads_to((await press(client, asked, "Sign in at Atlas")).text))["state"]
        back = await client.get(f"/connect/callback?state={state}&code=c")
        assert "Page &lt;3&gt;" in back.text
        none = await press(client, back.text, "Page &lt;1&gt;")
        assert (none.status_code, "Nothing was picked." in none.text) == (422, True)
        form = {"word": form_on(back.text, "Page &lt;1&gt;")["word"], "picked": ["0", "2", "x", "99"]}
        cross = await client.post("/connect/choose", data=form, headers={"origin": "https://evil.test"})
        assert cross.status_code == 403
        done = words_of((await client.post("/connect/choose", data=form)).text)
        assert "Connected: Atlas @one.test" in done
        assert "Not connected: Page &lt;3&gt;: The token is not known here." in done
        assert [a.handle for a in await desk.services.accounts.list() if a.platform == "atlas"] == ["one.test"]


async def test_what_is_typed_is_checked_and_connected(atlas: FakeSocial) -> None:
    async with at_home(atlas, SignIn()) as (desk, client):
        asked = await text_of(client, "/accounts/connect/atlas")
        assert 'type="password"' in asked
        bad = await press(client, asked, "Connect</button>", access_token="", expires="soon")
        assert bad.status_code == 422
        assert 'value="soon"' in bad.text
        answer = await press(client, asked, "Connect</button>", access_token="token-2")
        assert "Connected: Atlas @two.test" in words_of(await follow(client, answer))
        assert "token-2" not in bad.text + answer.text
        assert [a.handle for a in await desk.services.accounts.list() if a.platform == "atlas"] == ["two.test"]
        card = (await desk.command("connect atlas")).replies[0]
        assert isinstance(card, Whisper)
        assert [b.url for b in card.card.blocks if isinstance(b, Link)] == [f"{BASE}/accounts/connect/atlas"]


async def test_the_word_in_chat_lists_links_and_explains(world: World) -> None:
    listed = (await world.command("connect")).replies[0]
    assert isinstance(listed, Whisper)
    assert "X: Can be connected." in as_text(listed.card)
    [account] = [a for a in await world.services.accounts.list() if a.id == MASTODON]
    await world.store.write(lambda tx: tx.accounts.save(replace(account, practice=True)))
    again = (await world.command("connect")).replies[0]
    assert isinstance(again, Whisper)
    assert f"Connected: @{account.handle} (practice)" in as_text(again.card)
    assert "With account add, on the machine that runs the desk." in as_text(listed.card)
    way = (await world.command("connect x")).replies[0]
    assert isinstance(way, Whisper)
    (link,) = [b for b in way.card.blocks if isinstance(b, Link)]
    assert link.url.startswith(f"{BASE}/connect/go/")
    assert link.text == "Sign in at X"
    named = (await world.command("connect mastodon example.social")).replies[0]
    assert isinstance(named, Whisper)
    assert "Sign in at Mastodon (example.social)" in as_text(named.card)
    for text, status in (("connect mastodon", 422), ("connect nosuch", 422), ("connect x pages", 422)):
        assert (await world.command(text)).status == status
    assert (await world.command("connect x", actor="Bo")).status == 403
