"""Channels, threads and messages, as the bot's own token reaches them."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord import permissions
from tests.fakes.discord.api import Call, channel_of, message_of, route
from tests.fakes.discord.basics import HAS_THREAD, ApiError, Problem, invalid, length, refuse, required, unknown
from tests.fakes.discord.model import DM, REPLY, TEXT, THREAD, Channel, Message
from tests.fakes.discord.sending import Sent, fill
from tests.fakes.discord.world import World


@route("GET", "/channels/{channel}")
async def read_channel(world: World, call: Call) -> Any:
    """One channel."""
    return world.channel_payload(channel_of(world, call))


@route("PATCH", "/channels/{channel}")
async def edit_channel(world: World, call: Call) -> Any:
    """Rename it, or put a thread away and take it out again; its maker may, and who manages threads."""
    channel = channel_of(world, call)
    need = "manage_threads" if channel.type == THREAD else "manage_channels"
    if channel.owner != world.bot.id and not permissions.has(world.may(world.bot.id, channel), need):
        raise ApiError(403, 50013, "Missing Permissions")
    if "name" in call.body:
        refuse(length(call.body["name"], ("name",), 1, 100))
        channel.name = call.body["name"]
    channel.archived = bool(call.body.get("archived", channel.archived))
    event = "THREAD_UPDATE" if channel.type == THREAD else "CHANNEL_UPDATE"
    world.on_event(event, world.channel_payload(channel))
    return world.channel_payload(channel)


@route("DELETE", "/channels/{channel}")
async def delete_channel(world: World, call: Call) -> Any:
    """Take it away."""
    channel = channel_of(world, call)
    if channel.type != DM:
        channel_of(world, call, "manage_threads" if channel.type == THREAD else "manage_channels")
    told = world.channel_payload(channel)
    world.remove_channel(channel)
    return told


@route("POST", "/channels/{channel}/typing")
async def typing(world: World, call: Call) -> Any:
    """Say that something is coming."""
    channel_of(world, call, "send_messages")


# Messages


@route("POST", "/channels/{channel}/messages")
async def create(world: World, call: Call) -> Any:
    """Post."""
    needs = ["send_messages", *(["attach_files"] if call.uploads else [])]
    channel = channel_of(world, call, *needs)
    if channel.type == DM and not world.users[channel.recipient or ""].accepts_dms:
        raise ApiError(403, 50007, "Cannot send messages to this user")
    return world.message_payload(said(world, channel, call.sent))


def said(world: World, channel: Channel, sent: Sent) -> Message:
    """A message of the bot, in answer to another if it says so."""
    message = Message(id=world.new_id(), channel=channel.id, author=world.bot, at=world.clock.now())
    reference = sent.body.get("message_reference")
    if reference:
        target = world.find(channel.id, str(reference.get("message_id")))
        if target is not None:
            message.type, message.reply_to = REPLY, target.id
        elif reference.get("fail_if_not_exists", True):
            raise invalid([_no_message()])
    if channel.archived:
        channel.archived = False
        world.on_event("THREAD_UPDATE", world.channel_payload(channel))
    return world.post(fill(world, message, sent, fresh=True))


def _no_message() -> Problem:
    return Problem(path=("message_reference",), code="REPLIES_UNKNOWN_MESSAGE", message="Unknown message")


@route("GET", "/channels/{channel}/messages")
async def history(world: World, call: Call) -> Any:
    """The newest first."""
    channel = channel_of(world, call, "read_message_history")
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        words = "int value should be between 1 and 100."
        raise invalid([Problem(path=("limit",), code="NUMBER_TYPE_MAX", message=words)])
    before, after = int(call.query.get("before", 1 << 63)), int(call.query.get("after", 0))
    found = [message for message in channel.messages.values() if after < int(message.id) < before]
    chosen = found[:limit] if "after" in call.query else found[-limit:]
    return [world.message_payload(message) for message in reversed(chosen)]


@route("GET", "/channels/{channel}/messages/{message}")
async def read(world: World, call: Call) -> Any:
    """One."""
    return world.message_payload(message_of(world, call, "read_message_history"))


@route("PATCH", "/channels/{channel}/messages/{message}")
async def edit(world: World, call: Call) -> Any:
    """Change one of the bot's own."""
    message = message_of(world, call)
    if message.author is not world.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    return world.message_payload(edited(world, message, call.sent))


def edited(world: World, message: Message, sent: Sent) -> Message:
    """The message with what was sent in it; what waited for its content rings as if it were new."""
    fill(world, message, sent, fresh=message.thinking)
    message.edited = world.clock.now()
    world.judge(message)
    world.tell("MESSAGE_UPDATE", message)
    world.changes.note()
    return message


@route("DELETE", "/channels/{channel}/messages/{message}")
async def delete(world: World, call: Call) -> Any:
    """Take one away; those of others need a right."""
    message = message_of(world, call)
    if message.author is not world.bot:
        message_of(world, call, "manage_messages")
        if world.channels[message.channel].type == DM:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    world.remove(message)


@route("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
async def react(world: World, call: Call) -> Any:
    """Put a reaction below one."""
    message_of(world, call, "read_message_history", "add_reactions")


@route("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
async def unreact(world: World, call: Call) -> Any:
    """Take it back."""
    message_of(world, call)


# Threads


@route("POST", "/channels/{channel}/messages/{message}/threads")
async def thread_from_message(world: World, call: Call) -> Any:
    """Open a thread below a message; it has the message's number."""
    message = message_of(world, call, "create_public_threads")
    channel = world.channels[message.channel]
    if channel.type != TEXT:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    if message.thread is not None:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    thread = world.add_thread(_name(call), channel, world.bot.id, message.id)
    message.thread = thread.id
    message.flags |= HAS_THREAD
    world.tell("MESSAGE_UPDATE", message)
    return world.channel_payload(thread)


@route("POST", "/channels/{channel}/threads")
async def thread(world: World, call: Call) -> Any:
    """Open a public thread without a message."""
    channel = channel_of(world, call, "create_public_threads")
    if channel.type != TEXT:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    if call.body.get("type") != THREAD:
        words = "The fake opens public threads (11) only."
        raise invalid([Problem(path=("type",), code="BASE_TYPE_CHOICES", message=words)])
    return world.channel_payload(world.add_thread(_name(call), channel, world.bot.id, world.new_id()))


def _name(call: Call) -> str:
    if "name" not in (call.body or {}):
        raise invalid([required(("name",))])
    refuse(length(call.body["name"], ("name",), 1, 100))
    return str(call.body["name"])


@route("PUT", "/channels/{channel}/thread-members/@me")
async def join_thread(world: World, call: Call) -> Any:
    """Enter a thread."""
    channel_of(world, call)


@route("PUT", "/channels/{channel}/thread-members/{user}")
async def add_to_thread(world: World, call: Call) -> Any:
    """Bring somebody in."""
    channel = channel_of(world, call, "send_messages")
    user = call.params["user"]
    guild = world.guild_of(channel)
    if guild is None or user not in guild.members:
        raise unknown("Member")
    if user not in channel.members:
        channel.members.append(user)
