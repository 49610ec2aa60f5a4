"""The other commands, and the sentences that refuse them."""

from __future__ import annotations

import pytest

from handlers.desk import Proofreader
from handlers.grammar import Word
from handlers.problems import STATUS, status_of
from handlers.request import Open, Show, Whisper
from handlers.routes import ACTIONS, COMMANDS
from handlers.views.actions import ACTS, Verb, parse_action
from handlers.views.card import Fields
from services.domain.errors import DeskError, InvalidInput, NotFound
from tests.handlers.world import World, button_id


def test_every_word_and_verb_leads_somewhere() -> None:
    assert set(COMMANDS) == set(Word)
    assert set(ACTIONS) == set(Verb) - {Verb.RUN}
    for verb, act in ACTS.items():
        assert (ACTIONS[verb].form, ACTIONS[verb].permission) == (act.form, act.permission)
        assert (ACTIONS[verb].ask is None) == (act.form is None)


def test_every_error_has_its_number() -> None:
    from services.domain import errors

    named = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, DeskError)]
    assert [c for c in named if c is not DeskError and not any(k in STATUS for k in c.__mro__)] == []
    assert status_of(NotFound("x")) == 404
    assert status_of(DeskError("x")) == 500


async def whisper(world: World, text: str, actor: str = "owner") -> tuple[str, dict[str, str]]:
    outcome = await world.command(text, actor)
    assert outcome.status == 200, outcome.error
    reply = outcome.replies[0]
    assert isinstance(reply, Whisper)
    facts = {f.name: f.text for b in reply.card.blocks if isinstance(b, Fields) for f in b.items}
    return reply.card.title, facts


async def refused(world: World, text: str, actor: str = "owner") -> DeskError:
    outcome = await world.command(text, actor)
    assert outcome.error is not None
    return outcome.error


async def test_the_queue_has_four_views(world: World) -> None:
    await world.draft("Mine")
    await world.say("draft Of Bo", **{"as": "Bo"})
    assert list((await whisper(world, "queue"))[1]) == ["Draft 2", "Draft 1"]
    assert list((await whisper(world, "queue mine"))[1]) == ["Draft 1"]
    assert list((await whisper(world, "queue mine", "Bo"))[1]) == ["Draft 2"]
    assert list((await whisper(world, "queue review"))[1]) == ["Draft 2", "Draft 1"]
    assert (await whisper(world, "queue scheduled"))[1] == {}
    assert (await refused(world, "queue mien")).next_step == "Did you mean: queue mine?"


async def test_a_list_is_of_those_it_is_about_however_many_others_are_newer(world: World) -> None:
    await world.draft("Mine")
    for number in range(21):
        await world.say(f"draft Of Bo {number}", **{"as": "Bo"})
    assert list((await whisper(world, "queue mine"))[1]) == ["Draft 1"]


async def test_the_next_to_go_out_are_listed_not_the_newest(world: World) -> None:
    for number in range(21):
        card = await world.done(button_id(await world.draft(f"Number {number}"), "Approve"))
        await world.done(button_id(card, "Schedule"), fields={"when": f"2026-03-03T09:{number:02}+01:00"})
    assert list((await whisper(world, "queue scheduled"))[1]) == [f"Draft {n}" for n in range(1, 21)]


@pytest.mark.parametrize("minutes", ["9" * 5000, "٣" * 5000])
async def test_a_number_without_end_is_refused_in_words(world: World, minutes: str) -> None:
    error = await refused(world, f"settings late {minutes}")
    assert (type(error), error.field) == (InvalidInput, "late_minutes")


async def test_a_version_without_end_is_refused_in_words(world: World) -> None:
    card = await world.draft("One")
    restore = parse_action(button_id(card, "Edit")).to(Verb.RESTORE).encode()
    outcome = await world.press(restore, fields={"version": "9" * 5000})
    assert outcome.error is not None
    assert (outcome.status, outcome.error.field) == (422, "version")


async def test_show_finds_by_number_and_by_words(world: World) -> None:
    await world.draft("Office hours on Thursday")
    await world.draft("Office party")
    for text in ("show 1", "show #1", "show thursday"):
        reply = (await world.command(text)).replies[0]
        assert isinstance(reply, Show)
        assert reply.card.card_id == "draft-1"
    assert list((await whisper(world, "show office"))[1]) == ["Draft 2", "Draft 1"]
    assert (await refused(world, "show nothing like it")).code == "not_found"
    opened = await world.press("cd:1:show:2:0:-")
    assert isinstance(opened.replies[0], Show)


async def test_show_prints_the_log_of_deliveries(world: World) -> None:
    approved = await world.done(button_id(await world.draft(), "Approve"))
    await world.done(button_id(approved, "Publish now"))
    replies = (await world.command("show 1")).replies
    assert isinstance(replies[1], Whisper)
    assert replies[1].card.state == "log"
    assert "publishes it now" in str(replies[1].card.blocks)


