"""Stands before each network: it names the call, lets scripted faults happen, counts rates and notes what passed."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.practice.faults import Fault, FaultKind, Faults
from bot.practice.kinds import Network, Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.practice.calls import Calls, Window

ERROR_PAGE = b"<!DOCTYPE html><html><head><title>%d</title></head><body><h1>We'll be right back</h1></body></html>"
PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Sign in to this network.</p></body></html>"
HTML = (b"content-type", b"text/html; charset=utf-8")
JSON = (b"content-type", b"application/json; charset=utf-8")
DEFAULT_WAIT = 60.0
SURPRISE = {"nested": [1, "two", None], "made_for": "practice"}
POLLS = "practice_polls"
GIVEN_UP = "practice_given_up"

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True, kw_only=True)
class Answer:
    """A whole response, held back so that a fault can still change it."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """How one network names its calls and writes its rate headers and its refusal for going too fast."""

    network: Network
    classify: Callable[[str, str], Operation]
    window: Window
    rate_headers: Callable[[int, int, datetime], Headers]
    too_fast: bytes
    too_fast_status: int = 429
    polls: bool = False
    """Whether an upload may be answered before it can be used."""
    slow: Operation = Operation.UPLOAD
    """The call that is then answered before what it asks for is done."""
    unauthorized: bytes = b""
    """Its refusal of a token that ended; empty where ending the tokens makes the network itself refuse."""
    expire: Callable[[], None] | None = None
    """Ends every access token given out so far, where tokens can end."""
    by_query: Callable[[str], Operation | None] | None = None
    """Names a call by what its address asks beside its path, where the path alone does not tell."""
    lapse: Callable[[], None] | None = None
    """Ends every upload that no post shows yet, where uploads can end."""


class Pipeline:
    """The ASGI layer around one network."""

    def __init__(
        self, app: ASGIApp, *, customs: Customs, faults: Faults, calls: Calls, now: Callable[[], datetime]
    ) -> None:
        """Wrap `app`, the network itself."""
        self._app = app
        self._customs = customs
        self._faults = faults
        self._calls = calls
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, well or as scripted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))) or "/"
        operation = self._named(scope, path)
        fault = self._faults.take(self._customs.network, operation)
        answer = await self._answer(scope, receive, fault, operation)
        seen = {
            "method": scope["method"],
            "path": path,
            "status": None if answer is None else answer.status,
            "fault": None if fault is None else fault.kind.value,
        }
        self._calls.note(self._now(), self._customs.network, operation, seen)
        if answer is None:
            await cut(send)
        else:
            await deliver(answer, send)

    def _named(self, scope: Scope, path: str) -> Operation:
        asked = (
            None if self._customs.by_query is None else self._customs.by_query(scope["query_string"].decode("ascii"))
        )
        return asked or self._customs.classify(str(scope["method"]), path)

    async def _answer(self, scope: Scope, receive: Receive, fault: Fault | None, operation: Operation) -> Answer | None:
        if fault is None:
            return self._rated(await carry_out(self._app, scope, receive))
        if fault.kind is FaultKind.EXPIRE_TOKENS:
            return await self._expired(scope, receive)
        if fault.kind is FaultKind.EXPIRE_UPLOADS:
            if self._customs.lapse is not None:
                self._customs.lapse()
            return self._rated(await carry_out(self._app, scope, receive))
        if fault.kind is FaultKind.SLOW and operation is self._customs.slow and self._customs.polls:
            scope.setdefault("state", {})[POLLS] = int(fault.value or 1)
            return self._rated(await carry_out(self._app, scope, receive))
        if fault.kind is FaultKind.GIVEN_UP:
            scope.setdefault("state", {})[GIVEN_UP] = True
        if not fault.effect:
            await drain(receive)
            return self._spoiled(fault, Answer(status=200, headers=[JSON], body=b"{}"))
        answer = self._rated(await carry_out(self._app, scope, receive))
        if fault.kind is FaultKind.SLOW:
            await linger(receive, fault.value or 1.0)
        return self._spoiled(fault, answer)

    async def _expired(self, scope: Scope, receive: Receive) -> Answer:
        if self._customs.expire is not None:
            self._customs.expire()
        if not self._customs.unauthorized:
            return self._rated(await carry_out(self._app, scope, receive))
        await drain(receive)
        return Answer(status=401, headers=[JSON], body=self._customs.unauthorized)

    def _rated(self, answer: Answer) -> Answer:
        remaining, ends = self._customs.window.spend()
        answer.headers += self._customs.rate_headers(self._customs.window.limit, remaining, ends)
        return answer

    def _spoiled(self, fault: Fault, answer: Answer) -> Answer | None:
        match fault.kind:
            case FaultKind.DROP_BEFORE | FaultKind.DROP_AFTER:
                return None
            case FaultKind.STATUS:
                status = int(fault.value or 500)
                return Answer(status=status, headers=[HTML], body=ERROR_PAGE % status)
            case FaultKind.RATE_LIMITED | FaultKind.RATE_LIMITED_BARE:
                return self._too_fast(fault)
            case FaultKind.HTML:
                return Answer(status=200, headers=[HTML], body=PAGE)
            case FaultKind.EMPTY:
                return Answer(status=200, headers=[JSON])
            case FaultKind.MALFORMED if not answer.body:
                # Half of an answer that is all headers is none of them.
                return Answer(status=answer.status, headers=[JSON], body=b"{")
            case FaultKind.MALFORMED:
                answer.body = answer.body[: max(len(answer.body) // 2, 1)]
            case FaultKind.UNKNOWN_FIELDS:
                answer.body = with_surprises(answer.body)
            case FaultKind.SLOW | FaultKind.EXPIRE_TOKENS | FaultKind.EXPIRE_UPLOADS | FaultKind.GIVEN_UP:
                pass
        return answer

    def _too_fast(self, fault: Fault) -> Answer:
        answer = Answer(status=self._customs.too_fast_status, headers=[JSON], body=self._customs.too_fast)
        if fault.kind is FaultKind.RATE_LIMITED:
            ends = self._now() + timedelta(seconds=fault.value or DEFAULT_WAIT)
            answer.headers += self._customs.rate_headers(self._customs.window.limit, 0, ends)
        return answer


async def carry_out(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Let the network answer, and hold the answer back."""
    answer = Answer(status=500)

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            lengthless = [pair for pair in message.get("headers", []) if pair[0].lower() != b"content-length"]
            answer.headers = [(bytes(name), bytes(value)) for name, value in lengthless]
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(scope, receive, keep)
    return answer


async def deliver(answer: Answer, send: Send) -> None:
    """Send a held-back answer."""
    headers = [*answer.headers, (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def cut(send: Send) -> None:
    """Close the socket without a byte of an answer.

    ASGI has no word for that, but a header that HTTP forbids makes the server refuse to write the response it has
    already marked as begun; all it can then do is hang up.
    """
    with suppress(Exception):
        await send({"type": "http.response.start", "status": 500, "headers": [(b"\x00", b"\x00")]})


async def drain(receive: Receive) -> None:
    """Take in the rest of a request, so that the client knows it was sent whole."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


async def linger(receive: Receive, seconds: float) -> None:
    """Let real time pass, or as much of it as the client has patience for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                continue


def with_surprises(body: bytes) -> bytes:
    """Add fields nobody has heard of to every object of a JSON body; leave other bodies alone."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    return json.dumps(_surprise(value), ensure_ascii=False).encode()


def _surprise(value: object) -> object:
    if isinstance(value, dict):
        return {**{key: _surprise(inner) for key, inner in value.items()}, "x_practice_surprise": SURPRISE}
    if isinstance(value, list):
        return [_surprise(inner) for inner in value]
    return value
