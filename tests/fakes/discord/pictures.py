"""A message of the fake as a picture, as Discord would draw it: simcord's preview in the machine's own Chromium.

The preview serves one page on loopback and asks for nothing beyond it, so this works without a network. `python -m
tests.fakes.discord.pictures message.json card.png` draws a message that was kept as JSON (`{"components": …}`).
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import discord
import simcord
from discord.http import MultipartParameters
from playwright.async_api import async_playwright

from tests.browser.driving import ARGUMENTS
from tests.conftest import require
from tests.fakes.discord.basics import COMPONENTS_V2, Json, walk
from tests.fakes.discord.components import media_of
from tests.fakes.discord.mentions import PEOPLE
from tests.fakes.discord.model import Message
from tests.fakes.discord.world import World

DESKTOP: Final = 640
PHONE: Final = 360
TALL: Final = 4000
"""Pixels that no message reaches, so that none is cut off."""
READY: Final = "() => window.simcordPreview?.ready && window.simcordPreview.complete"
_OWN: Final = frozenset({"id", "attachment_id", "proxy_url", "content_type", "loading_state", "flags"})
"""What Discord adds to what was sent."""


async def picture(world: World, message: Message, *, width: int = DESKTOP) -> bytes:
    """The PNG of a message that was posted to the fake, with its files and the names of those it names."""
    files = {file.filename: file.content for file in message.attachments}
    addresses = {file.url: f"attachment://{file.filename}" for file in message.attachments}
    body: Json = {"components": _as_sent(message.components, addresses), "flags": message.flags & COMPONENTS_V2}
    if message.content:
        body["content"] = message.content
    if message.embeds:
        body["embeds"] = json.loads(json.dumps(message.embeds))
        for embed in body["embeds"]:
            for media in (embed[field] for field in ("image", "thumbnail") if field in embed):
                media["url"] = addresses.get(media["url"], media["url"])
    return await draw(body, files, people={user.id: user.name for user in world.users.values()}, width=width)


def _as_sent(components: list[Json], addresses: Mapping[str, str]) -> list[Json]:
    """Components without what Discord added, their files called by name again."""
    plain: list[Json] = json.loads(json.dumps(components))
    for media, _ in media_of(plain):
        media["url"] = addresses.get(media["url"], media["url"])
        for field in _OWN & media.keys():
            del media[field]
    for node in walk(plain):
        node.pop("id", None)
    return plain


async def draw(
    body: Json,
    files: Mapping[str, bytes] | None = None,
    *,
    people: Mapping[str, str] | None = None,
    width: int = DESKTOP,
) -> bytes:
    """The PNG of a message as an app sends it (`components`, `content`, `embeds`), with its files by name.

    `people` gives names to those whom its text mentions by id.
    """
    chromium = require("chromium")
    bot = discord.Client(intents=discord.Intents.default())
    async with simcord.run(bot) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("desk")
        viewer = guild.add_member(env.create_user("viewer"))
        known = {number: guild.add_member(env.create_user(name)) for number, name in (people or {}).items()}
        words = PEOPLE.sub(
            lambda found: _renamed(found, {n: one.mention for n, one in known.items()}), json.dumps(body)
        )
        payload = {"flags": COMPONENTS_V2, "allowed_mentions": {"parse": []}, **json.loads(words)}
        await bot.http.send_message(channel.id, params=_parameters(payload, files or {}))
        async with (
            env.preview(channel, viewers=[viewer], display="fixed", width=width, height=TALL) as preview,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
            page = await browser.new_page(device_scale_factor=2, viewport={"width": 1600, "height": TALL})
            await page.goto(preview.url)
            await page.wait_for_function(READY)
            drawn = await page.locator("#focused-content").screenshot(animations="disabled", type="png")
            await browser.close()
    return drawn


def _renamed(found: re.Match[str], names: Mapping[str, str]) -> str:
    return names.get(found[1], found[0])


def _parameters(payload: Json, files: Mapping[str, bytes]) -> MultipartParameters:
    """The body as the library hands one over."""
    if not files:
        return MultipartParameters(payload=payload, multipart=None, files=None)
    made = [discord.File(io.BytesIO(content), name) for name, content in files.items()]
    payload["attachments"] = [file.to_dict(number) for number, file in enumerate(made)]
    parts: list[Json] = [{"name": "payload_json", "value": json.dumps(payload)}]
    for number, file in enumerate(made):
        kind = "application/octet-stream"
        parts.append({"name": f"files[{number}]", "value": file.fp, "filename": file.filename, "content_type": kind})
    return MultipartParameters(payload=None, multipart=parts, files=made)


def main() -> None:
    """Draw what a file says."""
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(asyncio.run(draw(json.loads(source.read_text(encoding="utf-8")))))


if __name__ == "__main__":
    main()
