"""The whole path in a real browser: by mouse at two widths, without scripts, by keyboard alone, and in the dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.practice.pictures import plain_png
from tests.browser.driving import PATIENCE, Visitor, browser, visitor
from tests.e2e.process import RunningDesk, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
REFUSED = r"the server responded with a status of 4\d\d"
"""The browser's own remark on a page that tells of a refusal."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """One desk for all; each visitor brings words of its own."""
    with running(tmp_path_factory.mktemp("desk"), {"COPYDESK_UNDO_SECONDS": "600"}) as made:
        yield made


@pytest.fixture(scope="module")
def cookies(chromium: Browser, desk: RunningDesk) -> Any:
    """A session that several visitors share, because asking for a link costs a process."""
    with visitor(chromium, desk, "shared", keep=False, **DESKTOP) as guest:
        guest.page.goto(guest.link())
        return guest.page.context.storage_state()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "sea.png"
    path.write_bytes(plain_png(1200, 675, (58, 92, 110)))
    return path


def says(card: Locator, words: str) -> None:
    card.filter(has_text=words).wait_for(timeout=PATIENCE)


def whole_path(guest: Visitor, picture: Path, topic: str) -> None:
    """Sign in, brief, edit, picture, approve, schedule with words, publish now, undo."""
    page = guest.page
    page.goto(guest.link())
    guest.look("signed-in")
    said = "builds take 4 minutes instead of 11. https://example.com/builds"
    guest.type(f"draft {topic}: {said} picture=no for mastodon,bluesky")
    card = guest.card(topic)
    guest.button(card, "Approve").wait_for()
    guest.look("drafted")
    edit(guest, card, topic)
    add_picture(guest, card, picture)
    guest.button(card, "Approve").click()
    guest.button(card, "Publish now").wait_for()
    guest.look("approved")
    schedule(guest, card)
    guest.button(card, "Publish now").click()
    guest.look("asked-again")
    guest.submit("Publish now")
    guest.button(card, "Undo").wait_for()
    guest.look("on-its-way")
    guest.button(card, "Undo").click()
    guest.button(card, "Publish now").wait_for()
    says(card, "Approved")
    guest.look("taken-back")


def illustrate(guest: Visitor, topic: str) -> None:
    """A draft that comes with its picture, and another one of it."""
    guest.type(f"draft {topic}: the pier is open again for mastodon,bluesky")
    card = guest.card(topic)
    shown = card.locator("img")
    shown.wait_for(timeout=PATIENCE)
    first = shown.get_attribute("src")
    guest.look("drafted-with-picture")
    guest.button(card, "Another").click()
    card.locator(f"img:not([src='{first}'])").wait_for(timeout=PATIENCE)
    guest.button(card, "Approve").wait_for()
    guest.look("another-picture")


def edit(guest: Visitor, card: Locator, topic: str) -> None:
    guest.button(card, "Edit").click()
    guest.look("editing")
    boxes = guest.page.locator("form.sheet textarea")
    assert boxes.count() == 2
    for number in range(2):
        boxes.nth(number).fill(f"{topic}: 4 minutes, in our own words ({number}).")
    guest.submit("Save")
    says(card, "in our own words (1)")
    guest.look("edited")


def add_picture(guest: Visitor, card: Locator, picture: Path) -> None:
    guest.button(card, "Image").click()
    guest.look("choosing-a-picture")
    guest.page.get_by_label("Or files of your own").set_input_files(picture)
    guest.page.get_by_label("Description of the picture").fill("A calm sea under a grey sky.")
    guest.submit("Add")
    shown = card.locator("img")
    shown.wait_for()
    assert shown.get_attribute("alt") == "A calm sea under a grey sky."
    guest.look("with-picture")


def schedule(guest: Visitor, card: Locator) -> None:
    guest.button(card, "Schedule").click()
    guest.page.get_by_label("When?").fill("yesterday at noon")
    guest.submit("Schedule")
    guest.page.locator("[aria-invalid=true]").wait_for()
    guest.look("past-time-refused", but=REFUSED)
    guest.page.get_by_label("When?").fill("tomorrow 9am")
    guest.submit("Schedule")
    read_back = guest.page.locator("#said article")
    read_back.wait_for()
    guest.look("time-read-back")
    button = read_back.locator(".button").first
    assert re.search(r"\d", button.inner_text())
    button.click()
    guest.button(card, "Unschedule").wait_for(state="attached")
    says(card, "Scheduled")
    guest.look("scheduled")


