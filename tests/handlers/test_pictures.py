"""Pictures through the doors: beside a draft, on request, in other styles, one's own, and when none comes."""

from __future__ import annotations

import asyncio
import base64
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from handlers.grammar import Command, parse
from handlers.request import Open, Request, Show, Update
from handlers.views.card import Fields, ImageBlock
from services.domain.actor import PictureMode
from services.domain.errors import InvalidInput, Unavailable
from tests.builders import a_workspace
from tests.fakes.clock import settle
from tests.handlers.world import BLUESKY, Outside, World, a_png, a_spec, button_id, labels, make_world, takes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.views.card import Card

WAITS = "A picture is being made; it takes up to a minute. The card changes by itself."


@pytest.fixture
async def illustrated(world: World) -> World:
    """The same desk, set as it comes: each draft with a picture."""
    await world.store.write(lambda tx: tx.save_workspace(a_workspace(pictures=PictureMode.EACH_DRAFT)))
    return world


def images(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [b for b in card["blocks"] if b["type"] == "image"]


def notes(card: Mapping[str, Any]) -> list[str]:
    return [b["text"] for b in card["blocks"] if b["type"] == "note"]


def checks(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [c for b in card["blocks"] if b["type"] == "checks" for c in b["items"]]


def facts(card: Mapping[str, Any]) -> dict[str, str]:
    return {f["name"]: f["text"] for b in card["blocks"] if b["type"] == "fields" for f in b["items"]}


async def test_a_draft_comes_with_its_picture(illustrated: World) -> None:
    card = await illustrated.draft()

    (image,) = images(card)
    assert (card["state"], card["revision"], image["width"], image["height"]) == ("draft", 2, 1600, 900)
    assert image["alt"] == "Picture 1"
    assert facts(card)["Picture"] == "1600 × 900 · professional · made offline · contrast 9.8:1"
    assert facts(card)["How"] == "Written offline from your brief, without a model"
    assert labels(card)[:5] == ["Approve", "Edit", "Regenerate", "Another", "Schedule"]
    assert {"Style", "Image", "Upload own", "Remove image"} < set(labels(card))
    assert card["audit"][-1].startswith("owner made a picture")
    assert (await illustrated.client.get(image["url"])).headers["content-type"] == "image/png"
    approved = await illustrated.done(button_id(card, "Approve"))
    assert approved["state"] == "approved"


@pytest.mark.parametrize(
    ("text", "revision", "style"),
    [
        ("Ships today picture=no", 1, None),
        ("Ships today picture=minimal for mastodon", 2, "minimal"),
        ("Ships today for mastodon picture=ARTISTIC", 2, "artistic"),
    ],
)
async def test_a_draft_says_what_picture_it_wants(
    illustrated: World, text: str, revision: int, style: str | None
) -> None:
    card = await illustrated.draft(text)
    assert card["revision"] == revision
    assert [t.style.value for t in illustrated.painter.tasks] == ([style] if style else [])
    assert card["blocks"][1]["text"].startswith("Ships today on ")


async def test_a_picture_can_be_asked_for_where_none_is_the_rule(world: World) -> None:
    assert (await world.draft())["revision"] == 1
    assert len(images(await world.draft("Ships today picture=yes"))) == 1
    form = (await world.say("draft"))["replies"][0]["form"]
    card = await world.done(form["action"], fields={"brief": "From a form", "picture": "infographic"})
    assert facts(card)["Picture"].split(" · ")[1] == "infographic"


@pytest.mark.parametrize(
    ("typed", "picture", "brief"),
    [
        ("draft A b picture=off", "no", "A b"),
        ("draft picture=yes A b", "yes", "A b"),
        ("draft A picture=Minimal b", "minimal", "A b"),
        ("draft A brand=x picture=no for mastodon", "no", "A"),
        ("draft Set picture=a.png in the head", "", "Set picture=a.png in the head"),
        ("draft Our picture = good", "", "Our picture = good"),
    ],
)
def test_the_word_is_read_wherever_it_stands(typed: str, picture: str, brief: str) -> None:
    command = parse(typed, ["mastodon"])
    assert isinstance(command, Command)
    assert (command.picture, command.rest) == (picture, brief)


def test_an_unknown_picture_is_told_what_was_meant() -> None:
    with pytest.raises(InvalidInput, match="There is no picture “minimla”") as caught:
        parse("draft A b picture=minimla", ["mastodon"])
    assert (caught.value.field, caught.value.next_step) == ("picture", "Did you mean minimal?")


def shown(card: Card) -> list[str]:
    return [b.label for b in card.buttons]


async def test_the_text_shows_at_once_and_the_picture_edits_it(illustrated: World) -> None:
    gate = illustrated.painter.gate = asyncio.Event()
    outcome = await illustrated.command("draft Ships today", patience=0.0)
    await settle()
    first = await illustrated.client.get("/api/cards")
    card = first.json()["cards"][0]

    assert (outcome.status, card["state"], card["revision"]) == (202, "draft", 1)
    assert WAITS in notes(card)
    assert facts(card)["Status"] == "Picture being made"
    assert not {"Approve", "Image", "Another", "Upload own", "Ask for review"} & set(labels(card))
    assert {"Edit", "Regenerate", "Schedule"} < set(labels(card))

    gate.set()
    await settle()
    card = (await illustrated.client.get("/api/cards")).json()["cards"][0]
    assert (card["revision"], len(images(card)), labels(card)[0]) == (2, 1, "Approve")


async def test_a_picture_on_its_way_is_not_missing() -> None:
    hungry = replace(a_spec("bluesky", "Bluesky"), needs_media=True)
    desk = await make_world(outside=Outside(more=(hungry,)))
    await desk.store.write(lambda tx: tx.save_workspace(a_workspace(pictures=PictureMode.EACH_DRAFT)))
    gate = desk.painter.gate = asyncio.Event()
    desk.painter.then(Unavailable("The painter is out."))

    await desk.command("draft Ships today", patience=0.0)
    await settle()
    waiting = (await desk.client.get("/api/cards")).json()["cards"][0]
    assert facts(waiting)["Status"] == "Picture being made"
    assert not [c for c in checks(waiting) if c["tone"] == "danger"]
    assert "Approve" not in labels(waiting)

    gate.set()
    await settle()
    left = (await desk.client.get("/api/cards")).json()["cards"][0]
    assert facts(left)["Status"] == "Needs a change"
    assert ["Bluesky" in c["text"] for c in checks(left) if c["tone"] == "danger"] == [True]
    for one in (desk.client, desk.stranger):
        await one.aclose()


async def test_approving_too_early_is_refused_with_the_card_as_it_is(illustrated: World) -> None:
    illustrated.painter.gate = asyncio.Event()
    await illustrated.command("draft Ships today", patience=0.0)
    await settle()
    draft = (await illustrated.client.get("/api/drafts")).json()["drafts"][0]
    answer = await illustrated.act(f"cd:1:approve:{draft['id']}:1:{draft['digest'][:8]}")

    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == "A picture is being made, so this can't be approved yet."
    assert [r["kind"] for r in answer.json()["replies"]] == ["whisper", "update"]
    illustrated.painter.gate.set()
    await settle()


async def test_a_broken_painter_never_hurts_the_text(illustrated: World) -> None:
    down = Unavailable("The image model timed out.", next_step="Try again.")
    illustrated.painter.then(down)
    card = await illustrated.draft()

    assert (card["state"], card["revision"], images(card)) == ("draft", 1, [])
    assert notes(card)[0] == "No picture was made. The image model timed out. The text is unchanged. Try again."
    assert labels(card)[:5] == ["Approve", "Edit", "Regenerate", "Image", "Schedule"]
    again = await illustrated.done(button_id(card, "Image"), fields={})
    assert len(images(again)) == 1


async def test_image_makes_what_was_wished_for(world: World) -> None:
    card = await world.draft()
    opened = (await world.press(button_id(card, "Image"))).replies[0]
    assert isinstance(opened, Open)
    assert [(f.name, f.type.value, f.required) for f in opened.form.fields] == [
        ("prompt", "textarea", False),
        ("style", "select", False),
        ("upload", "file", False),
        ("link", "url", False),
        ("alt", "textarea", False),
    ]
    assert [o.value for o in opened.form.fields[1].options] == ["professional", "artistic", "minimal", "infographic"]

    made = await world.done(button_id(card, "Image"), fields={"prompt": "a quiet pier", "style": "artistic"})
    assert [(t.scene, t.style.value) for t in world.painter.tasks] == [("a quiet pier", "artistic")]
    again = await world.done(button_id(made, "Image"), fields={"prompt": "a pier", "style": "minimal", "alt": "A pier"})
    assert (images(again)[0]["alt"], facts(again)["Picture"].split(" · ")[1]) == ("A pier", "minimal")


async def test_another_and_style_begin_from_the_picture_there_is(world: World) -> None:
    card = await world.done(
        button_id(await world.draft(), "Image"), fields={"prompt": "a quiet pier", "style": "minimal"}
    )
    other = await world.done(button_id(card, "Another"))
    opened = (await world.press(button_id(other, "Style"))).replies[0]
    assert isinstance(opened, Open)
    assert [(f.name, f.value, f.required) for f in opened.form.fields] == [("style", "minimal", True)]
    styled = await world.done(button_id(other, "Style"), fields={"style": "Infographic"})

    assert [(t.scene, t.style.value, t.take) for t in world.painter.tasks] == [
        ("a quiet pier", "minimal", 0),
        ("a quiet pier", "minimal", 1),
        ("a quiet pier", "infographic", 0),
    ]
    assert len({images(c)[0]["url"] for c in (card, other, styled)}) == 3


async def test_ones_own_picture_takes_the_place_of_a_made_one(illustrated: World) -> None:
    data = "data:image/png;base64," + base64.b64encode(a_png()).decode()
    card = await illustrated.draft()
    own = await illustrated.done(button_id(card, "Upload own"), fields={"upload": data, "alt": "Waves"})

    assert [(i["alt"], i["width"]) for i in images(own)] == [("Waves", 8)]
    assert facts(own)["Picture"] == "8 × 6 · uploaded"
    assert labels(own)[3] == "Image"
    assert not {"Another", "Style"} & set(labels(own))
    bare = await illustrated.done(button_id(own, "Remove image"))
    assert images(bare) == []
    assert not {"Upload own", "Remove image"} & set(labels(bare))
    through_image = await illustrated.done(button_id(bare, "Image"), fields={"upload": data, "alt": "Waves"})
    assert images(through_image)[0]["alt"] == "Waves"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"style": "watercolour"}, "style", "There is no style “watercolour”."),
        ({"prompt": "x" * 501}, "prompt", "The wish has 501 characters; 500 is the most."),
        ({"alt": "Waves"}, "upload", "A file is missing."),
        ({"prompt": "a pier", "upload": "data:,"}, "upload", "Either a picture is made as you wish, or your own"),
    ],
)
async def test_a_wrong_wish_comes_back_in_its_form(
    world: World, fields: dict[str, str], field: str, message: str
) -> None:
    card = await world.draft()
    answer = await world.act(button_id(card, "Image"), fields=fields)

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert answer.json()["error"]["message"].startswith(message)
    form = next(r["form"] for r in answer.json()["replies"] if r["kind"] == "open")
    refilled = {f["name"]: f for f in form["fields"]}
    assert refilled[field]["error"].startswith(message)
    assert {n: refilled[n]["value"] for n in fields if n != "upload"} == {
        n: v for n, v in fields.items() if n != "upload"
    }
    assert world.painter.tasks == []


