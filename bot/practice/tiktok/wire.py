"""TikTok's manners on the wire: an envelope with a code on every answer, scopes, bodies without unknown fields."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from starlette.responses import JSONResponse, Response

from bot.practice.audience import chance
from bot.practice.text import storable
from bot.practice.tiktok import keys
from bot.practice.world import world_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request

    from bot.practice.kinds import Json
    from bot.practice.world import World

MINUTE = timedelta(minutes=1)
INIT, CREATOR, STATUS = "init", "creator", "status"
PACES = {INIT: 6, CREATOR: 20, STATUS: 30}
"""Calls a minute that a token has for a kind of call."""


class TikTokError(Exception):
    """An error answer in TikTok's envelope."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Answer with a code and one sentence."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> TikTokError:
    """The answer to a request that makes no sense."""
    return TikTokError("invalid_params", message)


INVALID_TOKEN = TikTokError(
    "access_token_invalid", "The access token is invalid or not found in the request.", status=401
)
TOO_FAST = TikTokError("rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.", status=429)


class Paces:
    """How often each token called of late."""

    def __init__(self) -> None:
        """Begin with nobody having called."""
        self._seen: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def take(self, token: str, kind: str, now: datetime) -> None:
        """Count a call; refuse it when the minute has had enough."""
        seen = self._seen[token, kind]
        while seen and now - seen[0] >= MINUTE:
            seen.popleft()
        if len(seen) >= PACES[kind]:
            raise TOO_FAST
        seen.append(now)


def log_id(*about: str) -> str:
    """What TikTok's support finds a call by."""
    return f"2026112309{int(chance('log', *about) * 2**80):020X}"


def enveloped(data: Mapping[str, object], *about: str) -> Response:
    """A good answer."""
    return JSONResponse({"data": data, "error": {"code": "ok", "message": "", "log_id": log_id(*about)}})


def refusal(problem: TikTokError) -> Json:
    """A bad answer's body."""
    told = {"code": problem.code, "message": problem.message, "log_id": log_id(problem.code, problem.message)}
    return {"data": {}, "error": told}


async def answer_problem(_: Request, problem: Exception) -> Response:
    """Turn a TikTokError into its response."""
    if not isinstance(problem, TikTokError):
        raise problem
    return JSONResponse(refusal(problem), problem.status)


async def unknown_path(request: Request, _: Exception) -> Response:
    """Answer an address TikTok does not know, a slash that is missing included."""
    return await answer_problem(request, TikTokError("invalid_params", "Unsupported path(Janus)", 404))


def demand(request: Request, *scopes: str, pace: str | None = None) -> World:
    """Insist on a token with these rights that has not called too often."""
    world = world_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme != "Bearer" or not keys.good(world.book, token, keys.ACCESS, world.now()):
        raise INVALID_TOKEN
    missing = set(scopes) - set(keys.scopes_of(world.book, token))
    if missing:
        words = f"The user did not authorize the scope required for completing this request: {', '.join(missing)}"
        raise TikTokError("scope_not_authorized", words, 401)
    if pace is not None:
        cast("Paces", request.app.state.paces).take(token, pace, world.now())
    return world


async def read_json(request: Request, known: frozenset[str]) -> Json:
    """Read a JSON body; an unknown field is refused."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise invalid("The Content-Type must be application/json; charset=UTF-8")
    try:
        fields = await request.json()
    except ValueError:
        raise invalid("The request body is not valid JSON") from None
    if not isinstance(fields, dict):
        raise invalid("The request body must be an object")
    refuse_unknown("", fields, known)
    return fields


def refuse_unknown(where: str, fields: Json, known: frozenset[str]) -> None:
    """Insist on known fields."""
    for name in sorted(set(fields) - known):
        raise invalid(f"Unknown field {where}{name}")


def inner(fields: Json, name: str, known: frozenset[str]) -> Json:
    """Answer a field as an object with known fields."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise invalid(f"{name} is required and must be an object")
    refuse_unknown(f"{name}.", value, known)
    return value


def word(fields: Json, name: str) -> str:
    """Answer a field as text, empty when it was not sent."""
    value = fields.get(name, "")
    if not isinstance(value, str) or not storable(value):
        raise invalid(f"{name} must be a string")
    return value


def truth(fields: Json, name: str) -> bool:
    """Answer a field as yes or no, no when it was not sent."""
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise invalid(f"{name} must be a boolean")
    return value


def number(fields: Json, name: str) -> int:
    """Answer a field as a whole number."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"{name} is required and must be an integer")
    return value


def asked(request: Request, known: frozenset[str]) -> list[str]:
    """The fields a call wants, by their names in its address."""
    if set(request.query_params) - {"fields"}:
        raise invalid("fields is the only query parameter")
    names = [name for name in request.query_params.get("fields", "").split(",") if name]
    if not names or not set(names) <= known:
        raise invalid(f"fields must be some of {', '.join(sorted(known))}")
    return names
