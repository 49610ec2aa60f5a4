"""Every page in every state it can be in: looked at, kept as a picture, and held to axe-core's serious rules."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from bot.practice.pictures import plain_png
from tests.browser import picture
from tests.browser.driving import Visitor, browser, visitor
from tests.e2e.process import ROOT, RunningDesk, Script, running
from tests.media_samples import a_pdf, tiny_video

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
WIDTHS: Final[dict[str, dict[str, Any]]] = {
    "1440": {"viewport": {"width": 1440, "height": 1000}},
    "390": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
AXE: Final = Path(str(distribution("axe-playwright-python").locate_file("axe_playwright_python/axe.min.js")))
"""axe-core as its package brings it."""
REFUSED: Final = r"the server responded with a status of 4\d\d"
TOPICS: Final = (
    "We open on Sunday. Come and see the new reading room",
    "Donaudampfschifffahrtsgesellschaftskapitän retires after forty-one years on the river",
    "Parking in the old town costs less from Monday: two hours for the price of one, https://example.com/parking",
    "The library card now works in all nine towns",
)
FEW: Final = ("mastodon, bluesky", "x, linkedin")
"""Networks for most of what fills the rooms: one draft for all of them shows what eight look like."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


class Model(BaseHTTPRequestHandler):
    """A model's server that refuses the key when it reads "refused", and otherwise never answers."""

    def do_POST(self) -> None:
        """Take the question."""
        asked = self.rfile.read(int(self.headers["content-length"]))
        if b"refused" not in asked:
            self.server.ended.wait()  # type: ignore[attr-defined]  # set where the server is made
            return
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def model() -> Iterator[ThreadingHTTPServer]:
    """The server in a thread."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        server.ended = threading.Event()  # type: ignore[attr-defined]  # what the questions wait for
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk in practice, empty at first and filled by `filled`."""
    del chromium
    with running(tmp_path_factory.mktemp("gallery"), {"COPYDESK_UNDO_SECONDS": "0"}) as made:
        yield made


