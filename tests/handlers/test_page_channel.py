"""The channel as a conversation: who asked, the card as a galley, the day beside it, and first words for newcomers."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from services.domain.delivery import DeliveryState
from services.domain.ids import DraftId
from services.ports.storage import ShownCard
from tests.builders import NOW, a_delivery, a_log_entry
from tests.handlers.world import BASE, BLUESKY, MASTODON, World, a_png, button_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE) as client:
        await client.get(f"/signin?token={world.links.new()}")
        yield client


async def text(browser: httpx.AsyncClient, path: str = "/") -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def bare(html: str) -> str:
    """What is read, without the tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_a_draft_is_a_question_and_an_answer(world: World, browser: httpx.AsyncClient) -> None:
    await world.say("draft We ship today", **{"as": "Ana"})
    page = await text(browser)
    turn = page[page.index('id="turn-draft-1"') : page.index("</article>")]
    assert "Ana 10:00 /desk draft We ship today Copydesk 10:00 We ship today Waits for approval" in bare(turn)
    assert "Draft 1 · version 1 · for Ana · Driftseas · written without a model" in bare(turn)
    assert "Ana asked 10:00 · v1 written 10:00" in bare(turn)
    assert "<dt>Status</dt>" not in turn


async def test_a_long_brief_folds(world: World, browser: httpx.AsyncClient) -> None:
    await world.draft("long words " * 60)
    page = await text(browser)
    assert '<details class="ask"><summary><b>/desk draft</b> long words' in page
    assert "All of it" in page


async def test_texts_are_set_as_their_networks_set_them(world: World, browser: httpx.AsyncClient) -> None:
    world.model.claims = ("50 deployments",)
    link = "https://example.com/a?b=1&c=2"
    card = await world.draft("Seen")
    await world.done(button_id(card, "Regenerate"), fields={"wish": f"in 50 deployments, see {link} #Rust"})
    page = (await browser.get("/")).text
    assert page.count('<span class="claim">50 deployments</span>') == 2
    shown = (
        'href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">https://example.com/a?b=1&amp;c=2'
    )
    assert page.count(shown) == 2
    assert page.count('<span class="m">#Rust</span>') == 2


async def test_only_web_addresses_become_links(world: World, browser: httpx.AsyncClient) -> None:
    card = await world.draft("Seen")
    evil = 'javascript://a.test/%0aalert(1) JAVASCRIPT:alert(1) data:text/html,x https://a.test/"onclick=alert(1)'
    await world.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": evil, f"text.{BLUESKY}": evil})
    page = (await browser.get("/")).text
    assert re.findall(r'class="m" href="([^"]*)"', page) == ["https://a.test/", "https://a.test/"]
    assert not re.search(r"<[^>]+\sonclick", page)


async def test_a_thread_is_numbered(world: World, browser: httpx.AsyncClient) -> None:
    card = await world.draft("Seen")
    await world.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": "One\n---\nTwo\n---\nThree"})
    page = await text(browser)
    assert re.findall(r'<p class="words">(\w+)</p><span class="nth">(\d/\d)</span>', page) == [
        ("One", "1/3"),
        ("Two", "2/3"),
        ("Three", "3/3"),
    ]


async def test_what_changes_the_picture_stands_beside_it(world: World, browser: httpx.AsyncClient) -> None:
    await world.draft()
    before = await text(browser)
    assert '<form class="links"' not in before
    image = button_id((await world.client.get("/api/cards")).json()["cards"][0], "Image")
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', before)
    assert token is not None
    data = {"csrf": token[1], "id": image, "alt": "A red field"}
    await browser.post("/action", data=data, files={"upload": ("a.png", a_png(), "image/png")})
    page = await text(browser)
    beside = page[page.index('<form class="links"') :]
    beside = beside[: beside.index("</form>")]
    assert "Image" in beside
    assert "Remove image" in beside
    row = page[page.index('<form class="buttons"') :]
    assert "Remove image" not in row[: row.index("</form>")]
    assert "8 × 6" in page
    assert "Alt text: “A red field”" in page


async def test_a_delivery_that_asks_is_set_as_a_question(world: World, browser: httpx.AsyncClient) -> None:
    await world.draft()
    row = a_delivery(draft_id=DraftId("1"), account_id=MASTODON, state=DeliveryState.NEEDS_HUMAN)
    await world.store.write(lambda tx: tx.deliveries.add(row, a_log_entry(DeliveryState.NEEDS_HUMAN)))
    place = ShownCard(
        card_id=f"delivery-{row.id}",
        kind="delivery",
        draft_id=DraftId("1"),
        delivery_id=row.id,
        surface="web",
        place="desk",
        created_at=NOW,
    )
    await world.store.write(lambda tx: tx.cards.put(place))
    page = bare(await text(browser))
    assert "Is it live on Mastodon? It may be live Draft 1 · @driftseas@social.test · due Mon 2 Mar 2026" in page
    assert "2 decisions wait for you" in page


