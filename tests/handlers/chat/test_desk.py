"""What people type and press in a chat, and what they get for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handlers.grammar import Command, Word
from handlers.views.chat import SURE
from services.domain.actor import Role
from services.domain.errors import NotFound, Unavailable
from services.domain.identity import Standing
from services.domain.ids import DraftId
from tests.fakes.surface import FakeTurn
from tests.handlers.chat.driving import ADMIN, ANA, CHANNEL, a_visitor, button
from tests.handlers.world import a_png

if TYPE_CHECKING:
    from tests.handlers.chat.driving import Chats


async def test_a_draft_goes_up_in_the_channel_and_nowhere_else(chats: Chats) -> None:
    turn = await chats.type("draft Ships today picture=no for mastodon", ANA)
    (message,) = chats.slack.messages.values()
    assert message.channel == CHANNEL
    assert message.card.title == "Draft 1 · Ships today"
    assert turn.heard == []


async def test_help_errors_and_lists_are_for_the_person_alone(chats: Chats) -> None:
    for text, title in (
        ("help", "What you can type"),
        ("", "What you can type"),
        ("scedule", "I don't know “scedule”. Did you mean “schedule”?"),
        ("queue", "The queue"),
        ("freeze", "Your role here is author; to publish it takes an approver."),
    ):
        turn = await chats.type(text, ANA)
        assert turn.titles[0].startswith(title[:20]), text
    assert chats.slack.messages == {}


async def test_a_command_from_options_is_the_same_as_one_that_was_typed(chats: Chats) -> None:
    turn = chats.turn(ANA)
    await chats.chat.run(turn, Command(word=Word.DRAFT, rest="Ships today", networks=("mastodon",), picture="no"))
    await chats.settle()
    (message,) = chats.slack.messages.values()
    assert message.card.title == "Draft 1 · Ships today"


async def test_a_command_without_a_brief_opens_the_form(chats: Chats) -> None:
    turn = await chats.type("draft", ANA)
    (form,) = turn.forms
    assert form.name == "brief"
    assert await chats.fill(form, {"brief": "From the form", "picture": "no"}, ANA) is None
    (message,) = chats.slack.messages.values()
    assert "From the form" in message.card.title


async def test_a_form_that_comes_too_late_is_a_button_that_opens_it_with_what_was_typed(chats: Chats) -> None:
    turn = FakeTurn(chats.slack, ANA)
    turn.too_late = True
    await chats.chat.command(turn, "draft Ships today for nosuchnetwork, mastodon")
    await chats.settle()
    card = turn.heard[-1]
    assert card.buttons[0].label == "Open the form"
    again = chats.turn(ANA)
    form = await chats.chat.form(again, card.buttons[0].id)
    assert form is not None
    assert next(f.value for f in form.fields if f.name == "brief").startswith("Ships today")


async def test_a_button_that_asks_is_known_without_looking_anything_up(chats: Chats) -> None:
    message = await chats.draft()
    assert chats.chat.asks(button(message, "Edit").id)
    assert not chats.chat.asks(button(message, "Approve").id)
    assert not chats.chat.asks("nonsense")


async def test_an_edit_that_is_wrong_comes_back_with_the_error_at_its_field_and_the_words(chats: Chats) -> None:
    message = await chats.draft()
    form = await chats.chat.form(chats.turn(ANA), button(message, "Edit").id)
    assert form is not None
    name = form.fields[0].name
    again = await chats.fill(form, {name: "x" * 70_000}, ANA)
    assert again is not None
    field = next(f for f in again.fields if f.name == name)
    assert "70,000 characters" in field.error
    assert field.value == "x" * 70_000


async def test_an_edit_of_an_old_version_comes_back_as_a_clash_and_loses_nothing(chats: Chats) -> None:
    message = await chats.draft()
    form = await chats.chat.form(chats.turn(ANA), button(message, "Edit").id)
    assert form is not None
    name = form.fields[0].name
    assert await chats.fill(form, {name: "Ada was faster"}, ADMIN) is None
    again = await chats.fill(form, {name: "Ana's words"}, ANA)
    assert again is not None
    assert again.clash is not None
    assert again.clash.by == "Ada"
    assert next(f for f in again.fields if f.name == name).value == "Ana's words"
    assert await chats.fill(again, {}, ANA) is None
    assert message.card.revision == 3


async def test_a_stale_button_never_acts_and_redraws_the_card(chats: Chats) -> None:
    message = await chats.draft()
    old = button(message, "Approve").id
    form = await chats.chat.form(chats.turn(ANA), button(message, "Edit").id)
    assert form is not None
    await chats.fill(form, {form.fields[0].name: "Another text"}, ANA)
    turn = chats.turn(ADMIN)
    await chats.chat.press(turn, old, asked=True)
    await chats.settle()
    assert message.card.state == "draft"
    assert turn.heard


async def test_two_people_approve_at_once_and_the_slower_is_told_who_was_faster(chats: Chats) -> None:
    message = await chats.draft()
    approve = button(message, "Approve").id
    bo = a_visitor("Bo")
    await chats.person(bo)
    admin = await chats.person(ADMIN)
    await chats.world.services.people.set_role(admin, "Bo", Role.APPROVER)
    first, second = chats.turn(bo), chats.turn(ADMIN)
    await chats.chat.press(first, approve)
    await chats.chat.press(second, approve)
    await chats.settle()
    assert first.heard == []
    assert "Bo" in second.titles[0]


async def test_what_can_not_be_taken_back_is_asked_about_where_the_chat_has_no_dialog(chats: Chats) -> None:
    message = await chats.draft()
    await chats.press(message, "Approve")
    turn = await chats.press(message, "Publish now", asked=False)
    assert message.card.state == "approved"
    (card,) = turn.heard
    assert card.title == "Publish now?"
    (sure,) = card.buttons
    assert sure.id.startswith(SURE)
    again = FakeTurn(chats.slack, ADMIN, CHANNEL, whispered=True)
    await chats.chat.press(again, sure.id)
    await chats.settle()
    assert message.card.state == "scheduled"
    assert again.titles == ["Draft 1 · Ships today: Scheduled"]


async def test_where_no_copy_of_the_card_is_in_sight_the_person_gets_it(chats: Chats) -> None:
    message = await chats.draft()
    turn = chats.turn(ADMIN, "T/OTHER")
    await chats.chat.press(turn, button(message, "Approve").id)
    await chats.settle()
    assert turn.heard[0].state == "approved"


async def test_a_mention_in_a_thread_is_answered_in_that_thread(chats: Chats) -> None:
    await chats.type("draft Ships today picture=no", ANA, thread="T/C/77")
    (message,) = chats.slack.messages.values()
    assert message.thread == "T/C/77"


async def test_a_channel_that_is_closed_to_the_desk_costs_no_draft(chats: Chats) -> None:
    chats.slack.fail["send"].append(NotFound("The desk is not in this channel.", next_step="Invite it."))
    turn = await chats.type("draft Ships today picture=no", ANA)
    assert turn.titles[0] == "The desk is not in this channel."
    assert turn.titles[1] == "Draft 1 · Ships today"
    assert (await chats.world.services.board.draft(DraftId("1"))).draft.brief.text == "Ships today"


async def test_a_person_who_can_not_be_told_does_not_stop_the_work(chats: Chats) -> None:
    turn = chats.turn(ANA)
    turn.deaf = Unavailable("Slack is down.")
    await chats.chat.command(turn, "help")
    assert turn.heard == []


async def test_a_guest_may_look_and_not_approve(chats: Chats) -> None:
    message = await chats.draft()
    guest = a_visitor("Gus", Standing.GUEST)
    turn = await chats.press(message, "Approve", guest)
    assert turn.titles == ["Your role here is viewer; to approve it takes an approver."]
    assert message.card.state == "draft"
    assert (await chats.type("draft Mine", guest)).titles[0].startswith("Your role here is viewer")


async def test_a_draft_from_somebodys_message_begins_with_its_words(chats: Chats) -> None:
    form = await chats.chat.brief(chats.turn(ANA), "We ship on Monday!")
    assert form.name == "brief"
    assert next(f.value for f in form.fields if f.name == "brief") == "We ship on Monday!"


async def test_a_report_whose_picture_is_still_taken_in_gets_it_later(chats: Chats) -> None:
    chats.slack.half = 1
    await chats.type("report", ANA)
    (message,) = chats.slack.in_channel(CHANNEL)
    assert message.card.state == "report"
    await chats.world.clock.advance(5)
    assert len(message.sheets) == 2


async def test_an_event_counts_once(chats: Chats) -> None:
    assert await chats.chat.first("slack", "Ev1")
    assert not await chats.chat.first("slack", "Ev1")
    assert await chats.chat.first("discord", "Ev1")


async def test_the_full_text_of_a_shortened_card_is_told_to_whoever_asks(chats: Chats) -> None:
    await chats.draft()
    turn = chats.turn(ANA)
    await chats.chat.press(turn, "cd:1:full_text:1:0:-")
    assert turn.titles[0].startswith("All of draft 1")


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("network", "mast", "mastodon"),
        ("platform", "blue", "bluesky"),
        ("network", "mastodon, blue", "mastodon, bluesky"),
        ("role", "app", "approver"),
        ("zone", "new york", "America/New_York"),
        ("queue", "re", "review"),
        ("person", "ad", "Ada"),
        ("draft", "ships", "1"),
    ],
)
async def test_options_are_completed(chats: Chats, kind: str, typed: str, expected: str) -> None:
    await chats.draft()
    found = await chats.chat.suggest(kind, typed, ADMIN)
    assert expected in [o.value for o in found]
    assert len(found) <= 25


async def test_nothing_is_completed_for_free_text(chats: Chats) -> None:
    assert await chats.chat.suggest("brief", "any", ADMIN) == ()


async def test_the_home_of_an_approver_and_of_an_author(chats: Chats) -> None:
    await chats.draft("Ships today picture=no", ANA)
    theirs = await chats.chat.home(ADMIN)
    assert [(s.title, len(s.rows)) for s in theirs.sections] == [
        ("Needs your approval", 1),
        ("The next seven days", 0),
        ("Your drafts", 0),
    ]
    hers = await chats.chat.home(ANA)
    assert [(s.title, len(s.rows)) for s in hers.sections] == [("The next seven days", 0), ("Your drafts", 1)]
    assert hers.sections[1].rows[0].button.label == "Open"


async def test_a_channel_is_welcomed(chats: Chats) -> None:
    await chats.chat.joined(chats.turn(ANA, "T/NEW"))
    (message,) = chats.slack.in_channel("T/NEW")
    assert message.card.title == "The desk is here"


async def test_a_link_typed_in_chat_puts_the_draft_up_again_with_its_picture(chats: Chats) -> None:
    chats.world.downloads.files["https://news.example/pier.png"] = a_png()
    await chats.draft()
    before = len(chats.slack.messages)
    turn = await chats.type("image 1 https://news.example/pier.png The pier at dusk")
    assert (len(chats.slack.messages), turn.heard) == (before + 1, [])
    assert all("The pier at dusk" in repr(m.card.blocks) for m in chats.slack.in_channel(CHANNEL))
    turn = await chats.type("image 1 https://news.example/gone.png")
    assert [c.title for c in turn.heard] == ["There is nothing at this address: news.example answered 404."]
    turn = await chats.type("image 1")
    assert [f.name for f in turn.forms] == ["image"]