async def test_a_draft_is_planned_by_command(world: World) -> None:
    await world.draft()
    title, _ = await whisper(world, "schedule 1 tomorrow 9am")
    assert title == "“tomorrow 9am” is Tue 3 Mar 2026 09:00 (Europe/Berlin)"
    assert (await refused(world, "schedule 1 whenever")).field == "when"
    assert (await refused(world, "schedule 9 tomorrow 9am")).code == "not_found"


async def test_settings_show_and_change(world: World) -> None:
    assert (await whisper(world, "settings"))[1]["Four eyes"] == "off"
    assert (await whisper(world, "settings four-eyes on"))[1]["Four eyes"] == "on: the author may not approve"
    assert (await whisper(world, "settings zone america/new_york"))[1]["Your zone"] == "America/New_York"
    assert (await world.actor()).zone == "America/New_York"
    assert (await refused(world, "settings zone Nowhere")).field == "zone"
    assert (await refused(world, "settings four-eyes maybe")).field == "four_eyes"
    assert (await refused(world, "settings colour red")).code == "invalid_input"
    assert (await refused(world, "settings four-eyes off", "Bo")).code == "forbidden"
    opened = (await world.press("cd:1:settings:0:0:-")).replies[0]
    assert isinstance(opened, Open)
    assert [f.name for f in opened.form.fields] == ["zone", "four_eyes", "submit_required", "late_minutes", "pictures"]
    saved = await world.press("cd:1:settings:0:0:-", fields={"zone": "UTC", "four_eyes": "off", "late_minutes": "90"})
    assert saved.status == 200
    assert (await world.actor()).zone == "UTC"
    assert (await whisper(world, "settings"))[1]["Late posts"] == "held when more than 90 minutes late"


async def test_review_and_lateness_are_switches_too(world: World) -> None:
    assert (await whisper(world, "settings review on"))[1]["Review"] == "asked for before approval"
    assert (await whisper(world, "settings late 45"))[1]["Late posts"] == "held when more than 45 minutes late"
    assert (await refused(world, "settings late soon")).field == "late_minutes"
    assert (await refused(world, "settings late 0")).field == "late_minutes"
    assert (await refused(world, "settings review maybe")).field == "submit_required"
    assert (await refused(world, "settings late 5", "Bo")).code == "forbidden"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("roles bo=emperor", "invalid_input"),
        ("roles nobody=viewer", "not_found"),
        ("roles owner=viewer", "conflict"),
        ("roles gibberish", "invalid_input"),
    ],
)
async def test_roles_that_cannot_be_given(world: World, text: str, code: str) -> None:
    await world.actor("Bo")
    assert (await refused(world, text)).code == code


async def test_roles_are_given_by_admins(world: World) -> None:
    await world.actor("Bo")
    assert (await refused(world, "roles owner=admin", "Bo")).code == "forbidden"
    assert (await whisper(world, "roles bo=author"))[1]["Bo"] == "author · Europe/Berlin"
    assert (await whisper(world, "accounts", "Bo"))[0] == "Accounts"


async def test_a_viewer_may_look_but_not_write(world: World) -> None:
    await world.actor("Vi")
    await world.command("roles Vi=viewer")
    assert (await refused(world, "draft Hello", "Vi")).code == "forbidden"
    card = await world.draft()
    for label in ("Edit", "Schedule", "Regenerate", "Image"):
        opened = await world.press(button_id(card, label), "Vi")
        assert opened.status == 403
    assert (await world.command("queue", "Vi")).status == 200


async def test_a_text_too_long_for_a_button_comes_back_in_the_form(world: World) -> None:
    text = "We measured retrieval latency over fifty deployments and found three breaks in the same order"
    outcome = await world.command(text)
    assert outcome.status == 422
    opened = outcome.replies[1]
    assert isinstance(opened, Open)
    assert opened.form.fields[0].value == text


async def test_an_endless_command_is_refused(world: World) -> None:
    assert (await refused(world, "draft " + "x" * 60_000)).field == "text"
    assert (await refused(world, "draft " + "x" * 50_000)).field == "brief"


async def test_unforeseen_errors_are_told_without_their_cause(world: World) -> None:
    class Broken(Proofreader):
        def proofs(self, snapshot: object) -> dict[object, object]:  # type: ignore[override]  # breaks on purpose
            raise ZeroDivisionError("secret detail")

    card = await world.draft()
    object.__setattr__(world.door.desk, "proofreader", Broken(world.services))
    outcome = await world.press(button_id(card, "Approve"))
    assert outcome.status == 500
    assert "secret" not in str(outcome)