async def test_the_rail_counts_what_waits_on_every_page(world: World, browser: httpx.AsyncClient) -> None:
    count = re.compile(r'id="rail-count">(\d*)')
    assert count.findall(await text(browser)) == [""]
    card = await world.draft()
    await world.draft("Another")
    assert count.findall(await text(browser)) == ["2"]
    assert count.findall((await browser.get("/form", params={"id": button_id(card, "Edit")})).text) == ["2"]
    await world.done(button_id(card, "Approve"))
    assert count.findall(await text(browser)) == ["1"]
    assert "(1) The desk" in await text(browser)


async def test_the_side_tells_the_day(world: World, browser: httpx.AsyncClient) -> None:
    assert "Nothing goes out today." in await text(browser)
    card = await world.done(button_id(await world.draft("Ships tonight"), "Approve"))
    when = "2026-03-02T18:30:00+01:00"
    await world.done(button_id(card, "Schedule"), fields={"when": when})
    other = await world.done(button_id(await world.draft("Tomorrow"), "Approve"))
    await world.done(button_id(other, "Schedule"), fields={"when": "2026-03-03T00:00:00+01:00"})
    side = await text(browser, "/side")
    assert "18:30 Ships tonight Scheduled on" in bare(side)
    assert "Tomorrow" not in side
    assert 'id="rail-count" hx-swap-oob="true"' in side
    assert "<html" not in side
    assert (await world.stranger.get("/side")).status_code == 401


async def test_newcomers_are_told_what_this_is_and_can_begin(world: World, browser: httpx.AsyncClient) -> None:
    page = await text(browser)
    assert "This is practice." in page
    assert "account add mastodon" in page
    examples = re.findall(r'<button name="run" value="(draft [^"]+)">', page)
    assert len(examples) == 3
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert token is not None
    answer = await browser.post("/command", data={"csrf": token[1], "run": examples[0]})
    assert answer.headers["location"].endswith("#draft-1")
    page = await text(browser)
    assert "This is practice." not in page
    assert examples[0].removeprefix("draft ") in page


async def test_without_an_account_the_way_to_one_is_shown(bare: World) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bare.app), base_url=BASE) as client:
        await client.get(f"/signin?token={bare.links.new()}")
        page = await text(client)
    assert "No account is connected, so there is nowhere to post." in page
    assert "python -m bot account add mastodon --json -" in page


async def test_a_hundred_cards_and_what_is_older(world: World, browser: httpx.AsyncClient) -> None:
    for n in range(23):
        await world.draft(f"Thing {n}")
    assert (await text(browser)).count("<article") == 20
    assert (await text(browser, "/?n=100")).count("<article") == 23
    assert (await text(browser, "/?n=0")).count("<article") == 1
    page = await text(browser)
    older = re.search(r'href="(/\?before=[^"]+)">Older', page)
    assert older is not None
    page = await text(browser, older[1])
    assert page.count("<article") == 3
    assert "Older</a>" not in page
    assert "Nothing is older" in page
    assert 'id="text"' not in page
    assert "Nothing is older</h2>" in await text(browser, "/?before=draft-1")


async def test_a_card_being_written_says_so_calmly(world: World, browser: httpx.AsyncClient) -> None:
    import asyncio

    world.model.gate = asyncio.Event()
    await world.command("draft Slow words", patience=0)
    page = await text(browser)
    assert "Being written · usually about ten seconds" in page
    assert "Your brief:" not in page
    assert '<noscript><meta http-equiv="refresh" content="3;url=/"></noscript>' in page
    world.model.gate.set()
    await world.door.tasks.drain(10)
    assert "Being written ·" not in await text(browser)


async def test_a_list_has_its_buttons_in_its_lines(world: World, browser: httpx.AsyncClient) -> None:
    for n in range(7):
        await world.draft(f"Thing {n}")
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', await text(browser))
    assert found is not None
    answer = await browser.post("/command", data={"csrf": found[1], "run": "queue"})
    page = await text(browser, answer.headers["location"])
    listed = page[page.index('<form class="rows"') :]
    listed = listed[: listed.index("</form>")]
    assert re.findall(r"<b>Draft (\d)</b>.*?>Open (\d)</button>", listed) == [(str(n), str(n)) for n in range(7, 0, -1)]


async def test_a_card_has_an_address(world: World, browser: httpx.AsyncClient) -> None:
    await world.draft("Ships tonight")
    page = await text(browser, "/cards/draft-1")
    assert "<h1>Draft 1</h1>" in page
    assert page.count("<article") == 1
    assert 'id="rail-count">1' in page
    piece = (await browser.get("/cards/draft-1", headers={"hx-request": "true"})).text
    assert ("<html" in piece, piece.count("<article")) == (False, 1)
    wrong = await browser.get("/?n=many")
    assert wrong.status_code == 422
    assert "This address is not quite right." in wrong.text
