"""Discord as people see it: the strict stand-in over real sockets, unmodified discord.py, the surface as it ships."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from discord.gateway import DiscordWebSocket
from discord.http import Route

from handlers.chat.desk import ChatDesk
from handlers.discord.surface import DiscordSurface
from handlers.surface import Link, Surface
from services.domain.actor import Role
from services.domain.identity import Standing, Visitor
from tests.fakes.discord import AppConfig, FakeDiscord, Message
from tests.fakes.discord import Person as Client
from tests.fakes.discord.basics import walk
from tests.fakes.discord.options import fields as asked_in
from tests.fakes.discord.options import starting
from tests.handlers.world import World
from tests.scenarios.choosing import options_of
from tests.scenarios.house import House
from tests.scenarios.stage import Asked, Box, Fault, Person, Seen, Typed, files_in, flat, number_in, starts, the_one
from tests.scenarios.web_stage import make_digest

CHANNEL: Final = "desk"
_TIME: Final = re.compile(r"<t:(\d+):[Ff]>")
_LINK: Final = re.compile(r"\[[^\]]*\]\(<([^>]*)>\)")
_OURS: Final = re.compile(r"-# |> |### |\*\*")
"""How a line begins that nobody typed: everything people type is escaped."""
_CAPTION: Final = re.compile(r"((?:Picture|Video) (?:\d+ of \d+|for )[^:]*): ")
"""What a picture's description begins with, because a gallery has no captions."""
_ABOVE: Final = re.compile(r"\*\*[^*]+\*\* · .+ · (?:[\d,]+/[\d,]+|not measured).*")


class DiscordStage:
    """#desk in a server with the bot in it."""

    name: Final = "discord"
    chat: Final = True

    def __init__(self, house: House, discord: FakeDiscord) -> None:
        """Not open yet."""
        self.house = house
        self.discord = discord
        self._surface: DiscordSurface | None = None
        self._before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
        discord.role("manager", "manage_guild")
        discord.channel(CHANNEL)

    @classmethod
    def fake(cls, world: World) -> FakeDiscord:
        """A server whose bot has no privileged intent."""
        return FakeDiscord(clock=world.clock, app=AppConfig(approved_intents=frozenset()))

    async def open(self, chat: ChatDesk, world: World) -> Surface:
        """Over the gateway."""
        fake = self.discord
        self._surface = surface = DiscordSurface(
            chat,
            world.services,
            token=fake.world.app.token,
            api_url=fake.api_url,
            gateway_url=fake.gateway_url,
            ready_within=0.01,
        )
        await surface.start()
        await fake.until(lambda: surface.link is Link.CONNECTED)
        return surface

    def restore(self) -> None:
        """Let the library speak to the real Discord again."""
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self._before

    @property
    def traffic(self) -> int:
        """Lines of the transcript."""
        return len(self.discord.world.transcript.entries)

    @property
    def running(self) -> int:
        """Work the surface supervises, and answers that are still being thought about."""
        own = self._surface.tasks.running if self._surface else 0
        return own + sum(m.thinking for m in self.discord.world.ephemerals)

    async def person(self, name: str, role: Role = Role.AUTHOR, *, guest: bool = False) -> Person:
        """A member, a manager of the server, or somebody who left it and still has a conversation with the bot."""
        client = self.discord.join(name, *(("manager",) if role is Role.ADMIN else ()))
        about = Visitor(
            surface=self.name,
            team=self.discord.world.guild.id,
            user=client.id,
            name=name.title(),
            standing=Standing.ADMIN if role is Role.ADMIN else Standing.MEMBER,
        )
        if guest:
            del self.discord.world.guild.members[client.id]
            return DiscordStranger(self, client)
        await self.house.welcome(about, role)
        return DiscordPerson(self, client)

    async def connected(self) -> None:
        """The gateway is open."""
        surface = self.house.surfaces[self.name]
        await self.discord.until(lambda: surface.link is Link.CONNECTED and self.discord.hub.live)

    async def shown(self) -> list[Seen]:
        """#desk."""
        return [seen(m) for m in self.discord.messages(CHANNEL) if m.author is self.discord.world.bot]

    async def digest(self) -> None:
        """In #desk."""
        world = self.discord.world
        await make_digest(self.house, self.name, f"{world.guild.id}/{world.channel(CHANNEL).id}")

    async def fail(self, fault: Fault) -> None:
        """On the wire."""
        match fault:
            case Fault.REDRAW_REFUSED:
                self.discord.inject("PATCH /channels/*/messages/*", status=503)
            case Fault.REDRAW_LIMITED:
                self.discord.inject("PATCH /channels/*/messages/*", status=429, retry_after=0.05)
            case Fault.CARD_DELETED:
                self.discord.delete_message(self.discord.messages(CHANNEL)[-1])
            case Fault.CONNECTION_LOST:
                self.discord.drop_gateway()

    def problems(self) -> list[str]:
        """What the server noted."""
        return self.discord.problems


