"""Videos and documents through the doors: uploaded, named by an address, shown on the card, described, removed."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.domain.account import DocumentLimits, VideoLimits
from tests.handlers.test_pictures import facts, images
from tests.handlers.visiting import form_on, text_of
from tests.handlers.world import BLUESKY, MASTODON, World, a_png, button_id, labels, takes
from tests.media_samples import a_pdf, a_video, tiny_video

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx


VIDEO: Final = VideoLimits(size=100_000, seconds=(0.5, 2.0))
ADDRESS: Final = "https://news.example/film.mp4"
LOCATION: Final = b"+52.5200+013.4050/"


@pytest.fixture
async def moving(world: World) -> World:
    """The same desk where one network takes videos and documents, and the other only pictures."""
    await takes(world, MASTODON, video=VIDEO, document=DocumentLimits(size=100_000, pages=5), alt_text=100)
    return world


async def kept(world: World, data: bytes) -> dict[str, Any]:
    answer = await world.client.post("/api/media", content=data)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shown(world: World, data: bytes, **fields: str) -> dict[str, Any]:
    """A draft's card with this file."""
    card = await world.draft()
    digest = (await kept(world, data))["digest"]
    return await world.done(button_id(card, "Image"), fields={"upload": digest, **fields})


def checks(card: Mapping[str, Any]) -> dict[str, str]:
    return {c["name"]: c["text"] for b in card["blocks"] if b["type"] == "checks" for c in b["items"]}


async def media(world: World) -> dict[str, list[dict[str, Any]]]:
    draft = (await world.client.get("/api/drafts/1")).json()
    return {v["account_id"]: v["media"] for v in draft["variants"]}


async def test_a_video_is_kept_with_its_facts(world: World) -> None:
    given = a_video(sound=True, turned=90, size=(96, 48), metadata={"location": LOCATION.decode()}, movflags="")
    found = await kept(world, given)
    assert (found["mime"], found["width"], found["height"], found["pages"]) == ("video/mp4", 48, 96, None)
    assert found["seconds"] == pytest.approx(1.0, abs=0.05)
    played = await world.client.get(found["url"])
    assert (played.status_code, played.headers["content-type"]) == (200, "video/mp4")
    assert (len(played.content), LOCATION in played.content) == (found["size"], False)
    poster = await world.client.get(found["poster"])
    assert poster.headers["content-type"] == "image/jpeg"


async def test_a_video_is_played_in_pieces(world: World) -> None:
    found = await kept(world, tiny_video())
    part = await world.client.get(found["url"], headers={"range": "bytes=10-19"})
    whole = await world.files.get(found["digest"])
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{found['size']}"
    head = await world.client.head(found["url"])
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(found["size"]), b"")
    assert head.headers["accept-ranges"] == "bytes"
    beyond = await world.client.get(found["url"], headers={"range": "bytes=99999999-"})
    assert beyond.status_code == 416


async def test_a_network_fetches_a_video_in_pieces_too(world: World) -> None:
    found = await kept(world, tiny_video())
    path = f"/pulled/{world.services.pulled.token(found['digest'])}"
    part = await world.stranger.get(path, headers={"range": "bytes=0-3", "accept-encoding": "gzip"})
    assert (part.status_code, len(part.content), part.headers["content-type"]) == (206, 4, "video/mp4")
    whole = await world.stranger.get(path, headers={"accept-encoding": "gzip"})
    assert (whole.headers["content-length"], "content-encoding" in whole.headers) == (str(found["size"]), False)
    head = await world.stranger.head(path)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(found["size"]), b"")


async def test_a_document_is_saved_and_not_opened_by_the_page(world: World) -> None:
    found = await kept(world, a_pdf(3))
    assert (found["mime"], found["pages"], found["poster"]) == ("application/pdf", 3, None)
    answer = await world.client.get(found["url"])
    assert (answer.headers["content-type"], answer.headers["content-disposition"]) == ("application/pdf", "attachment")


