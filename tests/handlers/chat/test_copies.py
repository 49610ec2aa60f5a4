"""Every copy of a card is what the draft is now, in each chat, after faults and after a stop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.views.actions import Verb, action_for
from services.domain.errors import NeedsOperator, NotFound, RateLimited, Unavailable
from services.domain.events import AccountChanged
from services.domain.ids import DraftId
from tests.handlers.chat.driving import ADA_ON_DISCORD, ADMIN, ANA, CHANNEL, open_chats
from tests.handlers.world import the_accounts

if TYPE_CHECKING:
    from tests.handlers.chat.driving import Chats


async def test_a_decision_in_one_chat_redraws_the_copies_in_all(chats: Chats) -> None:
    here = await chats.draft()
    await chats.type("show 1", ADA_ON_DISCORD)
    (there,) = chats.discord.in_channel(CHANNEL)
    assert "Approve" in there.labels
    await chats.press(here, "Approve")
    for message in (here, there):
        assert message.card.state == "approved"
        assert "Approve" not in message.labels
        assert "Publish now" in message.labels


async def test_a_switch_that_is_turned_redraws_every_copy_once(chats: Chats) -> None:
    first, second = await chats.draft("Ships today picture=no"), await chats.draft("Ships tomorrow picture=no")
    admin = await chats.person()
    await chats.world.services.people.set_policy(admin, submit_required=True)
    await chats.world.services.people.set_policy(admin, four_eyes=True)
    await chats.settle()
    for message in (first, second):
        assert "Approve" not in message.labels
        assert "Ask for review" in message.labels
    assert len(chats.slack.updates) == 2


async def test_an_account_that_is_called_differently_is_so_on_every_copy(chats: Chats) -> None:
    message = await chats.draft()
    renamed = replace(the_accounts()[0], handle="newname@social.test")
    await chats.world.store.write(lambda tx: tx.accounts.save(renamed))
    chats.world.bus.publish(AccountChanged(account_id=renamed.id))
    await chats.settle()
    assert "newname@social.test" in str(message.card)


async def test_a_copy_is_drawn_for_everybody_and_the_right_is_asked_for_at_the_click(chats: Chats) -> None:
    message = await chats.draft()
    assert "Approve" in message.labels
    turn = await chats.press(message, "Approve", ANA)
    assert turn.titles == ["Your role here is author; to approve it takes an approver."]
    assert message.card.state == "draft"


async def test_many_changes_while_one_redraw_is_under_way_become_one_more(chats: Chats) -> None:
    message = await chats.draft()
    chats.slack.gate = asyncio.Event()
    await chats.press(message, "Approve")
    for _ in range(20):
        chats.copies.changed("draft-1")
        await chats.settle()
    chats.slack.gate.set()
    await chats.settle()
    assert len(chats.slack.updates) <= 2
    assert message.card.state == "approved"


async def test_nothing_is_redrawn_that_would_look_the_same(chats: Chats) -> None:
    await chats.draft()
    before = list(chats.slack.updates)
    chats.copies.changed("draft-1")
    await chats.settle()
    assert chats.slack.updates == before


async def test_a_redraw_that_failed_is_tried_again_until_it_holds(chats: Chats) -> None:
    message = await chats.draft()
    chats.slack.fail["update"].extend([Unavailable("Slack answers 500."), Unavailable("Slack answers 500.")])
    await chats.press(message, "Approve")
    assert message.card.state == "draft"
    await chats.world.clock.advance(1)
    await chats.world.clock.advance(2)
    assert message.card.state == "approved"


async def test_a_pause_that_the_chat_asks_for_is_kept_to(chats: Chats) -> None:
    message = await chats.draft()
    until = chats.world.clock.now() + timedelta(seconds=30)
    chats.slack.fail["update"].append(RateLimited("Too many.", until=until))
    await chats.press(message, "Approve")
    await chats.world.clock.advance(29)
    assert message.card.state == "draft"
    await chats.world.clock.advance(2)
    assert message.card.state == "approved"


async def test_a_deleted_message_is_forgotten_and_the_other_copy_lives(chats: Chats) -> None:
    message = await chats.draft()
    await chats.type("show 1", ADA_ON_DISCORD)
    (there,) = chats.discord.in_channel(CHANNEL)
    chats.slack.fail["update"].append(NotFound("The message is gone."))
    await chats.press(there, "Approve", ADA_ON_DISCORD)
    assert there.card.state == "approved"
    places = await chats.world.store.read(lambda tx: [(c.surface, c.place) for c in tx.cards.shown("draft-1")])
    assert ("slack", message.place) not in places
    assert ("discord", there.place) in places


async def test_a_right_that_is_missing_ends_the_trying_and_says_so_once(chats: Chats) -> None:
    message = await chats.draft()
    chats.slack.fail["update"].append(NeedsOperator("The scope chat:write is missing."))
    await chats.press(message, "Approve")
    await chats.world.clock.advance(600)
    assert message.card.state == "draft"
    assert len(chats.slack.updates) == 1


async def test_a_card_whose_picture_was_not_taken_in_yet_is_drawn_again_with_it(chats: Chats) -> None:
    chats.slack.half = 2
    message = await chats.draft()
    assert len(message.sheets) == 2
    await chats.world.clock.advance(2)
    assert len(message.sheets) == 3
    await chats.world.clock.advance(10)
    assert len(message.sheets) == 3


async def test_after_a_restart_copies_that_are_old_are_redrawn_and_their_buttons_work(chats: Chats) -> None:
    message = await chats.draft()
    chats.world.bus.listeners.remove(chats.copies.hear)
    chats.world.bus.listeners.remove(chats.news.hear)
    card = await chats.world.services.board.draft(DraftId("1"))
    actor = await chats.person(ADMIN)
    await chats.world.services.review.approve(actor, action_for(card, Verb.APPROVE).ref)
    assert message.card.state == "draft"
    again = open_chats(chats.world, chats.slack, chats.discord)
    await again.copies.catch_up()
    await again.settle()
    assert message.card.state == "approved"
    await again.press(message, "Withdraw")
    assert message.card.state == "draft"


async def test_what_changes_while_the_card_is_being_put_up_is_not_missed(chats: Chats) -> None:
    chats.world.model.gate = asyncio.Event()
    task = asyncio.ensure_future(chats.type("draft Ships today picture=no", ANA))
    await chats.world.clock.advance(1.5)
    (message,) = chats.slack.in_channel(CHANNEL)
    assert message.card.state == "drafting"
    assert message.card.buttons == ()
    chats.world.model.gate.set()
    await task
    await chats.settle()
    assert message.card.state == "draft"
    assert "Approve" in message.labels


async def test_pauses_that_a_chat_asks_for_are_no_failures_however_many(chats: Chats) -> None:
    message = await chats.draft()
    for number in range(20):
        until = chats.world.clock.now() + timedelta(seconds=30 * (number + 1))
        chats.slack.fail["update"].append(RateLimited("Too many.", until=until))
    await chats.press(message, "Approve")
    for _ in range(21):
        await chats.world.clock.advance(30)
    assert message.card.state == "approved"
