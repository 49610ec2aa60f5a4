"""Gives OAuth 2 tokens for a code or for a refresh token, each of which it spends, and takes tokens back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import apps, oauth
from bot.practice.kinds import Network
from bot.practice.oauth import RefusedError
from bot.practice.world import World, world_of
from bot.practice.x import keys, signin

if TYPE_CHECKING:
    from starlette.requests import Request

WAYS = {"S256": oauth.s256, "plain": oauth.plain}
FIELDS = {
    "authorization_code": frozenset({"grant_type", "code", "redirect_uri", "code_verifier", "client_id"}),
    "refresh_token": frozenset({"grant_type", "refresh_token", "client_id", "scope"}),
}
REVOKED = frozenset({"token", "token_type_hint", "client_id"})


async def token(request: Request) -> Response:
    """Answer POST /2/oauth2/token."""
    world = world_of(request)
    form = await oauth.form(request, frozenset().union(*FIELDS.values()))
    grant = form.get("grant_type", "")
    if grant not in FIELDS:
        raise RefusedError("unsupported_grant_type", "Missing or unknown grant_type.")
    if not form.keys() <= FIELDS[grant]:
        raise _invalid(f"{', '.join(sorted(form.keys() - FIELDS[grant]))} does not go with {grant}.")
    _demand_app(request, world, form.get("client_id", ""))
    with world.book.together():
        scopes = _fetched(world, form) if grant == "authorization_code" else _renewed(world, form)
        answer = keys.grant(world.book, world.now(), scopes)
    return JSONResponse(answer)


def _fetched(world: World, form: dict[str, str]) -> tuple[str, ...]:
    code = form.get("code", "")
    permit = oauth.look(world.book, Network.X, code)
    if permit is None or not permit.good(world.now()):
        raise _invalid("Value passed for the authorization code was invalid.")
    if form.get("redirect_uri") != permit.redirect:
        raise _invalid("Value passed for the redirect uri did not match the uri of the authorization code.")
    if not permit.proven(form.get("code_verifier", ""), WAYS):
        raise _invalid("Value passed for the code verifier did not match the code challenge.")
    oauth.spend(world.book, code)
    return permit.scopes


def _renewed(world: World, form: dict[str, str]) -> tuple[str, ...]:
    old = form.get("refresh_token", "")
    if not keys.good(world.book, old, keys.REFRESH, world.now()):
        raise _invalid("Value passed for the token was invalid.")
    scopes = keys.scopes(world.book, old)
    if not set(form.get("scope", "").split()) <= scopes:
        raise RefusedError("invalid_scope", "The scope is more than was allowed.")
    keys.spend(world.book, old)
    return tuple(one for one in signin.MANNERS.meanings if one in scopes)


async def revoke(request: Request) -> Response:
    """Answer POST /2/oauth2/revoke."""
    world = world_of(request)
    form = await oauth.form(request, REVOKED)
    _demand_app(request, world, form.get("client_id", ""))
    if not form.get("token"):
        raise _invalid("Missing required parameter [token].")
    keys.spend(world.book, form["token"])
    return JSONResponse({"revoked": True})


def _demand_app(request: Request, world: World, named: str) -> None:
    """A confidential app shows its secret; a public one only names itself, and this app is no public one."""
    own = apps.own(world.book, Network.X, world.settings)
    shown = oauth.basic(request)
    if shown is None or shown[0] != own.client_id or not own.proves(shown[1]) or named not in {"", own.client_id}:
        raise RefusedError("unauthorized_client", "Missing valid authorization header", 401)


def _invalid(description: str) -> RefusedError:
    return RefusedError("invalid_request", description)
