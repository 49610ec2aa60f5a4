"""The words thread and adapt, the button Adapt, and the sentences that refuse them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from handlers.request import Open, Show
from services.domain.errors import Unavailable
from tests.handlers.world import BLUESKY, MASTODON, World, button_id, labels

if TYPE_CHECKING:
    from handlers.request import Outcome


def variants(card: dict[str, Any]) -> dict[str, list[str]]:
    return {b["platform"]: b["parts"] for b in card["blocks"] if b["type"] == "variant"}


def form_of(outcome: Outcome) -> Open:
    return next(r for r in outcome.replies if isinstance(r, Open))


async def test_a_thread_has_the_usual_five_posts_or_as_many_as_asked(world: World) -> None:
    card = (await world.say("thread Our bill"))["replies"][0]["card"]
    assert {p: len(parts) for p, parts in variants(card).items()} == {"mastodon": 5, "bluesky": 5}
    card = (await world.say("thread Our bill parts=3 for mastodon"))["replies"][0]["card"]
    assert variants(card) == {"mastodon": [f"Our bill, post {n} on Mastodon" for n in (1, 2, 3)]}
    card = (await world.say("draft Our bill parts=2 for bluesky tone=dry"))["replies"][0]["card"]
    assert len(variants(card)["bluesky"]) == 2
    assert world.model.tasks[-1].brief.tone == "dry"


async def test_a_regenerated_thread_keeps_its_posts_unless_the_wish_says_otherwise(world: World) -> None:
    card = (await world.say("thread Our bill parts=3 for mastodon"))["replies"][0]["card"]
    card = await world.done(button_id(card, "Regenerate"), fields={"wish": "plainer"})
    assert len(variants(card)["mastodon"]) == 3
    card = await world.done(button_id(card, "Regenerate"), fields={"wish": "as a thread of 4"})
    assert len(variants(card)["mastodon"]) == 4
    card = await world.done(button_id(card, "Regenerate"), fields={"wish": "one post"})
    assert variants(card)["mastodon"] == []


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("many", "“many” is no number of posts."),
        ("0", "A thread has 2 to 15 posts, not 0."),
        ("16", "A thread has 2 to 15 posts, not 16."),
        ("99999", "“99999” is no number of posts."),
    ],
)
async def test_a_wrong_number_of_posts_is_said_at_its_field(world: World, parts: str, message: str) -> None:
    outcome = await world.command(f"thread Our bill parts={parts} tone=dry for mastodon")
    assert outcome.status == 422
    assert outcome.error is not None
    assert (outcome.error.field, outcome.error.message) == ("parts", message)
    fields = {f.name: f for f in form_of(outcome).form.fields}
    assert (fields["brief"].value, fields["parts"].value, fields["tone"].value) == ("Our bill", parts, "dry")
    assert (fields["parts"].error, fields["brief"].error) == (message, "")


async def test_the_form_for_a_brief_asks_for_posts_and_tone(world: World) -> None:
    form = form_of(await world.command("thread")).form
    assert {f.name: f.value for f in form.fields}["parts"] == "5"
    plain = form_of(await world.command("draft")).form
    assert {f.name: f.value for f in plain.fields}["parts"] == "1"
    typed = {"brief": "Our bill", "parts": "3", "tone": "dry", "networks": "mastodon"}
    card = await world.done(form.action, fields=typed)
    assert len(variants(card)["mastodon"]) == 3
    assert world.model.tasks[-1].brief.tone == "dry"


async def test_adapt_makes_a_new_draft_by_command(world: World) -> None:
    old = (await world.say("draft Our bill for mastodon"))["replies"][0]["card"]
    outcome = await world.command("adapt 1 for bluesky\n\nName the team.")
    assert outcome.status == 200
    (reply,) = outcome.replies
    assert isinstance(reply, Show)
    assert reply.card.draft_id == "2"
    assert reply.card.audit[0].startswith("owner adapted from draft 1 · ")
    task = world.model.tasks[-1]
    assert [t.account_id for t in task.targets] == [BLUESKY]
    assert (task.brief.source, task.wish) == ("Our bill on Mastodon", "Name the team.")
    again = (await world.say("show 1"))["replies"][0]["card"]
    assert again == old


async def test_adapt_by_its_button_asks_for_networks(world: World) -> None:
    card = (await world.say("draft Our bill for mastodon"))["replies"][0]["card"]
    opened = (await world.act(button_id(card, "Adapt"))).json()["replies"][0]
    fields = {f["name"]: f for f in opened["form"]["fields"]}
    assert (opened["form"]["name"], list(fields)) == ("adapt", ["networks", "wish"])
    assert (fields["networks"]["value"], fields["networks"]["required"]) == ("bluesky", True)
    made = await world.done(button_id(card, "Adapt"), fields={"networks": "bluesky", "wish": "plainer"})
    assert (made["draft_id"], world.model.tasks[-1].wish) == ("2", "plainer")


async def test_the_form_offers_whose_text_when_there_are_several(world: World) -> None:
    card = await world.draft()
    opened = (await world.act(button_id(card, "Adapt"))).json()["replies"][0]
    fields = {f["name"]: f for f in opened["form"]["fields"]}
    assert [o["value"] for o in fields["source"]["options"]] == ["", "@driftseas.test", "@driftseas@social.test"]
    made = await world.done(
        button_id(card, "Adapt"), fields={"networks": "mastodon, bluesky", "source": "@driftseas.test"}
    )
    assert world.model.tasks[-1].brief.source == "Ships today on Bluesky"
    assert {t.account_id for t in world.model.tasks[-1].targets} == {MASTODON, BLUESKY}
    assert made["draft_id"] == "2"


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("adapt", 422, "Which draft?"),
        ("adapt twelve for bluesky", 422, "“twelve” is no number of a draft."),
        ("adapt 77 for bluesky", 404, "There is no draft 77."),
        ("adapt 1", 422, "No network is named to adapt it for."),
        ("adapt 1 for orkut", 422, "I don't know a network called “orkut”."),
        ("adapt 1 for mastodon", 422, "Draft 1 is written for Mastodon already, and for nothing else."),
        ("adapt 1 for bluesky from orkut", 422, "Draft 1 has no text for “orkut”."),
        ("adapt 1 for bluesky parts=x", 422, "“x” is no number of posts."),
    ],
)
async def test_what_adapt_can_not_do_is_said(world: World, text: str, status: int, message: str) -> None:
    await world.say("draft Our bill for mastodon")
    outcome = await world.command(text)
    assert outcome.status == status
    assert outcome.error is not None
    assert outcome.error.message == message
    assert outcome.error.next_step
    assert len(world.model.tasks) == 1


async def test_a_network_that_is_not_there_comes_back_in_the_form(world: World) -> None:
    await world.say("draft Our bill for mastodon")
    form = form_of(await world.command("adapt 1 for orkut\n\nplainer")).form
    fields = {f.name: f for f in form.fields}
    assert (form.name, fields["networks"].value, fields["wish"].value) == ("adapt", "orkut", "plainer")
    assert fields["networks"].error == "I don't know a network called “orkut”."


async def test_adapt_is_for_those_who_write_and_for_what_is_written(world: World) -> None:
    card = (await world.say("draft Our bill for mastodon"))["replies"][0]["card"]
    await world.actor("vic")
    await world.say("roles vic=viewer")
    outcome = await world.command("adapt 1 for bluesky", "vic")
    assert outcome.status == 403
    assert "Adapt" in labels(card)
    shown = (await world.say("show 1", **{"as": "vic"}))["replies"][0]["card"]
    assert "Adapt" not in labels(shown)
    archived = await world.done(button_id(card, "Archive"))
    assert labels(archived) == ["Duplicate", "Adapt"]


async def test_a_failed_adaptation_keeps_its_source_and_can_be_tried_again(world: World) -> None:
    await world.say("draft Our bill for mastodon")
    world.model.fail = Unavailable("The writing model timed out after 30 s.")
    failed = (await world.say("adapt 1 for bluesky"))["replies"][0]["card"]
    assert "Approve" not in labels(failed)
    assert "timed out" in str(failed["blocks"])
    world.model.fail = None
    await world.done(button_id(failed, "Try again"))
    assert world.model.tasks[-1].brief.source == "Our bill on Mastodon"
