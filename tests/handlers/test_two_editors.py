"""Two people at one draft, and other ways in which what was typed could get lost: it never does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handlers.request import Request
from services import ledger
from services.domain.errors import Unavailable
from services.domain.ids import DraftId
from services.domain.post import DraftState
from tests.handlers.world import BLUESKY, MASTODON, World, a_png, button_id, labels, takes

if TYPE_CHECKING:
    import httpx

    from services.ports.storage import Transaction

M, B = f"text.{MASTODON}", f"text.{BLUESKY}"


def form_of(answer: httpx.Response) -> dict[str, Any]:
    """The form among the replies."""
    found: dict[str, Any] = next(r["form"] for r in answer.json()["replies"] if r["kind"] == "open")
    return found


def fields(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f["name"]: f for f in form["fields"]}


async def both(world: World, first: dict[str, str], second: dict[str, str]) -> httpx.Response:
    """Bo and Cy open the same form; Bo saves first."""
    edit = button_id(await world.draft("We ship"), "Edit")
    await world.done(edit, **{"as": "Bo"}, fields=first)
    await world.clock.advance(60)
    answer = await world.act(edit, **{"as": "Cy"}, fields=second)
    assert answer.status_code == 409, answer.text
    return answer


async def test_the_slower_one_keeps_every_word_and_sees_the_other_text(world: World) -> None:
    answer = await both(world, {M: "We ship on Monday"}, {M: "We ship on Friday"})
    form = form_of(answer)
    field = fields(form)[M]
    assert (field["value"], field["theirs"]) == ("We ship on Friday", "We ship on Monday")
    assert field["note"] == "You and Bo both changed this."
    assert form["clash"] == {"by": "Bo", "verb": "edited", "when": "at 10:00", "revision": 2}
    assert form["note"] == (
        "Bo edited this draft at 10:00, while you were writing: it is version 2 now. "
        "Nothing of yours is saved yet, and nothing is lost."
    )
    assert (await world.services.board.draft(DraftId("1"))).revisions == 2


async def test_the_same_form_saves_mine_over_it_as_a_new_version(world: World) -> None:
    form = form_of(await both(world, {M: "We ship on Monday"}, {M: "We ship on Friday"}))
    values = {name: f["value"] for name, f in fields(form).items()}
    saved = await world.done(form["action"], **{"as": "Cy"}, fields=values)
    assert saved["revision"] == 3
    texts = {b["account_id"]: b["text"] for b in saved["blocks"] if b["type"] == "variant"}
    assert texts[MASTODON] == "We ship on Friday"
    versions = await world.services.board.revisions(DraftId("1"))
    assert [t.text for v in versions for t in v.variants if t.account_id == MASTODON] == [
        "We ship on Mastodon",
        "We ship on Monday",
        "We ship on Friday",
    ]


async def test_what_only_one_changed_is_taken_from_that_one(world: World) -> None:
    old = {M: "We ship on Mastodon", B: "We ship on Bluesky"}
    answer = await both(world, {**old, B: "Bo's Bluesky"}, {**old, M: "Cy's Mastodon"})
    found = fields(form_of(answer))
    assert (found[M]["value"], found[M]["theirs"], found[M]["note"]) == (
        "Cy's Mastodon",
        None,
        "Only you changed this.",
    )
    assert (found[B]["value"], found[B]["theirs"]) == ("Bo's Bluesky", None)
    assert found[B]["note"] == "Bo changed this and you did not, so it is theirs."


async def test_the_same_words_from_both_are_no_clash(world: World) -> None:
    found = fields(form_of(await both(world, {M: "We ship on Friday"}, {M: " We ship on Friday\r\n"})))
    assert (found[M]["value"], found[M]["theirs"], found[M]["note"]) == ("We ship on Friday", None, "")


async def test_a_third_one_in_between_is_told_again(world: World) -> None:
    form = form_of(await both(world, {M: "Bo's"}, {M: "Cy's"}))
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    await world.done(button_id(card, "Edit"), **{"as": "Di"}, fields={M: "Di's"})
    again = await world.act(form["action"], **{"as": "Cy"}, fields={M: "Cy's"})
    assert again.status_code == 409
    assert (fields(form_of(again))[M]["value"], fields(form_of(again))[M]["theirs"]) == ("Cy's", "Di's")
    assert form_of(again)["clash"]["by"] == "Di"


async def test_words_for_another_picture_are_not_taken_over(world: World) -> None:
    card = await world.draft()
    first = await world.client.post("/api/media", files={"file": ("a.png", a_png(), "image/png")})
    second = await world.client.post("/api/media", files={"file": ("b.png", a_png(9, 9), "image/png")})
    card = await world.done(button_id(card, "Image"), fields={"upload": first.json()["digest"], "alt": "A red field"})
    edit = button_id(card, "Edit")
    bare = await world.done(button_id(card, "Remove image"))
    await world.done(button_id(bare, "Image"), fields={"upload": second.json()["digest"], "alt": "A red square"})
    found = fields(form_of(await world.act(edit, fields={"alt": "A field in red"})))
    assert found["alt"]["value"] == "A red square"
    assert found["alt"]["note"] == "The picture is another one now. For the old one you wrote: “A field in red”"


async def several(world: World) -> tuple[dict[str, Any], list[str]]:
    """A card with three pictures, and the digests of five."""
    await takes(world, MASTODON, images=5)
    files = [("file", (f"{n}.png", a_png(n, 9), "image/png")) for n in range(8, 13)]
    digests = [(await world.client.post("/api/media", files=[file])).json()["digest"] for file in files]
    given: dict[str, Any] = {"upload": digests[:3], "alt": "One\nTwo\nThree"}
    return await world.done(button_id(await world.draft(), "Image"), fields=given), digests


async def test_a_description_stays_with_its_picture_wherever_somebody_put_it(world: World) -> None:
    card, digests = await several(world)
    turned = await world.done(button_id(card, "Arrange"), **{"as": "Bo"}, fields={"order": "3, 1, 2"})
    await world.done(button_id(turned, "Upload own"), **{"as": "Bo"}, fields={"upload": digests[3], "alt": "Four"})
    typed = {"alt": "The first", "alt.2": "Two", "alt.3": "Three"}
    answer = await world.act(button_id(card, "Edit"), **{"as": "Cy"}, fields=typed)
    assert [(n, f["value"], f["note"]) for n, f in fields(form_of(answer)).items() if n.startswith("alt")] == [
        ("alt", "Three", ""),
        ("alt.2", "The first", "Only you changed this."),
        ("alt.3", "Two", ""),
        ("alt.4", "Four", ""),
    ]
    assert not any(r["card"] and r["card"]["state"] == "kept" for r in answer.json()["replies"])


async def test_words_for_what_somebody_took_away_are_given_back_to_copy(world: World) -> None:
    card, _ = await several(world)
    await world.done(button_id(card, "Arrange"), **{"as": "Bo"}, fields={"order": "3"})
    typed = {"alt": "The first", "alt.2": "Two", "alt.3": "The third"}
    answer = await world.act(button_id(card, "Edit"), **{"as": "Cy"}, fields=typed)
    assert fields(form_of(answer))["alt"]["value"] == "The third"
    kept = [r["card"] for r in answer.json()["replies"] if r["card"] and r["card"]["state"] == "kept"]
    assert [b["text"] for one in kept for b in one["blocks"]] == ["The first"]


async def test_a_published_draft_gives_the_words_back_to_copy(world: World) -> None:
    edit = button_id(await world.draft(), "Edit")

    def archive(tx: Transaction) -> None:
        tx.drafts.save(replace(ledger.find(tx, DraftId("1")), state=DraftState.ARCHIVED))

    await world.store.write(archive)
    answer = await world.act(edit, fields={M: "Hours of work"})
    assert answer.status_code == 409
    kept = [r["card"] for r in answer.json()["replies"] if r["card"] and r["card"]["state"] == "kept"]
    assert [b["text"] for b in kept[0]["blocks"]] == ["Hours of work"]
    assert not any(r["kind"] == "open" for r in answer.json()["replies"])


async def test_while_it_is_rewritten_the_form_comes_back_and_waits(world: World) -> None:
    card = await world.draft()
    world.model.gate = asyncio.Event()
    asked = Request(
        actor=await world.actor(), action=button_id(card, "Regenerate"), fields={"wish": "shorter"}, patience=0.0
    )
    await world.door.dispatcher.handle(asked)
    answer = await world.act(button_id(card, "Edit"), fields={M: "Kept"})
    world.model.gate.set()
    await world.door.tasks.drain(5.0)
    assert answer.status_code == 409
    form = form_of(answer)
    assert fields(form)[M]["value"] == "Kept"
    assert form["clash"] is None
    assert form["note"] == "This draft is being written just now. Your text is kept here: save it again in a moment."


async def test_a_reason_for_an_old_version_is_given_back(world: World) -> None:
    card = await world.draft()
    await world.done(button_id(card, "Edit"), fields={M: "Newer"})
    answer = await world.act(button_id(card, "Reject"), fields={"reason": "Too salesy, and here is why"})
    kept = [r["card"] for r in answer.json()["replies"] if r["card"] and r["card"]["state"] == "kept"]
    assert kept[0]["blocks"][0]["text"] == "Too salesy, and here is why"


async def test_a_text_without_end_comes_back_whole(world: World) -> None:
    card = await world.draft()
    endless = "a" * 40_001
    answer = await world.act(button_id(card, "Edit"), fields={M: endless})
    assert answer.status_code == 422
    field = fields(form_of(answer))[M]
    assert field["value"] == endless
    assert field["error"] == "The text has 40,001 characters; 40,000 is the most."


async def test_a_text_without_end_for_an_old_version_is_not_lost_either(world: World) -> None:
    edit = button_id(await world.draft(), "Edit")
    await world.done(edit, **{"as": "Bo"}, fields={M: "Bo's"})
    endless = "a" * 40_001
    answer = await world.act(edit, **{"as": "Cy"}, fields={M: endless})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "The text has 40,001 characters; 40,000 is the most."
    kept = [r["card"] for r in answer.json()["replies"] if r["card"] and r["card"]["state"] == "kept"]
    assert [b["text"] for b in kept[0]["blocks"]] == [endless]


async def test_a_broken_disk_gives_the_form_back(world: World) -> None:
    card = await world.draft()
    world.store.refuse_writes = Unavailable("The disk is full.")
    answer = await world.act(button_id(card, "Edit"), fields={M: "Kept in spite of it"})
    assert answer.status_code == 503
    assert fields(form_of(answer))[M]["value"] == "Kept in spite of it"
    world.store.refuse_writes = None
    saved = await world.done(form_of(answer)["action"], fields={M: "Kept in spite of it"})
    assert saved["revision"] == 2
    assert "Approve" in labels(saved)


async def test_one_person_in_two_windows_is_not_told_of_somebody_else(world: World) -> None:
    edit = button_id(await world.draft("We ship"), "Edit")
    await world.done(edit, fields={M: "From the one"})
    form = form_of(await world.act(edit, fields={M: "From the other", B: "Only here"}))
    assert form["title"] == "You changed draft 1 elsewhere"
    assert form["note"].startswith("You edited this draft elsewhere at 10:00, while you were writing:")
    assert fields(form)[M]["note"] == "Changed in both places."
    assert fields(form)[B]["note"] == "Only changed here."
    assert form["clash"]["by"] == "owner"
