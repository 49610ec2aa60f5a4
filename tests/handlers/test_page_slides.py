"""Several pictures and videos on the page: brought together, shown as a sheet, arranged, described, compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from handlers.views.look import Look
from handlers.views.versions import changes
from services.domain.account import DocumentLimits, VideoLimits
from services.domain.ids import Digest
from tests.builders import (
    NOW,
    a_document_item,
    a_draft,
    a_media_item,
    a_person,
    a_picture,
    a_revision,
    a_variant,
    an_attachment,
)
from tests.handlers.test_actions import a_snapshot
from tests.handlers.visiting import form_on, text_of, words_of
from tests.handlers.world import MASTODON, World, a_png, button_id, takes
from tests.media_samples import tiny_video

if TYPE_CHECKING:
    import httpx

    from services.domain.media import Medium

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


def pictured(number: int, alt: str = "A sea", cut: int = 0) -> Medium:
    """A picture of its own, `cut` when a network has it otherwise."""
    whole = a_media_item(digest=Digest(f"{number:064x}"))
    if not cut:
        return a_picture(whole, alt)
    return replace(
        a_picture(replace(whole, digest=Digest(f"{number + 1000 * cut:064x}")), alt), whole=whole, fitted="cut"
    )


FILM, PAPER = an_attachment(), an_attachment(a_document_item(), poster=None)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ((), (FILM, pictured(1), pictured(2)), "A video and 2 pictures were added."),
        ((pictured(1), pictured(2), FILM), (), "2 pictures and a video were taken away."),
        ((pictured(1), pictured(2)), (pictured(2), pictured(1)), "The order is another one."),
        (
            (pictured(1), pictured(2, cut=1)),
            (pictured(2), pictured(1, cut=1)),
            "The order is another one. The pictures are cut otherwise.",
        ),
        ((pictured(1),), (pictured(1, cut=1),), "The picture is cut otherwise."),
        ((pictured(1),), (pictured(1), pictured(2, "A pier")), "A picture was added."),
        ((pictured(1), pictured(2)), (pictured(1, "So"), pictured(2, "So")), "Descriptions were changed."),
        ((FILM,), (PAPER,), "A document was added. The video was taken away."),
        ((FILM,), (FILM,), ""),
    ],
)
def test_versions_tell_what_became_of_the_slides(old: tuple[Medium, ...], new: tuple[Medium, ...], told: str) -> None:
    before, after = (a_revision(number=n, variants=(a_variant(media=m),)) for n, m in ((1, old), (2, new)))
    look = Look(actor=a_person(), zone="UTC", now=NOW, labels={}, proofs={})
    (change,) = changes(before, after, a_snapshot(a_draft(revision=after)), look)
    assert change.told == told
