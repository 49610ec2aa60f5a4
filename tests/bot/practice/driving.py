"""Runs the practice networks on a real loopback socket under a clock the test holds."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from bot.practice import PracticeSettings, create_app, practice_accounts
from bot.practice.pictures import plain_png

# Loading the machine's certificates takes longer than a whole test, and loopback needs none.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PNG = plain_png(40, 20, (10, 20, 30))
OTHER_PNG = plain_png(20, 40, (40, 50, 60))


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        """Start on a Monday morning."""
        self.at = START

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.at

    def advance(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A running practice server and a client for it."""

    http: httpx.AsyncClient
    settings: PracticeSettings
    clock: FakeClock
    token: str = field(repr=False)
    identifier: str
    password: str = field(repr=False)

    @property
    def bearer(self) -> dict[str, str]:
        """The Mastodon account's header."""
        return {"authorization": f"Bearer {self.token}"}

    async def fault(self, **wish: object) -> None:
        """Script a fault."""
        answer = await self.http.post("/_practice/faults", json=wish)
        assert answer.status_code == 201, answer.text

    async def posts(self, network: str, origin: str = "desk") -> list[dict[str, Any]]:
        """The live posts of one origin, newest first."""
        answer = await self.http.get("/_practice/posts", params={"network": network})
        return [post for post in answer.json()["posts"] if post["origin"] == origin]

    async def toot(self, text: str, /, *, key: str | None = None, **fields: object) -> httpx.Response:
        """Publish a status as JSON."""
        headers = self.bearer if key is None else {**self.bearer, "idempotency-key": key}
        return await self.http.post("/mastodon/api/v1/statuses", json={"status": text, **fields}, headers=headers)

    async def picture(self, content: bytes = PNG, **fields: str) -> httpx.Response:
        """Upload a picture to Mastodon."""
        files = {"file": ("a.bin", content, "application/octet-stream")}
        return await self.http.post("/mastodon/api/v2/media", files=files, data=fields, headers=self.bearer)

    async def call(self, method: str, body: object, token: str | None) -> httpx.Response:
        """Call an XRPC procedure."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return await self.http.post(f"/bluesky/xrpc/{method}", json=body, headers=headers)

    async def ask(self, method: str, token: str | None = None, **params: Any) -> httpx.Response:
        """Call an XRPC query."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return await self.http.get(f"/bluesky/xrpc/{method}", params=params, headers=headers)

    async def session(self) -> dict[str, Any]:
        """Sign in to Bluesky."""
        body = {"identifier": self.identifier, "password": self.password}
        answer = await self.call("com.atproto.server.createSession", body, None)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def running(database: Path, clock: FakeClock, **more: Any) -> AsyncIterator[Practice]:
    """Serve the practice networks for the length of a block."""
    # Without the protocol's number asyncio leaves Nagle's algorithm on, and every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    options = {"history_weeks": 0, **more}
    settings = PracticeSettings(database=database, base_url=base, now=clock, **options)
    mastodon, bluesky, *_ = practice_accounts(settings)
    async with (
        served(create_app(settings), listener),
        httpx.AsyncClient(base_url=base, timeout=5, trust_env=False, verify=NO_TLS) as http,
    ):
        yield Practice(
            http=http,
            settings=settings,
            clock=clock,
            token=mastodon["access_token"],
            identifier=bluesky["identifier"],
            password=bluesky["app_password"],
        )


@asynccontextmanager
async def served(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an app on a socket for the length of a block."""
    # Longer than a client sleeps between two looks: a connection closed just as it is used again is an error there.
    config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="on", timeout_keep_alive=30)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield
    finally:
        # The server's own shutdown sleeps for a tenth of a second; no test has to.
        for one in server.servers:
            one.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        await server.lifespan.shutdown()
        listener.close()


def record(text: str, **more: object) -> dict[str, object]:
    """A post record as a careful client writes it."""
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-23T09:00:00.000Z", **more}
