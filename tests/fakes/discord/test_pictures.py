"""A message of the fake becomes a picture in which one finds what was posted."""

from __future__ import annotations

import io
import json
from typing import Final

import discord
import pytest
from PIL import Image

from tests.fakes.discord.components import message_problems
from tests.fakes.discord.pictures import PHONE, draw, picture
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.tinybot import Card, TinyBot

pytestmark = pytest.mark.browser
GREEN: Final = (0, 200, 0)


def near(drawn: Image.Image, color: tuple[int, int, int]) -> int:
    """How many pixels of about this colour there are."""
    data = drawn.convert("RGB").tobytes()
    pixels = zip(data[::3], data[1::3], data[2::3], strict=True)
    return sum(all(abs(a - b) < 8 for a, b in zip(pixel, color, strict=True)) for pixel in pixels)


async def test_a_card_with_its_picture(fake_discord: FakeDiscord) -> None:
    fake_discord.channel("desk")
    content = io.BytesIO()
    Image.new("RGB", (320, 180), GREEN).save(content, "PNG")
    content.seek(0)
    async with TinyBot(fake_discord) as bot:
        desk = bot.guilds[0].text_channels[0]
        await desk.send(view=Card("Draft 142 in review", picture="card.png"), file=discord.File(content, "card.png"))
    (message,) = fake_discord.messages("desk")
    before = json.dumps(message.components)
    with Image.open(io.BytesIO(await picture(fake_discord.world, message))) as wide:
        assert wide.width == 1280
        assert near(wide, GREEN) > 320 * 180
        assert near(wide, (0xB3, 0x26, 0x1E)) > 500
    with Image.open(io.BytesIO(await picture(fake_discord.world, message, width=PHONE))) as narrow:
        assert narrow.width == 2 * PHONE
        assert near(narrow, GREEN) > 320 * 180
    assert json.dumps(message.components) == before


async def test_longer_texts_make_taller_pictures_and_none_is_cut() -> None:
    heights = []
    for lines in (1, 60):
        components = [{"type": 10, "content": "\n".join(["A line"] * lines)}]
        assert list(message_problems(components, v2=True)) == []
        with Image.open(io.BytesIO(await draw({"components": components}))) as drawn:
            heights.append(drawn.height)
    assert heights[1] - heights[0] > 59 * 2 * 16
