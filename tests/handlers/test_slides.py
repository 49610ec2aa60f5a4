"""Several pictures and videos through the doors: chosen at once, described line by line, arranged, told on the card."""

from __future__ import annotations

import base64
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any, Final

import pytest

from handlers.views.card import Fields
from handlers.views.look import Look
from handlers.views.shown import illustrated
from services.domain.account import DocumentLimits, VideoLimits
from services.domain.ids import AccountId, Digest
from services.domain.media import Slide
from tests.builders import NOW, a_media_item, a_person, a_picture, a_revision, a_variant, an_origin
from tests.file_samples import tiny_document
from tests.handlers.test_pictures import facts, images
from tests.handlers.test_videos import checks, kept, media
from tests.handlers.visiting import form_on, text_of
from tests.handlers.world import BLUESKY, MASTODON, World, a_png, button_id, labels, takes
from tests.media_samples import tiny_video

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

SIZES: Final = ((8, 6), (9, 6), (10, 6))


@pytest.fixture
async def several(world: World) -> World:
    """Mastodon shows four pictures or a video, Bluesky two pictures."""
    await takes(world, MASTODON, images=4, video=VideoLimits(size=100_000))
    await takes(world, BLUESKY, images=2)
    return world


async def three(world: World) -> list[str]:
    return [(await kept(world, a_png(*size)))["digest"] for size in SIZES]


async def pictured(world: World, **fields: str) -> dict[str, Any]:
    """A draft's card with three pictures."""
    card = await world.draft()
    given: dict[str, Any] = {"upload": await three(world), **fields}
    return await world.done(button_id(card, "Image"), fields=given)


def told(answer: httpx.Response) -> tuple[int, str, str, str]:
    error: Mapping[str, str] = answer.json()["error"]
    return answer.status_code, error["message"], error["next"], error["field"]


async def test_a_list_of_files_is_shown_in_its_order_with_a_line_of_words_for_each(several: World) -> None:
    card = await pictured(several, alt="A pier\n\nA gull")
    assert [(i["alt"], i["width"]) for i in images(card)] == [("A pier", 8), ("", 9), ("A gull", 10)]
    assert {name: text for name, text in facts(card).items() if name.startswith("Picture")} == {
        "Picture 1 of 3": "8 × 6 · uploaded",
        "Picture 2 of 3": "9 × 6 · uploaded",
        "Picture 3 of 3 for Mastodon": "10 × 6 · uploaded",
    }
    assert checks(card)["attachment"] == "Bluesky shows only pictures 1 and 2."
    assert checks(card)["alt_text"] == "Picture 2 has no words for those who can't see it. Describe what it shows."
    shown = await media(several)
    assert [[m["alt"] for m in shown[one]] for one in (MASTODON, BLUESKY)] == [["A pier", "", "A gull"], ["A pier", ""]]
    assert {"Arrange", "Upload own", "Remove media", "Approve"} <= set(labels(card))


async def test_digests_and_data_urls_may_stand_in_one_text(several: World) -> None:
    card = await several.draft()
    coded = base64.b64encode(a_png(9, 6)).decode()
    given = f"{(await three(several))[0]}\ndata:image/png;base64,{coded}"
    shown = await several.done(button_id(card, "Image"), fields={"upload": given})
    assert [i["width"] for i in images(shown)] == [8, 9]


async def test_one_bad_file_is_named_and_none_is_taken(several: World) -> None:
    card = await several.draft()
    first, second, _ = await three(several)
    given: Any = {"upload": [first, "ff" * 32, second], "alt": "A pier"}
    answer = await several.act(button_id(card, "Image"), fields=given)
    assert told(answer)[:2] == (422, "File 2 of 3: There is no uploaded file with this digest.")
    assert await media(several) == {MASTODON: [], BLUESKY: []}


@pytest.mark.parametrize(
    ("fields", "message", "step", "at"),
    [
        (
            {"upload": ["ab" * 32] * 11},
            "There are 11 files; 10 at once is the most.",
            "Add the others afterwards.",
            "upload",
        ),
        (
            {"upload": ["ab" * 32] * 2, "alt": "One\nTwo\nThree"},
            "There are 3 descriptions for 2 files.",
            "Write one in each line, in the order of the files.",
            "alt",
        ),
    ],
)
async def test_too_much_at_once_is_told_at_its_field(
    several: World, fields: Any, message: str, step: str, at: str
) -> None:
    card = await several.draft()
    answer = await several.act(button_id(card, "Image"), fields=fields)
    assert told(answer) == (422, message, step, at)


async def test_the_order_is_changed_and_what_is_left_out_goes(several: World) -> None:
    card = await pictured(several, alt="One\nTwo\nThree")
    form = (await several.act(button_id(card, "Arrange"))).json()["replies"][0]["form"]
    (field,) = form["fields"]
    assert (form["name"], field["name"], field["value"], field["required"]) == ("arrange", "order", "1, 2, 3", True)
    turned = await several.done(button_id(card, "Arrange"), fields={"order": " 3 1;2 "})
    assert [i["alt"] for i in images(turned)] == ["Three", "One", "Two"]
    assert turned["audit"][-1].startswith("owner arranged the pictures")
    fewer = await several.done(button_id(turned, "Arrange"), fields={"order": "2"})
    assert [i["alt"] for i in images(fewer)] == ["One"]
    assert "Arrange" not in labels(fewer)


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("4", "There is no 4."),
        ("1, 1", "A number stands there twice."),
        ("first, second", "“first, second” is no order."),
        ("-1", "“-1” is no order."),
        ("", "Which should be shown?"),
        ("9" * 60, f"“{'9' * 40}” is no order."),
    ],
)
async def test_an_order_that_is_none_is_told_at_its_field(several: World, order: str, message: str) -> None:
    card = await pictured(several)
    status, said, step, field = told(await several.act(button_id(card, "Arrange"), fields={"order": order}))
    assert (status, said, field) == (422, message, "order")
    assert step
    assert len((await media(several))[MASTODON]) == 3


