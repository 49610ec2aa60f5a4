"""What the fake guilds remember, and how Discord writes it."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from tests.fakes.discord.basics import COMPONENTS_V2, EPHEMERAL, LOADING, Json, walk

TEXT: Final = 0
DM: Final = 1
THREAD: Final = 11

REPLY: Final = 19
ANSWER: Final = 20
MENU_ANSWER: Final = 23
"""Types of messages: a reply, and the first response to a command that was typed or picked from a menu."""

CHAT: Final = 1
USER: Final = 2
MESSAGE: Final = 3


@dataclass(kw_only=True)
class User:
    """A person, or the app's own bot."""

    id: str
    name: str
    bot: bool = False
    accepts_dms: bool = True
    locale: str = "en-GB"

    def payload(self) -> Json:
        """As everything carries it."""
        return {
            "id": self.id,
            "username": self.name,
            "discriminator": "0000" if self.bot else "0",
            "global_name": None if self.bot else self.name.title(),
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(kw_only=True)
class Role:
    """A named set of permissions; the one with its guild's id is everyone's."""

    id: str
    name: str
    permissions: int = 0
    position: int = 0
    mentionable: bool = False

    def payload(self) -> Json:
        """As the guild tells it."""
        colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "mentionable": self.mentionable,
            "color": 0,
            "colors": colors,
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "managed": False,
            "flags": 0,
        }


@dataclass(kw_only=True)
class Member:
    """Somebody in a guild."""

    user: User
    joined: datetime
    roles: list[str] = field(default_factory=list)
    nick: str | None = None

    def payload(self, *, user: bool = True, permissions: int | None = None) -> Json:
        """As the guild tells it; interactions add what the member may in their channel."""
        told: Json = {
            "roles": list(self.roles),
            "nick": self.nick,
            "avatar": None,
            "joined_at": self.joined.isoformat(),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        if user:
            told["user"] = self.user.payload()
        if permissions is not None:
            told["permissions"] = str(permissions)
        return told


@dataclass(kw_only=True)
class Guild:
    """A server."""

    id: str
    name: str
    owner: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    commands: list[Json] = field(default_factory=list)
    """Those synced to this guild alone."""


@dataclass(kw_only=True)
class Channel:
    """A place for messages: a text channel, a thread, or the conversation with one person."""

    id: str
    name: str
    type: int = TEXT
    guild: str | None = None
    parent: str | None = None
    recipient: str | None = None
    owner: str | None = None
    overwrites: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What a role or member is allowed and denied here beyond the guild's roles."""
    members: list[str] = field(default_factory=list)
    """Of a thread."""
    created: datetime | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    archived: bool = False

    def payload(self, users: dict[str, User], guild: Guild | None) -> Json:
        """As the guild, REST and interactions carry it."""
        told: Json = {
            "id": self.id,
            "type": self.type,
            "flags": 0,
            "last_message_id": next(reversed(self.messages), None),
        }
        if self.type == DM:
            return {**told, "recipients": [users[self.recipient or ""].payload()]}
        told |= {"guild_id": self.guild, "name": self.name, "nsfw": False, "rate_limit_per_user": 0}
        if self.type == THREAD:
            return told | self._thread()
        kinds = {target: 0 if guild is not None and target in guild.roles else 1 for target in self.overwrites}
        exceptions = [
            {"id": target, "type": kinds[target], "allow": str(allow), "deny": str(deny)}
            for target, (allow, deny) in self.overwrites.items()
        ]
        return {**told, "position": 0, "topic": None, "parent_id": None, "permission_overwrites": exceptions}

    def _thread(self) -> Json:
        at = self.created.isoformat() if self.created else None
        meta = {"archived": self.archived, "auto_archive_duration": 1440, "archive_timestamp": at, "locked": False}
        return {
            "parent_id": self.parent,
            "owner_id": self.owner,
            "thread_metadata": {**meta, "create_timestamp": at, "invitable": True},
            "message_count": len(self.messages),
            "member_count": len(self.members),
            "total_message_sent": len(self.messages),
            "applied_tags": [],
        }


@dataclass(kw_only=True)
class Attachment:
    """An uploaded file."""

    id: str
    filename: str
    content: bytes
    content_type: str
    description: str | None = None
    ephemeral: bool = False
    url: str = ""

    def payload(self) -> Json:
        """As messages and interactions carry it."""
        told: Json = {
            "id": self.id,
            "filename": self.filename,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
        }
        if self.description is not None:
            told["description"] = self.description
        return told | ({"ephemeral": True} if self.ephemeral else {})


@dataclass(kw_only=True)
class Message:
    """One message; the same object is changed in place, so a test that holds it sees what people see."""

    id: str
    channel: str
    author: User
    at: datetime
    type: int = 0
    content: str = ""
    flags: int = 0
    components: list[Json] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    """Everybody whom its text names."""
    pinged: set[str] = field(default_factory=set)
    """Those who are told about it: ids of people and roles, and `everyone`."""
    reply_to: str | None = None
    edited: datetime | None = None
    only_for: str | None = None
    """The one person who sees it, when it is ephemeral."""
    interaction: Json | None = None
    """What it is the response to."""
    webhook: str | None = None
    thread: str | None = None
    gone: bool = False
    """Deleted."""

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def thinking(self) -> bool:
        """Whether it only says that the app is thinking."""
        return bool(self.flags & LOADING)

    @property
    def v2(self) -> bool:
        """Whether it consists of components."""
        return bool(self.flags & COMPONENTS_V2)

    @property
    def text(self) -> str:
        """Every word people read in it, top to bottom."""
        parts = [node["content"] for node in walk(self.components) if node.get("type") == 10]
        return "\n".join([*([self.content] if self.content else []), *parts])

    def snapshot(self) -> Message:
        """As it is now, for a client that has not heard of what comes next."""
        return copy.deepcopy(self)


@dataclass(kw_only=True)
class Modal:
    """A form in front of somebody."""

    title: str
    custom_id: str
    components: list[Json]
    channel: Channel
    message: Message | None = None
    """The message whose component opened it."""
    values: dict[str, object] = field(default_factory=dict)
    """What was filled in, by custom_id; kept when the submission fails."""


Kind = Literal["command", "component", "autocomplete", "modal"]
TOKEN_HEAD: Final = "aW50ZXJhY3Rpb246"
"""What the token of every interaction begins with, so that one look finds any of them."""


@dataclass(kw_only=True)
class Interaction:
    """Something a person did that the app has to answer."""

    id: str
    token: str
    kind: Kind
    user: User
    channel: Channel
    at: datetime
    message: Message | None = None
    """The message whose component was used, or the form was opened from."""
    seen: Message | None = None
    """That message as it was when it was used, if it is different by now."""
    on_target: bool = False
    """Whether it was picked from the menu of a message or a person."""
    option_type: int = 0
    """Of what is typed, when choices are asked for."""
    response: int | None = None
    """The type of the first response."""
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Modal | None = None
    choices: list[Json] = field(default_factory=list)
    given_up: bool = False
    """Nobody waits for the first response any more."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once there is a first response, or there can't be one."""
    unfilled: bool = False
    """Deferred with a message that waits for its content."""
