"""HTTP mode: signed requests instead of a socket, behind one door of the web server."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Final

from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler

from handlers.slack.socket import patiently
from handlers.surface import Link

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.app.async_app import AsyncApp
    from starlette.types import Message, Receive, Scope, Send

    from handlers.chat.arrivals import Arrivals
    from handlers.slack.failures import Troubles
    from services.ports.clock import Clock

EVENTS: Final = "/slack/events"
FORM: Final = b"view_submission"
"""What is acknowledged with the desk's answer."""
MOST_BODY: Final = 4_000_000
"""Bytes of a request, before its signature is looked at."""


class Doorway:
    """The ASGI app for everything below /slack, which takes nothing before the desk is ready."""

    def __init__(self, arrivals: Arrivals) -> None:
        """Closed."""
        self._arrivals = arrivals
        self._inside: AsyncSlackRequestHandler | None = None

    def open(self, app: AsyncApp) -> None:
        """Let requests in."""
        self._inside = AsyncSlackRequestHandler(app, path=EVENTS)

    def close(self) -> None:
        """Turn requests away; Slack brings events again later."""
        self._inside = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if self._inside is None:
            await _answer(send, 503, "The desk is starting or stopping.")
            return
        body = await _body(receive)
        if body is None:
            await _answer(send, 413, "This is too much.")
            return
        try:
            body.decode()
        except UnicodeDecodeError:
            await _answer(send, 400, "This is no text.")
            return

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        with nullcontext() if FORM in body else self._arrivals.arriving():
            await self._inside(dict(scope), again, send)


async def _body(receive: Receive) -> bytes | None:
    data = bytearray()
    while True:
        told = await receive()
        data += told.get("body", b"")
        if len(data) > MOST_BODY:
            return None
        if not told.get("more_body"):
            return bytes(data)


async def _answer(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


class RequestLink:
    """`Connection` over requests that Slack sends."""

    def __init__(
        self,
        *,
        build: Callable[[], AsyncApp],
        doorway: Doorway,
        prove: Callable[[], Awaitable[str]],
        what: str,
        clock: Clock,
        troubles: Troubles,
    ) -> None:
        """`prove` finds out whether Slack takes what the desk says; `what` is missing when it does not."""
        self._build = build
        self._doorway = doorway
        self._prove = prove
        self._what = what
        self._clock = clock
        self._troubles = troubles
        self._proving: asyncio.Task[str] | None = None

    @property
    def link(self) -> Link:
        """Connected once it is proved; whether requests arrive is only known when one does."""
        if self._proving is None:
            return Link.OFF
        return Link.CONNECTED if self._proving.done() else Link.CONNECTING

    async def start(self) -> None:
        """Open the door."""
        self._doorway.open(self._build())
        proving = patiently(self._prove, self._what, self._troubles, self._clock)
        self._proving = asyncio.create_task(proving, name="slack token")

    async def stop(self) -> None:
        """Close it."""
        self._doorway.close()
        proving, self._proving = self._proving, None
        if proving is not None:
            proving.cancel()
            with suppress(asyncio.CancelledError):
                await proving
