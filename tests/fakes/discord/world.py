"""The fake Discord's memory and the few ways to change it that everything else goes through."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tests.fakes.changes import Changes
from tests.fakes.discord import permissions
from tests.fakes.discord.basics import Json, Refused
from tests.fakes.discord.invariants import breaches
from tests.fakes.discord.model import (
    DM,
    TEXT,
    THREAD,
    TOKEN_HEAD,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Member,
    Message,
    Modal,
    Role,
    User,
)
from tests.fakes.real_clock import Clock
from tests.fakes.transcript import Transcript

EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
"""Where Discord's ids begin to count."""
INTENTS: Final = {
    "guilds": 0,
    "guild_members": 1,
    "guild_messages": 9,
    "guild_message_reactions": 10,
    "direct_messages": 12,
    "message_content": 15,
}
PRIVILEGED: Final = {"guild_members": 1 << 1, "guild_presences": 1 << 8, "message_content": 1 << 15}
_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "mp4": "video/mp4",
}


@dataclass(kw_only=True)
class AppConfig:
    """What the app's owner set in the developer portal."""

    name: str = "copydesk"
    token: str = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.fake.discord-bot-token-of-the-fake"
    approved_intents: frozenset[str] = frozenset({"message_content", "guild_members"})
    """Privileged intents that are switched on: any of guild_members, guild_presences and message_content."""
    permissions: int = permissions.EVERYBODY
    """What the bot's own role may in every guild it is in."""