class DiscordPerson:
    """A member at their client, in #desk."""

    def __init__(self, stage: DiscordStage, client: Client) -> None:
        self._stage = stage
        self.client = client
        self.name = client.user.name.title()
        self._told: set[tuple[str, str]] = set()
        self._left: set[tuple[str, str]] = set()
        """Forms that they turned away from."""
        self._wrote: int | None = None
        """How long their conversation with the bot was when they last wrote instead of choosing a command."""

    async def type(self, text: str) -> None:
        """A command with its options; words that are no command are written to the bot."""
        chosen = options_of(text)
        if chosen is None:
            self._wrote = len(self.client.inbox)
            await self.client.mention(CHANNEL, text)
        else:
            word, options = chosen
            await self.client.slash(f"desk {word}", CHANNEL, **options)
        await self._stage.house.settle()

    async def card(self, of: str = "") -> Seen:
        """In #desk."""
        bot = self._stage.discord.world.bot
        return the_one([seen(m) for m in reversed(self.client.sees(CHANNEL)) if m.author is bot], of)

    async def press(self, seen: Seen, label: str, *, sure: bool = True) -> None:
        """A button, or its word in the list; what can't be taken back is asked about by the desk."""
        assert isinstance(seen.at, Message)
        message = self._live(seen.at)
        self._left |= {_mark(m) for m in self.client.ephemerals if _waits(m)}
        if label in seen.menu:
            await self.client.select(message, "More…", label, stale=True)
        else:
            await self.client.click(message, label, stale=True)
        await self._stage.house.settle()
        question = next((q for q in self._unheard() if q.state == "" and q.buttons == (label,)), None)
        if question is not None and sure:
            await self.heard()
            await self.press(question, label)

    def _live(self, old: Message) -> Message:
        """The message as it is, or what a slow client still shows of it."""
        known = [*self.client.ephemerals, *self._stage.discord.world.channels[old.channel].messages.values()]
        return next((m for m in known if m.id == old.id and m.components == old.components), old)

    async def form(self) -> Asked | None:
        """The window in front, or all windows behind the buttons of a whisper, opened and closed again."""
        if self.client.modal is not None:
            return Asked(title=self.client.modal.title, words="", boxes=self._boxes())
        offer = self._offer()
        if offer is None:
            return None
        boxes: dict[str, Box] = {}
        told = seen(offer)
        for label in told.buttons:
            await self.client.click(offer, label)
            await self._stage.house.settle()
            boxes |= self._boxes()
            self.client.close()
        wrong = {name: Box(value=box.value, error=_wrong(offer, name)) for name, box in boxes.items()}
        return Asked(title=told.title, words=told.words, boxes=wrong)

    def _offer(self) -> Message | None:
        """The newest thing they were told, if it is a form that waits."""
        private = [] if self._wrote is None else self.client.inbox[self._wrote :]
        told = [m for m in (*self.client.ephemerals, *private) if not m.thinking]
        return told[-1] if told and _waits(told[-1]) and _mark(told[-1]) not in self._left else None

    def _boxes(self) -> dict[str, Box]:
        modal = self.client.modal
        assert modal is not None
        return {label: Box(value=_plain(starting(field))) for label, field in asked_in(modal.components)}

    async def fill(self, values: Typed) -> Asked | None:
        """Into the windows that ask this, one after the other; each is sent by itself."""
        left = await self._one_window(values)
        while left:
            left = await self._one_window(left)
        return await self.form()

    async def _one_window(self, values: Typed) -> Typed:
        """What is still to be filled in after the window that asks some of it, or that is in front, was sent."""
        if self.client.modal is None:
            await self._open(values)
        boxes = self._boxes()
        here = [q for q in values if any(asked.startswith(q) for asked in boxes)]
        told: dict[str, Any] = {}
        for question in here:
            value = values[question]
            told[starts(question, boxes)] = files_in(value) or value
        await self.client.submit(values=told)
        await self._stage.house.settle()
        return {q: value for q, value in values.items() if q not in here}

    async def _open(self, values: Typed) -> None:
        """The first window behind the buttons of a whisper that asks any of this."""
        offer = self._offer()
        assert offer is not None, "Nothing is asked."
        for label in seen(offer).buttons:
            await self.client.click(offer, label)
            await self._stage.house.settle()
            if not values or any(asked.startswith(q) for asked in self._boxes() for q in values):
                return
            self.client.close()
        raise AssertionError(f"No window asks {list(values)}.")

    async def heard(self) -> list[Seen]:
        """Answers that only they see; to what they wrote, in their own conversation."""
        told = self._unheard()
        self._told |= {_mark(m) for m in self._whispers()}
        return told

    def _whispers(self) -> list[Message]:
        private = [] if self._wrote is None else self.client.inbox[self._wrote :]
        return [m for m in (*self.client.ephemerals, *private) if not m.thinking and not _waits(m)]

    def _unheard(self) -> list[Seen]:
        return [seen(m) for m in self._whispers() if _mark(m) not in self._told]

    async def inbox(self) -> list[Seen]:
        """Their conversation with the bot."""
        return [seen(m) for m in self.client.inbox if m.author is self._stage.discord.world.bot]

    async def thread(self, of: Seen) -> list[Seen]:
        """Below a card."""
        assert isinstance(of.at, Message)
        live = self._stage.discord.world.find(of.at.channel, of.at.id)
        return [seen(m) for m in self._stage.discord.thread(live)] if live else []


