"""XRPC's manners on the wire: named errors, session tokens, JSON bodies with only known fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.bluesky import jwt
from bot.practice.text import storable
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.kinds import Json


class XrpcError(Exception):
    """An error answer in XRPC's form."""

    def __init__(self, status: int, name: str, message: str) -> None:
        """Answer with `status`, the error's name and one sentence."""
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message


def bad(message: str, name: str = "InvalidRequest") -> XrpcError:
    """The answer to a request that makes no sense."""
    return XrpcError(400, name, message)


async def answer_problem(_: Request, problem: Exception) -> Response:
    """Turn an XrpcError into its response."""
    if not isinstance(problem, XrpcError):
        raise problem
    return JSONResponse({"error": problem.name, "message": problem.message}, problem.status)


def bearer(request: Request) -> str:
    """Insist on a token of some kind."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise XrpcError(401, "AuthMissing", "Authentication Required")
    return token.strip()


def session_of(request: Request, kind: jwt.Kind) -> str:
    """Insist on a living token of `kind`; answer its session id."""
    world, token = world_of(request), bearer(request)
    claims = jwt.read(token, world.identity.signing_key)
    if claims is None or claims.get("scope") != kind.value:
        raise bad("Token could not be verified", "InvalidToken")
    row = world.book.row("SELECT * FROM sessions WHERE id = ?", str(claims.get("jti")))
    if row is None:
        raise bad("Token has been revoked", "ExpiredToken" if kind is jwt.Kind.REFRESH else "InvalidToken")
    if row["expired"] or float(row["expires_at"]) <= world.now().timestamp():
        raise bad("Token has expired", "ExpiredToken")
    return str(row["id"])


def demand(request: Request) -> World:
    """Insist on a living access token, and answer the world behind it."""
    session_of(request, jwt.Kind.ACCESS)
    return world_of(request)


def allow(request: Request) -> World:
    """Let anyone read what is public, but hold a token that is sent to be a living one."""
    return demand(request) if "authorization" in request.headers else world_of(request)


async def read_input(request: Request, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Json:
    """Read a JSON body that has all required fields and none that are unknown."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise bad("Wrong request encoding (Content-Type): expected application/json")
    try:
        body = await request.json()
    except ValueError:
        raise bad("Input must be JSON") from None
    if not isinstance(body, dict):
        raise bad("Input must be an object")
    for name in sorted(required - set(body)):
        raise bad(f'Input must have the property "{name}"')
    for name in sorted(set(body) - required - optional):
        raise bad(f'Input has an unknown property "{name}"')
    return body


def text_of(body: Json, name: str) -> str:
    """Answer a field that must be a string."""
    value = body.get(name)
    if not isinstance(value, str) or not storable(value):
        raise bad(f"Input/{name} must be a string")
    return value


def asked(request: Request, name: str) -> str:
    """Answer a query parameter that must be there."""
    value = request.query_params.get(name)
    if not value:
        raise bad(f'Params must have the property "{name}"')
    return value


def how_many(request: Request, default: int = 50, most: int = 100, least: int = 1) -> int:
    """Answer the `limit` of a list call; what is out of range is refused, as the lexicons say."""
    value = request.query_params.get("limit")
    return default if value is None else number(value, "limit", most, least)


def number(value: str, name: str, most: int, least: int) -> int:
    """Read a whole number within bounds."""
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise bad(f"Params/{name} must be a number from {least} to {most}")
    return int(value)