async def test_a_style_must_be_named(world: World) -> None:
    card = await world.done(button_id(await world.draft(), "Image"), fields={"style": "minimal"})
    answer = await world.act(button_id(card, "Style"), fields={"style": ""})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "style")


async def test_the_page_does_not_wait_for_a_slow_painter(world: World) -> None:
    card = await world.draft()
    gate = world.painter.gate = asyncio.Event()
    actor = await world.actor()
    asked = Request(actor=actor, action=button_id(card, "Image"), fields={"prompt": "", "upload": ()}, patience=2.0)
    waiting = asyncio.create_task(world.door.dispatcher.handle(asked))
    await world.clock.advance(2)
    outcome = await waiting

    reply = outcome.replies[0]
    assert isinstance(reply, Update)
    assert (outcome.status, reply.card.working, reply.card.revision) == (202, True, 1)
    gate.set()
    await settle()
    fresh = (await world.command(f"show {reply.card.draft_id}")).replies[0]
    assert isinstance(fresh, Show)
    assert (fresh.card.working, fresh.card.revision) == (False, 2)
    assert [type(b) for b in fresh.card.blocks if isinstance(b, (ImageBlock, Fields))] == [Fields, ImageBlock, Fields]


async def test_pictures_are_a_setting(world: World) -> None:
    async def stated(text: str) -> str:
        card = (await world.say(text))["replies"][0]["card"]
        return facts(card)["Pictures"]

    assert await stated("settings") == "only when asked"
    assert await stated("settings pictures with each draft") == "with each draft"
    assert len(images(await world.draft())) == 1
    assert await stated("settings pictures off") == "only when asked"
    form = (await world.press("cd:1:settings:0:0:-")).replies[0]
    assert isinstance(form, Open)
    await world.done(form.form.action, fields={"pictures": "each_draft"})
    assert await stated("settings") == "with each draft"
    wrong = await world.client.post("/api/command", json={"text": "settings pictures sometimes"})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "pictures")


