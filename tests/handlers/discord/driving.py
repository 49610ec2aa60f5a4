"""A desk in a fake Discord: the real surface on the unmodified discord.py, over sockets on loopback."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from handlers.chat.copies import Copies
from handlers.chat.desk import ChatDesk
from handlers.chat.news import News
from handlers.discord.surface import DiscordSurface
from handlers.surface import Link
from tests.fakes.discord import FakeDiscord
from tests.handlers.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from handlers.surface import Surface
    from tests.fakes.discord import Message, Person

DESK: Final = "desk"
"""The channel most things happen in."""


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """Use as `async with`: everything a test may want to touch, and a bot that can be restarted."""

    world: World
    fake: FakeDiscord
    token: str = ""
    surfaces: dict[str, Surface] = field(default_factory=dict)
    surface: DiscordSurface = field(init=False)
    chat: ChatDesk = field(init=False)
    copies: Copies = field(init=False)
    news: News = field(init=False)
    before: tuple[str, yarl.URL] = field(init=False)

    def open(self) -> None:
        """The chat side of the desk, as a start makes it."""
        self.copies = Copies(self.world.door.desk, self.surfaces, "Europe/Berlin")
        self.news = News(self.world.door.desk, self.surfaces, self.copies)
        self.chat = ChatDesk(self.world.door.dispatcher, self.copies)
        self.world.bus.listeners += [self.copies.hear, self.news.hear]
        self.surface = DiscordSurface(
            self.chat,
            self.world.services,
            token=self.token or self.fake.world.app.token,
            api_url=self.fake.api_url,
            gateway_url=self.fake.gateway_url,
            ready_within=0.01,
        )
        self.surfaces["discord"] = self.surface

    async def __aenter__(self) -> Self:
        self.before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
        self.open()
        await self.surface.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.copies.close()
        await self.surface.stop()
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.before

    async def restart(self) -> None:
        """The process ends and starts anew: what was in memory is gone, what is in rows is not."""
        self.copies.close()
        await self.surface.stop()
        self.world.bus.listeners = [self.world.door.notifications.notice]
        self.open()
        await self.surface.start()
        await self.linked()

    async def linked(self, link: Link = Link.CONNECTED) -> None:
        await self.fake.until(lambda: self.surface.link is link)

    async def until(self, check: Callable[[], Any]) -> Any:
        return await self.fake.until(check)

    async def settle(self) -> None:
        """Let everything that was started come to rest."""
        tasks = self.world.door.desk.tasks
        await self.fake.until(lambda: tasks.running == 0)

    def place(self, channel: str, *more: str) -> str:
        """A channel, or with a message's number a message, as the desk keeps it."""
        return "/".join((self.fake.world.guild.id, self.fake.world.channel(channel).id, *more))

    # What is seen

    def in_channel(self, name: str = DESK) -> list[Message]:
        """The bot's messages of a channel."""
        return [m for m in self.fake.messages(name) if m.author is self.fake.world.bot]

    async def draft(self, person: Person, brief: str = "Ships today", **options: Any) -> Message:
        """A draft's card in the channel, ready to be judged."""
        before = len(self.in_channel())
        await person.slash("desk draft", DESK, brief=brief, picture="Without a picture", **options)
        card: Message = await self.until(lambda: next(iter(self.in_channel()[before:]), None))
        await self.until(lambda: "Approve" in labels(card))
        await self.settle()
        return card

    async def whisper(self, person: Person) -> Message:
        """The newest thing only they see, once there is one."""
        found: Message = await self.until(lambda: next((m for m in person.ephemerals[::-1] if not m.thinking), None))
        return found


def nodes(message: Message) -> list[dict[str, Any]]:
    """Every component of a message, nested ones included."""
    found: list[dict[str, Any]] = []
    waiting = list(message.components)
    while waiting:
        node = waiting.pop(0)
        found.append(node)
        waiting = [*node.get("components", []), *waiting]
    return found


def text(message: Message) -> str:
    """Everything that is written on it."""
    return "\n".join(n["content"] for n in nodes(message) if n["type"] == 10)


def title(message: Message) -> str:
    return text(message).split("\n")[0].removeprefix("### ")


def labels(message: Message) -> list[str]:
    """Its buttons, those of the list included."""
    buttons = [n["label"] for n in nodes(message) if n["type"] == 2]
    return buttons + [o["label"] for n in nodes(message) if n["type"] == 3 for o in n["options"]]


async def make_newsroom(fake: FakeDiscord, world: World) -> Newsroom:
    """A server with an admin, an author and a guest, and the bot in it."""
    fake.role("manager", "manage_guild")
    fake.channel(DESK)
    return Newsroom(world=world, fake=fake)


__all__ = ["DESK", "Newsroom", "labels", "make_newsroom", "make_world", "nodes", "text", "title"]
