"""Forms and lists in a real browser: counts while typing, two browsers at one draft, versions, and every new page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from bot.practice.pictures import plain_png
from tests.browser.driving import PATIENCE, Visitor, browser, visitor
from tests.e2e.process import RunningDesk, running

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 1000}}
MIDDLE: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}, "color_scheme": "dark"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
REFUSED = r"the server responded with a status of 4\d\d"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """One desk for all; each test brings a draft of its own."""
    with running(tmp_path_factory.mktemp("desk"), {"COPYDESK_UNDO_SECONDS": "0"}) as made:
        yield made


@pytest.fixture(scope="module")
def cookies(chromium: Browser, desk: RunningDesk) -> Any:
    with visitor(chromium, desk, "forms-shared", keep=False, **DESKTOP) as guest:
        guest.page.goto(guest.link())
        return guest.page.context.storage_state()


def drafted(script: httpx.Client, text: str) -> dict[str, Any]:
    """A new draft's card."""
    answer = script.post("/api/command", json={"text": f"draft {text} picture=no"})
    assert answer.status_code == 200, answer.text
    card: dict[str, Any] = answer.json()["replies"][0]["card"]
    return card


def button(card: dict[str, Any], label: str) -> str:
    return next(str(b["id"]) for b in card["buttons"] if b["label"] == label)


def pressed(script: httpx.Client, action: str, **body: object) -> dict[str, Any]:
    answer = script.post("/api/action", json={"id": action, **body})
    assert answer.status_code == 200, answer.text
    card: dict[str, Any] = answer.json()["replies"][0]["card"]
    return card


def editing(guest: Visitor, card: dict[str, Any]) -> Page:
    guest.page.goto(f"{guest.home}form?id={quote(button(card, 'Edit'))}")
    return guest.page


def margin(page: Page, number: int) -> Locator:
    """What stands below the text of this number."""
    return page.locator(f"#c-{number}")


def says(place: Locator, words: str) -> None:
    place.filter(has_text=words).wait_for(timeout=PATIENCE)


def test_the_count_follows_the_typing(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "counting", storage_state=cookies, **DESKTOP) as guest, desk.client as script:
        page = editing(guest, drafted(script, "Counted as it is typed: the index rebuilds in 40 seconds"))
        mastodon, bluesky = page.get_by_label("Mastodon"), page.get_by_label("Bluesky")
        mastodon.fill("")
        mastodon.press_sequentially("Twenty-one characters")
        says(margin(page, 1), "21 of 500 characters")
        bluesky.fill("word " * 61 + "ends here")
        says(margin(page, 2), "314 of 300 · shorten by 14")
        guest.look("too-long")
        bluesky.fill("first post\n---\nsecond post")
        says(margin(page, 2), "Post 1: 10 of 300")
        says(margin(page, 2), "Post 2: 11 of 300")
        mastodon.fill("See https://example.com/a-very-long-address-that-counts-as-twenty-three-whatever-it-is")
        says(margin(page, 1), "27 of 500 characters")
        assert page.evaluate("document.querySelector('meter').max") == 500
        guest.look("a-thread")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/?said=*")
        says(guest.card("a-very-long"), "second post")  # shortened as Mastodon does


def test_a_lost_connection_says_so_and_keeps_the_text(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "lost", storage_state=cookies, **DESKTOP) as guest, desk.client as script:
        page = editing(guest, drafted(script, "Lost on the way: the index rebuilds in 40 seconds"))
        page.context.clear_cookies()
        page.get_by_label("Mastodon").fill("Hours of work")
        says(page.locator("#lost"), "You are signed out. Your text is still here")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("heading", name="Not saved: you are signed out").wait_for()
        guest.look("kept", but=f"{REFUSED}|Response Status Error")
        other = page.context.new_page()
        other.goto(guest.link())
        other.close()
        page.get_by_role("button", name="Send it again").click()
        says(page.locator("form.sheet"), "You signed in anew")
        assert page.get_by_label("Mastodon").input_value() == "Hours of work"
        guest.look("signed-in-anew", but=REFUSED)
        page.get_by_role("button", name="Save").click()
        says(guest.card("Hours of work"), "Hours of work")


