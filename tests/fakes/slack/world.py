"""The state of the fake workspace and the few ways to change it that everything else goes through."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from tests.fakes.changes import Changes
from tests.fakes.real_clock import Clock
from tests.fakes.slack import scopes
from tests.fakes.slack.basics import ACK_SECONDS, ApiError, Json, Refused, walk
from tests.fakes.slack.inputs import starting_inputs
from tests.fakes.slack.invariants import breaches
from tests.fakes.slack.model import (
    Channel,
    File,
    Grant,
    Message,
    ResponseUrl,
    Trigger,
    User,
    UserGroup,
    View,
)
from tests.fakes.transcript import Transcript

SCOPES: Final = frozenset(
    {"commands", "chat:write", "app_mentions:read", "im:history", "im:read", "im:write", "channels:read"}
    | {"groups:read", "files:read", "files:write", "users:read", "assistant:write", "channels:history"}
    | {"groups:history", "usergroups:read", "chat:write.public", "users:read.email", "reactions:write"}
)
"""What the app was granted unless a test says otherwise."""
EVENTS: Final = frozenset({"app_mention", "message.im", "app_home_opened", "app_uninstalled", "tokens_revoked"})
_ALPHABET: Final = string.digits + string.ascii_uppercase
ELEMENTS: Final = frozenset(
    {"button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"}
    | {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
    | {"multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select"}
    | {"multi_channels_select", "plain_text_input", "email_text_input", "url_text_input", "number_input"}
    | {"rich_text_input", "file_input", "feedback_buttons", "icon_button", "workflow_button"}
)
"""Elements that people act on, which Slack names when the app did not."""


@dataclass(kw_only=True)
class AppConfig:
    """What the app's owner set on Slack's side."""

    app_id: str = "A0FAKE00001"
    bot_name: str = "copydesk"
    client_id: str = "1111.2222"
    client_secret: str = "client-secret-of-the-fake"
    signing_secret: str = "signing-secret-of-the-fake"
    app_token: str = "xapp-1-A0FAKE00001-fake-app-token"
    bot_token: str = "xoxb-1111-2222-fake-bot-token"
    verification_token: str = "verification-token-of-the-fake"
    scopes: frozenset[str] = SCOPES
    commands: dict[str, bool] = field(default_factory=lambda: {"/desk": True})
    """Commands, and whether Slack escapes people, channels and links in their text."""
    shortcuts: dict[str, str] = field(
        default_factory=lambda: {"draft_from_message": "message", "new_draft": "global"},
    )
    """callback_id to `message` or `global`."""
    events: frozenset[str] = EVENTS
    redirect_urls: tuple[str, ...] = ()
    interactivity: bool = True

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> AppConfig:
        """The app a manifest describes, so that what the manifest lacks is lacking here too."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        oauth = manifest.get("oauth_config", {})
        scopes = oauth.get("scopes", {})
        return cls(
            bot_name=features["bot_user"]["display_name"].lower(),
            scopes=frozenset([*scopes.get("bot", []), *scopes.get("bot_optional", [])]),
            commands={c["command"]: c.get("should_escape", False) for c in features.get("slash_commands", [])},
            shortcuts={s["callback_id"]: s["type"] for s in features.get("shortcuts", [])},
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            redirect_urls=tuple(oauth.get("redirect_urls", ())),
            interactivity=settings.get("interactivity", {}).get("is_enabled", False),
        )


