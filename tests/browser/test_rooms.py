"""The calendar moved by mouse, finger and keys, the other rooms looked at: on a desk that runs, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.browser.driving import PATIENCE, Visitor, browser, visitor
from tests.e2e.process import NETWORKS, RunningDesk, Script, running

if TYPE_CHECKING:
    from datetime import date

    from playwright.sync_api import APIResponse, Browser, Locator, Route

pytestmark = pytest.mark.browser
BERLIN = ZoneInfo("Europe/Berlin")
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 1000}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """One desk for all; each test brings words and a week of its own."""
    with running(tmp_path_factory.mktemp("desk"), {"COPYDESK_TIMEZONE": "Europe/Berlin"}) as made:
        yield made


@pytest.fixture(scope="module")
def cookies(chromium: Browser, desk: RunningDesk) -> Any:
    """A session that all visitors share."""
    with visitor(chromium, desk, "shared", keep=False, **DESKTOP) as guest:
        guest.page.goto(guest.link())
        return guest.page.context.storage_state()


@pytest.fixture(scope="module")
def script(desk: RunningDesk) -> Iterator[Script]:
    """Somebody else at the same desk."""
    with desk.client as client:
        yield Script(client)


def a_monday(weeks: int) -> date:
    """The Monday so many weeks after this one, in summer or winter as it comes."""
    today = datetime.now(UTC).date()  # noqa: TID251 - the desk runs on the machine's clock
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def post(script: Script, topic: str, when: str = "", *, approve: bool = True) -> str:
    """A draft with a time on Berlin's clock; gives its number."""
    card = script.command(f"draft {topic}: the index rebuilds in 40 seconds picture=no")
    if approve:
        card = script.press(card, "Approve")
    if when:
        card = script.press(card, "Schedule", {"when": when})
    return str(card["draft_id"])


def at(day: date, clock: str) -> str:
    """An instant as people in Berlin say it, in ISO."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN).isoformat()


def planned(script: Script, draft: str) -> str:
    """The draft's time on Berlin's clock: "Fri 14:30"."""
    found = script.draft(draft)["planned_at"]
    return f"{datetime.fromisoformat(found).astimezone(BERLIN):%a %H:%M}" if found else ""


def lap(guest: Visitor, day: date, hour: int) -> Locator:
    """The place of an hour on the page."""
    return guest.page.locator(f'.onday[data-day="{day}"] .lap[data-start^="{day}T{hour:02}"]').first


def drag(guest: Visitor, what: Locator, to: Locator, share: float = 0.1) -> None:
    """Press, move in steps, let go at this share of the target's height."""
    what.scroll_into_view_if_needed()
    start = what.bounding_box()
    assert start is not None
    mouse = guest.page.mouse
    mouse.move(start["x"] + 8, start["y"] + 8)
    mouse.down()
    mouse.move(start["x"] + 30, start["y"] + 20, steps=4)
    end = to.bounding_box()
    assert end is not None
    mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] * share, steps=8)
    guest.page.locator(".ghost").wait_for()
    guest.look("dragging")
    mouse.up()


