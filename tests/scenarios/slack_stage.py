"""Slack as people see it: the strict stand-in over a real socket, unmodified slack-bolt, the surface as it ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from handlers.chat.desk import ChatDesk
from handlers.slack.opening import SlackSettings, open_slack
from handlers.slack.surface import SlackSurface
from handlers.surface import Surface
from handlers.web.auth import OneTimeLinks
from services.domain.actor import Role
from services.domain.identity import Standing, Visitor
from tests.fakes.slack import AppConfig, FakeSlack, Message, View
from tests.fakes.slack import Person as Client
from tests.fakes.vault import PlainVault
from tests.handlers.world import World
from tests.scenarios.house import House
from tests.scenarios.stage import Asked, Box, Fault, Person, Seen, Typed, files_in, flat, number_in, the_one
from tests.scenarios.web_stage import make_digest

CHANNEL: Final = "desk"
_MANIFEST: Final = Path(__file__).parents[2] / "manifest.yml"
_TOKEN: Final = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_SECRET: Final = b"a secret for tests, long enough"
T = TypeVar("T")


class SlackStage:
    """#desk in a workspace that let the desk in with its own manifest."""

    name: Final = "slack"
    chat: Final = True

    def __init__(self, house: House, slack: FakeSlack) -> None:
        """Not open yet."""
        self.house = house
        self.slack = slack
        self._surface: SlackSurface | None = None
        slack.channel(CHANNEL)

    @classmethod
    def fake(cls, world: World) -> FakeSlack:
        """The workspace, with everything the manifest asks for and nothing else."""
        manifest = yaml.safe_load(_MANIFEST.read_text(encoding="utf-8"))
        return FakeSlack(clock=world.clock, app=AppConfig.from_manifest(manifest))

    # What the house asks of a chat

    async def open(self, chat: ChatDesk, world: World) -> Surface:
        """Over Socket Mode."""
        own = self.slack.world.app
        settings = SlackSettings(bot_token=own.bot_token, app_token=own.app_token, api_base_url=self.slack.api_url)
        tickets = OneTimeLinks(_SECRET, world.clock)
        self._surface = open_slack(chat, world.services, PlainVault(), settings, tickets).surface
        await self._surface.start()
        await self.slack.connected()
        return self._surface

    @property
    def traffic(self) -> int:
        """Lines of the transcript."""
        return len(self.slack.world.transcript.entries)

    @property
    def running(self) -> int:
        """Work the surface supervises, and events on their way."""
        own = self._surface._tasks.running if self._surface else 0
        return own + len(self.slack._tasks)

    # What scenarios ask of a stage

    async def person(self, name: str, role: Role = Role.AUTHOR, *, guest: bool = False) -> Person:
        """A member, an admin of the workspace, or a guest of the channel."""
        client = self.slack.join(name, is_admin=role is Role.ADMIN, is_restricted=guest, tz="Europe/Berlin")
        self.slack.world.channel(CHANNEL).members.add(client.id)
        standing = Standing.GUEST if guest else Standing.ADMIN if role is Role.ADMIN else Standing.MEMBER
        about = Visitor(surface=self.name, team=self.slack.world.team_id, user=client.id, name=name, standing=standing)
        if not guest:
            await self.house.welcome(about, role)
        return SlackPerson(self, client)

    async def connected(self) -> None:
        """A socket is open."""
        await self.slack.connected()

    async def shown(self) -> list[Seen]:
        """#desk with its threads."""
        return [seen(m) for m in self.slack.messages(CHANNEL) if m.app_id]

    async def digest(self) -> None:
        """In #desk."""
        world = self.slack.world
        await make_digest(self.house, self.name, f"{world.team_id}/{world.channel(CHANNEL).id}")

    async def fail(self, fault: Fault) -> None:
        """On the wire."""
        match fault:
            case Fault.REDRAW_REFUSED:
                self.slack.inject("chat.update", status=503)
            case Fault.REDRAW_LIMITED:
                self.slack.inject("chat.update", status=429, retry_after=2)
            case Fault.CARD_DELETED:
                messages = self.slack.world.channel(CHANNEL).messages
                messages.popitem()[1].gone = True
            case Fault.CONNECTION_LOST:
                await self.slack.drop_socket()

    def problems(self) -> list[str]:
        """What the workspace noted."""
        return self.slack.world.problems


