"""One desk for every surface that is opened over it: its rows, its publisher, and the chats that hear what happens."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Protocol, TypeVar

from handlers.chat.copies import Copies
from handlers.chat.desk import ChatDesk
from handlers.chat.news import News
from handlers.surface import Surface
from services.domain.actor import Person, Role
from services.domain.identity import Visitor
from services.domain.ids import AccountId
from services.ports.options import PostOption
from services.publishing.dispatch import Dispatcher
from services.publishing.settings import DispatchSettings
from tests.fakes.platform import FakeConnections, FakeNetwork
from tests.handlers.world import BLUESKY, MASTODON, Outside, World, make_world

ZONE: Final = "Europe/Berlin"
_MOMENT: Final = 0.002
"""Real seconds for what travels over sockets."""
_STEP: Final = 0.25
_STEPS: Final = 32
"""How far the desk's own clock goes while something waits for it: eight seconds, less than the time to undo."""
_MOST: Final = 2000
T = TypeVar("T")


class Chat(Protocol):
    """A chat in which the desk is set up."""

    @property
    def name(self) -> str:
        """Its slug."""
        ...

    async def open(self, chat: ChatDesk, world: World) -> Surface:
        """The real surface over this desk, connected."""
        ...

    @property
    def traffic(self) -> int:
        """How much went over the wire."""
        ...

    @property
    def running(self) -> int:
        """What the surface itself is still doing."""
        ...


class House:
    """The desk with its publisher, and the chats it is open in."""

    def __init__(self, world: World) -> None:
        """No chat is open."""
        self.world = world
        self.networks: dict[AccountId, FakeNetwork] = {
            id_: FakeNetwork(clock=world.clock) for id_ in (MASTODON, BLUESKY)
        }
        self._dispatcher = Dispatcher(
            store=world.store,
            connections=FakeConnections(self.networks),
            clock=world.clock,
            bus=world.bus,
            settings=DispatchSettings(owner="desk-1"),
            random=random.Random(7),
            read_media=lambda picture: world.files.get(picture.item.digest),
        )
        self._chats: list[Chat] = []
        self.surfaces: dict[str, Surface] = {}
        self._begin()

    def _begin(self) -> None:
        self.copies = Copies(self.world.door.desk, self.surfaces, ZONE)
        self.news = News(self.world.door.desk, self.surfaces, self.copies)
        self.chat = ChatDesk(self.world.door.dispatcher, self.copies)
        self.world.bus.listeners += [self.copies.hear, self.news.hear]

    async def open(self, chat: Chat) -> None:
        """Set the desk up in a chat."""
        self._chats.append(chat)
        self.surfaces[chat.name] = await chat.open(self.chat, self.world)
        await self.settle()

    async def close(self) -> None:
        """Stop in order; nothing happens the second time."""
        self.copies.close()
        own = (self.copies.hear, self.news.hear)
        self.world.bus.listeners[:] = [hear for hear in self.world.bus.listeners if hear not in own]
        for surface in self.surfaces.values():
            await self._until(asyncio.ensure_future(surface.stop()))
        self.surfaces.clear()

    async def restart(self) -> None:
        """End and begin anew over the same rows, as after a new version was put in."""
        await self.close()
        self._begin()
        for chat in self._chats:
            self.surfaces[chat.name] = await chat.open(self.chat, self.world)
        await self._until(asyncio.ensure_future(self.copies.catch_up()))
        await self._until(asyncio.ensure_future(self.news.sweep()))
        await self.settle()

    async def publish(self) -> None:
        """Send what is due, and look again as often as the publisher asks to within a minute."""
        clock = self.world.clock
        ends = clock.now().timestamp() + 60
        following = await self._until(asyncio.ensure_future(self._dispatcher.drain()))
        while following is not None and following.timestamp() <= ends:
            clock.set(max(following, clock.now()))
            following = await self._until(asyncio.ensure_future(self._dispatcher.drain()))
        await self.settle()

    async def later(self, seconds: float) -> None:
        """Let time go by, and send what became due."""
        await self.world.clock.advance(seconds)
        await self.publish()

    async def welcome(self, visitor: Visitor, role: Role) -> Person:
        """Somebody whose role an admin has set."""
        services = self.world.services
        person = await services.identities.actor(visitor)
        if person.role is not role:
            person = await services.people.set_role(await self.world.actor(), person.name, role)
        return person

    async def settle(self) -> None:
        """Until nothing is said any more, nothing runs, and everything that was heard was told."""
        for _ in range(_MOST):
            before = self._signs()
            await self._until(asyncio.ensure_future(self.news.catch_up()))
            await self._quiet()
            for _ in range(_STEPS):
                if not self._running:
                    break
                await self.world.clock.advance(_STEP)
                await self._quiet()
            if self._signs() == before:
                return
        raise AssertionError("It never comes to rest.")

    async def _until(self, work: asyncio.Future[T]) -> T:
        """Its result, while the clock goes on wherever only that helps."""
        for _ in range(_MOST):
            await self._quiet()
            if work.done():
                return work.result()
            await self.world.clock.advance(_STEP)
        raise AssertionError(f"It never ends: {work}")

    async def _quiet(self) -> None:
        """Until the loop and the sockets have nothing more to hand on at this moment."""
        calm, before = 0, self._signs()
        while calm < 2:
            await self.world.clock.advance()
            if self._chats:
                await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=_MOMENT)
            now = self._signs()
            calm, before = (calm + 1 if now == before else 0), now

    @property
    def _running(self) -> int:
        return self.world.door.desk.tasks.running + sum(chat.running for chat in self._chats)

    def _signs(self) -> tuple[int, ...]:
        clock, bus = self.world.clock, self.world.bus
        return (len(clock.slept), len(bus.events), self._running, *(chat.traffic for chat in self._chats))


@asynccontextmanager
async def a_house(options: Mapping[str, tuple[PostOption, ...]] | None = None) -> AsyncIterator[House]:
    """A desk with two accounts, closed at the end; `options` are what may be chosen on a network, by its slug."""
    world = await make_world(outside=Outside(options=options or {}))
    house = House(world)
    try:
        yield house
    finally:
        await house.close()
        await world.door.desk.tasks.drain(0.0)
        await world.client.aclose()
        await world.stranger.aclose()
