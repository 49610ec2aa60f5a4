"""What the page's script gets: pieces in place of pages; and files that browsers may keep."""

from __future__ import annotations

import gzip
import re
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from handlers.web.assets import STATIC, asset
from tests.handlers.world import BASE, World, button_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SCRIPT = {"hx-request": "true", "hx-current-url": f"{BASE}/"}


@pytest.fixture
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE) as client:
        await client.get(f"/signin?token={world.links.new()}")
        yield client


async def post(browser: httpx.AsyncClient, path: str, url: str = f"{BASE}/", **data: str) -> httpx.Response:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await browser.get("/")).text)
    assert found is not None
    headers = {**SCRIPT, "hx-current-url": url}
    return await browser.post(path, data={"csrf": found[1], **data}, headers=headers)


async def test_a_new_card_comes_as_a_piece(browser: httpx.AsyncClient) -> None:
    answer = await post(browser, "/command", text="draft We ship today")
    assert (answer.status_code, answer.headers["hx-trigger"]) == (200, "desk-done")
    piece = unescape(answer.text)
    assert "<html" not in piece
    assert 'hx-swap-oob="afterbegin:#channel"' in piece
    assert piece.count('id="draft-1"') == 1
    assert '<p class="flash" data-about="draft-1">Draft 1 · We ship today: Waits for approval.</p>' in piece
    again = await post(browser, "/command", text="show 1", url=f"{BASE}/?before=draft-9")
    assert 'hx-swap-oob="beforeend:#said"' in again.text


async def test_a_whisper_is_only_for_who_asked(browser: httpx.AsyncClient) -> None:
    answer = await post(browser, "/command", text="/desk queue mine")
    piece = answer.text
    assert "only you see this" in piece
    assert "<b>/desk queue</b> mine" in piece
    assert "afterbegin:#channel" not in piece
    assert "data-about" not in piece


async def test_an_error_keeps_what_was_typed(browser: httpx.AsyncClient) -> None:
    answer = await post(browser, "/command", text="scedule it")
    assert answer.status_code == 422
    assert "hx-trigger" not in answer.headers
    assert "Did you mean" in answer.text
    assert "<html" not in answer.text


async def test_a_stale_button_tells_and_brings_the_card(world: World, browser: httpx.AsyncClient) -> None:
    approve = button_id(await world.draft(), "Approve")
    first = await post(browser, "/action", id=approve)
    assert "Draft 1 · Ships today: Approved." in unescape(first.text)
    again = await post(browser, "/action", id=approve)
    assert again.status_code == 409
    assert "Already approved by owner at 10:00." in unescape(again.text)
    assert again.text.count('id="draft-1"') == 1


async def test_a_form_sends_the_page_there_and_keeps_its_error(world: World, browser: httpx.AsyncClient) -> None:
    schedule = button_id(await world.draft(), "Schedule")
    answer = await post(browser, "/action", id=schedule, when="at 9")
    where = answer.headers["hx-redirect"]
    assert (answer.status_code, answer.text) == (200, "")
    form = await browser.get(where)
    assert 'value="at 9"' in form.text
    assert 'aria-invalid="true"' in form.text
    assert re.search(r'<span class="how">Nothing changed\. [^<]+</span>', form.text)
    assert (await browser.get("/asked?key=unknown")).status_code == 404
    assert (await world.stranger.get(where)).status_code == 401


async def test_refusals_are_pieces_too(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/command", data={"text": "freeze"}, headers=SCRIPT)
    assert answer.status_code == 403
    assert "<html" not in answer.text
    assert 'id="said"' in answer.text
    gone = await browser.get("/cards/draft-99", headers=SCRIPT)
    assert (gone.status_code, "<html" in gone.text) == (404, False)


async def test_a_bug_of_ours_is_told_in_one_sentence(world: World) -> None:
    async def broken() -> None:
        raise RuntimeError("an inner detail")

    for path in ("/broken", "/api/broken"):
        world.app.add_api_route(path, broken)
    transport = httpx.ASGITransport(app=world.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        await client.get(f"/signin?token={world.links.new()}")
        page, piece = await client.get("/broken"), await client.get("/broken", headers=SCRIPT)
        data = await client.get("/api/broken")
    assert [a.status_code for a in (page, piece, data)] == [500, 500, 500]
    for answer in (page, piece, data):
        assert "Something went wrong inside the desk." in answer.text
        assert "an inner detail" not in answer.text
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert page.text.count("<h1") == 1
    assert "<html" not in piece.text
    assert data.json()["error"]["code"] == "unexpected"


async def test_files_are_kept_by_their_content(world: World) -> None:
    for name in ("desk.css", "desk.js", "htmx.min.js", "fonts/newsreader-latin-wght-normal.woff2", "icon.svg"):
        answer = await world.stranger.get(asset(name))
        assert answer.status_code == 200, name
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        plain = await world.stranger.get(f"/static/{name}")
        assert plain.headers["cache-control"] == "no-cache"
        same = await world.stranger.get(f"/static/{name}", headers={"if-none-match": plain.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        old = await world.stranger.get(f"/static/{name}?v=000000000000")
        assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    style = (await world.stranger.get("/static/desk.css")).text
    addresses = re.findall(r'url\("([^"]+)"\)', style)
    assert len(addresses) == 4
    assert all(f"/static/{a}" == asset(a.partition("?")[0]) for a in addresses)


async def test_texts_travel_packed_and_the_rest_as_it_is(world: World, browser: httpx.AsyncClient) -> None:
    await world.draft()
    for path, packed in (("/", "gzip"), (asset("desk.css"), "gzip"), ("/api/cards", None), ("/healthz", None)):
        assert (await browser.get(path)).headers.get("content-encoding") == packed, path
    font = await browser.get(asset("fonts/public-sans-latin-wght-normal.woff2"))
    assert (font.headers.get("content-encoding"), font.headers["content-type"]) == (None, "font/woff2")
    plain = await browser.get(asset("desk.js"), headers={"accept-encoding": "identity"})
    assert plain.content == (STATIC / "desk.js").read_bytes()


async def test_the_first_view_is_light(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/")).text
    found = {unescape(a) for a in re.findall(r'(?:src|href)="(/static/[^"]+)"', page)}
    assert len(found) == 7
    total = len(gzip.compress(page.encode()))
    for address in found:
        body = (await browser.get(address)).content
        total += len(body if address.partition("?")[0].endswith("woff2") else gzip.compress(body))
    assert total <= 150_000


async def test_there_is_no_way_out_of_the_folder(world: World) -> None:
    for path in ("/static/", "/static/../html.py", "/static/%2e%2e/html.py", "/static/fonts", "/static//etc/passwd"):
        assert (await world.stranger.get(path)).status_code == 404, path
    with pytest.raises(LookupError):
        asset("nothing.css")