class SlackPerson:
    """A member at their client, in #desk."""

    def __init__(self, stage: SlackStage, client: Client) -> None:
        self._stage = stage
        self.client = client
        self.name = client.user.name
        self._told: set[tuple[str, str]] = set()

    @property
    def _slack(self) -> FakeSlack:
        return self._stage.slack

    async def type(self, text: str) -> None:
        """A slash command."""
        await self.client.slash(f"/desk {text}", CHANNEL)
        await self._stage.house.settle()

    async def card(self, of: str = "") -> Seen:
        """In #desk, outside of threads."""
        return the_one([seen(m) for m in reversed(self.client.sees(CHANNEL)) if m.app_id], of)

    async def press(self, seen: Seen, label: str, *, sure: bool = True) -> None:
        """Slack asks for itself where the button says so; behind "More…" the desk does."""
        assert isinstance(seen.at, Message)
        message = self._live(seen.at)
        if label in seen.menu:
            await self.client.choose(message, "cd.more", label)
        else:
            asks = _element(message.blocks, label).get("confirm") is not None
            if asks and not sure:
                return
            await self.client.click(message, label, confirm=asks, stale=message is seen.at)
        await self._stage.house.settle()
        question = next((q for q in self._unheard() if q.state == "" and q.buttons == (label,)), None)
        if question is not None and sure:
            await self.heard()
            await self.press(question, label)

    def _live(self, old: Message) -> Message:
        """The message as it is, or what a slow client still shows of it."""
        known = [*self.client.ephemerals, *self._slack.world.channels[old.channel].messages.values()]
        return next((m for m in known if m.ts == old.ts and m.blocks == old.blocks), old)

    async def form(self) -> Asked | None:
        """The modal in front, once it asks something."""
        view = self.client.modal
        if view is None or view.content.get("submit") is None:
            return None
        boxes = {}
        for block in _inputs(view):
            kept = view.inputs[block["block_id"], block["element"]["action_id"]]
            boxes[block["label"]["text"]] = Box(value=_value(kept), error=view.errors.get(block["block_id"], ""))
        return Asked(title=view.title, words=flat(" ".join(_words(view.blocks))), boxes=boxes)

    async def fill(self, values: Typed) -> Asked | None:
        """And press the submit button."""
        view = self.client.modal
        assert view is not None
        told = dict(self._filled(view, question, value) for question, value in values.items())
        await self.client.submit(view, told)
        await self._stage.house.settle()
        return await self.form()

    def _filled(self, view: View, question: str, value: str | bytes | tuple[bytes, ...]) -> tuple[str, Any]:
        asked = [b for b in _inputs(view) if b["label"]["text"].startswith(question)]
        assert asked, f"{question!r} is not asked: {[b['label']['text'] for b in _inputs(view)]}"
        block = next((b for b in asked if b["element"]["type"] == "plain_text_input"), asked[0])
        files = [self.client.upload(*file) for file in files_in(value)]
        return block["block_id"], files or value

    async def heard(self) -> list[Seen]:
        """Messages for their eyes only, and modals that only say something."""
        told = self._unheard()
        self._told |= {_mark(m) for m in self.client.ephemerals}
        view = self.client.modal
        if view is not None and view.content.get("submit") is None:
            told.append(seen(view))
            await self.client.close(view, everything=True)
        return told

    def _unheard(self) -> list[Seen]:
        return [seen(m) for m in self.client.ephemerals if not m.gone and _mark(m) not in self._told]

    async def inbox(self) -> list[Seen]:
        """Their conversation with the desk."""
        return [seen(m) for m in self.client.inbox]

    async def thread(self, of: Seen) -> list[Seen]:
        """The answers to a card."""
        assert isinstance(of.at, Message)
        ts = of.at.ts
        return [seen(m) for m in self._slack.messages(CHANNEL) if m.thread_ts == ts and m.ts != ts]


def _mark(message: Message) -> tuple[str, str]:
    return message.ts, str(message.blocks)


def seen(shown: Message | View) -> Seen:
    """A message or modal as its reader has it, of which nothing changes any more."""
    at = shown.snapshot() if isinstance(shown, Message) else shown
    blocks = at.blocks
    words = flat(" ".join(_words(blocks)))
    title = next((b["text"]["text"] for b in blocks if b["type"] == "header"), "")
    elements = [e for b in blocks if b["type"] == "actions" for e in b["elements"]]
    quoted = [b for b in blocks if b["type"] == "rich_text" and b["elements"][0]["type"] == "rich_text_quote"]
    return Seen(
        title=title,
        state=_status(blocks),
        words=words,
        texts=tuple("".join(e.get("text", "") for e in b["elements"][0]["elements"]) for b in quoted),
        buttons=tuple(e["text"]["text"] for e in elements if e["type"] == "button"),
        menu=tuple(o["text"]["text"] for e in elements if e["type"] == "static_select" for o in e["options"]),
        pictures=tuple(b["alt_text"] for b in blocks if b["type"] == "image"),
        captions=tuple(b["title"]["text"] for b in blocks if b["type"] == "image" and "title" in b),
        links=tuple(dict.fromkeys(_links(blocks))),
        draft=number_in(title),
        at=at,
    )


def _status(blocks: list[dict[str, Any]]) -> str:
    """From the line of facts below the title."""
    lines = [e["text"] for b in blocks if b["type"] == "context" for e in b["elements"] if "text" in e]
    facts = next((line for line in lines if line.startswith("Status: ")), "")
    return facts.removeprefix("Status: ").split(" · ")[0]


def _words(node: Any) -> Iterator[str]:
    """In order, with what a reader sees of times; not what a button would ask."""
    if isinstance(node, list):
        for item in node:
            yield from _words(item)
    elif isinstance(node, dict):
        if node.get("type") == "date":
            yield node["fallback"]
        for key, value in node.items():
            if key in {"text", "alt_text"} and isinstance(value, str):
                yield _TOKEN.sub(r"\1", value)
            elif key not in {"confirm", "options"}:
                yield from _words(value)


def _links(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _links(item)
    elif isinstance(node, dict):
        if isinstance(node.get("url"), str):
            yield node["url"]
        for value in node.values():
            yield from _links(value)


def _inputs(view: View) -> list[dict[str, Any]]:
    return [b for b in view.blocks if b["type"] == "input"]


def _value(kept: dict[str, Any]) -> str:
    chosen = kept.get("selected_option")
    return str(chosen["value"]) if chosen else str(kept.get("value") or "")


def _element(blocks: list[dict[str, Any]], label: str) -> dict[str, Any]:
    found = [e for b in blocks for e in _buttons(b) if e["text"]["text"] == label]
    assert found, f"{label!r} is not there"
    return found[0]


def _buttons(block: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]
    return [e for e in parts if e.get("type") == "button"]