async def test_a_video_goes_alone_where_it_is_taken(moving: World) -> None:
    card = await shown(moving, tiny_video(), alt="Waves roll in")

    (image,) = images(card)
    assert image["alt"] == "Video: Waves roll in"
    assert facts(card)["Video for Mastodon"] == "0:01 · 64 × 64 · 0.1 MB"
    assert checks(card)["attachment"] == "Bluesky goes out without the video."
    assert "alt" in checks(card)
    assert {"Remove video", "Upload own", "Approve"} <= set(labels(card))
    told = await media(moving)
    assert [(m["mime"], m["alt"], m["poster"]) for m in told[MASTODON]] == [
        ("video/mp4", "Waves roll in", image["url"])
    ]
    assert told[BLUESKY] == []


async def test_others_keep_their_pictures_and_the_card_says_so(moving: World) -> None:
    card = await moving.draft()
    pictured = await moving.done(button_id(card, "Image"), fields={"upload": (await kept(moving, a_png()))["digest"]})
    both = await moving.done(
        button_id(pictured, "Upload own"), fields={"upload": (await kept(moving, tiny_video()))["digest"]}
    )
    assert checks(both)["attachment"] == "Bluesky goes out with the picture instead of the video."
    told = await media(moving)
    assert [m["mime"] for m in told[MASTODON] + told[BLUESKY]] == ["video/mp4", "image/png"]
    assert [i["alt"] for i in images(both)] == ["A video without a description", ""]
    assert "Remove media" in labels(both)
    form = (await moving.act(button_id(both, "Edit"))).json()["replies"][0]["form"]
    assert [f["title"] for f in form["fields"]][2:] == ["Description of video 1", "Description of picture 2"]
    said = await moving.done(button_id(both, "Edit"), fields={"alt": "Waves", "alt.2": "A field"})
    assert [i["alt"] for i in images(said)] == ["Video: Waves", "A field"]


async def test_a_picture_leaves_the_video_while_another_network_takes_it(moving: World) -> None:
    card = await shown(moving, tiny_video())
    both = await moving.done(button_id(card, "Upload own"), fields={"upload": (await kept(moving, a_png()))["digest"]})
    told = await media(moving)
    assert [m["mime"] for m in told[MASTODON] + told[BLUESKY]] == ["video/mp4", "image/png"]
    await takes(moving, BLUESKY, video=VIDEO)
    everywhere = await moving.done(
        button_id(both, "Upload own"), fields={"upload": (await kept(moving, tiny_video()))["digest"]}
    )
    assert checks(everywhere)["attachment"] == (
        "Bluesky and Mastodon show only video 1. "
        "Picture 2 is shown nowhere: Arrange brings it forward or takes it away."
    )
    refused = await moving.act(button_id(everywhere, "Image"), fields={"prompt": "a pier"})
    assert refused.json()["error"]["message"] == "Every network of this draft that takes pictures shows the video."
    more = {"upload": (await kept(moving, a_png()))["digest"]}
    hidden = await moving.done(button_id(everywhere, "Upload own"), fields=more)
    assert (await media(moving))[MASTODON][0]["mime"] == "video/mp4"
    assert checks(hidden)["attachment"] == (
        "Bluesky and Mastodon show only video 1. "
        "Picture 2 is shown nowhere: Arrange brings it forward or takes it away."
    )


async def test_a_made_picture_leaves_the_video_alone(moving: World) -> None:
    card = await shown(moving, tiny_video())
    await moving.done(button_id(card, "Image"), fields={"prompt": "a pier"})
    told = await media(moving)
    assert [m["mime"] for m in told[MASTODON] + told[BLUESKY]] == ["video/mp4", "image/png"]


async def test_a_video_is_taken_away_again(moving: World) -> None:
    card = await shown(moving, tiny_video())
    bare = await moving.done(button_id(card, "Remove video"))
    assert (images(bare), await media(moving)) == ([], {MASTODON: [], BLUESKY: []})
    assert bare["audit"][-1].startswith("owner removed the video")
    assert not {"Remove video", "Remove image", "Upload own"} & set(labels(bare))


async def test_a_video_survives_an_edit_and_a_rewrite(moving: World) -> None:
    card = await shown(moving, tiny_video(), alt="Waves")
    edited = await moving.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": "Look.", "alt": "Long waves"})
    assert [i["alt"] for i in images(edited)] == ["Video: Long waves"]
    rewritten = await moving.done(button_id(edited, "Regenerate"), fields={"wish": "shorter"})
    assert [i["alt"] for i in images(rewritten)] == ["Video: Long waves"]
    assert len((await media(moving))[MASTODON]) == 1


