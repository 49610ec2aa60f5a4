"""Renews and takes back tokens; errors of this face are flat, unlike everywhere else on TikTok."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.tiktok import keys
from bot.practice.tiktok.wire import log_id
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

RENEWAL = frozenset({"client_key", "client_secret", "grant_type", "refresh_token"})
REVOCATION = frozenset({"client_key", "client_secret", "token"})


async def token(request: Request) -> Response:
    """Answer POST /v2/oauth/token/ for a refresh token, which it spends."""
    world, form = world_of(request), await _form(request)
    refused = _refused_app(world, form, RENEWAL)
    if refused is not None:
        return refused
    if form.get("grant_type") != "refresh_token":
        return _refused("unsupported_grant_type", "The practice network gives tokens for a refresh token only.")
    old = form.get("refresh_token", "")
    if not keys.good(world.book, old, keys.REFRESH, world.now()):
        return _refused("invalid_grant", "Refresh token is invalid or expired.")
    made = keys.renew(world.book, old, world.now())
    return JSONResponse(
        {
            "open_id": open_id(world),
            "scope": ",".join(made.scopes),
            "access_token": made.access_token,
            "expires_in": int(keys.ACCESS_LIFE.total_seconds()),
            "refresh_token": made.refresh_token,
            "refresh_expires_in": int(keys.REFRESH_LIFE.total_seconds()),
            "token_type": "Bearer",
        }
    )


async def revoke(request: Request) -> Response:
    """Answer POST /v2/oauth/revoke/: the user is signed out of the app, with every token."""
    world, form = world_of(request), await _form(request)
    refused = _refused_app(world, form, REVOCATION)
    if refused is not None:
        return refused
    if not keys.good(world.book, form.get("token", ""), keys.ACCESS, world.now()):
        return _refused("invalid_request", "The token is invalid.")
    keys.end_all(world.book, keys.ACCESS, keys.REFRESH)
    return JSONResponse({})


def open_id(world: World) -> str:
    """The account's id for this app."""
    return f"-000{world.identity.mastodon_id}"


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        return {}
    return {name: str(value) for name, value in (await request.form()).items()}


def _refused_app(world: World, form: dict[str, str], known: frozenset[str]) -> Response | None:
    if not form:
        return _refused("invalid_request", "Only `application/x-www-form-urlencoded` is accepted as Content-Type.")
    if not set(form) <= known:
        return _refused("invalid_request", f"Unknown parameters: {', '.join(sorted(set(form) - known))}.")
    own = keys.app(world.book)
    if form.get("client_key") != own["client_key"]:
        return _refused("invalid_client", "Client key is incorrect.", 401)
    if form.get("client_secret") != own["client_secret"]:
        return _refused("invalid_client", "Client secret is incorrect.", 401)
    return None


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description, "log_id": log_id(description)}, status)