class World:
    """Guilds with one app in them."""

    def __init__(self, *, clock: Clock, app: AppConfig) -> None:
        """Begin with one guild, which has no owner until somebody joins as such."""
        self.clock = clock
        self.app = app
        self.public = False
        """Whether anybody may invite the app, which is how a new one is."""
        self.base = ""
        """Where the fake listens; set when it starts."""
        self.transcript = Transcript(clock, "Discord")
        self.transcript.secrets = self.secrets
        self.changes = Changes(self.transcript)
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[Message] = []
        self.files: dict[str, Attachment] = {}
        self.commands: list[Json] = []
        """Those synced globally."""
        self.syncs: list[str] = []
        """Every bulk overwrite of commands: `global` or the guild's id."""
        self.interactions: dict[str, Interaction] = {}
        self.modals: dict[str, Modal] = {}
        """The form in front of each person."""
        self.noted: list[str] = []
        """What a real installation would have shown as broken, as far as it was seen on the way."""
        self.loud_allowed: set[str] = set()
        """Channels in which the app may ring everybody."""
        self.on_event: Callable[[str, Json], None] = lambda _name, _body: None
        """Takes what the gateway tells."""
        self._numbers = itertools.count(1)
        self.bot = self.add_user(app.name, bot=True)
        self.application_id = self.bot.id
        self.guild = self.add_guild("acme")

    # Names and numbers

    def new_id(self) -> str:
        """An id with the time in it, as Discord's have."""
        since = int((self.clock.now() - EPOCH).total_seconds() * 1000)
        return str((since << 22) + next(self._numbers))

    def secrets(self) -> list[str]:
        """What must never be seen in a text."""
        return [self.app.token, TOKEN_HEAD]

    # People and places

    def add_user(self, name: str, **more: Any) -> User:
        """Let somebody have an account."""
        user = User(id=self.new_id(), name=name, **more)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, bot: bool = True) -> Guild:
        """Open a server with the app in it."""
        guild = Guild(id=self.new_id(), name=name)
        guild.roles[guild.id] = Role(id=guild.id, name="@everyone", permissions=permissions.EVERYBODY)
        self.guilds[guild.id] = guild
        if bot:
            own = self.add_role(self.app.name, guild, may=self.app.permissions)
            self.enter(self.bot, guild, own.name)
        return guild

    def add_role(self, name: str, guild: Guild, *, may: int = 0, mentionable: bool = False) -> Role:
        """Make a role."""
        role = Role(id=self.new_id(), name=name, permissions=may, position=len(guild.roles), mentionable=mentionable)
        guild.roles[role.id] = role
        return role

    def enter(self, user: User, guild: Guild, *roles: str) -> Member:
        """Let somebody into a server."""
        named = [self.role(name, guild).id for name in roles]
        member = Member(user=user, joined=self.clock.now(), roles=named)
        guild.members[user.id] = member
        return member

    def add_channel(self, name: str, guild: Guild) -> Channel:
        """Open a text channel."""
        channel = Channel(id=self.new_id(), name=name, type=TEXT, guild=guild.id)
        self.channels[channel.id] = channel
        return channel

    def add_thread(self, name: str, parent: Channel, owner: str, number: str) -> Channel:
        """Open a thread below a channel; one made from a message has the message's number."""
        thread = Channel(
            id=number,
            name=name,
            type=THREAD,
            guild=parent.guild,
            parent=parent.id,
            owner=owner,
            members=[owner],
            created=self.clock.now(),
        )
        self.channels[thread.id] = thread
        self.on_event("THREAD_CREATE", {**self.channel_payload(thread), "newly_created": True})
        self.changes.note()
        return thread

    def dm(self, user: str) -> Channel:
        """The conversation between a person and the app."""
        for channel in self.channels.values():
            if channel.type == DM and channel.recipient == user:
                return channel
        channel = Channel(id=self.new_id(), name="", type=DM, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def user(self, name: str) -> User:
        """By id or name."""
        for user in self.users.values():
            if name in {user.id, user.name}:
                return user
        raise Refused(f"Nobody here is called {name}.")

    def channel(self, name: str) -> Channel:
        """By id or name, as people and tests say it; threads have names too."""
        for channel in self.channels.values():
            if name == channel.id or (channel.type != DM and name.removeprefix("#") == channel.name):
                return channel
        raise Refused(f"There is no channel {name}.")

    def role(self, name: str, guild: Guild | None = None) -> Role:
        """By id or name."""
        roles = (guild or self.guild).roles
        for role in roles.values():
            if name in {role.id, role.name}:
                return role
        raise Refused(f"There is no role {name}. There is: {', '.join(role.name for role in roles.values())}.")

    def guild_of(self, channel: Channel) -> Guild | None:
        """The server a channel is in, if any."""
        return self.guilds[channel.guild] if channel.guild else None

    def may(self, user: str, channel: Channel) -> int:
        """What somebody may in a channel; threads go by their parent."""
        guild = self.guild_of(channel)
        if guild is None:
            return permissions.ALL if user in {channel.recipient, self.bot.id} else 0
        if user not in guild.members:
            return 0
        parent = self.channels[channel.parent] if channel.parent else channel
        return permissions.of_member(guild, user, parent)

    # As Discord writes it

    def channel_payload(self, channel: Channel) -> Json:
        """A channel."""
        return channel.payload(self.users, self.guild_of(channel))

    def guild_payload(self, guild: Guild) -> Json:
        """A server as GUILD_CREATE tells it, with its own member's list as long as it is small."""
        inside = [c for c in self.channels.values() if c.guild == guild.id]
        return {
            "id": guild.id,
            "name": guild.name,
            "owner_id": guild.owner or guild.id,
            "icon": None,
            "features": [],
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "system_channel_flags": 0,
            "emojis": [],
            "stickers": [],
            "roles": [role.payload() for role in guild.roles.values()],
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "joined_at": guild.members[self.bot.id].joined.isoformat(),
            "members": [member.payload() for member in guild.members.values()],
            "channels": [self.channel_payload(one) for one in inside if one.type != THREAD],
            "threads": [self.channel_payload(one) for one in inside if one.type == THREAD],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def message_payload(self, message: Message) -> Json:
        """A message as REST and interactions carry it."""
        channel = self.channels[message.channel]
        told: Json = {
            "id": message.id,
            "type": message.type,
            "channel_id": message.channel,
            "author": message.author.payload(),
            "content": message.content,
            "timestamp": message.at.isoformat(),
            "edited_timestamp": message.edited.isoformat() if message.edited else None,
            "tts": False,
            "mention_everyone": "everyone" in message.pinged,
            "mentions": [user.payload() for user in message.mentions],
            "mention_roles": [one for one in sorted(message.pinged) if one in self._roles(channel)],
            "attachments": [file.payload() for file in message.attachments],
            "embeds": message.embeds,
            "pinned": False,
            "flags": message.flags,
            "components": message.components,
        }
        if message.webhook:
            told |= {"webhook_id": message.webhook, "application_id": self.application_id}
        if message.interaction:
            told["interaction_metadata"] = message.interaction
        if message.reply_to:
            told["message_reference"] = {
                "type": 0,
                "message_id": message.reply_to,
                "channel_id": channel.id,
                "guild_id": channel.guild,
            }
        if message.thread in self.channels:
            told["thread"] = self.channel_payload(self.channels[message.thread or ""])
        return told

    def _roles(self, channel: Channel) -> Iterable[str]:
        guild = self.guild_of(channel)
        return guild.roles if guild else ()

    # Messages

    def find(self, channel: str, number: str) -> Message | None:
        """A message that is there for everybody in its channel."""
        place = self.channels.get(channel)
        return place.messages.get(number) if place else None

    def post(self, message: Message) -> Message:
        """Put a message where everybody in the channel, or one person, sees it."""
        if message.ephemeral:
            self.ephemerals.append(message)
        else:
            self.channels[message.channel].messages[message.id] = message
        self.judge(message)
        self.tell("MESSAGE_CREATE", message)
        self.changes.note()
        return message

    def tell(self, event: str, message: Message) -> None:
        """The event by which the app hears of a message; nobody hears of what one person alone sees."""
        channel = self.channels[message.channel]
        if message.ephemeral or (channel.guild and not permissions.has(self.may(self.bot.id, channel), "view_channel")):
            return
        guild = self.guild_of(channel)
        if event == "MESSAGE_DELETE":
            told: Json = {"id": message.id, "channel_id": channel.id}
        else:
            told = self.message_payload(message)
            if guild is not None and message.author.id in guild.members and not message.webhook:
                told["member"] = guild.members[message.author.id].payload(user=False)
        if channel.guild:
            told["guild_id"] = channel.guild
        self.on_event(event, {**told, "channel_type": channel.type} if event != "MESSAGE_DELETE" else told)

    def remove(self, message: Message) -> None:
        """Take a message away."""
        message.gone = True
        if message.ephemeral:
            self.ephemerals.remove(message)
        else:
            self.channels[message.channel].messages.pop(message.id, None)
            self.tell("MESSAGE_DELETE", message)
        self.changes.note()

    def remove_channel(self, channel: Channel) -> None:
        """Take a channel away, with its threads."""
        threads = [one for one in self.channels.values() if one.parent == channel.id]
        for one in [*threads, channel]:
            event = "THREAD_DELETE" if one.type == THREAD else "CHANNEL_DELETE"
            self.on_event(event, self.channel_payload(one))
            for message in one.messages.values():
                message.gone = True
            del self.channels[one.id]
        self.changes.note()

    def keep(self, file: Attachment, channel: str) -> Attachment:
        """Give a file its address."""
        folder = "ephemeral-attachments" if file.ephemeral else "attachments"
        file.url = f"{self.base}/{folder}/{channel}/{file.id}/{file.filename}"
        self.files[file.id] = file
        return file

    def new_file(self, filename: str, content: bytes, **more: Any) -> Attachment:
        """A file with an id and no address yet."""
        kind = _TYPES.get(filename.rpartition(".")[2].lower(), "application/octet-stream")
        return Attachment(id=self.new_id(), filename=filename, content=content, content_type=kind, **more)

    # Judgement

    def note(self, problem: str) -> None:
        """Keep what must never happen, once."""
        if problem not in self.noted:
            self.noted.append(problem)

    def judge(self, message: Message) -> None:
        """Note what must never be shown, even if it is gone a moment later."""
        if message.author is not self.bot:
            return
        kind = "ephemeral" if message.ephemeral else "message"
        loud = message.channel in self.loud_allowed
        for breach in breaches(message, secrets=self.secrets(), loud=loud):
            self.note(f"{kind} {message.id} in {message.channel}: {breach}")
