"""Several pictures and videos on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.domain.account import DocumentLimits, VideoLimits
from tests.handlers.visiting import form_on, text_of, words_of
from tests.handlers.world import MASTODON, World, a_png, button_id, takes
from tests.media_samples import tiny_video

if TYPE_CHECKING:
    import httpx


PICTURES = tuple(a_png(width, 60) for width in (40, 50, 60, 70, 80))
VIDEO = tiny_video()


@pytest.fixture
async def wide(world: World) -> World:
    """The same desk where one network shows ten pictures and videos together, or one document."""
    room = {"video": VideoLimits(size=100_000, seconds=(0.5, 2.0)), "document": DocumentLimits(size=100_000, pages=9)}
    await takes(world, MASTODON, images=10, mixed=10, **room)
    return world


def files(*contents: bytes) -> list[tuple[str, tuple[str, bytes]]]:
    """As a browser sends what was chosen in one field."""
    return [("upload", (f"file-{number}", content)) for number, content in enumerate(contents, start=1)]


async def bring(world: World, browser: httpx.AsyncClient, *contents: bytes, **fields: str) -> httpx.Response:
    """Send these files with the form behind Image of a new draft."""
    path = f"/form?id={button_id(await world.draft(), 'Image')}"
    form = form_on(await text_of(browser, path), 'name="prompt"')
    return await browser.post("/action", data={**form, **fields}, files=files(*contents))


async def card_of(world: World) -> dict[str, Any]:
    found: dict[str, Any] = (await world.say("show 1"))["replies"][0]["card"]
    return found


async def form_of(world: World, browser: httpx.AsyncClient, label: str) -> str:
    return await text_of(browser, f"/form?id={button_id(await card_of(world), label)}")


async def test_an_eleventh_file_is_told_in_its_form(wide: World, signed_in: httpx.AsyncClient) -> None:
    answer = await bring(wide, signed_in, *[a_png(width) for width in range(1, 12)], alt="Typed with care")
    words = words_of(answer.text)
    assert answer.status_code == 422
    assert "There are 11 files; 10 at once is the most." in words
    assert "Add the others afterwards." in words
    assert "Typed with care" in words


async def test_far_too_many_files_are_told_in_a_sentence(wide: World, signed_in: httpx.AsyncClient) -> None:
    answer = await bring(wide, signed_in, *[b"x"] * 101)
    words = words_of(answer.text)
    assert answer.status_code == 400
    assert "This form could not be read: it is damaged, or there are far too many files in it." in words
    assert "choose at most ten files" in words


@pytest.mark.parametrize("wrong", [b"<svg/>", b""])
async def test_the_wrong_one_of_five_is_named(wide: World, signed_in: httpx.AsyncClient, wrong: bytes) -> None:
    answer = await bring(wide, signed_in, *PICTURES[:2], wrong, *PICTURES[2:4], alt="One\nTwo")
    assert answer.status_code == 422
    assert "File 3 of 5: " in words_of(answer.text)
    assert "One\nTwo</textarea>" in answer.text
    draft = (await wide.client.get("/api/drafts/1")).json()
    assert [v["media"] for v in draft["variants"]] == [[], []]
