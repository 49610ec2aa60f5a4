"""Socket Mode: up to ten sockets of the app, envelopes out, acknowledgements in."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Final

from aiohttp import WSMsgType, web

from tests.fakes.slack.basics import ACK_SECONDS, Json
from tests.fakes.slack.delivery import Answer, Kind, Retry
from tests.fakes.slack.world import World

MOST: Final = 10


@dataclass(eq=False, kw_only=True)
class Link:
    """One socket of the app."""

    socket: web.WebSocketResponse
    request: web.Request
    number: int
    leaving: bool = False
    """Told to reconnect, so nothing new goes here."""
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    """Envelopes sent here and not yet answered."""


class Hub:
    """All sockets; an envelope goes to any one of them, and only that one may answer it."""

    def __init__(self, world: World, patience: float = ACK_SECONDS) -> None:
        """`patience` is real seconds; a test of the timeout sets less."""
        self._world = world
        self.patience = patience
        self.links: list[Link] = []
        self.mute_acks = 0
        """How many of the next acknowledgements get lost."""
        self._numbers = itertools.count(1)
        self._turn = itertools.count()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`GET /link/`: one socket's life."""
        ticket = request.query.get("ticket", "")
        if self._world.codes.pop(ticket, {}).get("kind") != "ticket":
            return web.json_response({"ok": False, "error": "invalid_auth"}, status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        link = Link(socket=socket, request=request, number=next(self._numbers))
        if len(self.links) >= MOST:
            await self._say(link, {"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return socket
        self.links.append(link)
        await self._say(link, self._hello(link))
        self._world.changed()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(link, message.data)
        finally:
            self._leave(link)
        return socket

    def _hello(self, link: Link) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.links),
            "debug_info": {"host": f"applink-{link.number}", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._world.app.app_id},
        }

    async def _say(self, link: Link, words: Json) -> None:
        self._world.transcript.add("slack", f"socket {link.number}", words)
        await link.socket.send_str(json.dumps(words))

    def _hear(self, link: Link, data: str) -> None:
        words = json.loads(data)
        self._world.transcript.add("app", f"socket {link.number} ack", words)
        future = link.waiting.pop(words.get("envelope_id", ""), None)
        if self.mute_acks:
            self.mute_acks -= 1
        elif future is None:
            self._world.transcript.add("app", "late or unknown acknowledgement")
        elif not future.done():
            future.set_result(words)

    def _leave(self, link: Link) -> None:
        if link in self.links:
            self.links.remove(link)
        for future in link.waiting.values():
            if not future.done():
                future.cancel()
        self._world.changed()

    async def send(self, kind: Kind, payload: Json, retry: Retry | None) -> Answer:
        """One envelope to one socket."""
        ready = [link for link in self.links if not link.leaving and not link.socket.closed]
        if not ready:
            return Answer(acked=False, why="connection_failed")
        link = ready[next(self._turn) % len(ready)]
        envelope: Json = {
            "envelope_id": self._world.new_id("E"),
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if retry is not None:
            envelope |= {"retry_attempt": retry.number, "retry_reason": retry.reason}
        envelope["payload"] = payload
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Json] = loop.create_future()
        link.waiting[envelope["envelope_id"]] = future
        started, began = loop.time(), self._world.clock.now()
        await self._say(link, envelope)
        await asyncio.wait({future}, timeout=self.patience)
        passed = (self._world.clock.now() - began).total_seconds()
        seconds = max(loop.time() - started, passed)
        if not future.done():
            link.waiting.pop(envelope["envelope_id"], None)
            return Answer(acked=False, seconds=seconds, why="timeout")
        if future.cancelled():
            return Answer(acked=False, seconds=seconds, why="connection_failed")
        if seconds > ACK_SECONDS:
            return Answer(acked=False, seconds=seconds, why="timeout")
        return Answer(acked=True, seconds=seconds, payload=future.result().get("payload"))

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to come back by a new address, as Slack does before it closes one."""
        for link in list(self.links):
            link.leaving = True
            await self._say(link, {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}})

    async def drop(self, *, cut: bool = False) -> None:
        """Close every socket without having said so; `cut` also without a close frame, as a dead network does."""
        for link in list(self.links):
            link.leaving = True
            if not cut:
                await link.socket.close()
            elif link.request.transport is not None:
                link.request.transport.abort()

    async def close(self) -> None:
        """End all sockets."""
        for link in list(self.links):
            await link.socket.close()