async def test_what_is_over_a_limit_keeps_it_from_being_approved(moving: World) -> None:
    card = await shown(moving, tiny_video(3.0))
    assert "Approve" not in labels(card)
    assert checks(card)["video_too_long"].endswith("The video is 0:03 long; Mastodon takes 0:02. Cut it to 0:02.")
    paper = await shown(moving, a_pdf(8), alt="The report")
    assert checks(paper)["document_pages"].endswith("The document has 8 pages; Mastodon takes 5. Remove 3.")


async def test_a_document_has_a_line_instead_of_a_picture(moving: World) -> None:
    card = await shown(moving, a_pdf(5), alt="The report")
    assert images(card) == []
    assert facts(card)["Document for Mastodon"] == "PDF · 5 pages · 0.1 MB"
    assert "Remove document" in labels(card)
    form = (await moving.act(button_id(card, "Edit"))).json()["replies"][0]["form"]
    assert (form["fields"][-1]["name"], form["fields"][-1]["title"]) == ("alt", "Title of the document")


async def test_where_nobody_takes_it_the_form_says_so(world: World) -> None:
    card = await world.draft()
    digest = (await kept(world, tiny_video()))["digest"]
    answer = await world.act(button_id(card, "Image"), fields={"upload": digest})
    error = answer.json()["error"]
    assert (answer.status_code, error["field"], error["message"]) == (
        422,
        "upload",
        "No network of this draft takes videos.",
    )


async def test_an_address_is_fetched_through_the_form(moving: World) -> None:
    moving.downloads.files[ADDRESS] = tiny_video()
    card = await moving.done(button_id(await moving.draft(), "Image"), fields={"link": f" {ADDRESS} ", "alt": "Waves"})
    assert images(card)[0]["alt"] == "Video: Waves"
    assert moving.downloads.asked == [ADDRESS]


async def test_a_typed_address_is_shown_with_the_draft_of_its_number(moving: World) -> None:
    moving.downloads.files[ADDRESS] = tiny_video()
    await moving.draft()
    (reply,) = (await moving.say(f"image 1 {ADDRESS} Waves at dusk"))["replies"]
    assert reply["kind"] == "show"
    assert images(reply["card"])[0]["alt"] == "Video: Waves at dusk"
    assert moving.downloads.asked == [ADDRESS]


async def test_several_addresses_are_shown_in_their_order_each_with_the_words_behind_it(world: World) -> None:
    for name, height in (("a", 6), ("b", 7)):
        world.downloads.files[f"https://news.example/{name}.png"] = a_png(8, height)
    await world.draft()
    typed = "image 1 https://news.example/b.png The pier https://news.example/a.png Waves"
    (reply,) = (await world.say(typed))["replies"]
    assert [image["alt"] for image in images(reply["card"])] == ["The pier", "Waves"]
    answer = await world.client.post("/api/command", json={"text": f"{typed} https://news.example/gone"})
    assert answer.json()["error"]["message"].startswith("Address 3 of 3: There is nothing at this address")
    (shown,) = (await world.say("show 1"))["replies"]
    assert len(images(shown["card"])) == 2
    many = "image 1" + " https://news.example/a.png" * 11
    answer = await world.client.post("/api/command", json={"text": many})
    assert answer.json()["error"]["message"] == "There are 11 addresses; 10 at once is the most."


async def test_what_was_edited_while_a_file_came_stays(moving: World) -> None:
    moving.downloads.files[ADDRESS] = tiny_video()
    card = await moving.draft()

    async def edit() -> None:
        await moving.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": "Edited meanwhile"})

    moving.downloads.meanwhile = edit
    (reply,) = (await moving.say(f"image 1 {ADDRESS}"))["replies"]
    assert "Edited meanwhile" in str(reply["card"])
    assert images(reply["card"])[0]["alt"] == "A video without a description"


