"""What the fake workspace remembers, and how Slack writes it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tests.fakes.slack.basics import Json

Key = tuple[str, str]
"""block_id and action_id of an element."""


@dataclass(kw_only=True)
class User:
    """A person, or the app's own bot."""

    id: str
    name: str
    team_id: str
    email: str = ""
    tz: str = "Europe/London"
    tz_label: str = "Greenwich Mean Time"
    tz_offset: int = 0
    is_admin: bool = False
    is_owner: bool = False
    is_primary_owner: bool = False
    is_restricted: bool = False
    """A guest of several channels."""
    is_ultra_restricted: bool = False
    """A guest of one channel."""
    is_bot: bool = False
    deleted: bool = False

    def payload(self, *, email: bool) -> Json:
        """As users.info tells it; the address only to apps that may read it."""
        profile: Json = {"real_name": self.name.title(), "display_name": self.name, "team": self.team_id}
        flags = ("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted", "is_bot")
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.name.title(),
            "deleted": self.deleted,
            "tz": self.tz,
            "tz_label": self.tz_label,
            "tz_offset": self.tz_offset,
            "profile": {**profile, "email": self.email} if email and self.email else profile,
            **{flag: getattr(self, flag) for flag in flags},
        }


@dataclass(kw_only=True)
class UserGroup:
    """A named set of people, on paid plans."""

    id: str
    handle: str
    users: list[str]
    enabled: bool = True


@dataclass(kw_only=True)
class Channel:
    """A place for messages."""

    id: str
    name: str
    members: set[str]
    kind: Literal["channel", "group", "im"] = "channel"
    """Public, private, or between one person and the app."""
    archived: bool = False
    shared: bool = False
    """With another organisation, by Slack Connect."""
    messages: dict[str, Message] = field(default_factory=dict)


@dataclass(kw_only=True)
class Message:
    """One message; the same object is changed in place, so a test that holds it sees what people see."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    app_id: str = ""
    bot_id: str = ""
    thread_ts: str | None = None
    edited: Json | None = None
    only_for: str | None = None
    """The one person who sees it, when it is ephemeral."""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    inputs: dict[Key, Json] = field(default_factory=dict)
    """What was chosen in its elements."""
    streaming: bool = False
    gone: bool = False
    """Deleted."""

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.only_for is not None

    def snapshot(self) -> Message:
        """As it is now, for a client that has not heard of what comes next."""
        return copy.deepcopy(self)

    def payload(self) -> Json:
        """As the Web API and interactions carry it."""
        told: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        if self.app_id:
            told |= {"app_id": self.app_id, "bot_id": self.bot_id}
        if self.blocks:
            told["blocks"] = copy.deepcopy(self.blocks)
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if self.edited:
            told["edited"] = self.edited
        if self.reactions:
            told["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in self.reactions.items()]
        if self.files:
            told["files"] = copy.deepcopy(self.files)
        return told


@dataclass(kw_only=True)
class View:
    """A modal or a Home tab as it stands."""

    id: str
    user: str
    content: Json
    """What the app gave: type, title, blocks and the rest."""
    hash: str
    root_id: str
    previous_id: str | None = None
    inputs: dict[Key, Json] = field(default_factory=dict)
    """What the person typed and chose, kept over updates where ids stay the same."""
    errors: dict[str, str] = field(default_factory=dict)
    """Shown at the fields, by block_id."""

    @property
    def blocks(self) -> list[Json]:
        """The blocks now on it."""
        found: list[Json] = self.content["blocks"]
        return found

    @property
    def title(self) -> str:
        """Its title; empty on a Home tab."""
        return str(self.content.get("title", {}).get("text", ""))

    def state(self) -> Json:
        """`state.values` as Slack sends it."""
        values: dict[str, Json] = {}
        for (block, action), state in self.inputs.items():
            values.setdefault(block, {})[action] = state
        return {"values": values}

    def payload(self, *, team_id: str, app_id: str, bot_id: str) -> Json:
        """As the Web API and interactions carry it."""
        plain = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
        kept = {"clear_on_close": False, "notify_on_close": False, **plain}
        return {
            **kept,
            **copy.deepcopy(self.content),
            "id": self.id,
            "team_id": team_id,
            "app_id": app_id,
            "bot_id": bot_id,
            "app_installed_team_id": team_id,
            "hash": self.hash,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "state": copy.deepcopy(self.state()),
        }


@dataclass(kw_only=True)
class File:
    """An uploaded file on its way to being usable."""

    id: str
    name: str
    length: int
    owner: str
    title: str = ""
    alt: str = ""
    content: bytes | None = None
    complete: bool = False
    polls_left: int = 0
    """How often files.info is still to be asked before the file is processed."""
    channels: list[str] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        """What Slack found it to be; empty until it was processed."""
        if not self.complete or self.polls_left > 0 or self.content is None:
            return ""
        if self.content[4:8] == b"ftyp":
            return "video/mp4"
        starts = {
            b"%PDF": "application/pdf",
            b"\x89PNG": "image/png",
            b"\xff\xd8\xff": "image/jpeg",
            b"GIF8": "image/gif",
            b"RIFF": "image/webp",
        }
        return next((kind for start, kind in starts.items() if self.content.startswith(start)), "text/plain")


@dataclass(kw_only=True)
class Trigger:
    """The right to open one modal, once, within three seconds."""

    id: str
    user: str
    at: datetime
    view_id: str | None = None
    """The modal it was made in, if any."""
    used: bool = False


@dataclass(kw_only=True)
class ResponseUrl:
    """The right to answer an interaction five times within thirty minutes."""

    id: str
    user: str
    channel: str
    at: datetime
    message: Message | None = None
    uses: int = 0


@dataclass(kw_only=True)
class Grant:
    """What a token may do."""

    token: str
    kind: Literal["bot", "app"]
    scopes: frozenset[str]
    revoked: bool = False
