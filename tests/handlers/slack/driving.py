"""A desk in memory behind a strict Slack: unmodified slack-bolt on a real socket, and people who type and click."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from handlers.chat.copies import Copies
from handlers.chat.desk import ChatDesk
from handlers.chat.news import News
from handlers.slack.opening import Opened, SlackSettings, open_slack
from handlers.slack.surface import SlackSurface
from handlers.surface import Surface
from handlers.web.auth import OneTimeLinks
from tests.fakes.slack import AppConfig, FakeSlack, Message, Person
from tests.fakes.vault import PlainVault
from tests.handlers.world import World, make_world

SECRET: Final = b"a secret for tests, long enough"
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class SlackDesk:
    """Everything a test may want to touch."""

    world: World
    slack: FakeSlack
    opened: Opened
    chat: ChatDesk
    settings: SlackSettings
    surfaces: dict[str, Surface]
    news: News
    tickets: OneTimeLinks
    vault: PlainVault
    ana: Person
    """A member, so an author."""
    ada: Person
    """An admin of the workspace, so of the desk."""

    @property
    def surface(self) -> SlackSurface:
        return self.opened.surface

    async def restart(self) -> None:
        """Open the surface anew, as after a start of the process."""
        self.opened = open_slack(self.chat, self.world.services, self.vault, self.settings, self.tickets)
        self.surfaces["slack"] = self.opened.surface
        await self.opened.surface.start()
        await self.slack.connected()

    async def until(self, check: Callable[[], T | None], within: float = 5.0) -> T:
        """Wait until Slack looks so; time stands still meanwhile."""
        return await self.slack.until(check, within)

    async def later(self, check: Callable[[], T | None], *, step: float = 0.25) -> T:
        """The same while the desk's clock goes on, in steps so that the network keeps up."""
        for _ in range(100):
            await self.world.clock.advance(step)
            if value := check():
                return value
            try:
                return await self.slack.until(check, 0.05)
            except AssertionError:
                continue
        return await self.slack.until(check, 0.1)

    async def whispered(self, person: Person, *words: str) -> Message:
        """The newest thing only they see that has all these words."""
        return await self.until(lambda: newest(person.ephemerals, *words))

    async def card(self, *words: str, channel: str = "desk") -> Message:
        """The newest message in a channel that has all these words."""
        return await self.until(lambda: newest(self.slack.messages(channel), *words))

    async def draft(self, text: str = "Ships today picture=no", person: Person | None = None) -> Message:
        """A new draft's card in #desk."""
        before = {m.ts for m in self.slack.messages("desk")}
        await (person or self.ana).slash(f"/desk draft {text}", "desk")
        return await self.until(
            lambda: next(
                (m for m in self.slack.messages("desk") if m.ts not in before and "Approve" in said(m)),
                None,
            )
        )


def said(shown: Message | Any) -> str:
    """Everything there is to read, in order."""
    return "\n".join(_words(shown.blocks)) or shown.text


def _words(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node[key] for key in ("text", "fallback") if isinstance(node.get(key), str)]
        return own + [text for value in node.values() for text in _words(value)]
    return [text for item in node for text in _words(item)] if isinstance(node, list) else []


def newest(messages: list[Message], *words: str) -> Message | None:
    return next((m for m in reversed(messages) if all(word in said(m) for word in words)), None)


def labels(message: Message) -> list[str]:
    """Its buttons."""
    found = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    return [e["text"]["text"] for e in found if e["type"] == "button"]


def value_of(message: Message, label: str) -> str:
    return next(
        str(e["value"])
        for b in message.blocks
        if b["type"] == "actions"
        for e in b["elements"]
        if e.get("text", {}).get("text") == label
    )


def settings_for(slack: FakeSlack, **more: str) -> SlackSettings:
    """Socket Mode unless told otherwise."""
    own = slack.world.app
    given = SlackSettings(bot_token=own.bot_token, app_token=own.app_token, api_base_url=slack.api_url)
    return replace(given, **more)


@asynccontextmanager
async def a_desk(
    *, app: AppConfig | None = None, settings: Mapping[str, str] | None = None, connect: bool = True, **fake: Any
) -> AsyncIterator[SlackDesk]:
    """A desk with #desk, Ana and Ada in it; what no installation may ever see fails the test at its end."""
    world = await make_world()
    async with FakeSlack(clock=world.clock, app=app, **fake) as slack:
        ana, ada = slack.join("ana", email="ana@acme.test"), slack.join("ada", is_admin=True)
        slack.channel("desk", "ana", "ada")
        surfaces: dict[str, Surface] = {}
        copies = Copies(world.door.desk, surfaces, "Europe/Berlin")
        chat = ChatDesk(world.door.dispatcher, copies)
        tickets, vault = OneTimeLinks(SECRET, world.clock), PlainVault()
        told = settings_for(slack, **(settings or {}))
        opened = open_slack(chat, world.services, vault, told, tickets)
        surfaces["slack"] = opened.surface
        news = News(world.door.desk, surfaces, copies)
        world.bus.listeners += [copies.hear, news.hear]
        desk = SlackDesk(
            world=world,
            slack=slack,
            opened=opened,
            chat=chat,
            settings=told,
            surfaces=surfaces,
            news=news,
            tickets=tickets,
            vault=vault,
            ana=ana,
            ada=ada,
        )
        await opened.surface.start()
        try:
            if connect:
                await slack.connected()
            yield desk
            slack.check()
        finally:
            copies.close()
            stopping = asyncio.create_task(desk.surface.stop())
            await desk.later(stopping.done)
            await world.door.desk.tasks.drain(0.0)