async def test_each_has_its_own_words_by_number(several: World) -> None:
    card = await pictured(several, alt="One\nTwo\nThree")
    form = (await several.act(button_id(card, "Edit"))).json()["replies"][0]["form"]
    assert [(f["name"], f["title"], f["value"]) for f in form["fields"][2:]] == [
        ("alt", "Description of picture 1", "One"),
        ("alt.2", "Description of picture 2", "Two"),
        ("alt.3", "Description of picture 3", "Three"),
    ]
    said = await several.done(button_id(card, "Edit"), fields={"alt.3": "A gull"})
    assert [i["alt"] for i in images(said)] == ["One", "Two", "A gull"]


async def test_what_is_shown_nowhere_is_said_and_brought_forward(several: World) -> None:
    card = await pictured(several)
    more = await several.done(
        button_id(card, "Upload own"),
        fields={"upload": [(await kept(several, a_png(n, 6)))["digest"] for n in (11, 12)]},
    )
    assert "Picture 5 of 5, shown nowhere" in facts(more)
    assert checks(more)["attachment"] == (
        "Bluesky shows only pictures 1 and 2. Mastodon shows only pictures 1 to 4. "
        "Picture 5 is shown nowhere: Arrange brings it forward or takes it away."
    )
    assert checks(more)["alt_text"] == "Pictures 1 to 4 have no words for those who can't see them. Describe each."
    turned = await several.done(button_id(more, "Arrange"), fields={"order": "5 1"})
    assert [i["width"] for i in images(turned)] == [12, 8]


async def test_the_page_takes_several_files_in_one_form(several: World, signed_in: httpx.AsyncClient) -> None:
    page = await text_of(signed_in, f"/form?id={button_id(await several.draft(), 'Image')}")
    assert 'name="upload"' in page
    assert " multiple " in page
    form = form_on(page, 'name="prompt"')
    sent = [("upload", (f"{n}.png", a_png(*size))) for n, size in enumerate(SIZES)]
    answer = await signed_in.post("/action", data={**form, "alt": "One\nTwo\nThree"}, files=sent)
    assert answer.status_code in {200, 303}, answer.text
    assert [m["alt"] for m in (await media(several))[MASTODON]] == ["One", "Two", "Three"]
    assert list(several.files.workplace().iterdir()) == []


async def test_on_the_page_one_bad_file_leaves_nothing_behind_and_loses_no_words(
    several: World, signed_in: httpx.AsyncClient
) -> None:
    page = await text_of(signed_in, f"/form?id={button_id(await several.draft(), 'Image')}")
    form = form_on(page, 'name="prompt"')
    sent = [("upload", ("a.png", a_png())), ("upload", ("b.mp4", tiny_video()[:-300]))]
    answer = await signed_in.post("/action", data={**form, "alt": "A pier"}, files=sent)
    assert answer.status_code == 422
    assert "File 2 of 2: This video is cut off: its end is missing." in unescape(answer.text)
    assert "A pier" in answer.text
    assert list(several.files.workplace().iterdir()) == []
    assert await media(several) == {MASTODON: [], BLUESKY: []}


async def test_numbers_that_follow_each_other_are_told_as_one_run(several: World) -> None:
    await takes(several, MASTODON, images=6)
    await takes(several, BLUESKY, images=6, document=DocumentLimits(size=100_000))
    card = await several.draft()
    given = [(await kept(several, a_png(n, 6)))["digest"] for n in range(8, 13)]
    card = await several.done(button_id(card, "Image"), fields={"upload": given, "alt": "A\nB\nC"})
    document = (await kept(several, tiny_document()))["digest"]
    both = await several.done(button_id(card, "Upload own"), fields={"upload": document})
    assert checks(both)["attachment"] == "Bluesky shows only document 1. Mastodon shows only pictures 2 to 6."
    turned = await several.done(button_id(both, "Arrange"), fields={"order": "2, 1, 3, 4, 5, 6"})
    assert checks(turned)["attachment"] == (
        "Bluesky and Mastodon show only pictures 1 and 3 to 6. "
        "Document 2 is shown nowhere: Arrange brings it forward or takes it away."
    )


def test_a_painted_picture_among_others_says_in_how_many_sizes_it_is() -> None:
    wide, tall = (
        a_picture(a_media_item(digest=Digest(digit * 64), width=w), "A sea", origin=an_origin())
        for digit, w in (("a", 1600), ("b", 1080))
    )
    own = a_picture(a_media_item(digest=Digest("c" * 64)), "A pier")
    variants = [a_variant(account_id=AccountId(who), media=(own, one)) for who, one in (("m", wide), ("i", tall))]
    slides = (Slide(sizes=(own,)), Slide(sizes=(wide, tall)))
    revision = replace(a_revision(variants=tuple(variants)), slides=slides)
    look = Look(actor=a_person(), zone="UTC", now=NOW, labels={}, proofs={})
    told = [f.text for block in illustrated(revision, look) if isinstance(block, Fields) for f in block.items]
    assert [" in 2 sizes" in one for one in told] == [False, True]
