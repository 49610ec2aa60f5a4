"""Gives OAuth 2 tokens for a refresh token, which it spends."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.world import world_of
from bot.practice.x import keys

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.world import World

FIELDS = frozenset({"grant_type", "refresh_token", "client_id"})


async def token(request: Request) -> Response:
    """Answer POST /2/oauth2/token."""
    world = world_of(request)
    form = {name: str(value) for name, value in (await request.form()).items()}
    if not set(form) <= FIELDS or form.get("grant_type") != "refresh_token":
        return _refused("unsupported_grant_type", "Only a refresh token is taken here.")
    if not _known_app(request, world, form.get("client_id", "")):
        return _refused("unauthorized_client", "Missing valid authorization header", 401)
    old = form.get("refresh_token", "")
    if not keys.good(world.book, old, keys.REFRESH, world.now()):
        return _refused("invalid_request", "Value passed for the token was invalid.")
    with world.book.together():
        keys.spend(world.book, old)
        answer = keys.grant(world.book, world.now())
    return JSONResponse(answer)


def _known_app(request: Request, world: World, named: str) -> bool:
    """A confidential app shows its secret; a public one only names itself, and this app is no public one."""
    own = keys.load(world.book)
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(rest, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return False
    return pair == f"{own.client_id}:{own.client_secret}" and named in {"", own.client_id}


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
