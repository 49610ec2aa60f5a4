"""The open page keeps itself true: answers in their place, changes as they happen, nothing taken from under a hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.driving import PATIENCE, Visitor, browser, visitor
from tests.browser.test_clicking import DESKTOP, PHONE, REFUSED
from tests.e2e.process import RunningDesk, running, until

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk of its own for each, because these stop it or begin with nothing."""
    del chromium
    with running(tmp_path_factory.mktemp("live"), {"COPYDESK_UNDO_SECONDS": "600"}) as made:
        yield made


def say(desk: RunningDesk, text: str, who: str = "Cy") -> dict[str, Any]:
    with desk.client as script:
        card: dict[str, Any] = script.post("/api/command", json={"text": text, "as": who}).json()["replies"][0]["card"]
        return card


def press(desk: RunningDesk, card: dict[str, Any], label: str) -> None:
    [ident] = [b["id"] for b in card["buttons"] if b["label"] == label]
    with desk.client as script:
        assert script.post("/api/action", json={"id": ident, "as": "Bo"}).status_code == 200


def approvable(script: httpx.Client) -> dict[str, Any] | None:
    """The newest card once it can be approved."""
    card: dict[str, Any] = script.get("/api/cards").json()["cards"][0]
    return card if "Approve" in {b["label"] for b in card["buttons"]} else None


def same_page(guest: Visitor) -> bool:
    """Whether the page was not loaded again since it was marked."""
    return bool(guest.page.evaluate("window.marked === true"))


@pytest.mark.parametrize(("name", "settings"), [("first-desktop", DESKTOP), ("first-phone", PHONE)])
def test_the_first_minute(chromium: Browser, desk: RunningDesk, name: str, settings: dict[str, Any]) -> None:
    with visitor(chromium, desk, name, **settings) as guest:
        page = guest.page
        page.goto(guest.link())
        page.evaluate("window.marked = true")
        page.get_by_role("heading", name="Nothing is on the desk yet").wait_for()
        guest.look("nothing-yet")
        page.locator(".examples button").first.click()
        card = page.locator("article")
        guest.button(card, "Approve").wait_for()
        page.locator("#rail-count", has_text="1").wait_for()
        assert page.locator("#welcome").count() == 0
        guest.look("first-card")
        guest.button(card, "Approve").click()
        card.locator(".status", has_text="Approved").wait_for()
        page.locator("#rail-count:empty").wait_for(state="attached")
        assert same_page(guest)


def test_the_box_like_a_chats(chromium: Browser, desk: RunningDesk) -> None:
    with visitor(chromium, desk, "box", **DESKTOP) as guest:
        page = guest.page
        page.goto(guest.link())
        page.evaluate("window.marked = true")
        text = page.get_by_label("What shall we do?")
        page.get_by_role("link", name="Draft", exact=True).click()
        assert text.input_value() == "draft "
        page.keyboard.type("Typed: two lines")
        page.keyboard.press("Enter")
        page.keyboard.type("of it")
        page.keyboard.press("Control+Enter")
        page.locator("article", has_text="Typed").wait_for()
        page.locator("#text:placeholder-shown").wait_for()
        page.get_by_role("button", name="Queue").click()
        page.get_by_text("only you see this").wait_for()
        guest.look("whispered")
        text.fill("draft half a thought")
        page.get_by_role("button", name="Open 1").click()
        page.locator("#said .whispered").wait_for(state="detached")
        assert page.locator("article#draft-1").count() == 1
        page.get_by_role("button", name="Queue").click()
        page.get_by_text("only you see this").wait_for()
        assert text.input_value() == "draft half a thought"
        text.fill("scedule & more")
        page.keyboard.press("Control+Enter")
        page.get_by_text("Did you mean").wait_for()
        assert text.input_value() == "scedule & more"
        guest.look("not-understood", but=REFUSED)
        page.get_by_role("button", name="Draft this").click()
        page.locator(".channel article", has_text="scedule & more").wait_for()
        assert same_page(guest)


def test_others_work_appears_and_what_i_hold_stays(chromium: Browser, desk: RunningDesk) -> None:
    made = say(desk, "draft Held in hand: the cache is gone")
    with visitor(chromium, desk, "held", **DESKTOP) as guest:
        page = guest.page
        page.goto(guest.link())
        page.evaluate("window.marked = true")
        card = guest.card("Held in hand")
        card.locator("summary").click()
        press(desk, made, "Approve")
        card.get_by_text("Changed meanwhile.").wait_for()
        assert card.locator(".status").inner_text() == "Waits for approval"
        guest.look("changed-meanwhile")
        card.get_by_role("button", name="Show").click()
        card.locator(".status", has_text="Approved").wait_for()
        assert card.get_by_text("Changed meanwhile.").count() == 0
        say(desk, "draft New from Cy: the index is fast")
        page.locator(".channel > .turn:first-child article", has_text="New from Cy").wait_for()
        newest = guest.card("New from Cy")
        newest.locator("summary").click()
        with desk.client as script:
            current = script.get("/api/cards").json()["cards"][0]
        press(desk, current, "Approve")
        newest.get_by_text("Changed meanwhile.").wait_for()
        newest.locator("summary").click()
        page.get_by_role("heading", name="The desk").click()
        newest.locator(".status", has_text="Approved").wait_for()
        assert same_page(guest)


def test_a_lost_connection_is_said_and_comes_back(chromium: Browser, desk: RunningDesk) -> None:
    say(desk, "draft Before the break")
    with visitor(chromium, desk, "lost", **DESKTOP) as guest:
        page = guest.page
        page.goto(guest.link())
        page.evaluate("window.marked = true")
        page.get_by_label("What shall we do?").fill("draft half a thought")
        desk.kill()
        page.get_by_text("The connection to the desk is lost.").wait_for()
        guest.look("lost", but="ERR_|EventSource|MIME")
        page.get_by_role("button", name="Go").click()
        page.get_by_text("The desk did not answer.").wait_for()
        desk.start()
        say(desk, "draft After the break")
        page.locator("#link-lost").wait_for(state="hidden", timeout=3 * PATIENCE)
        guest.card("After the break").wait_for()
        assert page.get_by_label("What shall we do?").input_value() == "draft half a thought"
        assert same_page(guest)
        guest.heard()


def test_an_answer_long_on_its_way_does_not_bring_the_past_back(chromium: Browser, desk: RunningDesk) -> None:
    with visitor(chromium, desk, "late", **DESKTOP) as guest:
        page = guest.page
        page.goto(guest.link())

        approved = guest.card("Overtaken").locator(".status", has_text="Approved")

        def overtaken(route: Route) -> None:
            answer = route.fetch()
            with desk.client as script:
                press(desk, until(lambda: approvable(script), "its picture"), "Approve")
            approved.wait_for()
            route.fulfill(response=answer)

        page.route("**/command", overtaken)
        guest.type("draft Overtaken: approved before it was shown")
        page.locator("#text:placeholder-shown").wait_for()
        approved.wait_for()
        guest.look("overtaken")
