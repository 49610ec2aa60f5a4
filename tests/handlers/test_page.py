"""The page: who gets in, forms that work without scripts, and text that stays text."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from handlers.web.auth import OneTimeLinks
from tests.handlers.world import BASE, MASTODON, SECRET, World, a_png, button_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE) as client:
        answer = await client.get(f"/signin?token={world.links.new()}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        yield client


async def csrf(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await browser.get("/")).text)
    assert found is not None
    return found[1]


async def post(browser: httpx.AsyncClient, path: str, **data: str) -> httpx.Response:
    return await browser.post(path, data={"csrf": await csrf(browser), **data})


async def test_strangers_are_told_how_to_get_in(world: World) -> None:
    answer = await world.stranger.get("/")
    assert answer.status_code == 401
    assert "python -m bot signin" in answer.text
    assert "Go</button>" not in answer.text


async def test_a_link_opens_once(world: World) -> None:
    token = world.links.new()
    assert (await world.stranger.get(f"/signin?token={token}")).status_code == 303
    world.stranger.cookies.clear()
    again = await world.stranger.get(f"/signin?token={token}")
    assert again.status_code == 401
    assert "used up or too old" in again.text
    assert "set-cookie" not in again.headers


async def test_links_end_and_can_be_made_elsewhere(world: World) -> None:
    other = OneTimeLinks(SECRET, world.clock)
    late, forged, made = other.new(), OneTimeLinks(b"another secret", world.clock).new(), world.links.new()
    assert not world.links.consume(forged)
    assert not world.links.consume("")
    assert not world.links.consume("1.2.ü")
    assert world.links.consume(other.new())
    await world.clock.advance(3601)
    assert not world.links.consume(late)
    fresh = OneTimeLinks(SECRET, world.clock)
    assert not fresh.consume(made)


async def test_the_cookie_is_kept_from_scripts_and_ends(world: World, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/signin?token={world.links.new()}")
    cookie = answer.headers["set-cookie"].casefold()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=2592000" in cookie
    assert (await browser.get("/")).status_code == 200
    await world.clock.advance(31 * 86400)
    assert (await browser.get("/")).status_code == 401


async def test_a_changed_cookie_is_nobody(world: World, browser: httpx.AsyncClient) -> None:
    value = browser.cookies["copydesk_session"]
    world.stranger.cookies.set("copydesk_session", value[:-1] + ("0" if value[-1] != "0" else "1"))
    assert (await world.stranger.get("/")).status_code == 401


async def test_a_command_is_answered_by_a_redirect(browser: httpx.AsyncClient) -> None:
    answer = await post(browser, "/command", text="draft We ship today")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("#draft-1")
    page = (await browser.get(answer.headers["location"])).text
    assert "Draft 1 · We ship today: Waits for approval." in unescape(page)
    assert 'id="draft-1"' in page


async def test_what_is_said_of_a_card_stays_true(world: World, browser: httpx.AsyncClient) -> None:
    answer = await post(browser, "/command", text="draft We ship today")
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    await world.done(button_id(card, "Approve"))
    page = unescape((await browser.get(answer.headers["location"])).text)
    assert '<p class="flash" data-about="draft-1">Draft 1 · We ship today: Approved.</p>' in page


async def test_the_empty_page_says_what_to_type(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/")).text
    assert "Nothing is on the desk yet" in page
    assert all(f"<code>{word}</code>" in page for word in ("draft", "queue", "help"))
    assert "Nothing leaves this machine" in page


async def test_whispers_are_shown_after_the_redirect(browser: httpx.AsyncClient) -> None:
    answer = await post(browser, "/command", text="help")
    page = (await browser.get(answer.headers["location"])).text
    assert "What you can type" in page


async def test_a_wrong_command_keeps_what_was_typed(browser: httpx.AsyncClient) -> None:
    answer = await post(browser, "/command", text="scedule & more")
    assert answer.status_code == 422
    assert "scedule &amp; more</textarea>" in answer.text
    assert "Run it" in answer.text


async def test_buttons_work_and_stale_ones_say_so(world: World, browser: httpx.AsyncClient) -> None:
    approve = button_id(await world.draft(), "Approve")
    answer = await post(browser, "/action", id=approve)
    assert answer.headers["location"].endswith("#draft-1")
    again = await post(browser, "/action", id=approve)
    page = unescape((await browser.get(again.headers["location"])).text)
    assert "Already approved by owner at 10:00." in page


async def test_a_form_is_a_page_and_keeps_what_was_typed(world: World, browser: httpx.AsyncClient) -> None:
    schedule = button_id(await world.draft(), "Schedule")
    form = await browser.get("/form", params={"id": schedule})
    assert form.status_code == 200
    assert 'name="when"' in form.text
    wrong = await post(browser, "/action", id=schedule, when="at 9")
    assert wrong.status_code == 422
    assert 'value="at 9"' in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    assert "notice-invalid_input" not in wrong.text
    assert re.search(r'class="error" id="e-1">[^<]+ <span class="how">Nothing changed\. [^<]+</span>', wrong.text)
    assert re.findall(r"<(h\d)", wrong.text) == ["h1"]
    right = await post(browser, "/action", id=schedule, when="tomorrow 9am")
    page = unescape((await browser.get(right.headers["location"])).text)
    assert "Schedule for Tue 3 Mar 2026 09:00 (Europe/Berlin)" in page


async def test_looking_at_a_form_changes_nothing(world: World, browser: httpx.AsyncClient) -> None:
    approve = button_id(await world.draft(), "Approve")
    answer = await browser.get("/form", params={"id": approve})
    page = (await browser.get(answer.headers["location"])).text
    assert "This button has no form." in unescape(page)
    assert (await world.client.get("/api/drafts/1")).json()["state"] == "draft"


async def test_the_page_spares_people_what_only_programs_need(world: World, browser: httpx.AsyncClient) -> None:
    form = unescape((await browser.get("/form", params={"id": button_id(await world.draft(), "Image")})).text)
    assert (
        "PNG, JPEG, WebP or GIF up to 20 MB, MP4, MOV or WebM up to 500 MB, PDF up to 100 MB. Up to 10 at once" in form
    )
    assert "Screen readers need it" in form
    answer = await post(browser, "/command", text="help")
    page = (await browser.get(answer.headers["location"])).text
    assert "roles [name|<wbr>@group=viewer|<wbr>author|<wbr>approver|<wbr>admin]" in page


async def test_what_cannot_be_taken_back_is_asked_first(world: World, browser: httpx.AsyncClient) -> None:
    approved = await world.done(button_id(await world.draft(), "Approve"))
    publish = button_id(approved, "Publish now")
    assert f"/confirm?id={publish.replace(':', '%3A')}" in (await browser.get("/")).text
    asked = await browser.get("/confirm", params={"id": publish})
    assert "Publish now?" in asked.text
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", asked.text)
    accounts = "Bluesky · @driftseas.test, Mastodon · @driftseas@social.test"
    assert facts == [("Draft", "1 · Ships today"), ("Accounts", accounts), ("Time to undo", "15 seconds")]
    archive = await browser.get("/confirm", params={"id": button_id(approved, "Archive")})
    assert re.findall(r"<dt>(.*?)</dt>", archive.text) == ["Draft", "Accounts"]
    gone = publish.replace("publish:1:", "publish:9:")
    assert (await browser.get("/confirm", params={"id": gone})).status_code == 404
    assert (await browser.get("/confirm", params={"id": button_id(approved, "Edit")})).status_code == 404
    assert (await browser.get("/confirm", params={"id": "junk"})).status_code == 422


async def test_a_picture_is_uploaded_by_form(world: World, browser: httpx.AsyncClient) -> None:
    image = button_id(await world.draft(), "Image")
    data = {"csrf": await csrf(browser), "id": image, "alt": "A <red> field"}
    answer = await browser.post("/action", data=data, files={"upload": ("a.png", a_png(), "image/png")})
    assert answer.status_code == 303
    page = (await browser.get("/")).text
    assert 'alt="A &lt;red&gt; field"' in page
    source = re.search(r'<img src="(/api/media/[0-9a-f]{64})"', page)
    assert source is not None
    assert (await browser.get(source[1])).headers["content-type"] == "image/png"
    fresh = button_id((await world.client.get("/api/cards")).json()["cards"][0], "Image")
    data["id"] = fresh
    bad = await browser.post("/action", data=data, files={"upload": ("a.svg", b"<svg/>", "image/png")})
    assert bad.status_code == 422
    assert "This is a drawing (SVG)" in bad.text
    assert "A &lt;red&gt; field</textarea>" in bad.text


async def test_a_form_without_a_file_makes_a_picture(world: World, browser: httpx.AsyncClient) -> None:
    image = button_id(await world.draft(), "Image")
    data = {"csrf": await csrf(browser), "id": image, "prompt": "a quiet pier", "style": "minimal", "alt": ""}
    answer = await browser.post("/action", data=data, files={"upload": ("", b"", "application/octet-stream")})
    assert answer.status_code == 303
    page = (await browser.get(answer.headers["location"])).text
    assert 'alt="Picture 1"' in page
    assert re.findall(r'<span class="account">([^<]+)</span>', page)[-4:] == [
        "1600 × 900",
        "minimal",
        "made offline",
        "contrast 9.8:1",
    ]
    assert [(t.scene, t.style.value) for t in world.painter.tasks] == [("a quiet pier", "minimal")]


ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %}",
)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_text_stays_text_everywhere(world: World, browser: httpx.AsyncClient, attack: str) -> None:
    card = await world.draft(f"Ship {attack}")
    await world.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": attack})
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    pages = [
        await browser.get("/"),
        await browser.get("/cards/draft-1"),
        await browser.get("/form", params={"id": button_id(card, "Edit")}),
        await post(browser, "/command", text=attack),
    ]
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert attack in unescape(pages[0].text)


async def test_a_form_without_our_token_is_refused(world: World, browser: httpx.AsyncClient) -> None:
    approve = button_id(await world.draft(), "Approve")
    token = await csrf(browser)
    refused = [
        await browser.post("/action", data={"id": approve}),
        await browser.post("/action", data={"id": approve, "csrf": "0" * 64}),
        await browser.post("/action", data={"id": approve, "csrf": token}, headers={"origin": "https://evil.test"}),
        await browser.post("/action", data={"id": approve, "csrf": token}, headers={"sec-fetch-site": "cross-site"}),
        await browser.post("/command", data={"text": "freeze"}),
        await world.stranger.post("/action", data={"id": approve, "csrf": token}),
        await browser.post("/signout"),
    ]
    assert [r.status_code for r in refused] == [403] * 7
    assert (await world.client.get("/api/drafts/1")).json()["state"] == "draft"


async def test_the_api_by_cookie_wants_the_token_for_changes(world: World, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/cards")).status_code == 200
    assert (await browser.post("/api/command", json={"text": "help"})).status_code == 403
    fine = await browser.post("/api/command", json={"text": "help"}, headers={"x-csrf-token": await csrf(browser)})
    assert fine.status_code == 200
    cross = {"x-csrf-token": await csrf(browser), "origin": "https://evil.test"}
    assert (await browser.post("/api/command", json={"text": "help"}, headers=cross)).status_code == 403


async def test_signing_out_ends_the_session(browser: httpx.AsyncClient) -> None:
    await post(browser, "/signout")
    assert (await browser.get("/")).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8420", 401),
        ("localhost", 401),
        ("[::1]:8420", 401),
        ("evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("10.0.0.1", 421),
        ("", 421),
    ],
)
async def test_only_our_own_names_are_served(world: World, host: str, status: int) -> None:
    assert (await world.stranger.get("/", headers={"host": host})).status_code == status


async def test_every_answer_carries_the_safe_headers(world: World, browser: httpx.AsyncClient) -> None:
    for answer in (
        await browser.get("/"),
        await world.stranger.get("/nowhere"),
        await world.stranger.get("/api/cards"),
        await world.stranger.get("/static/desk.css"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


async def test_pages_hold_nothing_the_policy_forbids(world: World, browser: httpx.AsyncClient) -> None:
    await world.draft()
    page = (await browser.get("/")).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=", page)
    assert " style=" not in page
    assert page.count("<h1") == 1
    assert '<main id="main">' in page
    for ident in re.findall(r'<label for="([^"]+)"', page):
        assert f'id="{ident}"' in page


async def test_what_is_not_there_is_a_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here</h1>" in answer.text
    assert (await browser.get("/cards/draft-99")).status_code == 404
    assert (await browser.get("/cards/other-1")).status_code == 404
    assert (await browser.get("/static/../app.py")).status_code == 404


async def test_a_draft_far_down_is_still_shown_when_asked_for(world: World, browser: httpx.AsyncClient) -> None:
    for n in range(22):
        await world.draft(f"Thing {n}")
    assert 'id="draft-1"' not in (await browser.get("/")).text
    answer = await post(browser, "/command", text="show 1")
    page = (await browser.get(answer.headers["location"])).text
    assert page.count('id="draft-1"') == 1
    near = await post(browser, "/command", text="show 22")
    assert (await browser.get(near.headers["location"])).text.count('id="draft-22"') == 1
    older = re.search(r'href="(/\?before=[^"]+)">Older', page)
    assert older is not None
    assert 'id="draft-1"' in (await browser.get(unescape(older[1]))).text