@pytest.mark.parametrize(("name", "settings"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_two_browsers_at_one_draft(
    chromium: Browser, desk: RunningDesk, cookies: Any, name: str, settings: dict[str, Any]
) -> None:
    with (
        visitor(chromium, desk, f"first-{name}", storage_state=cookies, keep=False, **DESKTOP) as first,
        visitor(chromium, desk, f"second-{name}", storage_state=cookies, **settings) as second,
        desk.client as script,
    ):
        card = drafted(script, f"Seen at the {name}: we ship on Monday at nine")
        one, two = editing(first, card), editing(second, card)
        two.get_by_label("Mastodon").fill("We ship on Friday at nine & rest")
        one.get_by_label("Mastodon").fill("We ship on Tuesday at nine & rest")
        one.get_by_role("button", name="Save").click()
        says(first.card("Tuesday at nine"), "Tuesday at nine")
        two.get_by_role("button", name="Save").click()
        says(two.locator(".clash"), "while you were writing: it is version 2 now")
        assert two.get_by_label("Mastodon").input_value() == "We ship on Friday at nine & rest"
        assert two.locator(".theirs del").text_content() == "[removed:Tuesday]"
        assert two.locator(".theirs ins").text_content() == "[added:Friday]"
        second.look("conflict", but=REFUSED)
        two.get_by_role("button", name="Save mine over it").click()
        says(second.card("Friday at nine"), "Friday at nine")
        two.goto(f"{second.home}drafts/{card['draft_id']}/versions")
        says(two.locator(".difference"), "From version 2 to version 3")
        assert two.locator(".difference del").text_content() == "[removed:Tuesday]"
        second.look("versions")
        two.get_by_role("button", name="Restore version 2").click()
        says(two.locator(".difference"), "From version 3 to version 4")
        assert two.locator(".difference ins").text_content() == "[added:Tuesday]"


def test_taking_theirs_leaves_the_draft_as_it_is(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with (
        visitor(chromium, desk, "theirs", storage_state=cookies, keep=False, **DESKTOP) as guest,
        desk.client as script,
    ):
        card = drafted(script, "Left as it is: we ship on Monday at nine")
        page = editing(guest, card)
        account = next(b["account_id"] for b in card["blocks"] if b["type"] == "variant")
        pressed(script, button(card, "Edit"), **{"as": "Bo", "fields": {f"text.{account}": "Bo's own text"}})
        page.get_by_label("Mastodon").fill("My own text")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("heading", name=f"Bo changed draft {card['draft_id']} too").wait_for()
        page.get_by_role("link", name="Take theirs").click()
        page.get_by_role("heading", name=f"Draft {card['draft_id']} and its history").wait_for()
        assert script.get(f"/api/drafts/{card['draft_id']}").json()["revision"] == 2


def test_leaving_with_words_typed_is_asked_about(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with (
        visitor(chromium, desk, "leaving", storage_state=cookies, keep=False, **DESKTOP) as guest,
        desk.client as script,
    ):
        page = editing(guest, drafted(script, "Not left by accident: the index rebuilds in 40 seconds"))
        asked: list[str] = []

        def stay(dialog: Any) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        page.get_by_label("Mastodon").press_sequentially("More ")
        page.get_by_role("link", name="Deliveries").click()
        page.wait_for_timeout(100)
        assert asked == ["beforeunload"]
        assert "/form?" in page.url
        page.get_by_role("link", name="Cancel").click()
        page.wait_for_url(re.compile(r"/#draft-\d+$"))
        assert asked == ["beforeunload"]


def test_a_time_is_read_back_while_it_is_typed(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "timing", storage_state=cookies, **PHONE) as guest, desk.client as script:
        card = drafted(script, "Planned by typing: the index rebuilds in 40 seconds")
        page = guest.page
        page.goto(f"{guest.home}form?id={quote(button(card, 'Schedule'))}")
        guest.look("free-times")
        page.get_by_label("When?").press_sequentially("tomorrow 9")
        says(page.locator("#read"), "in the morning or in the evening")
        page.get_by_label("When?").press_sequentially("am")
        says(page.locator("#read"), "09:00 (UTC, UTC+00:00)")
        guest.look("read-back")
        page.get_by_label("When?").fill("")
        page.get_by_label("Day").fill("2030-01-31")
        page.get_by_label("Time").fill("17:30")
        says(page.locator("#read"), "Thu 31 Jan 2030 17:30 (UTC, UTC+00:00)")
        page.get_by_role("button", name="Take this time").click()
        says(guest.card("Planned by typing"), "Thu 31 Jan 2030 17:30")


def test_several_pictures_are_chosen_and_arranged(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    sea: Any = {"name": "sea.png", "mimeType": "image/png", "buffer": plain_png(60, 40, (58, 92, 110))}
    with visitor(chromium, desk, "slides", storage_state=cookies, **PHONE) as guest, desk.client as script:
        page, card = guest.page, drafted(script, "Seen three times: the sea from the pier")
        page.goto(f"{guest.home}form?id={quote(button(card, 'Image'))}")
        chosen = page.get_by_label("Or files of your own")
        chosen.set_input_files([sea] * 11)
        says(page.get_by_role("alert"), "11 files are chosen; 10 at once is the most.")
        guest.submit("Add")
        assert chosen.evaluate("(e) => e === document.activeElement && e.getAttribute('aria-invalid') === 'true'")
        three: list[Any] = [
            {**sea, "name": f"{n}.png", "buffer": plain_png(60 + n, 40, (58, 92, 110 + n))} for n in range(3)
        ]
        chosen.set_input_files(three)
        assert page.locator(".chosen-files b").all_text_contents() == ["0.png", "1.png", "2.png"]
        page.locator(".chosen-files canvas").last.wait_for()
        assert page.get_by_role("alert").count() == 0
        guest.look("chosen")
        guest.submit("Add")
        turn = guest.card("Seen three times")
        turn.locator(".tiles li").last.wait_for()
        turn.get_by_role("link", name="Arrange").click()
        arrange(guest)
        guest.submit("Arrange")
        says(turn.locator(".tiles li").first, "62 × 40")
        assert turn.locator(".tiles li").count() == 2


def arrange(guest: Visitor) -> None:
    """Move, take away and put back by keyboard, then by the text field itself."""
    page, order = guest.page, guest.page.get_by_label("Order")
    guest.tab_to("Down Picture 1")
    page.keyboard.press("Enter")
    assert order.input_value() == "2, 1, 3"
    says(page.locator("#arranged"), "Picture 1 is number 2 of 3 now.")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert order.input_value() == "2, 3, 1"
    says(page.locator("#arranged"), "Picture 1 is the last already.")
    guest.tab_to("Remove Picture 1")
    page.keyboard.press("Enter")
    assert order.input_value() == "2, 3"
    says(page.locator("#arranged"), "Picture 1 is taken away. 2 left.")
    guest.look("arranging")
    page.keyboard.press("Enter")
    says(page.locator("#arranged"), "Picture 1 is back, as number 3 of 3.")
    assert order.input_value() == "2, 3, 1"
    order.fill("3 1")
    assert page.locator(".slides li b").all_text_contents() == ["Picture 3", "Picture 1", "Picture 2"]
    assert page.locator(".slides .gone b").all_text_contents() == ["Picture 2"]


@pytest.fixture(scope="module")
def filled(desk: RunningDesk) -> str:
    """A desk with something in every list; gives a delivery's id."""
    with desk.client as script:
        live = drafted(script, "Gone out long ago: the index rebuilds in 40 seconds")
        pressed(script, button(pressed(script, button(live, "Approve")), "Publish now"))
        for number in range(12):
            drafted(
                script, f"Crowd number {number}: each of them waits for somebody to decide, {'and waits ' * number}"
            )
        planned = pressed(script, button(drafted(script, "Planned: the index rebuilds at night"), "Approve"))
        pressed(script, button(planned, "Schedule"), fields={"when": "2030-01-31T09:00+00:00"})
        return str(script.get("/api/deliveries").json()["deliveries"][-1]["id"])


def test_every_page_is_in_order_at_a_middle_width(
    chromium: Browser, desk: RunningDesk, cookies: Any, filled: str
) -> None:
    paths = {
        "approvals": "approvals",
        "approvals-none": "approvals?author=nobody",
        "queue": "queue",
        "deliveries": "deliveries",
        "deliveries-none": "deliveries?state=held",
        "delivery": f"deliveries/{filled}",
        "draft": "drafts/1",
        "versions": "drafts/1/versions",
        "accounts": "accounts",
        "freeze": "accounts/freeze",
        "brand": "brand",
    }
    with visitor(chromium, desk, "page-middle", storage_state=cookies, **MIDDLE) as guest:
        for what, path in paths.items():
            guest.page.goto(guest.home + path)
            guest.look(what)


def test_a_decision_by_keyboard_stays_on_the_list(
    chromium: Browser, desk: RunningDesk, cookies: Any, filled: str
) -> None:
    with visitor(chromium, desk, "deciding", storage_state=cookies, keep=False, **DESKTOP) as guest:
        page = guest.page
        page.goto(f"{guest.home}approvals")
        first = page.locator("article.galley").first
        ident = str(first.get_attribute("id"))
        guest.tab_to("Approve")
        page.keyboard.press("Enter")
        page.wait_for_url("**/approvals?said=*")
        says(page.locator("#said"), f"Draft {ident.removeprefix('draft-')}: approved.")
        assert page.locator(f"#{ident}").count() == 0


def test_a_list_tells_that_it_is_old(chromium: Browser, desk: RunningDesk, cookies: Any) -> None:
    with visitor(chromium, desk, "news", storage_state=cookies, keep=False, **DESKTOP) as guest, desk.client as script:
        page = guest.page
        with page.expect_response(lambda answer: "/api/events" in answer.url):
            page.goto(f"{guest.home}approvals?author=Newcomer")
        answer = script.post("/api/command", json={"text": "draft Come later: we ship at nine", "as": "Newcomer"})
        assert answer.status_code == 200
        says(page.get_by_role("status"), "Something has changed since.")
        assert page.locator("article.galley").count() == 0
        page.get_by_role("link", name="Show it").click()
        says(page.locator("article.galley"), "by Newcomer")