def test_dragging_moves_the_whole_post_and_undo_brings_it_back(
    chromium: Browser, desk: RunningDesk, script: Script, cookies: Any
) -> None:
    monday = a_monday(2)
    draft = post(script, "Dragged along", at(monday + timedelta(days=2), "09:15"))
    with visitor(chromium, desk, "drag", storage_state=cookies, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        guest.look("week")
        drag(guest, guest.page.locator(f"#post-{draft}"), lap(guest, monday + timedelta(days=4), 14), 0.6)
        notice = guest.page.locator("#notices .told")
        notice.wait_for(timeout=PATIENCE)
        assert planned(script, draft) == "Fri 14:30"
        assert {d["due_at"][:16] for d in script.deliveries(draft) if d["state"] == "SCHEDULED"} == {
            script.draft(draft)["planned_at"][:16]
        }
        assert "14:30 (Europe/Berlin)" in notice.inner_text()
        assert lap(guest, monday + timedelta(days=4), 14).locator(f"#post-{draft}").count() == 1
        guest.look("moved")
        notice.get_by_role("button", name="Undo").click()
        guest.page.locator("#notices").get_by_text("Before: Fri").wait_for()
        assert planned(script, draft) == "Wed 09:15"


def test_an_answer_from_before_a_move_does_not_undo_it(
    chromium: Browser, desk: RunningDesk, script: Script, cookies: Any
) -> None:
    monday = a_monday(14)
    draft = post(script, "Overtaken", at(monday, "09:15"))
    with visitor(chromium, desk, "overtaken", storage_state=cookies, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        held: list[tuple[Route, APIResponse]] = []
        guest.page.route("**/calendar?day=*", lambda route: held.append((route, route.fetch())))
        post(script, "Somebody else's", approve=False)
        while not held:
            guest.page.wait_for_timeout(10)
        drag(guest, guest.page.locator(f"#post-{draft}"), lap(guest, monday + timedelta(days=1), 11), 0.6)
        notice = guest.page.locator("#notices .told")
        notice.wait_for(timeout=PATIENCE)
        for route, old in held:
            with guest.page.expect_response("**/calendar?day=*"):
                route.fulfill(response=old)
        guest.page.wait_for_timeout(50)
        assert lap(guest, monday + timedelta(days=1), 11).locator(f"#post-{draft}").count() == 1
        assert "11:30 (Europe/Berlin)" in notice.inner_text()


def test_what_has_no_time_is_dragged_into_the_week(
    chromium: Browser, desk: RunningDesk, script: Script, cookies: Any
) -> None:
    monday = a_monday(3)
    draft = post(script, "Placed by hand")
    with visitor(chromium, desk, "place", storage_state=cookies, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        drag(guest, guest.page.locator(f".side #post-{draft}"), lap(guest, monday, 8))
        guest.page.locator("#notices").get_by_text("It had no time before.").wait_for()
        assert planned(script, draft) == "Mon 08:00"
        guest.page.get_by_role("button", name="Undo").click()
        guest.page.locator("#notices").get_by_text("has no time now").wait_for()
        assert planned(script, draft) == ""


def test_let_go_elsewhere_it_stays(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    monday = a_monday(4)
    draft = post(script, "Not moved", at(monday, "11:00"))
    with visitor(chromium, desk, "elsewhere", storage_state=cookies, keep=False, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        drag(guest, guest.page.locator(f"#post-{draft} .line"), guest.page.locator("h1"))
        guest.page.locator(".ghost").wait_for(state="detached")
        assert guest.page.locator("#moving").text_content() == "Left where it was."
        assert planned(script, draft) == "Mon 11:00"


def test_keys_move_it_too(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    monday = a_monday(5)
    draft = post(script, "Typed along", at(monday, "09:05"))
    with visitor(chromium, desk, "keys", storage_state=cookies, **DESKTOP) as guest:
        page, keys = guest.page, guest.page.keyboard
        page.goto(f"{guest.home}calendar?day={monday}")
        guest.tab_to("Move")
        keys.press("Enter")
        told = page.locator("#moving")
        assert "09:05 (Europe/Berlin)? Arrow keys change it" in told.inner_text()
        keys.press("ArrowDown")
        assert " 09:15 (Europe/Berlin)" in told.inner_text()
        keys.press("ArrowRight")
        keys.press("ArrowUp")
        keys.press("ArrowUp")
        assert f"Tue {(monday + timedelta(days=1)).day} " in told.inner_text()
        assert " 08:45 (Europe/Berlin)" in told.inner_text()
        guest.look("by-keys")
        keys.press("Escape")
        assert planned(script, draft) == "Mon 09:05"
        assert page.evaluate("document.activeElement.className") == "grip"
        for key in ("m", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowDown", "Enter"):
            keys.press(key)
        page.locator("#notices .told").wait_for()
        assert planned(script, draft) == "Mon 09:15"
        assert "09:15 (Europe/Berlin)" in str(told.text_content())
        assert page.evaluate("document.activeElement.className") == "grip"


def test_keys_pass_an_hour_that_is_skipped(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    spring = next(
        m
        for m in map(a_monday, range(2, 60))
        if at(m, "12:00")[-6:] != at(m + timedelta(days=7), "12:00")[-6:] == "+02:00"
    )
    draft = post(script, "Early riser", at(spring + timedelta(days=5), "02:30"))
    with visitor(chromium, desk, "spring", storage_state=cookies, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={spring}")
        guest.look("clocks-forward")
        guest.tab_to("Move")
        for key in ("Enter", "ArrowRight", "Enter"):
            guest.page.keyboard.press(key)
        guest.page.locator("#notices .told").wait_for()
        assert planned(script, draft) == "Sun 03:30"
        for key in ("Enter", "ArrowUp", "ArrowUp", "ArrowUp", "Enter"):
            guest.page.keyboard.press(key)
        guest.page.locator("#notices").get_by_text("01:45").wait_for()
        assert planned(script, draft) == "Sun 01:45"


def test_a_month_moves_by_days(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    monday = a_monday(13)
    draft = post(script, "Moved by days", at(monday, "09:20"))
    with visitor(chromium, desk, "month", storage_state=cookies, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?view=month&day={monday}")
        target = guest.page.locator(f'.month .onday[data-day="{monday + timedelta(days=2)}"]')
        drag(guest, guest.page.locator(f"#post-{draft}"), target, 0.5)
        guest.page.locator("#notices .told").wait_for()
        assert planned(script, draft) == "Wed 09:20"
        guest.page.locator(f"#post-{draft} .grip").focus()
        for key in ("Enter", "ArrowRight", "Enter"):
            guest.page.keyboard.press(key)
        guest.page.locator("#notices").get_by_text("Before: Wed").wait_for()
        assert planned(script, draft) == "Thu 09:20"


def test_pointing_without_dragging(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    monday = a_monday(6)
    draft = post(script, "Pointed at", at(monday, "09:00"))
    with visitor(chromium, desk, "point", storage_state=cookies, keep=False, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        guest.page.locator(f"#post-{draft}").hover()
        guest.page.locator(f"#post-{draft} .grip").click()
        lap(guest, monday + timedelta(days=3), 16).click(position={"x": 10, "y": 2})
        guest.page.get_by_role("button", name="Move it here").click()
        guest.page.locator("#notices .told").wait_for()
        assert planned(script, draft) == "Thu 16:00"


def test_a_move_that_came_too_late_says_why(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    monday = a_monday(7)
    draft = post(script, "Changed meanwhile", at(monday, "09:00"), approve=False)
    with visitor(chromium, desk, "late", storage_state=cookies, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        guest.tab_to("Move")
        guest.page.keyboard.press("Enter")
        cards = script.http.get("/api/cards").json()["cards"]
        card = next(c for c in cards if c["draft_id"] == draft)
        variant = next(b for b in card["blocks"] if b["type"] == "variant")
        script.press(card, "Edit", {f"text.{variant['account_id']}": "Other words for the same thing."})
        guest.page.keyboard.press("ArrowDown")
        guest.page.keyboard.press("Enter")
        guest.page.locator("#notices").get_by_text("This card showed version 1, the draft is at version 2.").wait_for()
        assert planned(script, draft) == "Mon 09:00"
        guest.look("refused")


def test_the_calendar_follows_what_others_do(
    chromium: Browser, desk: RunningDesk, script: Script, cookies: Any
) -> None:
    monday = a_monday(8)
    with visitor(chromium, desk, "follow", storage_state=cookies, keep=False, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        guest.page.get_by_text("Nothing is planned in this week.").wait_for()
        draft = post(script, "Planned elsewhere", at(monday, "09:00"))
        guest.page.locator(f".week #post-{draft}").wait_for()


def test_a_phone_shows_an_agenda(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    monday = a_monday(9)
    draft = post(script, "In the pocket", at(monday + timedelta(days=1), "10:00"))
    with visitor(chromium, desk, "pocket", storage_state=cookies, **PHONE) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        assert guest.page.locator(".gutter").is_visible() is False
        assert guest.page.locator(f"#post-{draft}").is_visible()
        assert guest.page.get_by_text("Nothing planned").count() == 6
        guest.look("agenda")
        guest.page.goto(f"{guest.home}calendar?view=month&day={monday}")
        guest.page.locator(f"#post-{draft}").wait_for()
        guest.look("agenda-of-a-month")
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        guest.page.locator(f"#post-{draft}").get_by_text("Set time").tap()
        guest.page.get_by_label("When?").wait_for()


def test_without_scripts_a_form_sets_the_time(
    chromium: Browser, desk: RunningDesk, script: Script, cookies: Any
) -> None:
    monday = a_monday(10)
    draft = post(script, "Set by form", at(monday, "09:00"))
    settings: dict[str, Any] = {"storage_state": cookies, "keep": False, "java_script_enabled": False, **DESKTOP}
    with visitor(chromium, desk, "plain", **settings) as guest:
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        shown = guest.page.locator(f"#post-{draft}")
        assert shown.get_by_role("button", name="Move").is_visible() is False
        shown.hover()
        shown.get_by_text("Set time").click()
        guest.page.get_by_label("When?").fill(at(monday + timedelta(days=3), "12:00"))
        guest.submit("Schedule")
        guest.page.goto(f"{guest.home}calendar?day={monday}")
        assert lap(guest, monday + timedelta(days=3), 12).locator(f"#post-{draft}").count() == 1
        assert planned(script, draft) == "Thu 12:00"


def test_the_feeds_show_what_went_out(chromium: Browser, desk: RunningDesk, script: Script, cookies: Any) -> None:
    card = script.press(script.command("draft Seen on the feed: the index rebuilds in 40 seconds"), "Approve")
    draft = str(script.press(card, "Publish now")["draft_id"])
    script.published(draft)
    for name, settings in (
        ("feeds", DESKTOP),
        ("feeds-phone", PHONE),
        ("feeds-dark", {**DESKTOP, "color_scheme": "dark"}),
    ):
        with visitor(chromium, desk, name, storage_state=cookies, **settings) as guest:
            guest.page.goto(f"{guest.home}calendar")
            guest.page.locator(f"#post-{draft}").hover()
            guest.page.locator(f"#post-{draft}").get_by_role("link", name="On the feed", exact=True).click()
            assert "40 seconds" in guest.page.locator("article:target").inner_text()
            guest.page.goto(f"{guest.home}practice")
            for network in NETWORKS:
                first = guest.page.locator(f'section[aria-labelledby="feed-{network}"] article').first
                assert "40 seconds" in first.inner_text()
            guest.look("feeds")


def test_a_mishap_happens_and_the_desk_copes(
    chromium: Browser, desk: RunningDesk, script: Script, cookies: Any
) -> None:
    with visitor(chromium, desk, "mishap", storage_state=cookies, **DESKTOP) as guest:
        guest.page.goto(f"{guest.home}practice")
        guest.page.get_by_label("On", exact=True).select_option("bluesky")
        guest.page.get_by_role("button", name="Lose an answer").click()
        guest.page.get_by_text("Lose an answer on Bluesky").wait_for()
        guest.look("ordered")
        card = script.press(
            script.command("draft Lost on the way: the index rebuilds in 40 seconds for bluesky"), "Approve"
        )
        draft = str(script.press(card, "Publish now")["draft_id"])
        (row,) = script.published(draft, 1)
        assert "UNCERTAIN" in [step["to"] for step in row["log"]]
        guest.page.goto(f"{guest.home}practice")
        guest.page.get_by_text("Nothing: every call goes well.").wait_for()


@pytest.mark.parametrize(("name", "settings"), [("wide", DESKTOP), ("phone", PHONE)])
def test_results_before_anything_is_measured(
    chromium: Browser, desk: RunningDesk, cookies: Any, name: str, settings: dict[str, Any]
) -> None:
    with visitor(chromium, desk, f"results-{name}", storage_state=cookies, **settings) as guest:
        guest.page.goto(f"{guest.home}results")
        guest.page.get_by_role("heading", name="Results").wait_for()
        guest.look("results")


def test_the_week_in_the_dark_at_a_middle_width(
    chromium: Browser, desk: RunningDesk, script: Script, cookies: Any
) -> None:
    monday = a_monday(11)
    for day in range(7):
        post(
            script,
            f"A rather long topic about the {day}th cache",
            at(monday + timedelta(days=day), "09:30"),
            approve=day % 2 == 0,
        )
    size = {"width": 1024, "height": 800}
    with visitor(chromium, desk, "dusk", storage_state=cookies, color_scheme="dark", viewport=size) as guest:
        for view in ("week", "month"):
            guest.page.goto(f"{guest.home}calendar?view={view}&day={monday}")
            assert guest.page.locator("main :is(.post, .item)", has_text="A rather long topic").count() == 7
            guest.look(view)
