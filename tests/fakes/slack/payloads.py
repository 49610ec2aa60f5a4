"""The payloads Slack sends, built from what the workspace holds."""

from __future__ import annotations

import copy
import re
from typing import Final

from tests.fakes.slack.basics import Json
from tests.fakes.slack.model import Channel, Message, User, View
from tests.fakes.slack.world import World

_WORD: Final = re.compile(r"@[\w.-]+|#[\w-]+|https?://\S+|[&<>]")
_PLACE: Final = {"im": "directmessage", "group": "privategroup"}
_ENTITY: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(world: World, text: str, *, entities: bool = True) -> str:
    """What a person typed as Slack stores it: people, channels and links in angle brackets."""

    def one(match: re.Match[str]) -> str:
        word = match.group()
        if word in _ENTITY:
            return _ENTITY[word] if entities else word
        if word.startswith("http"):
            return f"<{word}>"
        for user in world.users.values():
            if word == f"@{user.name}":
                return f"<@{user.id}>" if entities else f"<@{user.id}|{user.name}>"
        for channel in world.channels.values():
            if word == f"#{channel.name}":
                return f"<#{channel.id}|{channel.name}>"
        return word

    return _WORD.sub(one, text)


def _who(user: User) -> Json:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}


def _place(channel: Channel) -> Json:
    return {"id": channel.id, "name": _PLACE.get(channel.kind, channel.name)}


def _base(world: World, kind: str, user: User) -> Json:
    return {
        "type": kind,
        "team": {"id": world.team_id, "domain": world.domain},
        "user": _who(user),
        "api_app_id": world.app.app_id,
        "token": world.app.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def slash(world: World, user: User, channel: Channel, command: str, text: str) -> Json:
    """A command; flat, since it travels as a form."""
    return {
        "token": world.app.verification_token,
        "team_id": world.team_id,
        "team_domain": world.domain,
        "channel_id": channel.id,
        "channel_name": _place(channel)["name"],
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": escaped(world, text, entities=False) if world.app.commands[command] else text,
        "api_app_id": world.app.app_id,
        "is_enterprise_install": "false",
        "response_url": world.new_response_url(user.id, channel.id),
        "trigger_id": world.new_trigger(user.id).id,
    }


def _action(world: World, block: Json, element: Json, state: Json) -> Json:
    kept = ("type", "action_id", "text", "value", "style", "url")
    told = {name: copy.deepcopy(element[name]) for name in kept if name in element}
    return {**told, **state, "block_id": block.get("block_id", ""), "action_ts": world.new_ts()}


def message_action(world: World, user: User, message: Message, *, block: Json, element: Json, state: Json) -> Json:
    """`block_actions` on a message; Slack leaves an ephemeral message itself out."""
    channel = world.channels[message.channel]
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    values: dict[str, Json] = {}
    for (block_id, action_id), kept in message.inputs.items():
        values.setdefault(block_id, {})[action_id] = kept
    live = None if message.gone else message
    return {
        **_base(world, "block_actions", user),
        "container": {**container, "is_ephemeral": message.ephemeral},
        "channel": _place(channel),
        **({} if message.ephemeral else {"message": message.payload()}),
        "state": {"values": copy.deepcopy(values)},
        "trigger_id": world.new_trigger(user.id).id,
        "response_url": world.new_response_url(user.id, channel.id, live),
        "actions": [_action(world, block, element, state)],
    }


def view_action(world: World, user: User, view: View, *, block: Json, element: Json, state: Json) -> Json:
    """`block_actions` in a modal or on the Home tab."""
    return {
        **_base(world, "block_actions", user),
        "container": {"type": "view", "view_id": view.id},
        "view": world.view_payload(view),
        "trigger_id": world.new_trigger(user.id, view.id).id,
        "actions": [_action(world, block, element, state)],
    }


def suggestion(world: World, user: User, view: View, *, block: Json, element: Json, query: str) -> Json:
    """`block_suggestion`: what to offer while somebody types."""
    return {
        **_base(world, "block_suggestion", user),
        "container": {"type": "view", "view_id": view.id},
        "view": world.view_payload(view),
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": query,
    }


def submission(world: World, user: User, view: View) -> Json:
    """`view_submission`."""
    return {
        **_base(world, "view_submission", user),
        "view": world.view_payload(view),
        "trigger_id": world.new_trigger(user.id, view.id).id,
        "response_urls": [],
    }


def closed(world: World, user: User, view: View, *, cleared: bool) -> Json:
    """`view_closed`, for views that asked to hear of it."""
    return {**_base(world, "view_closed", user), "view": world.view_payload(view), "is_cleared": cleared}


def shortcut(world: World, user: User, callback_id: str) -> Json:
    """A shortcut from anywhere."""
    return {
        **_base(world, "shortcut", user),
        "callback_id": callback_id,
        "trigger_id": world.new_trigger(user.id).id,
        "action_ts": world.new_ts(),
    }


def message_shortcut(world: World, user: User, callback_id: str, message: Message) -> Json:
    """A shortcut on a message."""
    channel = world.channels[message.channel]
    return {
        **_base(world, "message_action", user),
        "callback_id": callback_id,
        "trigger_id": world.new_trigger(user.id).id,
        "action_ts": world.new_ts(),
        "message_ts": message.ts,
        "channel": _place(channel),
        "message": {**message.payload(), "team": world.team_id},
        "response_url": world.new_response_url(user.id, channel.id, message),
    }


def event(world: World, body: Json) -> Json:
    """The envelope of an event, with an id that stays the same when it is sent again."""
    seat = {"enterprise_id": None, "team_id": world.team_id, "user_id": world.bot.id, "is_bot": True}
    return {
        "token": world.app.verification_token,
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "context_enterprise_id": None,
        "api_app_id": world.app.app_id,
        "event": body,
        "type": "event_callback",
        "event_id": world.new_id("Ev"),
        "event_time": int(world.clock.now().timestamp()),
        "authorizations": [{**seat, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": world.new_id("4-"),
    }