class DiscordStranger(DiscordPerson):
    """Somebody who left the server: of a card they see only what the bot shows them in their own conversation."""

    async def card(self, of: str = "") -> Seen:
        """Asked for there."""
        await self.client.dm(f"show {of.removeprefix('draft ')}")
        await self._stage.house.settle()
        return the_one((await self.inbox())[::-1], of)


def _mark(message: Message) -> tuple[str, str]:
    return message.id, str(message.components)


def _waits(message: Message) -> bool:
    """Whether it is a form, whose windows stand behind its buttons."""
    return any(str(node.get("custom_id", "")).startswith("ask:") for node in walk(message.components))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return str(value[0]) if value else ""
    return str(value or "")


def _wrong(offer: Message, question: str) -> str:
    """What the whisper says of a question's answer."""
    lines = [_read(line) for node in walk(offer.components) for line in str(node.get("content", "")).split("\n")]
    start = f"{question}: "
    return next((line.removeprefix(start) for line in lines if line.startswith(start)), "")


def seen(message: Message) -> Seen:
    """A message as its reader has it, of which nothing changes any more."""
    at = message.snapshot()
    nodes = list(walk(at.components))
    written = [str(n["content"]) for n in nodes if n["type"] == 10]
    lines = "\n".join(written).split("\n")
    said = "\n".join(written)
    status = re.match(r"### .*\n\*\*([^*\n]+)\*\*\n-# ", said)
    alts = [str(i.get("description") or "") for n in nodes if n["type"] == 12 for i in n["items"]]
    title = _read(lines[0]) if lines[0].startswith("### ") else ""
    return Seen(
        title=title,
        state=_read(status[1]) if status else "",
        words=flat(" ".join([_read(said), *alts])),
        texts=tuple(_typed(text) for text in written if _ABOVE.fullmatch(text.split("\n")[0])),
        buttons=tuple(str(n["label"]) for n in nodes if n["type"] == 2),
        menu=tuple(str(o["label"]) for n in nodes if n["type"] == 3 for o in n["options"]),
        pictures=tuple(_CAPTION.sub("", alt, count=1) for alt in alts),
        captions=tuple(found[1] for alt in alts if (found := _CAPTION.match(alt))),
        links=tuple(dict.fromkeys(_LINK.findall(said))),
        draft=number_in(title),
        at=at,
    )


def _typed(text: str) -> str:
    """The lines below the one with the count, until the desk speaks again."""
    lines = text.split("\n")[1:]
    end = next((n for n, line in enumerate(lines) if _OURS.match(line)), len(lines))
    return "\n".join(_unescaped(line) for line in lines[:end])


def _unescaped(text: str) -> str:
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text)


def _read(text: str) -> str:
    """As a client shows it."""
    text = _TIME.sub(lambda t: f"{datetime.fromtimestamp(int(t[1]), UTC).astimezone(_ZONE):%a %-d %b %Y %H:%M}", text)
    text = _LINK.sub(r"\1", text)
    text = re.sub(r"(?m)^(?:-# |> |### )", "", text)
    return _unescaped(re.sub(r"(?<!\\)\*\*", "", text))


_ZONE: Final = ZoneInfo("Europe/Berlin")
