"""Several pictures and videos on the page: brought together, shown as a sheet, arranged, described, compared."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from handlers.views.feed import FeedPicture
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
from tests.fakes.practice_feed import FakePracticeFeed, a_feed_post
from tests.handlers.test_actions import a_snapshot
from tests.handlers.test_page_practice import visiting
from tests.handlers.visiting import follow, form_on, press, text_of, words_of
from tests.handlers.world import MASTODON, World, a_png, button_id, takes
from tests.media_samples import a_pdf, tiny_video

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


async def test_the_form_says_how_many_it_takes(wide: World, signed_in: httpx.AsyncClient) -> None:
    await wide.draft()
    page = await form_of(wide, signed_in, "Image")
    assert 'multiple data-most="10" data-bytes="500000000"' in page
    assert "Up to 10 at once, 500 MB together." in page
    assert "/static/slides.js?v=" in page


async def test_six_slides_are_a_sheet_with_one_row_of_buttons(wide: World, signed_in: httpx.AsyncClient) -> None:
    long = "and on " * 30
    alts = f"A field\n\n{long}"
    page = await follow(signed_in, await bring(wide, signed_in, *PICTURES[:2], VIDEO, *PICTURES[2:], alt=alts))
    sheet = page.split('<ol class="tiles">')[1].split("</ol>")[0]
    kinds = ["Picture 1", "Picture 2", "Video 3", "Picture 4", "Picture 5", "Picture 6"]
    assert [label.split(" of ")[0] for label in re.findall(r"<b>([^<]+)</b>", sheet)] == kinds
    assert re.findall(r'<span class="place" aria-hidden="true">(\d)</span>', sheet) == list("123456")
    assert (sheet.count("<video "), sheet.count('<a class="frame"'), sheet.count("No alt text yet.")) == (1, 5, 4)
    words = words_of(sheet)
    assert "40 × 60 · uploaded" in words
    assert "Alt text: “A field”" in words
    assert re.search(r"Video: and on .*… All of it Video: (and on ){30}", words)
    assert page.count(">Arrange</a>") == page.count(">Upload own</a>") == 1
    assert 'class="variant picture"' not in page


async def test_one_slide_is_shown_as_large_as_ever(wide: World, signed_in: httpx.AsyncClient) -> None:
    page = await follow(signed_in, await bring(wide, signed_in, PICTURES[0]))
    assert page.count('<figure class="variant picture">') == 1
    assert "tiles" not in page
    assert "Arrange" not in page


async def test_ten_slides_stand_closer(wide: World, signed_in: httpx.AsyncClient) -> None:
    page = await follow(signed_in, await bring(wide, signed_in, *[a_png(width) for width in range(20, 30)]))
    assert '<ol class="tiles many">' in page
    assert page.count('<a class="frame"') == 10


async def test_a_document_beside_pictures_is_told_once(wide: World, signed_in: httpx.AsyncClient) -> None:
    await follow(signed_in, await bring(wide, signed_in, *PICTURES[:2]))
    form = form_on(await form_of(wide, signed_in, "Upload own"), 'name="upload"')
    sent = await signed_in.post("/action", data=form, files=files(a_pdf(2)))
    words = words_of(page := await follow(signed_in, sent))
    assert words.count("Document 1 of 3") == words.count("Picture 2 of 3") == 1
    assert '<div class="frame none" aria-hidden="true">PDF</div>' in page
    assert words_of(await form_of(wide, signed_in, "Edit")).count("PDF") == 1
    assert "1 PDF Document 1 No title yet." in words_of(await form_of(wide, signed_in, "Arrange"))


async def test_the_numbers_to_arrange_are_shown(wide: World, signed_in: httpx.AsyncClient) -> None:
    await bring(wide, signed_in, PICTURES[0], VIDEO, PICTURES[1], alt="A field")
    page = await form_of(wide, signed_in, "Arrange")
    assert re.findall(r'data-number="(\d)" data-name="([^"]+)"', page) == [
        ("1", "Picture 1"),
        ("2", "Video 2"),
        ("3", "Picture 3"),
    ]
    assert (page.count('<span class="film-of">'), page.count('<span class="film-of moving">')) == (2, 1)
    assert "Picture 1 A field" in words_of(page)
    refused = await press(signed_in, page, 'data-arrange="order"', order="1, 4")
    again = words_of(refused.text)
    assert refused.status_code == 422
    assert "There is no 4." in again
    assert 'value="1, 4"' in refused.text
    assert "Video 2 No description yet." in again
    done = await follow(signed_in, await press(signed_in, page, 'data-arrange="order"', order="3, 1"))
    assert re.findall(r"<b>(Picture \d of \d)", done) == ["Picture 1 of 2", "Picture 2 of 2"]
    assert done.index("50 × 60 · uploaded") < done.index("40 × 60 · uploaded")


async def test_each_is_described_beside_its_picture(wide: World, signed_in: httpx.AsyncClient) -> None:
    await bring(wide, signed_in, PICTURES[0], VIDEO)
    page = await form_of(wide, signed_in, "Edit")
    assert page.count('<div class="pictured several">') == 2
    assert re.findall(r"(Description of \w+ \d)</label>", page) == [
        "Description of picture 1",
        "Description of video 2",
    ]
    assert page.count('<p class="hint" id="h-10') == 1


async def test_all_are_seen_where_they_are_approved(wide: World, signed_in: httpx.AsyncClient) -> None:
    await bring(wide, signed_in, PICTURES[0], VIDEO, PICTURES[1])
    page = await text_of(signed_in, "/approvals")
    strip = page.split('<ol class="strip">')[1].split("</ol>")[0]
    assert re.findall(r'<span class="nth">(\d)</span>', strip) == ["1", "2", "3"]
    assert strip.count("film-of moving") == 1


async def test_a_feed_shows_several_side_by_side() -> None:
    shown = tuple(
        FeedPicture(digest=f"{number:064x}", alt="", width=8, height=6, moves=number > 1) for number in range(4)
    )
    async with visiting(FakePracticeFeed([replace(a_feed_post(), pictures=shown)])) as browser:
        text = (await browser.get("/practice")).text
    assert '<div class="shots several">' in text
    assert (text.count('<p class="film">Video</p>'), text.count("/practice/picture/")) == (2, 2)


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
            "The order is another one. Pictures are cut otherwise.",
        ),
        ((pictured(1),), (pictured(1, cut=1),), "The picture is cut otherwise."),
        ((pictured(1),), (pictured(1), pictured(2, "A pier")), "A picture was added."),
        ((pictured(1), pictured(2)), (pictured(1, "So"), pictured(2, "So")), "Descriptions were changed."),
        ((pictured(1),), (pictured(2),), "The picture is another one."),
        (
            (pictured(1), pictured(2), pictured(3)),
            (pictured(4), pictured(3), pictured(1, cut=1)),
            "A picture is another one. The order is another one. A picture is cut otherwise.",
        ),
        ((pictured(1), pictured(2)), (pictured(1), pictured(2, "So")), "A picture's description was changed."),
        ((FILM,), (PAPER,), "A document was added. The video was taken away."),
        ((FILM,), (FILM,), ""),
    ],
)
def test_versions_tell_what_became_of_the_slides(old: tuple[Medium, ...], new: tuple[Medium, ...], told: str) -> None:
    before, after = (a_revision(number=n, variants=(a_variant(media=m),)) for n, m in ((1, old), (2, new)))
    look = Look(actor=a_person(), zone="UTC", now=NOW, labels={}, proofs={})
    (change,) = changes(before, after, a_snapshot(a_draft(revision=after)), look)
    assert change.told == told