async def test_a_typed_wish_is_painted_and_a_number_alone_asks(world: World) -> None:
    await world.draft()
    (reply,) = (await world.say("image 1 a pier at dusk style=minimal"))["replies"]
    assert (reply["kind"], len(images(reply["card"]))) == ("show", 1)
    task = world.painter.tasks[-1]
    assert ("a pier at dusk" in task.scene, task.style) == (True, "minimal")
    (asked,) = (await world.say("image 1"))["replies"]
    assert (asked["kind"], asked["form"]["name"]) == ("open", "image")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"image {ADDRESS}", "“https://news.example/film.mp4” is no number of a draft."),
        ("image", "Which draft?"),
        (f"image 99 {ADDRESS}", "There is no draft 99."),
        ("image 1 https://news.example/gone", "There is nothing at this address: news.example answered 404."),
        ("image 1 https://news.example/page", "This is a web page, not a picture, video or PDF."),
        ("image 1 https://news.example/logo.svg", "This is a drawing (SVG), which no network takes."),
        (f"image 1 {ADDRESS} style=minimal", "A style is for a picture that is made"),
        ("image 1 a pier style=cubist", "There is no style “cubist”."),
    ],
)
async def test_a_typed_picture_that_can_not_be_is_told(moving: World, text: str, message: str) -> None:
    moving.downloads.files["https://news.example/page"] = b"<!DOCTYPE html><p>Hi"
    moving.downloads.files["https://news.example/logo.svg"] = b'<?xml version="1.0"?>\n<svg xmlns="http://w3.org"/>'
    await moving.draft()
    answer = await moving.client.post("/api/command", json={"text": text})
    assert answer.status_code in {404, 422}
    assert answer.json()["error"]["message"].startswith(message)


async def test_whoever_may_only_look_has_nothing_fetched(moving: World) -> None:
    await moving.draft()
    await moving.say("help", **{"as": "vi"})
    await moving.say("roles vi=viewer")
    answer = await moving.client.post("/api/command", json={"text": f"image 1 {ADDRESS}", "as": "vi"})
    assert answer.status_code == 403
    assert moving.downloads.asked == []


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"link": "https://news.example/gone"}, "link", "There is nothing at this address: news.example answered 404."),
        ({"link": ADDRESS, "upload": "0" * 64}, "link", "A file and an address were given; one of them is enough."),
        ({"link": ADDRESS, "prompt": "a pier"}, "upload", "Either a picture is made as you wish, or your own is used;"),
        ({"upload": "0" * 64}, "upload", "There is no uploaded file with this digest."),
    ],
)
async def test_what_cannot_be_used_is_told_at_its_field(
    moving: World, fields: dict[str, str], field: str, message: str
) -> None:
    answer = await moving.act(button_id(await moving.draft(), "Image"), fields=fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert error["message"].startswith(message)
    (form,) = [r["form"] for r in answer.json()["replies"] if r["kind"] == "open"]
    assert {f["name"]: f["error"] for f in form["fields"]}[field].startswith(message)


async def test_a_video_is_uploaded_on_the_page_and_played_there(moving: World, signed_in: httpx.AsyncClient) -> None:
    path = f"/form?id={button_id(await moving.draft(), 'Image')}"
    form = form_on(await text_of(signed_in, path), 'name="prompt"')
    answer = await signed_in.post("/action", data={**form, "alt": "Waves"}, files={"upload": ("a.bin", tiny_video())})
    assert answer.status_code == 303
    page = unescape(await text_of(signed_in, "/drafts/1"))
    assert '<video src="/api/media/' in page
    assert 'preload="none"' in page
    assert "<figcaption>Video: Waves</figcaption>" in page
    csp = (await signed_in.get("/")).headers["content-security-policy"]
    assert "media-src 'self'" in csp
    edit = await text_of(signed_in, f"/form?id={button_id((await moving.say('show 1'))['replies'][0]['card'], 'Edit')}")
    assert 'class="pictured"' in edit


async def test_an_unusable_file_on_the_page_leaves_nothing_behind(moving: World, signed_in: httpx.AsyncClient) -> None:
    path = f"/form?id={button_id(await moving.draft(), 'Image')}"
    form = form_on(await text_of(signed_in, path), 'name="prompt"')
    answer = await signed_in.post("/action", data=form, files={"upload": ("a.mp4", tiny_video()[:-300])})
    assert answer.status_code == 422
    assert "This video is cut off: its end is missing." in unescape(answer.text)
    assert list(moving.files.workplace().iterdir()) == []
