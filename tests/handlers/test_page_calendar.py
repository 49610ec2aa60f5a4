"""The calendar page: where posts stand, in whose time, and how they move without scripts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from services.domain.actor import Role
from services.domain.delivery import DeliveryState
from services.domain.ids import DraftId
from services.planning import read_plan
from tests.builders import NOW
from tests.handlers.world import BASE, World, button_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TUESDAY = "2026-03-03T09:00+01:00"


@pytest.fixture
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in; redirects are followed as a browser does."""
    transport = httpx.ASGITransport(app=world.app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, follow_redirects=True) as client:
        await client.get(f"/signin?token={world.links.new()}")
        yield client


async def page(browser: httpx.AsyncClient, path: str = "/calendar") -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200
    return unescape(answer.text)


async def planned(world: World, text: str = "Ships today", when: str = TUESDAY, *, approve: bool = True) -> str:
    """A draft with a time; gives the id of its Schedule button."""
    card = await world.draft(text)
    if approve:
        card = await world.done(button_id(card, "Approve"))
    button = button_id(card, "Schedule")
    await world.done(button, fields={"when": when})
    return button


async def move(browser: httpx.AsyncClient, button: str, when: str = "", **more: str) -> str:
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await browser.get("/calendar")).text)
    assert csrf is not None
    data = {"csrf": csrf[1], "id": button, "when": when, "view": "week", "day": "2026-03-03", **more}
    answer = await browser.post("/calendar/move", data=data)
    assert (answer.status_code, answer.url.path) == (200, "/calendar")
    return unescape(answer.text)


def lap_of(text: str, draft: int) -> str:
    """The start of the lap in which a draft's post stands."""
    before = text.partition(f'id="post-{draft}"')[0]
    return str(re.findall(r'data-start="([^"]+)"', before)[-1])


def told(text: str) -> str:
    """The notices, without their marks."""
    notices = re.split('<div class="(?:week|month)"', text.partition('id="notices"')[2])[0]
    return " ".join(re.sub(r"<[^>]+>", " ", notices).split())


async def planned_at(world: World, draft: str = "1") -> datetime | None:
    return (await world.services.board.draft(DraftId(draft))).draft.planned_at


async def test_strangers_see_nothing(world: World) -> None:
    for path in ("/calendar", "/calendar/open/1"):
        assert (await world.stranger.get(path)).status_code == 401
    assert (await world.stranger.post("/calendar/move", data={})).status_code == 403


async def test_an_empty_week_says_so(browser: httpx.AsyncClient) -> None:
    text = await page(browser)
    assert "2–8 March 2026" in text
    assert "Nothing is planned in this week." in text
    assert "Nothing approved waits for a time." in text
    assert len(re.findall('data-start="', text)) == 7 * 24


async def test_a_post_stands_at_its_hour_in_words(world: World, browser: httpx.AsyncClient) -> None:
    await planned(world, "Builds & more", "2026-03-03T09:40+01:00")
    text = await page(browser)
    assert lap_of(text, 1) == "2026-03-03T09:00:00+01:00"
    post = text.partition('id="post-1"')[2].partition("</article>")[0]
    assert '<time datetime="2026-03-03T08:40:00+00:00">09:40</time>' in post
    assert "Scheduled" in post
    assert "Bluesky, Mastodon" in post
    assert re.search(r'href="/form\?id=cd%3A1%3Aschedule%3A1%3A1%3A', post)
    assert text.count('id="post-1"') == 1


async def test_what_waits_for_approval_says_so_and_when_its_time_is_over(
    world: World, browser: httpx.AsyncClient
) -> None:
    await planned(world, when="2026-03-02T11:00+01:00", approve=False)
    assert "Waits for approval" in await page(browser)
    await world.clock.advance(3600)
    assert "Time passed, not approved" in await page(browser)


async def test_approved_without_a_time_stands_beside(world: World, browser: httpx.AsyncClient) -> None:
    card = await world.draft("Ready when you are")
    assert "Ready when you are" not in await page(browser)
    await world.done(button_id(card, "Approve"))
    side = (await page(browser)).partition("<aside")[2]
    assert "Ready when you are" in side
    assert "data-at" not in side


