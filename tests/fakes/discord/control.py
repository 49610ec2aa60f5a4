"""The control face of the fake as a process: `POST /_fake/{verb}` with JSON does what a test would do in code.

Files travel as {"name": …, "base64": …}.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from aiohttp import web

from tests.fakes.crowd import crowd
from tests.fakes.discord.basics import AckTimeout, Json, Refused, walk
from tests.fakes.discord.model import Channel, Message, Modal
from tests.fakes.discord.options import fields
from tests.fakes.discord.person import Answer, Person
from tests.fakes.discord.server import FakeDiscord

Verb: TypeAlias = Callable[["ControlledDiscord", Json], Awaitable[Any]]


class ControlledDiscord(FakeDiscord):
    """The fake with its control face."""

    def routes(self, app: web.Application) -> None:
        """Add it."""
        app.router.add_post("/_fake/{verb}", self._verb)

    async def _verb(self, request: web.Request) -> web.Response:
        name = request.match_info["verb"]
        verb = VERBS.get(name)
        if verb is None:
            return web.json_response({"ok": False, "error": f"There is no {name}.", "verbs": sorted(VERBS)}, status=404)
        try:
            args = _files(json.loads(await request.text() or "{}"))
            result = await verb(self, args)
        except KeyError as missing:
            return web.json_response({"ok": False, "error": f"{name} needs {missing}."}, status=400)
        except (Refused, AckTimeout, AssertionError, TypeError, ValueError) as error:
            status = 400 if isinstance(error, TypeError | ValueError) else 409
            return web.json_response({"ok": False, "error": str(error)}, status=status)
        return web.json_response({"ok": True, "result": result})


def _files(node: Any) -> Any:
    """Files as code hands them in, wherever they are."""
    if isinstance(node, dict):
        if node.keys() == {"name", "base64"}:
            return node["name"], base64.b64decode(node["base64"])
        return {key: _files(value) for key, value in node.items()}
    return [_files(one) for one in node] if isinstance(node, list) else node


def _who(discord: FakeDiscord, args: Json) -> Person:
    return discord.person(args["user"])


def _place(discord: FakeDiscord, args: Json) -> Channel:
    return discord.world.channel(args["channel"]) if "channel" in args else discord.world.dm(_who(discord, args).id)


def _message(discord: FakeDiscord, args: Json) -> Message:
    """By `channel` and `message`; without it the newest with something to press, what one alone sees included."""
    place = _place(discord, args)
    person = _who(discord, args)
    seen = [*place.messages.values(), *(one for one in person.ephemerals if one.channel == place.id)]
    newest = sorted(seen, key=lambda one: int(one.id), reverse=True)
    if "message" in args:
        found = (one for one in newest if one.id == args["message"])
    else:
        found = (one for one in newest if any("custom_id" in node for node in walk(one.components)))
    message = next(found, None)
    if message is None:
        raise Refused("There is no such message.")
    return message


def _told(discord: FakeDiscord, answer: Answer) -> Json:
    message = answer.message
    return {
        "type": answer.type,
        "seconds": answer.seconds,
        "message": _shown(discord, message) if message is not None and not message.gone else None,
        "modal": _form(answer.modal) if answer.modal else None,
    }


def _shown(discord: FakeDiscord, message: Message) -> Json:
    """A message as people see it, and as Discord writes it."""
    parts = [node for node in walk(message.components) if node.get("custom_id")]
    return {
        **discord.world.message_payload(message),
        "text": message.text,
        "thinking": message.thinking,
        "pinged": sorted(message.pinged),
        "actions": [node.get("label") or node.get("placeholder") or node["custom_id"] for node in parts],
    }


def _form(modal: Modal) -> Json:
    labels = [label for label, _ in fields(modal.components)]
    return {"title": modal.title, "custom_id": modal.custom_id, "components": modal.components, "labels": labels}


async def _join(discord: ControlledDiscord, args: Json) -> Json:
    person = discord.join(args["user"], *args.get("roles", []), guild=args.get("guild"), owner=args.get("owner", False))
    return {"id": person.id}


async def _role(discord: ControlledDiscord, args: Json) -> Json:
    made = discord.role(args["role"], *args.get("permissions", []), mentionable=args.get("mentionable", False))
    return {"id": made.id}


async def _give(discord: ControlledDiscord, args: Json) -> None:
    discord.give(args["user"], *args["roles"])


async def _channel(discord: ControlledDiscord, args: Json) -> Json:
    return {"id": discord.channel(args.pop("channel"), **args).id}


async def _guild(discord: ControlledDiscord, args: Json) -> Json:
    return {"id": discord.guild(args["guild"]).id}


async def _kick_bot(discord: ControlledDiscord, args: Json) -> None:
    discord.kick_bot(args.get("guild"))


async def _slash(discord: ControlledDiscord, args: Json) -> Json:
    person = _who(discord, args)
    return _told(discord, await person.slash(args["command"], args.get("channel"), **args.get("options", {})))


async def _autocomplete(discord: ControlledDiscord, args: Json) -> list[Json]:
    what = (args["command"], args["option"], args["text"], args.get("channel"))
    return await _who(discord, args).autocomplete(*what, **args.get("options", {}))


async def _context_menu(discord: ControlledDiscord, args: Json) -> Json:
    target = discord.person(args["target"]) if "target" in args else _message(discord, args)
    return _told(discord, await _who(discord, args).context_menu(args["name"], target, args.get("channel")))


async def _click(discord: ControlledDiscord, args: Json) -> Json:
    return _told(discord, await _who(discord, args).click(_message(discord, args), args["what"]))


async def _select(discord: ControlledDiscord, args: Json) -> Json:
    message = _message(discord, args)
    return _told(discord, await _who(discord, args).select(message, args["what"], *args["values"]))


async def _submit(discord: ControlledDiscord, args: Json) -> Json:
    return _told(discord, await _who(discord, args).submit(values=args.get("values")))


async def _close_form(discord: ControlledDiscord, args: Json) -> None:
    _who(discord, args).close()


async def _say(discord: ControlledDiscord, args: Json) -> Json:
    files = args.get("files")
    reply = _message(discord, {**args, "message": args["reply_to"]}) if "reply_to" in args else None
    said = await _who(discord, args).say(_place(discord, args).id, args["text"], reply_to=reply, files=files)
    return _shown(discord, said)


async def _mention(discord: ControlledDiscord, args: Json) -> Json:
    return _shown(discord, await _who(discord, args).mention(args["channel"], args["text"]))


async def _dm(discord: ControlledDiscord, args: Json) -> Json:
    return _shown(discord, await _who(discord, args).dm(args["text"]))


async def _refuse_dms(discord: ControlledDiscord, args: Json) -> None:
    _who(discord, args).refuse_dms(refused=args.get("refused", True))


async def _delete_message(discord: ControlledDiscord, args: Json) -> None:
    discord.delete_message(_message(discord, args))


async def _delete_channel(discord: ControlledDiscord, args: Json) -> None:
    discord.delete_channel(args["channel"])


async def _crowd(discord: ControlledDiscord, args: Json) -> list[float]:
    """`count` people do `verb` at once, with their number for {n} in `args`: the seconds of each first response."""
    verb = VERBS[args["verb"]]
    return await crowd(lambda own: verb(discord, own), args["count"], args["args"])


async def _rest(discord: ControlledDiscord, args: Json) -> None:
    """Wait until nothing was said for so many seconds."""
    await discord.world.transcript.rest(args["seconds"])


async def _state(discord: ControlledDiscord, args: Json) -> Json:
    """Everything people see, by channel and person; threads are called by their name and conversations by their id."""
    people = [Person(discord, user) for user in discord.world.users.values() if not user.bot]
    return {
        "sockets": len(discord.hub.live),
        "resumed": discord.hub.resumed,
        "syncs": discord.world.syncs,
        "commands": [command["name"] for command in discord.world.commands],
        "channels": {
            channel.name or channel.id: [_shown(discord, message) for message in channel.messages.values()]
            for channel in discord.world.channels.values()
        },
        "people": {
            person.user.name: {
                "id": person.id,
                "inbox": [_shown(discord, message) for message in person.inbox],
                "ephemerals": [_shown(discord, message) for message in person.ephemerals],
                "modal": _form(person.modal) if person.modal else None,
            }
            for person in people
        },
    }


async def _transcript(discord: ControlledDiscord, args: Json) -> list[str]:
    return str(discord.world.transcript).splitlines()


async def _check(discord: ControlledDiscord, args: Json) -> list[str]:
    return discord.problems


async def _inject(discord: ControlledDiscord, args: Json) -> None:
    discord.inject(args.pop("route"), **args)


async def _slow(discord: ControlledDiscord, args: Json) -> None:
    discord.slow(args["route"], args["seconds"], args.get("times", 1))


async def _drop_gateway(discord: ControlledDiscord, args: Json) -> None:
    discord.drop_gateway()


async def _reconnect(discord: ControlledDiscord, args: Json) -> None:
    discord.reconnect()


async def _invalidate(discord: ControlledDiscord, args: Json) -> None:
    discord.invalidate(resumable=args.get("resumable", False))


async def _close(discord: ControlledDiscord, args: Json) -> None:
    discord.close(args["code"])


async def _connected(discord: ControlledDiscord, args: Json) -> None:
    await discord.until(lambda: len(discord.hub.live) >= args.get("sockets", 1), args.get("within", 5.0))


VERBS: Final[dict[str, Verb]] = {
    "join": _join,
    "role": _role,
    "give": _give,
    "channel": _channel,
    "guild": _guild,
    "kick_bot": _kick_bot,
    "slash": _slash,
    "autocomplete": _autocomplete,
    "context_menu": _context_menu,
    "click": _click,
    "select": _select,
    "submit": _submit,
    "close_form": _close_form,
    "say": _say,
    "mention": _mention,
    "dm": _dm,
    "refuse_dms": _refuse_dms,
    "crowd": _crowd,
    "rest": _rest,
    "delete_message": _delete_message,
    "delete_channel": _delete_channel,
    "state": _state,
    "transcript": _transcript,
    "check": _check,
    "inject": _inject,
    "slow": _slow,
    "drop_gateway": _drop_gateway,
    "reconnect": _reconnect,
    "invalidate": _invalidate,
    "close": _close,
    "connected": _connected,
}
