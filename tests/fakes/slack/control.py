"""The control face of the fake as a process: `POST /_fake/{verb}` with JSON does what a test would do in code."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from aiohttp import web

from tests.fakes.crowd import crowd
from tests.fakes.slack.basics import AckTimeout, Json, Refused
from tests.fakes.slack.delivery import Answer
from tests.fakes.slack.inputs import elements, labels
from tests.fakes.slack.model import Message, View
from tests.fakes.slack.person import Person
from tests.fakes.slack.server import FakeSlack

Verb: TypeAlias = Callable[["ControlledSlack", Json], Awaitable[Any]]


class ControlledSlack(FakeSlack):
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
            args = json.loads(await request.text() or "{}")
            result = await verb(self, args)
        except KeyError as missing:
            return web.json_response({"ok": False, "error": f"{name} needs {missing}."}, status=400)
        except (Refused, AckTimeout, AssertionError, TypeError, ValueError) as error:
            status = 400 if isinstance(error, TypeError | ValueError) else 409
            return web.json_response({"ok": False, "error": str(error)}, status=status)
        return web.json_response({"ok": True, "result": result}, dumps=_dumps)


def _dumps(value: object) -> str:
    return json.dumps(value, default=str)


def _who(slack: FakeSlack, args: Json) -> Person:
    return slack.person(args["user"])


def _message(slack: FakeSlack, args: Json) -> Message:
    """By `channel` and `ts`; without `ts` the newest with something to press, what one person alone sees included."""
    person = _who(slack, args)
    channel = slack.world.channel(args["channel"]) if "channel" in args else slack.world.im(person.id)
    seen = [*channel.messages.values(), *(m for m in person.ephemerals if m.channel == channel.id)]
    newest = sorted(seen, key=lambda one: one.ts, reverse=True)
    if "ts" in args:
        found = (one for one in newest if one.ts == args["ts"])
    else:
        found = (one for one in newest if any(elements(one.blocks)))
    message = next(found, None)
    if message is None:
        raise Refused("There is no such message.")
    return message


def _place(slack: FakeSlack, args: Json) -> Message | View:
    """The modal or Home tab when `view` says so, else a message."""
    if "view" not in args:
        return _message(slack, args)
    person = _who(slack, args)
    view = person.home if args["view"] == "home" else person.modal
    if view is None:
        raise Refused("Nothing is open.")
    return view


def _told(answer: Answer | None) -> Json | None:
    return None if answer is None else {"seconds": answer.seconds, "payload": answer.payload}


def _shown(message: Message) -> Json:
    """As Slack writes it, and where it is."""
    return {**message.payload(), "channel": message.channel}


def _shown_view(view: View) -> Json:
    names = [sorted(labels(block, element)) for block, element in elements(view.blocks)]
    return {"id": view.id, "title": view.title, "blocks": view.blocks, "errors": view.errors, "elements": names}


async def _join(slack: ControlledSlack, args: Json) -> Json:
    return {"id": slack.join(args.pop("user"), **args).id}


async def _channel(slack: ControlledSlack, args: Json) -> Json:
    members = args.get("members", [])
    made = slack.channel(args["channel"], *members, private=args.get("private", False), bot=args.get("bot", True))
    return {"id": made.id}


async def _group(slack: ControlledSlack, args: Json) -> Json:
    return {"id": slack.group(args["handle"], *args["users"])}


async def _slash(slack: ControlledSlack, args: Json) -> Any:
    return _told(await _who(slack, args).slash(args["text"], args.get("channel")))


async def _shortcut(slack: ControlledSlack, args: Json) -> Any:
    return _told(await _who(slack, args).shortcut(args["callback_id"]))


async def _message_shortcut(slack: ControlledSlack, args: Json) -> Any:
    return _told(await _who(slack, args).message_shortcut(args["callback_id"], _message(slack, args)))


async def _click(slack: ControlledSlack, args: Json) -> Any:
    where = _place(slack, args)
    return _told(await _who(slack, args).click(where, args["what"], confirm=args.get("confirm", False)))


async def _choose(slack: ControlledSlack, args: Json) -> Any:
    person, where = _who(slack, args), _place(slack, args)
    return _told(await person.choose(where, args["what"], args["value"], confirm=args.get("confirm", False)))


async def _submit(slack: ControlledSlack, args: Json) -> Any:
    return _told(await _who(slack, args).submit(values=args.get("values")))


async def _close(slack: ControlledSlack, args: Json) -> Any:
    return _told(await _who(slack, args).close(everything=args.get("everything", False)))


def _thread(slack: FakeSlack, args: Json) -> Message | None:
    return _message(slack, {**args, "ts": args["thread"]}) if "thread" in args else None


async def _say(slack: ControlledSlack, args: Json) -> Json:
    return (await _who(slack, args).say(args["channel"], args["text"], _thread(slack, args))).payload()


async def _mention(slack: ControlledSlack, args: Json) -> Json:
    return (await _who(slack, args).mention(args["channel"], args["text"], _thread(slack, args))).payload()


async def _dm(slack: ControlledSlack, args: Json) -> Json:
    return (await _who(slack, args).dm(args["text"], _thread(slack, args))).payload()


async def _home(slack: ControlledSlack, args: Json) -> None:
    await _who(slack, args).open_home(args.get("tab", "home"))


async def _crowd(slack: ControlledSlack, args: Json) -> list[float]:
    """`count` people do `verb` at once, with their number for {n} in `args`: the seconds of each acknowledgement."""
    verb = VERBS[args["verb"]]
    return await crowd(lambda own: verb(slack, own), args["count"], args["args"])


async def _rest(slack: ControlledSlack, args: Json) -> None:
    """Wait until nothing was said for so many seconds."""
    await slack.world.transcript.rest(args["seconds"])


async def _state(slack: ControlledSlack, args: Json) -> Json:
    """Everything people see, by channel and person."""
    people = [Person(slack, user) for user in slack.world.users.values() if not user.is_bot]
    return {
        "sockets": len(slack.hub.links),
        "channels": {
            channel.name if channel.kind != "im" else channel.id: [_shown(m) for m in channel.messages.values()]
            for channel in slack.world.channels.values()
        },
        "people": {
            person.user.name: {
                "id": person.id,
                "im": slack.world.im(person.id).id,
                "ephemerals": [_shown(m) for m in person.ephemerals],
                "modal": _shown_view(person.modal) if person.modal else None,
                "home": _shown_view(person.home) if person.home else None,
            }
            for person in people
        },
    }


async def _transcript(slack: ControlledSlack, args: Json) -> list[str]:
    return str(slack.world.transcript).splitlines()


async def _check(slack: ControlledSlack, args: Json) -> list[str]:
    return slack.world.problems


async def _excuse(slack: ControlledSlack, args: Json) -> None:
    slack.excuse(args["words"])


async def _inject(slack: ControlledSlack, args: Json) -> None:
    slack.inject(args.pop("method"), **args)


async def _mend(slack: ControlledSlack, args: Json) -> None:
    """What was to go wrong and did not yet goes well."""
    slack.faults.waiting.clear()


async def _slow(slack: ControlledSlack, args: Json) -> None:
    slack.slow(args["method"], args["seconds"], args.get("times", 1))


async def _drop(slack: ControlledSlack, args: Json) -> None:
    await slack.drop_socket(cut=args.get("cut", False))


async def _disconnect(slack: ControlledSlack, args: Json) -> None:
    await slack.disconnect(args.get("reason", "refresh_requested"))


async def _duplicate(slack: ControlledSlack, args: Json) -> None:
    slack.duplicate_next_event()


async def _reorder(slack: ControlledSlack, args: Json) -> None:
    slack.reorder()


async def _redeliver(slack: ControlledSlack, args: Json) -> int:
    return await slack.redeliver()


async def _connected(slack: ControlledSlack, args: Json) -> None:
    await slack.connected(args.get("sockets", 1))


async def _http_mode(slack: ControlledSlack, args: Json) -> bool:
    return await slack.http_mode(args["url"]).verify()


VERBS: Final[dict[str, Verb]] = {
    "join": _join,
    "channel": _channel,
    "group": _group,
    "slash": _slash,
    "shortcut": _shortcut,
    "message_shortcut": _message_shortcut,
    "click": _click,
    "choose": _choose,
    "submit": _submit,
    "close": _close,
    "say": _say,
    "mention": _mention,
    "dm": _dm,
    "home": _home,
    "crowd": _crowd,
    "rest": _rest,
    "state": _state,
    "transcript": _transcript,
    "check": _check,
    "excuse": _excuse,
    "inject": _inject,
    "mend": _mend,
    "slow": _slow,
    "drop_socket": _drop,
    "disconnect": _disconnect,
    "duplicate_next_event": _duplicate,
    "reorder": _reorder,
    "redeliver": _redeliver,
    "connected": _connected,
    "http_mode": _http_mode,
}
