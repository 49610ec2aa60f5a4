"""What chats are told without having asked: once, in the right place, and also after a stop."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
import structlog

from handlers.views.actions import Verb, action_for
from handlers.views.card import Fields
from handlers.views.sheet import as_text
from services.domain.delivery import DeliveryState
from services.domain.errors import NeedsOperator, NotFound, OutcomeUnknown, Refused, Unavailable
from services.domain.events import DeliveryChanged
from services.domain.ids import DraftId
from tests.handlers.chat.driving import ADMIN, ANA, CHANNEL, TEAM, a_visitor, button, open_chats

if TYPE_CHECKING:
    from handlers.views.card import Card
    from services.domain.delivery import Delivery
    from services.domain.errors import DeskError
    from services.ports.storage import Transaction
    from tests.fakes.surface import Message
    from tests.handlers.chat.driving import Chats

ONE = DraftId("1")
ANA_ON_DISCORD = a_visitor("Ana", surface="discord")


async def edit(chats: Chats, message: Message, text: str) -> None:
    form = await chats.chat.form(chats.turn(ANA), button(message, "Edit").id)
    assert form is not None
    assert await chats.fill(form, {form.fields[0].name: text}, ANA) is None


async def planned(chats: Chats) -> Message:
    """A draft whose posts are on their way."""
    message = await chats.draft()
    await chats.press(message, "Approve")
    await chats.press(message, "Publish now")
    return message


async def become(chats: Chats, state: DeliveryState, *, problem: str = "") -> list[Delivery]:
    """Each delivery takes the steps to a state, as the publisher would take them."""
    rows = list((await chats.world.services.board.draft(ONE)).deliveries)

    def work(tx: Transaction) -> None:
        for row in rows:
            tx.deliveries.save(replace(row, state=state, problem=problem), fence=row.fence)

    await chats.world.store.write(work)
    for row in rows:
        chats.world.bus.publish(DeliveryChanged(delivery_id=row.id, draft_id=ONE, state=state))
    await chats.settle()
    return rows


def said(card: Card) -> str:
    return as_text(card)


async def test_a_new_version_is_told_in_the_thread_with_the_words_that_changed(chats: Chats) -> None:
    message = await chats.draft("Ships today picture=no for mastodon")
    await edit(chats, message, "Ships tomorrow on Mastodon")
    (note,) = chats.slack.in_thread(message.place)
    assert note.card.title.startswith("v2 by Ana")
    assert "[−today−][+tomorrow+]" in said(note.card).replace("] [", "][").replace(" −]", "−]").replace(" +]", "+]")
    assert note.card.buttons == ()
    await edit(chats, message, "Ships on Monday on Mastodon")
    assert len(chats.slack.in_thread(message.place)) == 2


async def test_a_version_that_the_card_itself_showed_first_is_not_told_again(chats: Chats) -> None:
    message = await chats.draft()
    await chats.press(message, "Approve")
    assert chats.slack.in_thread(message.place) == []
    again = open_chats(chats.world, chats.slack, chats.discord)
    await again.news.sweep()
    assert chats.slack.in_thread(message.place) == []


async def test_a_channel_for_reviews_gets_each_draft_once(chats: Chats) -> None:
    admin = await chats.person(ADMIN)
    await chats.world.services.routing.review_here(admin, "discord", "T/REVIEW")
    message = await chats.draft("Ships today picture=no", ANA)
    (there,) = chats.discord.in_channel("T/REVIEW")
    assert there.card.card_id == message.card.card_id
    assert "Approve" in there.labels
    await edit(chats, message, "Another text")
    assert len(chats.discord.in_channel("T/REVIEW")) == 1
    await chats.world.services.routing.review_off(admin, "discord", "T/REVIEW")
    await chats.draft("Second picture=no", ANA)
    assert len(chats.discord.in_channel("T/REVIEW")) == 1


async def test_where_review_is_asked_for_the_channel_waits_for_that(chats: Chats) -> None:
    admin = await chats.person(ADMIN)
    await chats.world.services.people.set_policy(admin, submit_required=True)
    await chats.world.services.routing.review_here(admin, "discord", "T/REVIEW")
    message = await chats.draft("Ships today picture=no", ANA)
    assert chats.discord.in_channel("T/REVIEW") == []
    await chats.press(message, "Ask for review", ANA)
    assert len(chats.discord.in_channel("T/REVIEW")) == 1


async def test_approvers_are_called_once_a_quarter_of_an_hour_and_their_list_follows(chats: Chats) -> None:
    await chats.person(ADMIN)
    first = await chats.draft("First picture=no", ANA)
    second = await chats.draft("Second picture=no", ANA)
    await chats.press(first, "Ask for review", ANA)
    await chats.press(second, "Ask for review", ANA)
    (inbox,) = chats.slack.told[TEAM, "UADA"]
    assert inbox.card.title == "2 drafts wait for your approval"
    assert "Second" in said(inbox.card)
    await chats.press(first, "Approve")
    assert inbox.card.title == "1 draft waits for your approval"
    await chats.world.clock.advance(16 * 60)
    third = await chats.draft("Third picture=no", ANA)
    await chats.press(third, "Ask for review", ANA)
    assert len(chats.slack.told[TEAM, "UADA"]) == 2


async def test_a_person_who_takes_no_messages_costs_nobody_else_anything(chats: Chats) -> None:
    await chats.person(ADMIN)
    chats.slack.fail["tell"].append(Refused("Ada takes no messages."))
    message = await chats.draft("First picture=no", ANA)
    await chats.press(message, "Ask for review", ANA)
    assert message.card.state == "in_review"


async def test_trouble_speaks_up_in_the_drafts_thread_with_one_next_step(chats: Chats) -> None:
    message = await planned(chats)
    rows = await become(chats, DeliveryState.FAILED, problem="Mastodon refused the text: it is too long.")
    notes = chats.slack.in_thread(message.place)
    assert len(notes) == len(rows) == 2
    card = notes[0].card
    assert "Mastodon refused the text" in said(card)
    assert "Nothing more is tried by itself" in said(card)
    assert notes[0].labels == ["Send again"]
    chats.world.bus.publish(DeliveryChanged(delivery_id=rows[0].id, draft_id=ONE, state=DeliveryState.FAILED))
    await chats.settle()
    again = open_chats(chats.world, chats.slack, chats.discord)
    await again.news.sweep()
    await again.settle()
    assert chats.slack.in_thread(message.place) == notes


async def test_trouble_that_chat_could_not_hear_of_is_told_by_the_next_sweep(chats: Chats) -> None:
    message = await planned(chats)
    chats.slack.fail["send"].extend([Unavailable("down"), Unavailable("down")])
    await become(chats, DeliveryState.NEEDS_HUMAN)
    assert chats.slack.in_thread(message.place) == []
    await chats.news.sweep()
    await chats.settle()
    (first, *_) = chats.slack.in_thread(message.place)
    assert first.labels == ["It is live, here is the link", "Not there, send it"]


async def test_the_author_hears_once_what_became_of_their_draft(chats: Chats) -> None:
    message = await chats.draft("Ships today picture=no", ANA)
    await chats.press(message, "Approve")
    await chats.press(message, "Publish now")
    await become(chats, DeliveryState.PUBLISHED)
    await become(chats, DeliveryState.PUBLISHED)
    (result,) = chats.slack.told[TEAM, "UANA"]
    assert result.card.title == "Published: draft 1 · Ships today"
    links = [f.link for b in result.card.blocks if isinstance(b, Fields) for f in b.items]
    assert f"https://slack.example/{message.place}" in links


async def test_an_author_who_linked_another_account_since_still_hears_of_their_draft(chats: Chats) -> None:
    identities = chats.world.services.identities
    message = await chats.draft("Ships today picture=no", ANA)
    await chats.press(message, "Approve")
    await chats.press(message, "Publish now")
    code = await identities.code(await chats.person(ANA_ON_DISCORD))
    await identities.link(await chats.person(ANA), ANA, code)
    await become(chats, DeliveryState.PUBLISHED)
    assert [len(chats.slack.told[TEAM, "UANA"]), len(chats.discord.told[TEAM, "UANA"])] == [1, 1]


async def test_a_rejection_reaches_its_author_with_the_reason(chats: Chats) -> None:
    message = await chats.draft("Ships today picture=no", ANA)
    form = await chats.chat.form(chats.turn(ADMIN), button(message, "Reject").id)
    assert form is not None
    await chats.fill(form, {"reason": "Too salesy"})
    (result,) = chats.slack.told[TEAM, "UANA"]
    assert "Too salesy" in said(result.card)
    own = await chats.draft("Mine picture=no", ADMIN)
    form = await chats.chat.form(chats.turn(ADMIN), button(own, "Reject").id)
    assert form is not None
    await chats.fill(form, {"reason": "Never mind"})
    assert chats.slack.told[TEAM, "UADA"] == []


async def _digest(chats: Chats) -> None:
    admin = await chats.person(ADMIN)
    at = (chats.world.clock.now() + timedelta(minutes=1)).time()
    await chats.world.services.digests.subscribe(admin, "slack", CHANNEL, at=time(at.hour, at.minute), zone="UTC")
    await chats.world.clock.advance(90)


async def test_the_morning_digest_is_posted_once_whatever_happens(chats: Chats) -> None:
    await _digest(chats)
    assert await chats.world.services.digests.run_due() == 1
    await chats.settle()
    (message,) = chats.slack.in_channel(CHANNEL)
    assert message.card.state == "digest"
    for _ in range(3):
        await chats.news.sweep()
    again = open_chats(chats.world, chats.slack, chats.discord)
    await again.news.sweep()
    assert await chats.world.services.digests.run_due() == 0
    assert len(chats.slack.in_channel(CHANNEL)) == 1


async def test_a_digest_whose_picture_is_still_taken_in_gets_it_later(chats: Chats) -> None:
    await _digest(chats)
    chats.slack.half = 2
    await chats.world.services.digests.run_due()
    await chats.settle()
    (message,) = chats.slack.in_channel(CHANNEL)
    await chats.world.clock.advance(10)
    assert len(message.sheets) == 3
    await chats.world.clock.advance(100)
    assert len(message.sheets) == 3


async def test_a_digest_that_could_not_be_posted_is_posted_later(chats: Chats) -> None:
    await _digest(chats)
    chats.slack.fail["send"].append(Unavailable("Slack is down."))
    await chats.world.services.digests.run_due()
    await chats.settle()
    assert chats.slack.in_channel(CHANNEL) == []
    await chats.news.sweep()
    assert len(chats.slack.in_channel(CHANNEL)) == 1


async def test_a_digest_whose_posting_was_cut_short_is_not_posted_twice(chats: Chats) -> None:
    await _digest(chats)
    chats.slack.fail["send"].append(SystemExit())  # type: ignore[arg-type]  # the process dies in the call
    chats.world.bus.listeners.remove(chats.news.hear)
    await chats.world.services.digests.run_due()
    with contextlib.suppress(SystemExit):
        await chats.news.sweep()
    again = open_chats(chats.world, chats.slack, chats.discord)
    await again.news.sweep()
    assert chats.slack.in_channel(CHANNEL) == []


async def test_a_draft_of_another_surface_is_told_by_nobody(chats: Chats) -> None:
    await chats.world.draft("Ships today picture=no")
    await chats.settle()
    assert chats.slack.messages == {}
    snapshot = await chats.world.services.board.draft(ONE)
    actor = await chats.world.actor()
    await chats.world.services.review.approve(actor, action_for(snapshot, Verb.APPROVE).ref)
    await chats.settle()
    assert chats.slack.messages == {}


async def rounds(chats: Chats, count: int) -> None:
    """So many sweeps, a quarter of a minute apart."""
    for _ in range(count):
        await chats.news.sweep()
        await chats.world.clock.advance(15)


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [
        (NotFound("This channel is archived."), 1),
        (NeedsOperator("The bot may not write here."), 1),
        (Refused("The message is too long."), 1),
        (OutcomeUnknown("Slack's answer was lost."), 1),
        (Unavailable("Slack is down."), 20),
    ],
)
async def test_a_channel_that_takes_nothing_is_left_alone_for_a_while_and_said_once(
    chats: Chats, trouble: DeskError, tries: int
) -> None:
    admin = await chats.person(ADMIN)
    await chats.world.services.people.set_policy(admin, submit_required=True)
    await chats.world.services.routing.review_here(admin, "discord", "T/REVIEW")
    message = await chats.draft("Ships today picture=no", ANA)
    chats.discord.fail["send"].extend([trouble] * 100)
    with structlog.testing.capture_logs() as logs:
        await chats.press(message, "Ask for review", ANA)
        await rounds(chats, 19)
    assert 100 - len(chats.discord.fail["send"]) == tries
    assert len([e for e in logs if e.get("reason") == trouble.message]) == 1
    chats.discord.fail["send"].clear()
    await rounds(chats, 25)
    assert len(chats.discord.in_channel("T/REVIEW")) == 1


async def test_another_draft_is_shown_while_nobody_knows_whether_one_is_up(chats: Chats) -> None:
    admin = await chats.person(ADMIN)
    await chats.world.services.routing.review_here(admin, "discord", "T/REVIEW")
    chats.discord.fail["send"].append(OutcomeUnknown("Discord's answer was lost."))
    await chats.draft("First picture=no", ANA)
    await chats.draft("Second picture=no", ANA)
    assert [m.card.card_id for m in chats.discord.in_channel("T/REVIEW")] == ["draft-2"]


async def test_approvers_hear_of_what_waits_once_their_chat_is_back(chats: Chats) -> None:
    await chats.person(ADMIN)
    message = await chats.draft("First picture=no", ANA)
    chats.slack.fail["tell"].extend([Unavailable("down")] * 3)
    await chats.press(message, "Ask for review", ANA)
    assert chats.slack.told[TEAM, "UADA"] == []
    await rounds(chats, 5)
    (inbox,) = chats.slack.told[TEAM, "UADA"]
    assert inbox.card.title == "1 draft waits for your approval"
    assert len(inbox.sheets) == 1


async def test_approvers_are_not_called_for_what_was_decided_while_their_chat_was_down(chats: Chats) -> None:
    await chats.person(ADMIN)
    message = await chats.draft("First picture=no", ANA)
    chats.slack.fail["tell"].extend([Unavailable("down")] * 2)
    await chats.press(message, "Ask for review", ANA)
    await chats.press(message, "Approve")
    await rounds(chats, 3)
    assert chats.slack.told[TEAM, "UADA"] == []


async def test_a_start_calls_nobody_again_for_what_they_were_called_for(chats: Chats) -> None:
    await chats.person(ADMIN)
    message = await chats.draft("First picture=no", ANA)
    await chats.press(message, "Ask for review", ANA)
    await chats.world.clock.advance(20 * 60)
    again = open_chats(chats.world, chats.slack, chats.discord)
    await again.news.sweep()
    assert len(chats.slack.told[TEAM, "UADA"]) == 1


async def test_many_drafts_that_wait_cost_a_start_one_look(chats: Chats) -> None:
    await chats.person(ADMIN)
    for number in range(6):
        message = await chats.draft(f"Draft {number} picture=no", ANA)
        await chats.press(message, "Ask for review", ANA)
    again = open_chats(chats.world, chats.slack, chats.discord)
    before = len(chats.slack.updates)
    await again.news.sweep()
    assert len(chats.slack.updates) - before <= 1
