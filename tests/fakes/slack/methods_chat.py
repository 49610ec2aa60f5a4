"""chat.*, reactions.* and the agent's surface."""

from __future__ import annotations

from typing import Final

from tests.fakes.slack import limits
from tests.fakes.slack.api import Call, channel_of, method, user_of
from tests.fakes.slack.basics import ApiError, Json, Problem, invalid, walk
from tests.fakes.slack.blocks import check_message, refuse_blocks
from tests.fakes.slack.inputs import starting_inputs
from tests.fakes.slack.model import Channel, Message
from tests.fakes.slack.world import World

IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif"})


def check_files(world: World, blocks: list[Json], root: str = "/blocks") -> list[Problem]:
    """Images that point to files Slack can't show: not there, not ready, not the app's, not a picture."""
    found = []
    for pointer, _, node in walk(blocks, root):
        told = node.get("slack_file")
        if node.get("type") != "image" or told is None:
            continue
        identity = told.get("id") or str(told["url"]).rsplit("/", 1)[-1]
        file = world.files.get(identity)
        if file is None or file.owner != world.bot.id or file.mimetype not in IMAGES:
            found.append(Problem(pointer=f"{pointer}/slack_file", message="invalid slack file"))
    return found


def content(world: World, call: Call) -> tuple[str, list[Json]]:
    """Text and blocks of a message, judged."""
    text, blocks = call.args.get("text"), call.args.get("blocks")
    if markdown := call.args.get("markdown_text"):
        if text or blocks:
            raise ApiError("markdown_text_conflict")
        if len(markdown) > limits.MARKDOWN_CHARACTERS:
            raise ApiError("msg_too_long")
        text = markdown
    if not text and not blocks and not call.args.get("attachments"):
        raise ApiError("no_text")
    if blocks:
        check_message(blocks)
        refuse_blocks(check_files(world, blocks))
    return str(text or "")[: limits.TEXT_CUT], list(blocks or [])


def own_message(world: World, call: Call, denied: str) -> Message:
    """The app's message that a call wants to change."""
    channel = channel_of(world, call)
    message = channel.messages.get(call.text("ts"))
    if message is None:
        raise ApiError("message_not_found")
    if message.user != world.bot.id:
        raise ApiError(denied)
    return message


def thread_of(channel: Channel, call: Call) -> str | None:
    """The thread a message goes to, which must exist."""
    thread = call.args.get("thread_ts")
    if thread is not None and str(thread) not in channel.messages:
        raise ApiError("thread_not_found")
    return None if thread is None else str(channel.messages[str(thread)].thread_ts or thread)


@method("chat.postMessage")
async def post_message(world: World, call: Call) -> Json:
    """Post where the app may."""
    channel = channel_of(world, call, joined=True)
    text, blocks = content(world, call)
    message = world.post(
        channel,
        world.bot.id,
        text,
        blocks=blocks,
        thread_ts=thread_of(channel, call),
        metadata=call.args.get("metadata"),
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.payload()}


@method("chat.update")
async def update(world: World, call: Call) -> Json:
    """Change an own message; text alone drops the blocks and shows as edited."""
    message = own_message(world, call, "cant_update_message")
    text, blocks = content(world, call)
    if call.args.get("text") is not None or call.args.get("markdown_text"):
        message.text = text
    if "blocks" in call.args or message.blocks:
        message.blocks = world.name_blocks(blocks)
        message.inputs = {**starting_inputs(blocks), **_kept(message, blocks)}
    message.edited = None if blocks else {"user": world.bot.id, "ts": world.new_ts()}
    world.judge(message)
    world.tell_message(message, "message_changed")
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": message.payload()}


def _kept(message: Message, blocks: list[Json]) -> dict[tuple[str, str], Json]:
    fresh = starting_inputs(blocks)
    return {key: state for key, state in message.inputs.items() if key in fresh}


@method("chat.delete")
async def delete(world: World, call: Call) -> Json:
    """Remove an own message."""
    message = own_message(world, call, "cant_delete_message")
    del world.channels[message.channel].messages[message.ts]
    message.gone = True
    world.tell_message(message, "message_deleted")
    return {"channel": message.channel, "ts": message.ts}