@pytest.mark.parametrize(("name", "settings"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_by_clicking(chromium: Browser, desk: RunningDesk, picture: Path, name: str, settings: dict[str, Any]) -> None:
    with visitor(chromium, desk, name, **settings) as guest:
        whole_path(guest, picture, f"Clicked at the {name}")
        illustrate(guest, f"Painted at the {name}")


PLANTED = """<!doctype html><title>Bad</title><main><h1>One</h1><h3>Three</h3><h1>Two</h1>
<input id="a"><input id="a" aria-label="named" aria-describedby="nothing"><img src="data:,"><button></button>
<p style="width: 3000px">Wide</p></main>"""


def test_the_eye_sees_what_is_wrong(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "planted", storage_state=cookies, keep=False, **PHONE) as guest:
        guest.page.set_content(PLANTED)
        with pytest.raises(AssertionError) as caught:
            guest.look("planted")
        for found in (
            "no label: <input a>",
            "described by nothing: <input a>",
            "no alt: data:,",
            "picture does not load",
            "skips from 1",
            "not exactly one h1",
            "no name: <button",
            "id twice: a",
            "of 390",
            "no language",
            "inline: <p",
            "hard to hit: <input a>",
        ):
            assert found in str(caught.value), found
        guest.page.goto(guest.home)
        guest.page.evaluate("""() => { const e = document.createElement("script"); e.textContent = "1";
            document.head.append(e); }""")
        assert "Content Security Policy" in " ".join(guest.heard())


def test_without_scripts(chromium: Browser, desk: RunningDesk, picture: Path) -> None:
    with visitor(chromium, desk, "plain", keep=False, java_script_enabled=False, **PHONE) as guest:
        whole_path(guest, picture, "Clicked without scripts")


def test_by_keyboard_alone(chromium: Browser, desk: RunningDesk, picture: Path) -> None:
    with visitor(chromium, desk, "keyboard", **DESKTOP) as guest:
        page, keys = guest.page, guest.page.keyboard
        page.goto(guest.link())
        keys.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        keys.press("Enter")
        guest.tab_to("What shall we do?")
        keys.type("draft Typed by keys: the index rebuilds in 40 seconds")
        guest.tab_to("Go")
        keys.press("Enter")
        card = guest.card("Typed by keys")
        guest.button(card, "Approve").wait_for()
        ident = str(card.get_attribute("data-card"))
        guest.tab_to("Edit", ident)
        keys.press("Enter")
        page.wait_for_url("**/form?**")
        guest.tab_to("Mastodon")
        keys.press("Control+A")
        keys.type("Typed by keys alone: 40 seconds.")
        guest.look("keyboard-edit")
        guest.tab_to("Save")
        keys.press("Enter")
        says(card, "Typed by keys alone: 40 seconds.")
        guest.tab_to("Approve", ident)
        keys.press("Enter")
        guest.button(card, "Publish now").wait_for()
        guest.tab_to("Publish now", ident)
        keys.press("Enter")
        page.wait_for_url("**/confirm?**")
        guest.tab_to("Publish now")
        keys.press("Enter")
        guest.button(card, "Undo").wait_for()
        guest.tab_to("Undo", ident)
        guest.look("keyboard-undo")
        keys.press("Enter")
        guest.button(card, "Publish now").wait_for()


def test_other_pages_in_the_dark_and_small(chromium: Browser, desk: RunningDesk) -> None:
    with visitor(chromium, desk, "dark", color_scheme="dark", viewport={"width": 320, "height": 700}) as guest:
        page = guest.page
        page.goto(guest.link())
        for words in ("help", "queue", "accounts", "settings", "drafft something", "freeze", "thaw"):
            page.goto(guest.home)
            guest.type(words)
            page.locator("article").first.wait_for()
            guest.look(words.split()[0], but=REFUSED)
        page.goto(guest.home)
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="You are signed out").wait_for()
        guest.look("signed-out", but=REFUSED)


def test_a_card_changes_by_itself_while_nobody_types_in_it(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "live", storage_state=cookies, **DESKTOP) as guest, desk.client as script:
        guest.page.goto(guest.home)
        guest.type("draft Seen by two: the cache is gone")
        card = guest.card("Seen by two")
        guest.button(card, "Approve").wait_for()
        shown = script.get("/api/cards").json()["cards"]
        [ident] = [
            b["id"] for c in shown[:1] for b in c["buttons"] if b["label"] == "Approve" and "Seen by two" in str(c)
        ]
        with guest.page.expect_response(lambda answer: "/cards/" in answer.url):
            assert script.post("/api/action", json={"id": ident, "as": "Bo"}).status_code == 200
        guest.button(card, "Publish now").wait_for()
        says(card, "Bo")
        flash = guest.page.locator(".flash")
        assert re.fullmatch(r"Draft \d+ · .*: Approved\.", flash.inner_text())
        guest.look("changed-by-itself")
        guest.page.reload()
        says(guest.card("Seen by two"), "Approved")
        assert flash.count() == 0


def test_headings_of_a_refused_form_are_in_order(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "refused", storage_state=cookies, keep=False, **DESKTOP) as guest:
        guest.page.goto(guest.home)
        guest.type("draft Refused politely: the index rebuilds in 40 seconds picture=no")
        guest.button(guest.card("Refused politely"), "Schedule").click()
        guest.page.get_by_label("When?").fill("yesterday at noon")
        guest.submit("Schedule")
        guest.page.locator("[aria-invalid=true]").wait_for()
        guest.look("refused", but=REFUSED)


def test_the_file_input_is_easy_to_hit(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "small", storage_state=cookies, keep=False, **PHONE) as guest:
        guest.page.goto(guest.home)
        guest.type("draft Hard to hit: the index rebuilds in 40 seconds")
        guest.button(guest.card("Hard to hit"), "Image").click()
        guest.page.get_by_label("Or files of your own").wait_for()
        guest.look("file-input")
