"""An account that was asked for in a chat: its channel hears once that it is connected, over restarts and bad days."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from handlers.views.card import Link
from services.domain.errors import NotFound, OutcomeUnknown, Unavailable
from services.domain.ids import PlatformSlug
from services.ports.platform import CredentialField
from services.ports.signin import App, Found, SignIn
from tests.fakes.clock import FakeClock
from tests.fakes.doorman import Doorman
from tests.fakes.social import FakeSocial
from tests.fakes.surface import FakeSurface
from tests.handlers.chat.driving import ADMIN, CHANNEL, open_chats
from tests.handlers.world import Outside, make_world

if TYPE_CHECKING:
    from services.domain.errors import DeskError
    from services.domain.identity import Visitor
    from tests.fakes.surface import Message
    from tests.handlers.chat.driving import Chats

ATLAS: Final = PlatformSlug("atlas")
TWO: Final = tuple(Found(fields={"access_token": f"token-{n}"}, label=f"Page {n}") for n in (1, 2))


@pytest.fixture
def doorman() -> Doorman:
    return Doorman()


@pytest.fixture
async def chats(doorman: Doorman) -> Chats:
    """A desk with two chats and a network to sign in at."""
    people = {f"token-{n}": (f"100{n}", f"page{n}@atlas.test") for n in (1, 2)}
    plain = FakeSocial(clock=FakeClock(), slug="atlas", label="Atlas", people=people).spec()
    secret = CredentialField(name="access_token", label="Access token", secret=True)
    spec = replace(plain, fields=(secret,), signin=SignIn(authorizer=doorman))
    world = await make_world(outside=Outside(more=(spec,), apps={ATLAS: App()}))
    return open_chats(world, FakeSurface("slack"), FakeSurface("discord"))


async def asked(chats: Chats, visitor: Visitor = ADMIN, channel: str = CHANNEL) -> str:
    """The word of the link that somebody got for /desk connect atlas."""
    (card,) = (await chats.type("connect atlas", visitor, channel)).heard
    (link,) = [b for b in card.blocks if isinstance(b, Link)]
    return link.url.rpartition("/")[2]


async def connected(chats: Chats, doorman: Doorman, word: str) -> None:
    """There and back, as far as the page is shown; no round has told anybody yet."""
    connecting = chats.world.services.connecting
    away = await connecting.go(word)
    await connecting.finish(doorman.states[-1], {"code": "c"}, away.browser)


def told(surface: FakeSurface) -> list[Message]:
    return [m for m in surface.messages.values() if m.card.state == "connected"]


async def test_the_channel_where_it_was_asked_for_hears_who_connected_what(chats: Chats, doorman: Doorman) -> None:
    await connected(chats, doorman, await asked(chats))
    await chats.settle()
    (message,) = told(chats.slack)
    assert message.channel == CHANNEL
    assert message.card.title == "Connected: Atlas @page1@atlas.test"
    assert "Ada connected it: drafts are written for it from now on." in repr(message.card.blocks)
    assert "close this page" not in repr(message.card.blocks)
    await chats.news.sweep()
    assert len(told(chats.slack)) == 1
    assert told(chats.discord) == []


async def test_several_accounts_are_one_message_and_what_began_on_the_page_is_none(
    chats: Chats, doorman: Doorman
) -> None:
    connecting, owner = chats.world.services.connecting, await chats.world.actor()
    away = await connecting.begin(owner, "atlas")
    await connecting.finish(doorman.states[-1], {"code": "c"}, away.browser)
    await chats.settle()
    assert told(chats.slack) == []
    doorman.found = TWO
    away = await connecting.go(await asked(chats))
    choosing = await connecting.finish(doorman.states[-1], {"code": "c"}, away.browser)
    await chats.settle()
    assert told(chats.slack) == []
    await connecting.choose(choosing.word, {0, 1}, away.browser)  # type: ignore[union-attr]
    await chats.settle()
    (message,) = told(chats.slack)
    assert message.card.title == "Connected: Atlas @page1@atlas.test, Atlas @page2@atlas.test"


async def test_after_a_restart_it_is_told_and_not_again(chats: Chats, doorman: Doorman) -> None:
    word = await asked(chats)
    chats.world.bus.listeners.clear()  # the chats of this process are gone before they hear of it
    await connected(chats, doorman, word)
    for _ in range(2):
        again = open_chats(chats.world, chats.slack, chats.discord)
        await again.news.sweep()
        assert len(told(chats.slack)) == 1


async def test_a_chat_that_is_down_hears_it_later_but_nothing_old(chats: Chats, doorman: Doorman) -> None:
    chats.slack.fail["send"].append(Unavailable("Slack is down."))
    await connected(chats, doorman, await asked(chats))
    await chats.settle()
    assert told(chats.slack) == []
    await chats.news.sweep()
    assert len(told(chats.slack)) == 1
    chats.slack.fail["send"].append(Unavailable("Slack is down."))
    await connected(chats, doorman, await asked(chats))
    await chats.settle()
    await chats.world.clock.advance(20 * 3600)
    await chats.news.sweep()
    assert len(told(chats.slack)) == 1


async def test_where_the_desk_may_not_speak_the_person_hears_it_alone(chats: Chats, doorman: Doorman) -> None:
    chats.slack.fail["send"].append(NotFound("The bot is not in this channel."))
    await connected(chats, doorman, await asked(chats, channel="T/ELSEWHERE"))
    await chats.settle()
    assert [m.card.state for m in chats.slack.told["T", "UADA"]] == ["connected"]


@pytest.mark.parametrize("error", [OutcomeUnknown("Slack did not say."), NotFound("Gone.")])
async def test_what_may_have_been_told_is_not_told_twice(chats: Chats, doorman: Doorman, error: DeskError) -> None:
    chats.slack.fail["send"].append(error)
    chats.slack.fail["tell"].append(error)
    await connected(chats, doorman, await asked(chats))
    await chats.settle()
    await chats.news.sweep()
    assert told(chats.slack) == []
