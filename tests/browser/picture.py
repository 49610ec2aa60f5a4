"""Makes the README's picture of a card from the real page: `python -m tests.browser.picture`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.browser.driving import browser, visitor
from tests.e2e.process import ROOT, RunningDesk, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Locator

FOLDER: Final = ROOT / "docs" / "pictures"
THEMES: Final = ("light", "dark")
BRIEF: Final = (
    "draft Our new release halves start-up time: 1.2 seconds instead of 2.4, measured on a cold laptop"
    " for mastodon,bluesky\n\n"
    "It opens the index only when it is needed.\nUpdate from the menu; nothing else changes."
)
PAPER: Final = 20
"""Pixels of margin."""


def draw(chromium: Browser, desk: RunningDesk, folder: Path) -> None:
    """The card of a new draft with what was asked above it, in both themes."""
    with desk.client as script:
        script.post("/api/command", json={"text": BRIEF, "as": "Ana"}).raise_for_status()
    settings: dict[str, Any] = {"viewport": {"width": 1200, "height": 1400}, "device_scale_factor": 1.5}
    with visitor(chromium, desk, "picture", keep=False, **settings) as guest:
        guest.page.goto(guest.link())
        turn = guest.page.locator(".channel .turn").first
        guest.button(turn.locator("article"), "Approve").wait_for()
        guest.pictures()
        for theme in THEMES:
            guest.page.emulate_media(color_scheme=theme)
            path = folder / f"card-{theme}.png"
            guest.page.screenshot(path=path, full_page=True, clip=around(turn))
            pack(path)


def around(what: Locator) -> FloatRect:
    """Its place on the page, with some paper about it."""
    box = what.bounding_box()
    assert box is not None
    return {
        "x": box["x"] - PAPER,
        "y": box["y"] - PAPER,
        "width": box["width"] + 2 * PAPER,
        "height": box["height"] + 2 * PAPER,
    }


def pack(path: Path) -> None:
    """Write a picture again with a palette of its own, a third of the size."""
    from PIL import Image

    with Image.open(path) as drawn:
        few = drawn.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def main() -> None:
    """Draw both where the README looks for them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as chromium, running(Path(folder)) as desk:
        draw(chromium, desk, FOLDER)


if __name__ == "__main__":
    main()
