"""Every card as Discord and the page show it, to be looked at: `python -m tests.scenarios.pictures FOLDER [NAME …]`.

The cards are those of the golden files; a picture on a card is a plain one of the right size.
"""

from __future__ import annotations

import asyncio
import base64
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import async_playwright

from handlers.discord.inert import LIMITS
from handlers.discord.render import digest_of, render
from handlers.views.sheet import sheet
from handlers.web.assets import STATIC
from tests.browser.driving import ARGUMENTS
from tests.conftest import require
from tests.fakes.discord.pictures import draw
from tests.handlers.test_cards import CARDS, cards
from tests.scenarios.page import markup_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.card import Card

THEMES: Final = ("light", "dark")
WIDTHS: Final = {"wide": 1100, "phone": 390}
PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="{css}"></head>
<body><div class="house"><header class="rail"></header><main><section class="channel">{card}</section></main></div>
</body></html>"""


def a_picture(width: int, height: int) -> bytes:
    """A plain one."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (47, 107, 60)).save(out, format="PNG")
    return out.getvalue()


async def as_discord(card: Card) -> bytes:
    """A message in Discord's own colours."""
    one = sheet(card, LIMITS)
    names = {digest_of(image): f"{digest_of(image)[:16]}.png" for image in one.images}
    files = {names[digest_of(image)]: a_picture(image.width, image.height) for image in one.images}
    view: Any = render(one, names)
    body: dict[str, Any] = {"components": view.to_components()}
    return await draw(body, files)


def as_page(card: Card) -> str:
    """The page with this card alone."""
    markup = markup_of(card)
    for image in sheet(card, LIMITS).images:
        data = base64.b64encode(a_picture(image.width, image.height)).decode()
        markup = markup.replace(image.url, f"data:image/png;base64,{data}")
    return PAGE.format(css=(STATIC / "desk.css").as_uri(), card=markup)


async def draw_pages(folder: Path, names: Sequence[str]) -> None:
    """Each card on paper and in the dark, on a desk and on a phone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=require("chromium"), args=list(ARGUMENTS))
        source = folder / "card.html"
        for name in names:
            source.write_text(as_page(CARDS[name]), encoding="utf-8")
            for width, pixels in WIDTHS.items():
                page = await browser.new_page(viewport={"width": pixels, "height": 2400}, device_scale_factor=1.5)
                await page.goto(source.as_uri())
                for theme in THEMES:
                    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                    await page.locator(".channel").screenshot(path=folder / f"{name}-page-{width}-{theme}.png")
                await page.close()
        source.unlink()
        await browser.close()


async def draw_messages(folder: Path, names: Sequence[str]) -> None:
    """Each card in Discord."""
    shared = cards(floating=True)
    for name in names:
        (folder / f"{name}-discord.png").write_bytes(await as_discord(shared[name]))


def main() -> None:
    """Draw those that are named, or all."""
    folder, *names = sys.argv[1:]
    where = Path(folder).resolve()
    where.mkdir(parents=True, exist_ok=True)
    wanted = names or sorted(CARDS)
    asyncio.run(draw_pages(where, wanted))
    asyncio.run(draw_messages(where, wanted))


if __name__ == "__main__":
    main()
