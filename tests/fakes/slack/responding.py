"""What an app's answers do: the one in an acknowledgement, and those to a response_url."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from tests.fakes.slack.basics import ApiError, Json
from tests.fakes.slack.blocks import check_message, refuse_blocks
from tests.fakes.slack.methods_chat import check_files
from tests.fakes.slack.methods_views import judged, push
from tests.fakes.slack.model import Message, ResponseUrl, View
from tests.fakes.slack.world import World

LIFE: Final = timedelta(minutes=30)
USES: Final = 5


def say(world: World, told: Json, *, user: str, channel: str, thread: str | None = None) -> Message:
    """Show what an app answered: to one person unless it says `in_channel`."""
    blocks = told.get("blocks") or []
    if not told.get("text") and not blocks:
        raise ApiError("no_text")
    if blocks:
        check_message(blocks)
        refuse_blocks(check_files(world, blocks))
    public = told.get("response_type") == "in_channel"
    return world.post(
        world.channels[channel],
        world.bot.id,
        str(told.get("text") or ""),
        blocks=blocks,
        thread_ts=told.get("thread_ts", thread),
        only_for=None if public else user,
    )


async def serve(world: World, request: web.Request) -> web.Response:
    """`POST /response/{id}`."""
    url = world.response_urls.get(request.match_info["id"])
    try:
        told = json.loads(await request.text())
        world.transcript.add("app", "response_url", told)
        _use(world, url, told)
    except (ApiError, json.JSONDecodeError) as error:
        code = error.code if isinstance(error, ApiError) else "invalid_payload"
        world.transcript.add("app", "response_url refused", code)
        return web.json_response({"ok": False, "error": code}, status=404)
    world.changed()
    return web.Response(text="ok")


def _use(world: World, url: ResponseUrl | None, told: Json) -> None:
    if url is None:
        raise ApiError("invalid_url")
    if world.clock.now() - url.at > LIFE:
        raise ApiError("expired_url")
    if url.uses >= USES:
        raise ApiError("used_url")
    url.uses += 1
    original = url.message
    if told.get("delete_original") and original is not None:
        remove(world, original)
    elif told.get("replace_original") and original is not None:
        replace(world, original, told)
    else:
        say(world, told, user=url.user, channel=url.channel, thread=original.thread_ts if original else None)


def remove(world: World, message: Message) -> None:
    """Take a message, or an ephemeral, away."""
    message.gone = True
    if message.ephemeral:
        world.ephemerals.remove(message)
    else:
        world.channels[message.channel].messages.pop(message.ts, None)
        world.tell_message(message, "message_deleted")


def replace(world: World, message: Message, told: Json) -> None:
    """Write over a message, or an ephemeral."""
    if message.gone:
        raise ApiError("message_not_found")
    blocks = told.get("blocks") or []
    if blocks:
        check_message(blocks)
        refuse_blocks(check_files(world, blocks))
    message.text, message.blocks = str(told.get("text") or ""), world.name_blocks(blocks)
    world.judge(message)
    world.tell_message(message, "message_changed")


def acknowledge_slash(world: World, payload: Any, *, user: str, channel: str) -> Message | None:
    """Show what came with the acknowledgement of a command."""
    if not isinstance(payload, dict) or not (payload.get("text") or payload.get("blocks")):
        return None
    try:
        return say(world, payload, user=user, channel=channel)
    except ApiError as error:
        world.problems.append(f"invalid_command_response: {error.body()}")
        return None


def acknowledge_submission(world: World, payload: Any, view: View) -> None:
    """Do what the app wants with a submitted modal: nothing said closes it."""
    stack = world.modals.get(view.user, [])
    action = payload.get("response_action") if isinstance(payload, dict) else None
    view.errors = {}
    try:
        match action:
            case None if not payload:
                stack.remove(view)
            case "errors":
                _errors(world, payload.get("errors"), view)
            case "clear":
                stack.clear()
            case "update":
                world.change_view(view, judged(world, payload.get("view"), "modal"))
            case "push":
                push(world, view.user, judged(world, payload.get("view"), "modal"))
            case _:
                world.problems.append(f"view_submission was answered with {payload}, which Slack does not know")
    except ApiError as error:
        world.problems.append(f"view_submission was answered with a view Slack refuses: {error.body()}")
    world.changed()


def _errors(world: World, errors: Any, view: View) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        world.problems.append("view_submission was answered with `errors` that name no field")
        return
    for block in sorted(errors.keys() - inputs):
        world.problems.append(f"view_submission was answered with an error for {block!r}, which is no input block")
    view.errors = {block: str(text) for block, text in errors.items()}
