"""A browser at a running desk, and the eye that every page it shows has to pass."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bot import admin, config
from tests.conftest import require
from tests.e2e.process import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

    from tests.e2e.process import RunningDesk

ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE: Final = 30_000
"""Milliseconds until a wait for the page counts as failed; far above what it takes."""
SHOTS: Final = ROOT / "var" / "screenshots"
LEFT: Final = re.compile(r"htmx:(?:sendAbort|afterRequest), ")
"""What htmx says of a question that leaving the page cut off; of one that failed it says `sendError` besides."""
KEEP: Final = os.environ.get("SCREENSHOTS") == "1"
"""Whether pictures of what is seen are kept; drawing whole pages is what takes longest."""

LOOK: Final = """(screen) => {
  const problems = [];
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const mark = (e) => e.id || e.name || e.className || "";
  const told = (e) => `<${e.tagName.toLowerCase()} ${mark(e)}> ${e.textContent.trim().slice(0, 40)}`;
  const words = (id) => (document.getElementById(id)?.textContent || "").trim();
  for (const e of document.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    const label = [...(e.labels || [])].map((l) => l.textContent.trim()).join("");
    if (!label && !e.getAttribute("aria-label")) problems.push(`no label: ${told(e)}`);
    for (const id of (e.getAttribute("aria-describedby") || "").split(/\\s+/).filter(Boolean))
      if (!words(id)) problems.push(`described by nothing: ${told(e)}`);
  }
  for (const e of document.querySelectorAll("img")) {
    if (!e.hasAttribute("alt")) problems.push(`no alt: ${e.src}`);
    const far = e.loading === "lazy" && e.getBoundingClientRect().top > innerHeight;
    if (!far && (!e.complete || e.naturalWidth === 0)) problems.push(`picture does not load: ${e.src}`);
  }
  let level = 0;
  for (const e of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const now = Number(e.tagName[1]);
    if (now > level + 1) problems.push(`heading ${told(e)} skips from ${level}`);
    level = now;
  }
  if (document.querySelectorAll("h1").length !== 1) problems.push("not exactly one h1");
  for (const e of document.querySelectorAll("a, button, summary"))
    if (shown(e) && !(e.getAttribute("aria-label") || e.textContent).trim()) problems.push(`no name: ${told(e)}`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) problems.push(`id twice: ${id}`);
  for (const e of document.querySelectorAll("[aria-labelledby]"))
    if (!words(e.getAttribute("aria-labelledby"))) problems.push(`labelled by nothing: ${told(e)}`);
  const wide = document.documentElement.scrollWidth;
  if (wide > screen) {
    problems.push(`scrolls sideways: ${wide} of ${screen}`);
    for (const e of document.body.querySelectorAll("*"))
      if (shown(e) && e.getBoundingClientRect().right > screen + 1) problems.push(`sticks out: ${told(e)}`);
  }
  if (!document.title.trim()) problems.push("no title");
  if (!document.documentElement.lang) problems.push("no language");
  if (document.querySelectorAll("main").length !== 1) problems.push("not exactly one main");
  for (const e of document.querySelectorAll("[style], script:not([src])")) problems.push(`inline: ${told(e)}`);
  if (screen < 500)
    for (const e of document.querySelectorAll("button, a.button, summary, input:not([type=hidden]), textarea"))
      if (shown(e) && e.getBoundingClientRect().height < 24) problems.push(`hard to hit: ${told(e)}`);
  return problems;
}"""
"""What is wrong with the page as it stands, in words; empty when nothing is.

The width of the screen is given, because a phone tells that of a page too wide for it instead.
"""
COMING: Final = """() => [...document.images].some(
  (i) => !i.complete && (i.loading !== "lazy" || i.getBoundingClientRect().top < innerHeight)
)"""
"""Whether pictures on the screen are still on their way.

Asked again and again: the page's policy forbids Playwright's own way of waiting for a condition, and a page without
scripts never keeps a promise.
"""
DRAWN: Final = 50.0
"""Milliseconds until another theme, too, was drawn and has asked for its pictures."""
FOCUSED: Final = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    name: (e.labels?.[0]?.textContent || e.getAttribute("aria-label") || e.textContent).trim().replace(/\\s+/g, " "),
    card: e.closest("[data-card]")?.dataset.card || "",
    visible: ringed && inside,
  };
}"""
"""Where the keyboard is, and whether one can see it."""


