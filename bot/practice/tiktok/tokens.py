"""Gives tokens for a code, renews and takes them back; errors of this face alone are flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import apps, oauth
from bot.practice.kinds import Network
from bot.practice.oauth import BadFieldsError
from bot.practice.tiktok import keys, signin
from bot.practice.tiktok.wire import log_id
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.tiktok.keys import Tokens

APP = frozenset({"client_key", "client_secret"})
FIELDS = {
    "authorization_code": APP | {"grant_type", "code", "redirect_uri", "code_verifier"},
    "refresh_token": APP | {"grant_type", "refresh_token"},
}
REVOCATION = APP | {"token"}
WAYS = {"S256": signin.in_hex}
FORM = "application/x-www-form-urlencoded"


async def token(request: Request) -> Response:
    """Answer POST /v2/oauth/token/ for a code or for a refresh token, each of which it spends."""
    world = world_of(request)
    form = await _form(request, frozenset().union(*FIELDS.values()))
    _demand_app(world, form)
    grant = form.get("grant_type", "")
    if grant not in FIELDS:
        raise FlatError("unsupported_grant_type", "Grant type is not supported.")
    if not form.keys() <= FIELDS[grant]:
        raise FlatError("invalid_request", f"Unknown parameters: {', '.join(sorted(form.keys() - FIELDS[grant]))}.")
    with world.book.together():
        made = _fetched(world, form) if grant == "authorization_code" else _renewed(world, form)
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


def _fetched(world: World, form: dict[str, str]) -> Tokens:
    code = form.get("code", "")
    permit = oauth.look(world.book, Network.TIKTOK, code)
    if permit is None or not permit.good(world.now()):
        raise FlatError("invalid_grant", "Authorization code is expired.")
    if form.get("redirect_uri") != permit.redirect:
        raise FlatError("invalid_grant", "Redirect_uri is not matched with the uri when requesting code.")
    if not permit.proven(form.get("code_verifier", ""), WAYS):
        raise FlatError("invalid_grant", "Code verifier or code challenge is invalid.")
    oauth.spend(world.book, code)
    return keys.grant(world.book, world.now(), permit.scopes)


def _renewed(world: World, form: dict[str, str]) -> Tokens:
    old = form.get("refresh_token", "")
    if not keys.good(world.book, old, keys.REFRESH, world.now()):
        raise FlatError("invalid_grant", "Refresh token is invalid or expired.")
    return keys.renew(world.book, old, world.now())


async def revoke(request: Request) -> Response:
    """Answer POST /v2/oauth/revoke/: the user is signed out of the app, with every token."""
    world, form = world_of(request), await _form(request, REVOCATION)
    _demand_app(world, form)
    if not keys.good(world.book, form.get("token", ""), keys.ACCESS, world.now()):
        raise FlatError("invalid_request", "The token is invalid.")
    keys.end_all(world.book, keys.ACCESS, keys.REFRESH)
    return JSONResponse({})


def open_id(world: World) -> str:
    """The account's id for this app."""
    return f"-000{world.identity.mastodon_id}"


class FlatError(Exception):
    """An answer without tokens, in the form of this face alone."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        """Answer with a word and one sentence."""
        super().__init__(description)
        self.error = error
        self.status = status


async def answer_flat(_: Request, problem: Exception) -> Response:
    """Turn a FlatError into its response."""
    if not isinstance(problem, FlatError):
        raise problem
    told = {"error": problem.error, "error_description": str(problem), "log_id": log_id(str(problem))}
    return JSONResponse(told, problem.status)


async def _form(request: Request, known: frozenset[str]) -> dict[str, str]:
    if request.headers.get("content-type", "").split(";")[0].strip() != FORM:
        raise FlatError("invalid_request", f"Only `{FORM}` is accepted as Content-Type.")
    try:
        async with request.form() as sent:
            return oauth.single(sent.multi_items(), known)
    except BadFieldsError as problem:
        raise FlatError("invalid_request", str(problem)) from None


def _demand_app(world: World, form: dict[str, str]) -> None:
    own = apps.own(world.book, Network.TIKTOK, world.settings)
    if form.get("client_key") != own.client_id:
        raise FlatError("invalid_client", "Client key is incorrect.", 401)
    if not own.proves(form.get("client_secret", "")):
        raise FlatError("invalid_client", "Client secret is incorrect.", 401)