@method("chat.postEphemeral")
async def post_ephemeral(world: World, call: Call) -> Json:
    """Show something to one person in a channel both are in."""
    channel = channel_of(world, call, joined=True)
    user = user_of(world, call)
    if user.id not in channel.members:
        raise ApiError("user_not_in_channel")
    text, blocks = content(world, call)
    message = world.post(
        channel, world.bot.id, text, blocks=blocks, thread_ts=thread_of(channel, call), only_for=user.id
    )
    return {"message_ts": message.ts}


@method("chat.getPermalink")
async def permalink(world: World, call: Call) -> Json:
    """The address of a message."""
    channel = channel_of(world, call)
    ts = call.text("message_ts")
    if ts not in channel.messages:
        raise ApiError("message_not_found")
    url = f"https://{world.domain}.slack.test/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": url}


@method("chat.startStream")
async def start_stream(world: World, call: Call) -> Json:
    """Begin an answer that grows, always in a thread; in channels Slack must know for whom."""
    channel = channel_of(world, call, joined=True)
    call.text("thread_ts")
    if channel.kind != "im":
        call.text("recipient_user_id")
        call.text("recipient_team_id")
    text = str(call.args.get("markdown_text") or "")
    message = world.post(channel, world.bot.id, text, thread_ts=thread_of(channel, call), streaming=True)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.appendStream")
async def append_stream(world: World, call: Call) -> Json:
    """Add to it."""
    message = _streaming(world, call)
    message.text += _piece(call)
    world.judge(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.stopStream")
async def stop_stream(world: World, call: Call) -> Json:
    """End it, with buttons under it if the app likes."""
    message = _streaming(world, call)
    if blocks := call.args.get("blocks"):
        check_message(blocks)
        message.blocks = world.name_blocks(blocks)
    message.text += _piece(call)
    message.streaming = False
    world.judge(message)
    world.tell_message(message, "message_changed")
    return {"channel": message.channel, "ts": message.ts, "message": message.payload()}


def _streaming(world: World, call: Call) -> Message:
    message = own_message(world, call, "message_not_owned_by_app")
    if not message.streaming:
        raise ApiError("message_not_in_streaming_state")
    return message


def _piece(call: Call) -> str:
    text = str(call.args.get("markdown_text") or "")
    if len(text) > limits.MARKDOWN_CHARACTERS:
        raise ApiError("msg_too_long")
    return text


@method("reactions.add")
async def react(world: World, call: Call) -> Json:
    """Put an emoji under a message."""
    message, name = _reacted(world, call)
    users = message.reactions.setdefault(name, [])
    if world.bot.id in users:
        raise ApiError("already_reacted")
    users.append(world.bot.id)
    return {}


@method("reactions.remove")
async def unreact(world: World, call: Call) -> Json:
    """Take it away."""
    message, name = _reacted(world, call)
    if world.bot.id not in message.reactions.get(name, []):
        raise ApiError("no_reaction")
    message.reactions[name].remove(world.bot.id)
    return {}


def _reacted(world: World, call: Call) -> tuple[Message, str]:
    channel = channel_of(world, call)
    message = channel.messages.get(call.text("timestamp"))
    if message is None:
        raise ApiError("message_not_found")
    return message, call.text("name").strip(":")


@method("assistant.threads.setStatus")
async def set_status(world: World, call: Call) -> Json:
    """Say that the agent is at work."""
    channel = channel_of(world, call, "channel_id")
    world.statuses[channel.id, call.text("thread_ts")] = str(call.args.get("status", ""))
    return {}


@method("assistant.threads.setTitle")
async def set_title(world: World, call: Call) -> Json:
    """Name a conversation with the agent."""
    channel_of(world, call, "channel_id")
    call.text("thread_ts")
    call.text("title")
    return {}


@method("assistant.threads.setSuggestedPrompts")
async def set_prompts(world: World, call: Call) -> Json:
    """Offer things to ask; with `thread_ts` it says ok and shows nothing."""
    channel_of(world, call, "channel_id")
    prompts = call.args.get("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise invalid("must provide between 1 and 4 items [json-pointer:/prompts]")
    if "thread_ts" in call.args:
        world.problems.append("assistant.threads.setSuggestedPrompts with thread_ts shows nothing")
    else:
        world.prompts = prompts
    return {}