@dataclass(kw_only=True)
class Visitor:
    """Somebody with a browser of their own."""

    page: Page
    name: str
    desk: RunningDesk
    complaints: list[str] = field(default_factory=list)
    """What the browser itself complained about."""
    keep: bool = True
    """Whether to keep pictures of what is seen."""
    _shots: int = 0

    def listen(self) -> None:
        """Hear every complaint of the browser from now on."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", lambda request: self._stays_here(request.url))

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.failure}: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not LEFT.match(message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def _stays_here(self, url: str) -> None:
        if urlsplit(url).port != self.desk.port and not url.startswith("data:"):
            self.complaints.append(f"left the desk: {url}")

    @property
    def home(self) -> str:
        """The channel's address."""
        return f"http://127.0.0.1:{self.desk.port}/"

    def link(self) -> str:
        """A one-time link, as `bot signin` prints it to an operator."""
        return admin.signin_link(config.load(self.desk.environment, self.desk.folder))

    def look(self, what: str, *, but: str = "$^") -> None:
        """Keep a picture of the page and hold it to the rules, `but` for those this pattern names."""
        self._shots += 1
        self.settled()
        self.pictures()
        self.shoot(f"{self._shots:02}-{what}", but=but)

    def shoot(self, what: str, *, but: str = "$^") -> None:
        """The same under a name that stays when looks are added before it."""
        if KEEP and self.keep:
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{self.name}-{what}.png", full_page=True, caret="initial")
        size = self.page.viewport_size
        assert size is not None
        seen = [one for one in (*self.page.evaluate(LOOK, size["width"]), *self.heard()) if not re.search(but, one)]
        assert not seen, f"{what}: {seen}"

    def settled(self) -> None:
        """Wait until the page stays: one without scripts loads itself again while something is being made."""
        self.page.locator("meta[http-equiv=refresh]").wait_for(state="detached")

    def pictures(self) -> None:
        """Wait until those on the screen are loaded, or will not be."""
        until = time.monotonic() + PATIENCE / 1000
        self.page.wait_for_timeout(DRAWN)
        while self.page.evaluate(COMING) and time.monotonic() < until:
            self.page.wait_for_timeout(DRAWN)

    def heard(self) -> list[str]:
        """What the browser complained about since the last time; loads that leaving a page cut off are none."""
        heard, self.complaints = self.complaints, []
        return heard

    def type(self, text: str) -> None:
        """Type into the box and press Go."""
        self.page.get_by_label("What shall we do?").fill(text)
        self.page.get_by_role("button", name="Go").click()

    def card(self, words: str) -> Locator:
        """The card on the channel that says this."""
        return self.page.locator("article").filter(has_text=words).first

    def button(self, card: Locator, label: str) -> Locator:
        """A button of the card, whether it is one or a link to a form; unfolds the rest when it hides there."""
        found = card.locator(".button", has_text=label).first
        found.wait_for(state="attached", timeout=PATIENCE)
        if not found.is_visible():
            card.locator("summary").click()
        return found

    def submit(self, label: str) -> None:
        """Press the form's own button."""
        self.page.locator("form.sheet").get_by_role("button", name=label).click()

    def tab_to(self, name: str, card: str = "", most: int = 150) -> None:
        """Press Tab until the keyboard is on something of this name; every stop on the way must be seen."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            here: dict[str, Any] | None = self.page.evaluate(FOCUSED)
            if here is None:
                continue
            assert here["visible"], here
            if here["name"].startswith(name) and (not card or here["card"] == card):
                return
        raise AssertionError(f"the keyboard never came to “{name}”")


@contextmanager
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    path = require("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as made:
        chromium = made.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def visitor(
    chromium: Browser, desk: RunningDesk, name: str, *, keep: bool = True, **settings: Any
) -> Iterator[Visitor]:
    """A fresh browser profile."""
    context = chromium.new_context(reduced_motion="reduce", timezone_id="UTC", **settings)
    context.set_default_timeout(PATIENCE)
    try:
        made = Visitor(page=context.new_page(), name=name, desk=desk, keep=keep)
        made.listen()
        yield made
    finally:
        context.close()
