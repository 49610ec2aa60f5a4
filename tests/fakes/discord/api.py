"""The door of the REST API: finds the route, reads the call, checks the token, and answers exactly as typed."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from tests.fakes.discord import permissions
from tests.fakes.discord.basics import ApiError, unknown
from tests.fakes.discord.faults import Faults
from tests.fakes.discord.model import DM, THREAD, Channel, Guild, Message
from tests.fakes.discord.sending import Sent, Upload
from tests.fakes.discord.world import World

VERSION: Final = "/api/v10"
_FILE: Final = re.compile(r"files\[(\d+)\]")
_PACE: Final = {
    "Via": "1.1 google",
    "X-RateLimit-Limit": "50",
    "X-RateLimit-Remaining": "49",
    "X-RateLimit-Reset-After": "0.1",
}
"""What every answer says about the pace: far from the limit."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call as a route sees it."""

    name: str
    """Method and path, as the transcript calls it."""
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    uploads: list[Upload]

    @property
    def sent(self) -> Sent:
        """Its body as a message's."""
        return Sent(body=dict(self.body or {}), uploads=self.uploads, where=self.name)


Function = Callable[[World, Call], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One line of the table; `bot` unless the token is in the path."""

    method: str
    path: re.Pattern[str]
    bot: bool
    function: Function


ROUTES: Final[list[Route]] = []


def route(method: str, path: str, *, bot: bool = True) -> Callable[[Function], Function]:
    """Put a function into the table; literal paths must come before those with names in their place."""
    found = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))

    def put(function: Function) -> Function:
        ROUTES.append(Route(method=method, path=found, bot=bot, function=function))
        return function

    return put


def channel_of(world: World, call: Call, *needs: str, key: str = "channel") -> Channel:
    """The channel a call names, as far as the bot may see it and do what it needs there."""
    channel = world.channels.get(call.params[key])
    if channel is None:
        raise unknown("Channel")
    if channel.type == DM:
        return channel
    may = world.may(world.bot.id, channel)
    if not permissions.has(may, "view_channel"):
        raise ApiError(403, 50001, "Missing Access")
    in_thread = {"send_messages": "send_messages_in_threads"} if channel.type == THREAD else {}
    if not permissions.has(may, *(in_thread.get(need, need) for need in needs)):
        raise ApiError(403, 50013, "Missing Permissions")
    return channel


def message_of(world: World, call: Call, *needs: str) -> Message:
    """The message a call names; what one person alone sees is not there for it."""
    channel = channel_of(world, call, *needs)
    message = channel.messages.get(call.params["message"])
    if message is None:
        raise unknown("Message")
    return message


def guild_of(world: World, call: Call) -> Guild:
    """The server a call names, if the bot is in it."""
    guild = world.guilds.get(call.params["guild"])
    if guild is None or world.bot.id not in guild.members:
        raise unknown("Guild")
    return guild


class Api:
    """Answers `/api/v10/…`."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Serve this world."""
        self._world = world
        self._faults = faults

    async def serve(self, request: web.Request) -> web.Response:
        """One call."""
        name = f"{request.method} {request.path.removeprefix(VERSION)}"
        try:
            body, uploads = await _read(request)
            self._world.transcript.add("app", name, _shown(body, uploads))
            answer = await self._run(request, name, body, uploads)
        except ApiError as error:
            self._world.transcript.add("app", f"{name} refused", error.body())
            return _answer(error.body(), error.status, error.headers)
        return _answer(answer, 200 if answer is not None else 204)

    async def _run(self, request: web.Request, name: str, body: Any, uploads: list[Upload]) -> Any:
        found, params = self._find(request.method, name.partition(" ")[2])
        fault = self._faults.take(name)
        if fault is not None:
            if fault.slow:
                await self._world.clock.sleep(fault.slow)
            if not fault.after:
                fault.raise_it()
        if found.bot and request.headers.get("Authorization") != f"Bot {self._world.app.token}":
            raise ApiError(401, 0, "401: Unauthorized")
        self._faults.pace(name)
        call = Call(name=name, params=params, query=request.query, body=body, uploads=uploads)
        answer = await found.function(self._world, call)
        self._world.changes.note()
        if fault is not None and fault.after:
            fault.raise_it()
        return answer

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        for one in ROUTES:
            match = one.path.fullmatch(path)
            if match and one.method == method:
                return one, match.groupdict()
        self._world.note(f"unknown route: {method} {path}")
        raise ApiError(404, 0, "404: Not Found")


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """The body, and the files beside it."""
    if request.content_type == "multipart/form-data":
        return await _multipart(request)
    text = await request.text()
    if not text:
        return None, []
    if request.content_type != "application/json":
        raise ApiError(400, 50035, "Invalid Form Body")
    return _json(text), []


async def _multipart(request: web.Request) -> tuple[Any, list[Upload]]:
    """Cut at its boundary once all of it is there: read piece by piece, aiohttp warns of its own workings."""
    body: Any = None
    uploads = []
    boundary = b"\r\n--" + request.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
    for piece in (b"\r\n" + await request.read()).split(boundary)[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        part = BytesHeaderParser().parsebytes(head)
        name, filename = str(part.get_param("name", "", "content-disposition")), part.get_filename()
        file = _FILE.fullmatch(name)
        if name == "payload_json":
            body = _json(content.decode())
        elif file is not None and filename:
            uploads.append(Upload(number=file[1], filename=filename, content=content))
        else:
            raise ApiError(400, 50035, f"Invalid Form Body: {name} is neither payload_json nor a file")
    return body, uploads


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


def _shown(body: Any, uploads: list[Upload]) -> Any:
    if not uploads:
        return "" if body is None else body
    return {"files": {one.filename: len(one.content) for one in uploads}, "payload": body}


def _answer(body: Any, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """The type has no charset, as Discord's has none: its clients compare it as it is."""
    own = {name: value for name, value in (_PACE | dict(headers or {})).items() if value}
    if status == HTTPStatus.NO_CONTENT:
        return web.Response(status=status, headers=own)
    content = json.dumps(body).encode()
    return web.Response(status=status, headers=own, body=content, content_type="application/json")