class World:
    """One workspace with one app in it."""

    def __init__(self, *, clock: Clock, app: AppConfig, paid: bool = True, polls_until_ready: int = 2) -> None:
        """`paid`: whether the plan has user groups; `polls_until_ready`: files.info calls a new file needs."""
        self.clock = clock
        self.app = app
        self.paid = paid
        self.polls_until_ready = polls_until_ready
        self.team_id = "T0FAKE00001"
        self.domain = "acme"
        self.base = ""
        """Where the fake listens; set when it starts."""
        self.transcript = Transcript(clock, "Slack")
        self.changes = Changes(self.transcript)
        self.users: dict[str, User] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[Message] = []
        self.files: dict[str, File] = {}
        self.modals: dict[str, list[View]] = {}
        """The stack of each person, the one in front last."""
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.codes: dict[str, Json] = {}
        self.statuses: dict[tuple[str, str], str] = {}
        """The agent's status by channel and thread."""
        self.prompts: list[Json] = []
        self.grants: dict[str, Grant] = {}
        self.problems: list[str] = []
        """What a real workspace would have shown as broken, for the end of the test."""
        self.loud_allowed: set[str] = set()
        """Channels in which the app may call everybody."""
        self.on_event: Callable[[Json], None] = lambda _: None
        """Takes events that the app's own doing causes."""
        self._numbers = itertools.count(1)
        self._ticks = itertools.count(100)
        self.bot = self.add_user(app.bot_name, is_bot=True)
        self.bot_id = self.new_id("B")
        self.grant(app.bot_token, app.scopes)
        self.grants[app.app_token] = Grant(
            token=app.app_token, kind="app", scopes=frozenset({"connections:write", "authorizations:read"})
        )

    # Names and numbers

    def new_id(self, prefix: str) -> str:
        """An id that looks like Slack's."""
        number, text = next(self._numbers), ""
        for _ in range(6):
            number, rest = divmod(number, 36)
            text = _ALPHABET[rest] + text
        return f"{prefix}0FK{text}"

    def new_ts(self) -> str:
        """A message's timestamp: its id within the channel."""
        return f"{int(self.clock.now().timestamp())}.{next(self._ticks):06d}"

    def new_hash(self) -> str:
        """A view's version."""
        return f"{int(self.clock.now().timestamp())}.{next(self._numbers):08d}"

    # People and places

    def add_user(self, name: str, **more: Any) -> User:
        """Let somebody join."""
        user = User(id=self.new_id("U"), name=name, team_id=more.pop("team_id", self.team_id), **more)
        self.users[user.id] = user
        return user

    def add_channel(self, name: str, *members: str, private: bool = False, bot: bool = True) -> Channel:
        """Open a channel with these people, by name, and the bot unless told otherwise."""
        inside = {self.user(member).id for member in members} | ({self.bot.id} if bot else set())
        channel = Channel(
            id=self.new_id("G" if private else "C"), name=name, members=inside, kind="group" if private else "channel"
        )
        self.channels[channel.id] = channel
        return channel

    def add_group(self, handle: str, *members: str) -> UserGroup:
        """Make a user group."""
        group = UserGroup(id=self.new_id("S"), handle=handle, users=[self.user(member).id for member in members])
        self.groups[group.id] = group
        return group

    def user(self, name: str) -> User:
        """By id or name."""
        for user in self.users.values():
            if name in {user.id, user.name}:
                return user
        raise Refused(f"Nobody here is called {name}.")

    def channel(self, name: str) -> Channel:
        """By id or name, as people and tests say it."""
        for channel in self.channels.values():
            if name.removeprefix("#") in {channel.id, channel.name}:
                return channel
        raise Refused(f"There is no channel {name}.")

    def im(self, user: str) -> Channel:
        """The conversation between a person and the app."""
        for channel in self.channels.values():
            if channel.kind == "im" and user in channel.members:
                return channel
        channel = Channel(id=self.new_id("D"), name="directmessage", members={user, self.bot.id}, kind="im")
        self.channels[channel.id] = channel
        return channel

    # Rights

    def grant(self, token: str, scopes: frozenset[str]) -> Grant:
        """Give the app's bot a token."""
        grant = Grant(token=token, kind="bot", scopes=scopes)
        self.grants[token] = grant
        return grant

    def secrets(self) -> list[str]:
        """What must never be seen in a text."""
        own = self.app
        return [own.signing_secret, own.client_secret, own.verification_token, *self.grants]

    def new_trigger(self, user: str, view_id: str | None = None) -> Trigger:
        """For one interaction."""
        number = next(self._numbers)
        trigger = Trigger(id=f"{number}.1111.fake", user=user, at=self.clock.now(), view_id=view_id)
        self.triggers[trigger.id] = trigger
        return trigger

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger, or say why not."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self.clock.now() - trigger.at > timedelta(seconds=ACK_SECONDS):
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger

    def new_response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        """For one interaction."""
        made = ResponseUrl(id=self.new_id("R"), user=user, channel=channel, at=self.clock.now(), message=message)
        self.response_urls[made.id] = made
        return f"{self.base}/response/{made.id}"

    # Messages and views

    def name_blocks(self, blocks: list[Json]) -> list[Json]:
        """Give blocks and elements the ids their maker left out, as Slack does."""
        for block in blocks:
            block.setdefault("block_id", self.new_id("b"))
        for _, key, node in walk(blocks):
            if node.get("type") in ELEMENTS and key != "confirm":
                node.setdefault("action_id", self.new_id("a"))
        return blocks

    def post(self, channel: Channel, user: str, text: str, **more: Any) -> Message:
        """Put a message where everybody in the channel, or one person, sees it."""
        blocks = self.name_blocks(more.pop("blocks", []))
        message = Message(channel=channel.id, ts=self.new_ts(), user=user, text=text, blocks=blocks, **more)
        if user == self.bot.id:
            message.app_id, message.bot_id = self.app.app_id, self.bot_id
            self.judge(message)
        message.inputs = starting_inputs(blocks)
        if message.ephemeral:
            self.ephemerals.append(message)
        else:
            channel.messages[message.ts] = message
            self.tell_message(message)
        self.changed()
        return message

    def judge(self, shown: Message | View) -> None:
        """Note what must never be shown, even if it is gone a moment later."""
        if isinstance(shown, View):
            where, text, loud = f"view {shown.title}".rstrip(), None, False
        else:
            kind = "ephemeral" if shown.ephemeral else "message"
            where, loud = f"{kind} {shown.ts} in {shown.channel}", shown.channel in self.loud_allowed
            text = shown.text or ("a file" if shown.files or shown.streaming else "")
        for breach in breaches(text, shown.blocks, secrets=self.secrets(), loud=loud):
            told = f"{where}: {breach}"
            if told not in self.problems:
                self.problems.append(told)

    def listens(self, event: str) -> bool:
        """Whether the app subscribed to an event and may have it."""
        return event in self.app.events and scopes.EVENTS.get(event) in {None, *self.app.scopes}

    def tell_message(self, message: Message, subtype: str = "") -> None:
        """The event by which the app hears of a message, its own included."""
        channel = self.channels[message.channel]
        kind = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}[channel.kind]
        if not self.listens(kind) or self.bot.id not in channel.members:
            return
        about = {"channel": channel.id, "channel_type": channel.kind, "event_ts": message.ts}
        told = message.payload()
        if subtype == "message_changed":
            told = {"type": "message", "subtype": subtype, "message": told, "ts": self.new_ts(), "hidden": True}
        elif subtype:
            told = {"type": "message", "subtype": subtype, "deleted_ts": message.ts, "previous_message": told}
        self.on_event({**told, **about})

    def new_view(self, user: str, content: Json, *, below: View | None = None) -> View:
        """A view with all its ids, not yet shown."""
        self.name_blocks(content["blocks"])
        identity = self.new_id("V")
        view = View(
            id=identity,
            user=user,
            content=content,
            hash=self.new_hash(),
            root_id=below.root_id if below else identity,
            previous_id=below.id if below else None,
            inputs=starting_inputs(content["blocks"]),
        )
        self.judge(view)
        return view

    def change_view(self, view: View, content: Json) -> None:
        """Show other content; what was typed stays where block_id and action_id do."""
        self.name_blocks(content["blocks"])
        fresh = starting_inputs(content["blocks"])
        same = {key: state for key, state in view.inputs.items() if fresh.get(key, {}).get("type") == state["type"]}
        view.content, view.hash, view.errors = content, self.new_hash(), {}
        view.inputs = {**fresh, **same}
        self.judge(view)
        self.changed()

    def view_payload(self, view: View) -> Json:
        """As Slack writes it."""
        return view.payload(team_id=self.team_id, app_id=self.app.app_id, bot_id=self.bot_id)

    # Waiting

    def changed(self) -> None:
        """Wake whoever waits for the workspace to look different."""
        self.changes.note()
