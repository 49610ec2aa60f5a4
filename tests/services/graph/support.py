"""A client of the Graph API over a scripted network, and answers as Meta gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.graph.client import GraphClient
from services.ports.http import Answer, Effect

if TYPE_CHECKING:
    from tests.fakes.http import FakeHttp

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ROOT = "https://graph.example/v1.0"
TOKEN = "THAA-secret"


class MovingClock:
    """A clock that a sleep moves on at once."""

    def __init__(self) -> None:
        self.at = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The present."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


def client(http: FakeHttp, clock: MovingClock | None = None, **more: Any) -> GraphClient:
    """A client for one account."""
    return GraphClient(http=http, clock=clock or MovingClock(), label="Threads", root=ROOT, token=TOKEN, **more)


def fault(code: int, subcode: int = 0, message: str = "Told so.", **more: Any) -> dict[str, Any]:
    """An error's body."""
    told = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC1", **more}
    return {"error": {**told, **({"error_subcode": subcode} if subcode else {})}}


def answer(
    body: object, *, status: int = 400, effect: Effect = Effect.READ, headers: dict[str, str] | None = None
) -> Answer:
    """A whole answer; bytes go as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, headers=headers or {}, body=raw, effect=effect)
