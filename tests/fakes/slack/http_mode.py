"""HTTP mode: the same payloads as signed requests to the app's own address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

import httpx

from tests.fakes.real_clock import RealClock
from tests.fakes.slack.basics import ACK_SECONDS, Json
from tests.fakes.slack.delivery import Answer, Kind, Retry
from tests.fakes.slack.world import World

FORM: Final = "application/x-www-form-urlencoded"
Asgi: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


class Requests:
    """Sends signed requests to an ASGI application, or to an address when there is none."""

    def __init__(self, world: World, url: str, app: Asgi | None = None, patience: float = ACK_SECONDS) -> None:
        """`url` is what the owner would have written as request URL."""
        self._world = world
        self.url = url
        self.patience = patience
        self.age = 0
        """Seconds by which the next requests are stale."""
        self.secret = world.app.signing_secret
        transport = httpx.ASGITransport(app=app) if app is not None else None
        self._client = httpx.AsyncClient(transport=transport, trust_env=False)

    def headers(self, body: str, kind: str) -> dict[str, str]:
        """What Slack puts on a request, signature included; by real time, as the app's verifier reads it."""
        stamp = str(int(RealClock().now().timestamp()) - self.age)
        digest = hmac.new(self.secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }

    async def post(self, body: str, kind: str, retry: Retry | None = None) -> httpx.Response:
        """One signed request."""
        headers = self.headers(body, kind)
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
        self._world.transcript.add("slack", f"POST {self.url}", body)
        answer = await self._client.post(self.url, content=body.encode(), headers=headers, timeout=self.patience)
        self._world.transcript.add("app", f"answer {answer.status_code}", answer.text)
        return answer

    async def send(self, kind: Kind, payload: Json, retry: Retry | None) -> Answer:
        """Deliver as Slack encodes it, and read the answer as Slack does."""
        body, content = _encoded(kind, payload)
        loop = asyncio.get_running_loop()
        started, began = loop.time(), self._world.clock.now()
        try:
            answer = await asyncio.wait_for(self.post(body, content, retry), self.patience)
        except (httpx.TimeoutException, TimeoutError):
            return Answer(acked=False, seconds=loop.time() - started, why="http_timeout")
        except httpx.TransportError:
            return Answer(acked=False, seconds=loop.time() - started, why="connection_failed")
        seconds = max(loop.time() - started, (self._world.clock.now() - began).total_seconds())
        if answer.status_code != 200:
            return Answer(acked=False, seconds=seconds, why=_refusal(answer))
        if seconds > ACK_SECONDS:
            return Answer(acked=False, seconds=seconds, why="http_timeout")
        return Answer(acked=True, seconds=seconds, payload=_payload(answer))

    async def verify(self) -> bool:
        """Whether the address answers Slack's challenge, as it must before it can be saved."""
        told = {"type": "url_verification", "challenge": "a-challenge", "token": self._world.app.verification_token}
        answer = await self.post(json.dumps(told), "application/json")
        return answer.status_code == 200 and "a-challenge" in answer.text

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


def _encoded(kind: Kind, payload: Json) -> tuple[str, str]:
    match kind:
        case "events_api":
            return json.dumps(payload), "application/json"
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}), FORM
        case "slash_commands":
            return urlencode(payload), FORM


def _refusal(answer: httpx.Response) -> str:
    """`no_retry` when the app asked to be left alone."""
    return "no_retry" if answer.headers.get("X-Slack-No-Retry") == "1" else f"http_error {answer.status_code}"


def _payload(answer: httpx.Response) -> Any:
    if not answer.content:
        return None
    if answer.headers.get("content-type", "").startswith("application/json"):
        return answer.json()
    return {"text": answer.text}
