"""From the first minute to the numbers, as a newcomer goes it: wide, narrow, by keys and plain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.driving import PATIENCE, Visitor, browser, visitor
from tests.e2e.process import NETWORKS, RunningDesk, running, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 1000}}
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SETTINGS = {"COPYDESK_UNDO_SECONDS": "1"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk nobody was at before."""
    del chromium
    with running(tmp_path_factory.mktemp("path"), SETTINGS) as made:
        yield made


def begin(guest: Visitor) -> Locator:
    """The first page and its first example; gives the card that comes of it."""
    page = guest.page
    page.goto(guest.link())
    page.get_by_role("heading", name="Nothing is on the desk yet").wait_for()
    guest.look("first-run")
    page.locator(".examples button").first.click()
    card = page.locator("article").first
    guest.button(card, "Approve").wait_for()
    card.locator("img").first.wait_for(timeout=PATIENCE)
    assert card.locator("img").count() == 4, "one picture for each shape the networks show"
    guest.look("card-with-picture")
    return card


def another_in_style(guest: Visitor, card: Locator) -> None:
    """Another picture, then one in another style."""
    plate = card.locator("figure").first
    first = plate.locator("img").get_attribute("src")
    guest.button(card, "Another").click()
    plate.locator(f"img:not([src='{first}'])").wait_for(timeout=PATIENCE)
    second = plate.locator("img").get_attribute("src")
    guest.button(card, "Style").click()
    guest.page.get_by_label("Style").select_option("minimal")
    guest.submit("Make it")
    plate.locator(f"img:not([src='{second}'])").wait_for(timeout=PATIENCE)
    card.get_by_text("minimal").first.wait_for()
    guest.button(card, "Approve").wait_for()


def edit(guest: Visitor, card: Locator) -> None:
    """Other words, counted while they are typed where scripts run."""
    guest.button(card, "Edit").click()
    guest.page.get_by_label("Mastodon").fill("")
    guest.page.get_by_label("Mastodon").press_sequentially("Doors open at nine")
    guest.page.locator("#c-1").get_by_text("18 of 500 characters").wait_for()
    guest.page.get_by_label("Bluesky").fill("Doors open at nine, coffee at ten")
    guest.look("counted")
    guest.submit("Save")
    card.get_by_text("Doors open at nine, coffee at ten").wait_for()


def next_week() -> str:
    """Monday after this week, as the calendar's addresses say it."""
    today = datetime.now(UTC).date()  # noqa: TID251 - the desk runs on the machine's clock
    return str(today + timedelta(days=7 - today.weekday()))


def drag_into_the_week(guest: Visitor, draft: str) -> None:
    """From the pile beside the calendar to Monday at eleven."""
    page, monday = guest.page, next_week()
    page.goto(f"{guest.home}calendar?day={monday}")
    post, lap = page.locator(f".side #post-{draft}"), page.locator(f'.lap[data-start^="{monday}T11"]').first
    start = post.bounding_box()
    assert start is not None
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] - 30, start["y"] + 30, steps=4)
    end = lap.bounding_box()
    assert end is not None
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 2, steps=6)
    page.locator(".ghost").wait_for()
    guest.look("dragging")
    page.mouse.up()
    page.locator("#notices .told").wait_for()
    assert page.locator(f'[data-day="{monday}"] #post-{draft} time').inner_text() == "11:00"
    guest.look("planned")


def set_in_the_agenda(guest: Visitor, draft: str) -> None:
    """A phone has no room to drag in: the post's form sets the time."""
    page, monday = guest.page, next_week()
    page.goto(f"{guest.home}calendar?day={monday}")
    page.locator(f"#post-{draft}").get_by_text("Set time").click()
    page.get_by_label("When?").fill(f"{monday}T11:00+00:00")
    guest.submit("Schedule")
    page.goto(f"{guest.home}calendar?day={monday}")
    assert page.locator(f"#post-{draft} time").inner_text() == "11:00"
    guest.look("planned")


def publish(guest: Visitor, card: Locator, words: str) -> None:
    """Now rather than then; seen on the feeds of those whose words were changed."""
    page = guest.page
    page.goto(guest.home)
    guest.button(card, "Publish now").click()
    guest.submit("Publish now")
    card.locator(".status", has_text="Published").wait_for(timeout=3 * PATIENCE)
    guest.look("published")
    on_the_feeds(guest, words)