async def test_a_month_shows_some_and_counts_the_rest(world: World, browser: httpx.AsyncClient) -> None:
    for n in range(6):
        await planned(world, f"Post {n}", f"2026-03-03T1{n}:00+01:00", approve=False)
    text = await page(browser, "/calendar?view=month&day=2026-03-20")
    assert "March 2026" in text
    assert [n for n in range(6) if f"Post {n}" in text] == [0, 1, 2, 3]
    assert '<a href="/calendar?view=week&day=2026-03-03">2 more</a>' in text


async def test_weeks_lead_to_weeks_and_months_to_months(browser: httpx.AsyncClient) -> None:
    week = await page(browser, "/calendar?view=week&day=2026-12-30")
    assert "28 December 2026 – 3 January 2027" in week
    assert "/calendar?view=week&day=2026-12-27" in week
    assert "/calendar?view=week&day=2027-01-04" in week
    month = await page(browser, "/calendar?view=month&day=2026-01-31")
    assert "/calendar?view=month&day=2025-12-31" in month
    assert "/calendar?view=month&day=2026-02-01" in month


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "0001-01-01", "9999-12-31"])
async def test_a_day_that_is_none_is_refused(browser: httpx.AsyncClient, day: str) -> None:
    answer = await browser.get("/calendar", params={"day": day})
    assert answer.status_code == 422
    assert "is no day this calendar can show" in answer.text


async def test_the_clocks_change_in_words(browser: httpx.AsyncClient) -> None:
    spring = await page(browser, "/calendar?day=2026-03-29")
    assert "The clocks go forward: 23 hours." in spring
    assert "no 02:00" in spring
    autumn = await page(browser, "/calendar?day=2026-10-25")
    assert "The clocks go back: 25 hours." in autumn
    assert "02:00 once more" in autumn
    assert len(re.findall('data-start="', spring)) + 2 == len(re.findall('data-start="', autumn))


async def test_an_hour_shown_twice_holds_each_post_once(world: World, browser: httpx.AsyncClient) -> None:
    await planned(world, "First", "2026-10-25T02:30+02:00", approve=False)
    await planned(world, "Second", "2026-10-25T02:30+01:00", approve=False)
    text = await page(browser, "/calendar?day=2026-10-25")
    assert lap_of(text, 1) == "2026-10-25T02:00:00+02:00"
    assert lap_of(text, 2) == "2026-10-25T02:00:00+01:00"
    assert "02:30 CEST" in text
    assert "02:30 CET" in text


async def test_moving_tells_the_new_time_and_can_be_undone(world: World, browser: httpx.AsyncClient) -> None:
    button = await planned(world)
    text = await move(browser, button, "2026-03-05T17:15:00+01:00")
    assert "“Ships today” goes out Thu 5 Mar 2026 17:15 (Europe/Berlin)" in told(text)
    assert "Before: Tue 3 Mar 2026 09:00 (Europe/Berlin)." in told(text)
    assert await planned_at(world) == datetime(2026, 3, 5, 16, 15, tzinfo=UTC)
    due = {r.delivery.due_at.replace(microsecond=0) for r in await live(world)}
    assert {d.replace(second=0) for d in due} == {datetime(2026, 3, 5, 16, 15, tzinfo=UTC)}
    undo = re.findall(r'name="id" value="(cd:1:when:[^"]+)"', text)
    assert "Undo" in told(await move(browser, undo[0]))
    assert await planned_at(world) == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


async def live(world: World) -> list[Any]:
    return list(await world.services.board.deliveries(states={DeliveryState.SCHEDULED}))


async def test_a_time_without_offset_is_on_the_readers_clock(world: World, browser: httpx.AsyncClient) -> None:
    button = await planned(world)
    text = await move(browser, button, "2026-07-05T09:00", view="month")
    assert "goes out Sun 5 Jul 2026 09:00 (Europe/Berlin)" in told(text)
    assert await planned_at(world) == datetime(2026, 7, 5, 7, 0, tzinfo=UTC)
    assert "On that day 02:30 is skipped in Europe/Berlin" in told(await move(browser, button, "2026-03-29T02:30"))
    assert "When should it go out?" in told(await move(browser, button))
    assert await planned_at(world) == datetime(2026, 7, 5, 7, 0, tzinfo=UTC)


