"""Access that ends: said once while it is time, in the right place, over restarts, and again for the next end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from services.domain.errors import Unavailable
from tests.handlers.chat.driving import ADA_ON_DISCORD, ADMIN, ANA, CHANNEL, open_chats
from tests.handlers.world import the_accounts

if TYPE_CHECKING:
    from tests.fakes.surface import FakeSurface, Message
    from tests.handlers.chat.driving import Chats


async def ends_in(chats: Chats, days: float, *, practice: bool = False) -> None:
    account = replace(the_accounts()[0], practice=practice)
    at = chats.world.clock.now() + timedelta(days=days)
    await chats.world.store.write(lambda tx: tx.accounts.save(replace(account, ends_at=at)))


async def swept(chats: Chats) -> None:
    await chats.news.sweep()
    await chats.settle()


def told(surface: FakeSurface) -> list[Message]:
    return [m for m in surface.messages.values() if m.card.state == "ending"]


async def test_a_channel_for_reviews_hears_it_once(chats: Chats) -> None:
    await chats.type("channel review here")
    await ends_in(chats, 10.5)
    await swept(chats)
    assert told(chats.slack) == []
    await chats.world.clock.advance(86400)
    for _ in range(3):
        await swept(chats)
    (message,) = told(chats.slack)
    assert message.channel == CHANNEL
    assert "The access of Mastodon · @driftseas@social.test ends soon" in message.card.title
    assert [b.label for b in message.card.buttons] == ["Connect it again"]


async def test_without_such_a_channel_the_admins_hear_it_in_private(chats: Chats) -> None:
    for visitor in (ADMIN, ANA, ADA_ON_DISCORD):
        await chats.person(visitor)
    await ends_in(chats, 3)
    await swept(chats)
    await swept(chats)
    assert len(told(chats.slack)) == 1
    assert len(told(chats.discord)) == 1


async def test_after_a_restart_it_is_not_said_again_and_the_next_end_is(chats: Chats) -> None:
    await chats.type("channel review here")
    await ends_in(chats, 3)
    await swept(chats)
    again = open_chats(chats.world, chats.slack, chats.discord)
    await swept(again)
    assert len(told(chats.slack)) == 1
    await ends_in(chats, 8)  # connected again, and soon to end again
    await swept(again)
    assert len(told(chats.slack)) == 2


async def test_a_chat_that_is_down_hears_it_later(chats: Chats) -> None:
    await chats.type("channel review here")
    await ends_in(chats, 3)
    chats.slack.fail["send"].append(Unavailable("Slack is down."))
    await swept(chats)
    assert told(chats.slack) == []
    await swept(chats)
    assert len(told(chats.slack)) == 1


async def test_practice_and_what_has_no_end_are_not_spoken_of(chats: Chats) -> None:
    await chats.type("channel review here")
    await ends_in(chats, 3, practice=True)
    await swept(chats)
    assert told(chats.slack) == []


async def test_pressing_it_shows_the_way(chats: Chats) -> None:
    await chats.type("channel review here")
    await ends_in(chats, -1)
    await swept(chats)
    (message,) = told(chats.slack)
    assert "has ended" in message.card.title
    turn = await chats.press(message, "Connect it again", ADMIN)
    assert [c.state for c in turn.heard] == ["connect_needs"]
    (told_ana,) = (await chats.press(message, "Connect it again", ANA)).heard
    assert "it takes an admin" in told_ana.title