def on_the_feeds(guest: Visitor, words: str, networks: tuple[str, ...] = ("mastodon", "bluesky")) -> None:
    """The practice networks show it first."""
    guest.page.goto(f"{guest.home}practice")
    for network in networks:
        first = guest.page.locator(f'section[aria-labelledby="feed-{network}"] article').first
        assert words in first.inner_text()
    guest.look("feeds")


def numbers(guest: Visitor) -> None:
    """The room of results with its charts, and the same told in the channel."""
    page = guest.page
    page.goto(f"{guest.home}results?period=7d")
    page.locator("#report .charts img").wait_for(timeout=3 * PATIENCE)
    guest.look("results")
    page.goto(guest.home)
    guest.type("report 7d")
    told = page.locator("article.report").first
    told.locator(".chart img").wait_for(timeout=3 * PATIENCE)
    assert "charts, 7 days to" in str(told.locator(".chart img").get_attribute("alt"))
    guest.look("report")


@pytest.mark.parametrize(
    ("name", "settings"), [("path-1440-light", WIDE), ("path-390-dark", {**NARROW, "color_scheme": "dark"})]
)
def test_from_a_brief_to_its_numbers(chromium: Browser, desk: RunningDesk, name: str, settings: dict[str, Any]) -> None:
    with visitor(chromium, desk, name, **settings) as guest:
        card = begin(guest)
        another_in_style(guest, card)
        edit(guest, card)
        guest.button(card, "Approve").click()
        guest.button(card, "Publish now").wait_for()
        guest.look("approved")
        plan = drag_into_the_week if settings is WIDE else set_in_the_agenda
        plan(guest, str(card.get_attribute("data-card")).removeprefix("draft-"))
        publish(guest, card, "Doors open at nine")
        numbers(guest)


def test_by_keys_alone(chromium: Browser, desk: RunningDesk) -> None:
    with visitor(chromium, desk, "path-keys", **WIDE, color_scheme="dark") as guest:
        page, keys, monday = guest.page, guest.page.keyboard, next_week()
        page.goto(guest.link())
        guest.tab_to("draft")
        keys.press("Enter")
        card = page.locator("article").first
        guest.button(card, "Approve").wait_for()
        ident = str(card.get_attribute("data-card"))
        guest.tab_to("Edit", ident)
        keys.press("Enter")
        page.wait_for_url("**/form?**")
        guest.tab_to("Mastodon")
        keys.press("Control+A")
        keys.type("Typed by keys alone")
        guest.tab_to("Save")
        keys.press("Enter")
        card.get_by_text("Typed by keys alone").wait_for()
        guest.tab_to("Approve", ident)
        keys.press("Enter")
        guest.button(card, "Publish now").wait_for()
        page.goto(f"{guest.home}calendar?day={monday}")
        guest.tab_to("Move")
        for key in ("Enter", "ArrowRight", "Enter"):
            keys.press(key)
        page.locator("#notices .told").wait_for()
        guest.look("planned")
        page.goto(guest.home)
        guest.tab_to("More", ident)
        keys.press("Enter")
        guest.tab_to("Publish now", ident)
        keys.press("Enter")
        page.wait_for_url("**/confirm?**")
        guest.tab_to("Publish now")
        keys.press("Enter")
        card.locator(".status", has_text="Published").wait_for(timeout=3 * PATIENCE)
        on_the_feeds(guest, "Typed by keys alone", ("mastodon",))


def test_without_scripts(chromium: Browser, desk: RunningDesk) -> None:
    with visitor(chromium, desk, "path-plain", java_script_enabled=False, keep=False, **NARROW) as guest:
        card = begin(guest)
        assert "of 500" in card.inner_text()
        topic = card.locator("h2").inner_text()
        guest.button(card, "Approve").click()
        guest.button(card, "Publish now").click()
        guest.submit("Publish now")

        from playwright import sync_api as driver

        def live() -> bool:
            try:
                guest.page.wait_for_timeout(500)
                guest.page.goto(guest.home)
                return "Published" in card.locator(".status").inner_text()
            except driver.Error:  # the page was just refreshing itself, as it does without scripts
                return False

        until(live, "all to be live")
        on_the_feeds(guest, topic, NETWORKS)
        guest.page.goto(f"{guest.home}results?charts=1")
        assert guest.page.locator("#report .charts img").count() == 1