async def test_placing_can_be_undone(world: World, browser: httpx.AsyncClient) -> None:
    card = await world.done(button_id(await world.draft(), "Approve"))
    text = await move(browser, button_id(card, "Schedule"), TUESDAY)
    assert "It had no time before." in told(text)
    undo = re.findall(r'name="id" value="(cd:1:unschedule:[^"]+)"', text)
    assert "“Ships today” has no time now" in told(await move(browser, undo[0]))
    assert await planned_at(world) is None


async def test_without_approval_moving_says_what_is_missing(world: World, browser: httpx.AsyncClient) -> None:
    button = await planned(world, approve=False)
    text = await move(browser, button, "2026-03-05T17:15:00+01:00")
    assert "It still waits for approval, and goes out only with it." in told(text)


async def test_a_refused_move_says_why_and_changes_nothing(world: World, browser: httpx.AsyncClient) -> None:
    button = await planned(world)
    before = await planned_at(world)
    assert "and that is past" in told(await move(browser, button, "2026-03-02T09:15:00+01:00"))
    assert "looks like a date" in told(await move(browser, button, "2026-13-02T09:15:00+01:00"))
    assert "This is not a button of the desk." in told(await move(browser, "nonsense", TUESDAY))
    approve = button.replace(":schedule:", ":approve:")
    assert "This button plans nothing." in told(await move(browser, approve, TUESDAY))
    assert "There is no draft 99." in told(await move(browser, button.replace(":1:1:", ":99:1:"), TUESDAY))
    assert await planned_at(world) == before


async def test_a_text_changed_meanwhile_is_not_moved(world: World, browser: httpx.AsyncClient) -> None:
    button = await planned(world)
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    await world.done(button_id(card, "Edit"), fields={"text.acc-m": "Another text"})
    text = told(await move(browser, button, "2026-03-05T17:15:00+01:00"))
    assert "This card showed version 1, the draft is at version 2." in text
    assert await planned_at(world) == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


async def test_who_may_not_plan_sees_no_way_to(world: World, browser: httpx.AsyncClient) -> None:
    button = await planned(world)
    owner = await world.actor()
    await world.store.write(lambda tx: tx.people.save(replace(owner, role=Role.VIEWER)))
    text = await page(browser)
    assert 'id="post-1"' in text
    assert "data-move" not in text
    assert "Your role here is viewer" in told(await move(browser, button, "2026-03-05T17:15:00+01:00"))


async def test_forms_from_elsewhere_move_nothing(world: World, browser: httpx.AsyncClient) -> None:
    button = await planned(world)
    answer = await browser.post("/calendar/move", data={"csrf": "0" * 64, "id": button, "when": TUESDAY})
    assert answer.status_code == 403


async def test_a_post_opens_on_the_channel(world: World, browser: httpx.AsyncClient) -> None:
    await planned(world)
    answer = await browser.get("/calendar/open/1", follow_redirects=False)
    assert answer.status_code == 303
    assert re.fullmatch(r"/\?said=[\w-]+#draft-1", answer.headers["location"])
    assert (await browser.get("/calendar/open/x1")).status_code == 404


async def test_names_are_text(world: World, browser: httpx.AsyncClient) -> None:
    await planned(world, "<img src=x onerror=alert(1)>", approve=False)
    for path in ("/calendar?day=2026-03-03", "/calendar?view=month&day=2026-03-03"):
        answer = await browser.get(path)
        assert "<img" not in answer.text
        assert "&lt;img src=x" in answer.text
        assert "style=" not in answer.text


async def test_one_span_takes_the_same_reads_however_much_is_in_it(world: World) -> None:
    for n in range(5):
        await planned(world, f"Post {n}", f"2026-03-03T1{n}:00+01:00")
    plan = await world.store.read(lambda tx: read_plan(tx, since=NOW, until=NOW + timedelta(days=7)))
    assert [p.draft.id for p in plan.posts] == ["1", "2", "3", "4", "5"]
    assert all(len(p.deliveries) == 2 for p in plan.posts)
    nothing = await world.store.read(lambda tx: read_plan(tx, since=NOW, until=NOW + timedelta(hours=1)))
    assert (nothing.posts, nothing.unplaced) == ((), ())