async def test_a_picture_of_ones_own_is_fitted_where_a_network_wants_another_shape_or_kind(world: World) -> None:
    await takes(world, BLUESKY, image_ratio=(0.8, 1.91), image_types=("image/jpeg",))
    card = await world.draft()
    data = "data:image/png;base64," + base64.b64encode(a_png(90, 160)).decode()
    own = await world.done(button_id(card, "Image"), fields={"upload": data, "alt": "Waves"})

    assert [(i["width"], i["height"], i["alt"]) for i in images(own)] == [(90, 112, "Waves"), (90, 160, "Waves")]
    told = facts(own)
    assert told["Picture for Mastodon"] == "90 × 160 · uploaded"
    assert told["Picture for Bluesky"] == "90 × 112 · uploaded · cropped to 4:5, as a JPEG"
    assert "Approve" in labels(own)
    shown = await world.client.get(images(own)[0]["url"])
    assert shown.headers["content-type"] == "image/jpeg"
    said = await world.done(button_id(own, "Edit"), fields={"alt": "Long waves"})
    assert [i["alt"] for i in images(said)] == ["Long waves", "Long waves"]


async def test_a_made_picture_is_fitted_too(world: World) -> None:
    await takes(world, BLUESKY, image_ratio=(0.8, 1.5))
    card = await world.done(button_id(await world.draft(), "Image"), fields={"prompt": "a pier"})
    assert facts(card)["Picture for Bluesky"].endswith("· cropped to 3:2")
    assert "Approve" in labels(card)


async def test_what_cannot_be_fitted_keeps_it_from_being_approved(world: World) -> None:
    await takes(world, BLUESKY, image_types=("image/jpeg",))
    card = await world.draft()
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    data = "data:image/gif;base64," + base64.b64encode(out.getvalue()).decode()
    own = await world.done(button_id(card, "Image"), fields={"upload": data, "alt": "Waves"})
    assert "Approve" not in labels(own)
    assert any(
        "does not take GIF pictures" in c["text"] for b in own["blocks"] if b["type"] == "checks" for c in b["items"]
    )


async def test_each_of_several_files_has_the_words_of_its_line_and_an_empty_line_has_none(world: World) -> None:
    digests = [(await world.client.post("/api/media", content=a_png(8, n))).json()["digest"] for n in (5, 6, 7)]
    button = button_id(await world.draft(), "Image")
    answer = await world.act(button, fields={"upload": digests, "alt": "One\nTwo\nThree\nFour"})
    error = answer.json()["error"]
    assert (error["field"], error["message"]) == ("alt", "There are 4 descriptions for 3 files.")
    card = await world.done(button, fields={"upload": digests, "alt": "\nTwo\n\n"})
    assert [image["alt"] for image in images(card)] == ["", "Two", ""]