@pytest.fixture(scope="module")
def bare(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk without practice and without an account: nothing anywhere."""
    del chromium
    with running(tmp_path_factory.mktemp("bare"), {"COPYDESK_PRACTICE": "0"}) as made:
        yield made


@pytest.fixture(scope="module")
def slow(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk with a model that takes for ever, and once refuses."""
    del chromium
    with model() as server:
        wire = {"OPENAI_API_KEY": "sk-nobody", "OPENAI_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1"}
        with running(tmp_path_factory.mktemp("slow"), {**wire, "COPYDESK_IMAGE_MODEL": "offline"}) as made:
            yield made
            server.ended.set()  # type: ignore[attr-defined]  # so that the desk has nothing left to wait for


def serious(guest: Visitor, *, colours: bool) -> list[str]:
    """What axe-core calls serious or critical about the page as it stands; the colours alone, or everything."""
    rules: dict[str, Any] = {"runOnly": ["color-contrast"]} if colours else {}
    if not guest.page.evaluate("typeof window.axe === 'object'"):
        guest.page.evaluate(AXE.read_text())
    options = {"resultTypes": ["violations"], **rules}
    found = guest.page.evaluate("(options) => axe.run(options).then((found) => found.violations)", options)
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


class Tour:
    """One visitor's way through the rooms: each is seen in both themes and gone over by axe."""

    def __init__(self, guest: Visitor, width: str) -> None:
        self.guest = guest
        self.width = width
        self.wrong: list[str] = []

    def see(self, what: str, *, but: str = "$^") -> None:
        """Look at the page in light and dark, and remember what is wrong instead of stopping at it."""
        with self._unrolled():
            for theme in ("light", "dark"):
                self.guest.page.emulate_media(color_scheme=theme)
                self.guest.pictures()
                try:
                    self.guest.shoot(f"{what}-{self.width}-{theme}", but=but)
                except AssertionError as error:
                    self.wrong.append(f"{theme} {error}")
                if theme == "light" or self.width == "1440":  # its colours are the same at every width
                    found = serious(self.guest, colours=theme == "dark")
                    self.wrong += [f"{theme} {what}: {one}" for one in found]
        self.guest.page.emulate_media(color_scheme="light")

    @contextmanager
    def _unrolled(self) -> Iterator[None]:
        """On a phone the whole page at once, as long as it is: what sticks to an edge is then where it ends up."""
        page, size = self.guest.page, WIDTHS[self.width]["viewport"]
        if self.width == "390":
            long = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": size["width"], "height": min(max(long, size["height"]), 8000)})
        yield
        page.set_viewport_size(size)

    def go(self, path: str, what: str, *, but: str = "$^") -> None:
        """Open a page and see it."""
        self.guest.page.goto(self.guest.home + path)
        self.see(what, but=but)


@contextmanager
def tour(chromium: Browser, desk: RunningDesk, width: str) -> Iterator[Tour]:
    """A signed-in visitor; in the end nothing may have been wrong."""
    with visitor(chromium, desk, "gallery", **WIDTHS[width]) as guest:
        guest.page.goto(guest.link())
        made = Tour(guest, width)
        yield made
        assert not made.wrong, "\n".join(made.wrong)


def form(card: dict[str, Any], label: str) -> str:
    """The page of a form's button."""
    return f"form?id={quote(next(str(b['id']) for b in card['buttons'] if b['label'] == label))}"


def conflict(seen: Tour, desk: RunningDesk) -> None:
    """Two people at one draft, seen by the one who saved later."""
    with desk.client as client:
        script = Script(client)
        card = script.command("draft Both of us change this one")
        seen.guest.page.goto(f"{seen.guest.home}{form(card, 'Edit')}")
        seen.guest.page.get_by_label("Mastodon").fill("Mine came later.")
        script.press(card, "Edit", fields(card), "Bo")
        seen.guest.submit("Save")
        seen.guest.page.locator(".clash").wait_for()
        seen.see("form-conflict", but=REFUSED)
        script.press(script.http.get("/api/cards").json()["cards"][0], "Archive")


@pytest.fixture(scope="module")
def empty(chromium: Browser, desk: RunningDesk) -> None:
    """The desk in practice before anything was done: seen once at each width, before it is filled."""
    for width in WIDTHS:
        with tour(chromium, desk, width) as seen:
            seen.see("channel-first")
            seen.go("results", "results-practice")


@pytest.fixture(scope="module")
def filled(empty: None, desk: RunningDesk) -> dict[str, Any]:
    """Something in every room; gives the cards by what they are for."""
    del empty
    now = datetime.now(UTC)  # noqa: TID251 - the desk runs on the machine's clock
    with desk.client as client:
        script = Script(client)
        live = script.command(f"draft {TOPICS[0]}")
        sent = script.press(script.press(live, "Approve"), "Publish now")
        script.published(str(sent["draft_id"]))
        for number, hours in enumerate((20, 21, 44, 45, 70)):
            asked = f"draft {TOPICS[number % 4]}, part {number} for {FEW[number % 2]}"
            card = script.press(script.command(asked, "Bo"), "Approve")
            script.press(card, "Schedule", {"when": (now + timedelta(hours=hours)).isoformat()})
        script.press(script.command(f"draft Ready whenever you are for {FEW[0]}"), "Approve")
        script.command(f"thread How we count parking spaces, and what we learned from it parts=4 for {FEW[0]}")
        script.command(f"draft {'Too long for the small network, and so it goes on. ' * 12} for {FEW[0]}", "Mira")
        waits = script.command(f"draft {TOPICS[1]}")
        edited = script.press(waits, "Edit", fields(waits))
        slides = six_slides(script)
        script.command("report 7d")
        return {"waits": edited, "slides": slides, "deliveries": script.deliveries(str(live["draft_id"]))}


def six_slides(script: Script) -> dict[str, Any]:
    """A draft with pictures of several shapes, a video among them and a document before them."""
    card = script.command("draft What the reading room looks like for linkedin, threads picture=no", "Cy")
    sizes = ((800, 600), (600, 800), (900, 300), (300, 900))
    files = [plain_png(*size, (58, 40 * number, 110)) for number, size in enumerate(sizes, start=1)]
    files[2:2] = [tiny_video(2.0, (320, 180), 25)]
    kept = [script.http.post("/api/media", content=content).json()["digest"] for content in [*files, a_pdf(3)]]
    words = "A round table by the window\n" + "The long shelf, seen from the door. " * 6
    card = script.press(card, "Image", {"upload": " ".join(kept[:5]), "alt": words})
    return script.press(card, "Upload own", {"upload": kept[5]})


def fields(card: dict[str, Any]) -> dict[str, str]:
    """Other words for each text of the card."""
    return {
        f"text.{b['account_id']}": f"{b['text']} In our own words."
        for b in card["blocks"]
        if b["type"] == "variant" and b["text"]
    }


def test_axe_sees_what_is_wrong(chromium: Browser, desk: RunningDesk) -> None:
    with visitor(chromium, desk, "planted", keep=False) as guest:
        guest.page.goto(guest.home)
        guest.page.evaluate("document.querySelector('main').innerHTML = '<img src=x><input>'")
        guest.page.evaluate("document.querySelector('.name').style.color = '#eeeeee'")
        found = {one.split(":")[0] for one in serious(guest, colours=False)}
        assert found == {"image-alt", "label", "color-contrast"}
        assert {one.split(":")[0] for one in serious(guest, colours=True)} == {"color-contrast"}


@pytest.mark.parametrize("width", WIDTHS)
def test_every_room(chromium: Browser, desk: RunningDesk, filled: dict[str, Any], width: str) -> None:
    ident = filled["waits"]["draft_id"]
    with tour(chromium, desk, width) as seen:
        seen.see("channel-full")
        seen.go(f"cards/draft-{ident}", "one-card")
        rooms = ("approvals", "queue", "deliveries", "calendar", "results?charts=1", "accounts", "brand", "practice")
        for room in rooms:
            seen.go(room, room.split("?")[0])
        seen.go(f"cards/draft-{filled['slides']['draft_id']}", "slides")
        seen.go("calendar?view=month", "calendar-month")
        seen.go(f"deliveries/{filled['deliveries'][0]['id']}", "delivery")
        seen.go("deliveries?state=held", "deliveries-none")
        seen.go("approvals?author=nobody", "approvals-none")
        seen.go(f"drafts/{ident}", "draft")
        seen.go(f"drafts/{ident}/versions", "versions")
        seen.go("accounts/freeze", "freeze")
        seen.go("nowhere", "not-found", but=REFUSED)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_form(chromium: Browser, desk: RunningDesk, filled: dict[str, Any], width: str) -> None:
    card = filled["waits"]
    with tour(chromium, desk, width) as seen:
        page = seen.guest.page
        for label in ("Edit", "Schedule", "Regenerate", "Style", "Image"):
            if any(b["label"] == label and b["form"] for b in card["buttons"]):
                seen.go(form(card, label), f"form-{label.lower()}")
        seen.go(form(filled["slides"], "Arrange"), "form-arrange")
        page.goto(f"{seen.guest.home}{form(card, 'Schedule')}")
        page.get_by_label("When?").fill("yesterday at noon")
        seen.guest.submit("Schedule")
        page.locator("[aria-invalid=true]").wait_for()
        seen.see("form-schedule-refused", but=REFUSED)
        conflict(seen, desk)
        page.goto(seen.guest.home)
        seen.guest.type("help")
        page.locator("#said article").wait_for()
        seen.see("channel-help")
        seen.guest.type("scedule & more")
        page.get_by_text("Did you mean").wait_for()
        seen.see("channel-not-understood", but=REFUSED)
        page.goto(seen.guest.home)
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="You are signed out").wait_for()
        seen.see("signed-out", but=REFUSED)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_bare_desk(chromium: Browser, bare: RunningDesk, width: str) -> None:
    with tour(chromium, bare, width) as seen:
        seen.see("channel-bare")
        for room in ("approvals", "queue", "deliveries", "calendar", "results", "accounts"):
            seen.go(room, f"{room}-bare")


@pytest.mark.parametrize("width", WIDTHS)
def test_while_a_model_writes_and_when_it_refuses(chromium: Browser, slow: RunningDesk, width: str) -> None:
    with tour(chromium, slow, width) as seen, slow.client as script:
        page = seen.guest.page
        refused = script.post("/api/command", json={"text": f"draft The refused one at {width}"})
        assert refused.status_code == 200
        page.goto(seen.guest.home)
        seen.guest.type(f"draft Slowly, but surely, the mill grinds at {width}")
        page.locator(".writing").first.wait_for()
        seen.see("channel-drafting")


def test_the_readme_shows_a_card_as_it_is_drawn(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as desk:
        picture.draw(chromium, desk, tmp_path)
    for theme in picture.THEMES:
        name = f"card-{theme}.png"
        assert f"docs/pictures/{name}" in (ROOT / "README.md").read_text(encoding="utf-8")
        for folder in (tmp_path, picture.FOLDER):
            assert 20_000 < (folder / name).stat().st_size <= 200_000
