"""The door of the Web API: reads a call in any of Slack's encodings, checks the token, and finds the method."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from tests.fakes.slack.basics import ApiError, Json, Refused, invalid
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.model import Channel, Grant, User
from tests.fakes.slack.scopes import APP_TOKEN, NEEDED, NO_TOKEN
from tests.fakes.slack.world import World

_NESTED: Final = frozenset({"blocks", "view", "files", "attachments", "metadata", "message", "prompts", "chunks"})


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call as a method sees it."""

    method: str
    args: Json
    grant: Grant
    basic: tuple[str, str] | None = None
    """Client id and secret, where Slack takes them as a header."""

    def text(self, name: str) -> str:
        """A string that must be there."""
        value = self.args.get(name)
        if value in (None, ""):
            raise invalid(f"missing required field: {name}")
        return str(value)

    def flag(self, name: str) -> bool:
        """A yes or no in any of the ways clients write it."""
        return self.args.get(name) in (True, "1", "true", "True", 1)


Method = Callable[[World, Call], Awaitable[Json]]
METHODS: Final[dict[str, Method]] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Put a function into the table of methods."""

    def put(function: Method) -> Method:
        METHODS[name] = function
        return function

    return put


async def arguments(request: web.Request) -> Json:
    """Query, form and JSON in one, with the nested JSON of forms read."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except json.JSONDecodeError:
            raise ApiError("invalid_json") from None
        if not isinstance(body, dict):
            raise ApiError("json_not_object")
        args |= body
    elif request.method == "POST":
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    for name in _NESTED & args.keys():
        if isinstance(args[name], str) and args[name][:1] in {"[", "{"}:
            try:
                args[name] = json.loads(args[name])
            except json.JSONDecodeError:
                raise invalid(f"invalid JSON: {name}") from None
    return args


def permit(world: World, name: str, token: str) -> Grant:
    """The grant behind a token that may call the method."""
    if name in NO_TOKEN:
        return Grant(token="", kind="bot", scopes=frozenset())
    if not token:
        raise ApiError("not_authed")
    grant = world.grants.get(token)
    if grant is None:
        raise ApiError("invalid_auth")
    if grant.revoked:
        raise ApiError("token_revoked")
    if (name in APP_TOKEN) != (grant.kind == "app"):
        raise ApiError("not_allowed_token_type")
    demand(grant, *NEEDED.get(name, ()))
    return grant


def demand(grant: Grant, *any_of: str) -> None:
    """Raise `missing_scope` unless the grant has one of them."""
    if any_of and not grant.scopes & set(any_of):
        raise ApiError("missing_scope", needed=",".join(any_of), provided=",".join(sorted(grant.scopes)))


def channel_of(world: World, call: Call, field: str = "channel", *, joined: bool = False) -> Channel:
    """The channel a call names, as far as the app can see it."""
    wanted = call.text(field)
    if wanted in world.users and call.method == "chat.postMessage":
        return world.im(wanted)
    channel = world.channels.get(wanted)
    if channel is None and call.method == "chat.postMessage":
        name = wanted.removeprefix("#")
        channel = next((c for c in world.channels.values() if c.name == name and c.kind == "channel"), None)
    if channel is None or (channel.kind != "channel" and world.bot.id not in channel.members):
        raise ApiError("channel_not_found")
    if joined and world.bot.id not in channel.members and "chat:write.public" not in call.grant.scopes:
        raise ApiError("not_in_channel")
    if joined and channel.archived:
        raise ApiError("is_archived")
    return channel


def user_of(world: World, call: Call, field: str = "user") -> User:
    """The person a call names."""
    user = world.users.get(call.text(field))
    if user is None:
        raise ApiError("user_not_found")
    return user


def page(items: list[Any], call: Call, name: str) -> Json:
    """One page of a list, with the cursor to the next."""
    limit = int(call.args.get("limit") or 100)
    cursor = str(call.args.get("cursor") or "")
    try:
        start = int(base64.b64decode(cursor, validate=True).decode()) if cursor else 0
    except (binascii.Error, ValueError):
        raise ApiError("invalid_cursor") from None
    end = start + limit
    following = base64.b64encode(str(end).encode()).decode() if end < len(items) else ""
    return {name: items[start:end], "response_metadata": {"next_cursor": following}}


class Api:
    """Answers `/api/{method}`."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Serve this world."""
        self._world = world
        self._faults = faults

    async def serve(self, request: web.Request) -> web.Response:
        """One call."""
        name = request.match_info["method"]
        world = self._world
        try:
            args = await arguments(request)
            token, basic = _credentials(request, args)
            world.transcript.add("app", name, args)
            body = await self._run(name, args, token, basic)
        except ApiError as error:
            world.transcript.add("app", f"{name} refused", error.body())
            return web.json_response(error.body(), status=error.status, headers=error.headers)
        grant = world.grants.get(token)
        headers = {"X-OAuth-Scopes": ",".join(sorted(grant.scopes))} if grant else {}
        return web.json_response({"ok": True, **body}, headers=headers)

    async def _run(self, name: str, args: Json, token: str, basic: tuple[str, str] | None) -> Json:
        world = self._world
        run = METHODS.get(name)
        if run is None:
            world.problems.append(f"unknown method: {name}")
            raise ApiError("unknown_method", req_method=name)
        fault = self._faults.take(name)
        if fault is not None:
            if fault.slow:
                await world.clock.sleep(fault.slow)
            if not fault.after:
                fault.raise_it()
        grant = permit(world, name, token)
        self._faults.pace(name, args)
        try:
            body = await run(world, Call(method=name, args=args, grant=grant, basic=basic))
        except Refused as refused:  # a name that tests may use and the API doesn't know
            raise invalid(str(refused)) from None
        world.changed()
        if fault is not None and fault.after:
            fault.raise_it()
        return body


def _credentials(request: web.Request, args: Json) -> tuple[str, tuple[str, str] | None]:
    """The bearer token, or the client's own name and secret."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = str(args.pop("token", "") or "")
    if kind.lower() == "bearer":
        return value.strip(), None
    if kind.lower() == "basic":
        client, _, secret = base64.b64decode(value).decode().partition(":")
        return token, (client, secret)
    return token, None
