"""A desk with two chats in memory: people in channels, the cards they see, and the rounds that tell them things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handlers.chat.copies import Copies
from handlers.chat.desk import ChatDesk
from handlers.chat.news import News
from services.domain.identity import Standing, Visitor
from tests.fakes.surface import FakeSurface, FakeTurn
from tests.handlers.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.views.card import Button
    from handlers.views.form import Form
    from services.domain.actor import Person
    from services.domain.identity import Visitor as _Visitor
    from tests.fakes.surface import Message

TEAM: Final = "T"
CHANNEL: Final = "T/C"


def a_visitor(name: str = "Ana", standing: Standing = Standing.MEMBER, surface: str = "slack") -> _Visitor:
    return Visitor(
        surface=surface, team=TEAM, user=f"U{name.upper()}", name=name, zone="Europe/Berlin", standing=standing
    )


ADMIN: Final = a_visitor("Ada", Standing.ADMIN)
ANA: Final = a_visitor("Ana")
ADA_ON_DISCORD: Final = a_visitor("Ada", Standing.ADMIN, "discord")


@dataclass(slots=True, kw_only=True)
class Chats:
    """Everything a test may want to touch."""

    world: World
    slack: FakeSurface
    discord: FakeSurface
    copies: Copies
    news: News
    chat: ChatDesk

    def turn(self, visitor: _Visitor = ADMIN, channel: str = CHANNEL, *, thread: str = "") -> FakeTurn:
        surface = {"slack": self.slack, "discord": self.discord}[visitor.surface]
        return FakeTurn(surface, visitor, channel, thread=thread)

    async def settle(self) -> None:
        """Let everything that was started come to rest, and tell what is to be told."""
        await self.world.clock.advance()
        await self.news.catch_up()
        await self.world.clock.advance()

    async def type(self, text: str, visitor: _Visitor = ADMIN, channel: str = CHANNEL, *, thread: str = "") -> FakeTurn:
        turn = self.turn(visitor, channel, thread=thread)
        await self.chat.command(turn, text)
        await self.settle()
        return turn

    async def draft(self, text: str = "Ships today picture=no", visitor: _Visitor = ADMIN) -> Message:
        """A draft's card in the channel."""
        surface = self.turn(visitor).surface
        before = set(surface.messages)
        await self.type(f"draft {text}", visitor)
        (place,) = set(surface.messages) - before
        return surface.messages[place]

    async def press(self, message: Message, label: str, visitor: _Visitor = ADMIN, *, asked: bool = True) -> FakeTurn:
        turn = self.turn(visitor, message.channel)
        await self.chat.press(turn, button(message, label).id, asked=asked)
        await self.settle()
        return turn

    async def fill(self, form: Form, fields: Mapping[str, str], visitor: _Visitor = ADMIN) -> Form | None:
        turn = self.turn(visitor)
        again = await self.chat.submit(turn, form.action, {f.name: f.value for f in form.fields} | dict(fields))
        await self.settle()
        return again

    async def person(self, visitor: _Visitor = ADMIN) -> Person:
        return await self.world.services.identities.actor(visitor)


def button(message: Message, label: str) -> Button:
    return next(b for b in message.card.buttons if b.label == label)


async def make_chats() -> Chats:
    """A desk with Slack and Discord."""
    world = await make_world()
    slack, discord = FakeSurface("slack"), FakeSurface("discord")
    return open_chats(world, slack, discord)


def open_chats(world: World, slack: FakeSurface, discord: FakeSurface) -> Chats:
    """The chat side of a desk that is there already, as after a start."""
    surfaces = {s.name: s for s in (slack, discord)}
    copies = Copies(world.door.desk, surfaces, "Europe/Berlin")
    news = News(world.door.desk, surfaces, copies)
    world.bus.listeners += [copies.hear, news.hear]
    chat = ChatDesk(world.door.dispatcher, copies)
    return Chats(world=world, slack=slack, discord=discord, copies=copies, news=news, chat=chat)
