"""What signing in to Meta's networks has in common, and all of it where Instagram and Threads are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import apps, oauth
from bot.practice.meta import keys
from bot.practice.meta.wire import GraphError, granted, refuse_unknown, token_of
from bot.practice.oauth import BadFieldsError
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from datetime import timedelta

    from starlette.requests import Request

    from bot.practice.apps import App
    from bot.practice.consent import Manners
    from bot.practice.kinds import Json
    from bot.practice.oauth import Permit

FIELDS = frozenset({"client_id", "client_secret", "grant_type", "redirect_uri", "code"})
NOT_FOUND = "Matching code was not found or was already used"
NO_MATCH = (
    "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the"
    " OAuth dialog request"
)
WRONG_PROOF = "Error validating client secret."


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How Instagram or Threads gives tokens."""

    manners: Manners
    prefix: str
    exchange: str
    """The grant with which a short token becomes a long one."""
    tells_rights: bool
    """Whether the answer says what was allowed."""


class CodeError(Exception):
    """An answer without a token, in the form of the two networks, which is not the Graph API's."""


async def answer_code_problem(_: Request, problem: Exception) -> Response:
    """Turn a CodeError into its response."""
    if not isinstance(problem, CodeError):
        raise problem
    return JSONResponse({"error_type": "OAuthException", "code": 400, "error_message": str(problem)}, 400)


async def token(request: Request, login: Login) -> Response:
    """Answer POST /oauth/access_token: for a code a token of an hour."""
    world, network = world_of(request), login.manners.network
    try:
        async with request.form() as sent:
            fields = oauth.single(sent.multi_items(), FIELDS)
    except BadFieldsError as problem:
        raise CodeError(str(problem)) from None
    missing = sorted(name for name in FIELDS if not fields.get(name))
    if missing:
        raise CodeError(f"Missing required parameter: {missing[0]}")
    permit = _permit(world, login, fields)
    with world.book.together():
        oauth.spend(world.book, fields["code"])
        fresh = keys.short(world.book, network, login.prefix, permit.scopes, world.now())
    own: Json = {"access_token": fresh, "user_id": int(world.identity.mastodon_id)}
    return JSONResponse({**own, "permissions": list(permit.scopes)} if login.tells_rights else own)


def _permit(world: World, login: Login, fields: dict[str, str]) -> Permit:
    network = login.manners.network
    app = apps.own(world.book, network, world.settings)
    if fields["client_id"] != app.client_id:
        raise CodeError("Invalid platform app")
    if not app.proves(fields["client_secret"]):
        raise CodeError(WRONG_PROOF)
    if fields["grant_type"] != "authorization_code":
        raise CodeError("Invalid grant_type")
    permit = oauth.look(world.book, network, fields["code"])
    if permit is None or permit.spent:
        raise CodeError(NOT_FOUND)
    if not permit.good(world.now()):
        raise CodeError("This authorization code has expired.")
    if permit.redirect != fields["redirect_uri"]:
        raise CodeError(NO_MATCH)
    return permit


def exchanged(request: Request, login: Login) -> Response:
    """Answer GET /access_token: for a token of an hour one of sixty days."""
    world, network = world_of(request), login.manners.network
    fields = asked_once(request, frozenset({"grant_type", "client_secret"}))
    if fields["grant_type"] != login.exchange:
        raise GraphError(f"(#100) Param grant_type must be {login.exchange}")
    demand_secret(apps.own(world.book, network, world.settings), fields["client_secret"])
    shown = token_of(request)
    if not granted(request, shown).short:
        raise GraphError("Only a short-lived access token can be exchanged", code=452, status=400)
    return bearer(keys.renew(world.book, network, shown, world.now()), keys.LIFE)


def asked_once(request: Request, needed: frozenset[str]) -> dict[str, str]:
    """The parameters of a call that takes these and no others, each once."""
    query = request.query_params
    refuse_unknown(dict(query), needed)
    names = [name for name, _ in query.multi_items()]
    for name in sorted(needed):
        if not query.get(name) or names.count(name) > 1:
            raise GraphError(f"Missing {name} parameter.")
    return {name: query[name] for name in needed}


def demand_secret(app: App, secret: str) -> None:
    """Insist on the app's secret."""
    if not app.proves(secret):
        raise GraphError(WRONG_PROOF, code=1)


def bearer(token: str, life: timedelta) -> Response:
    """A token as the Graph API hands it over."""
    seconds = int(life.total_seconds())
    return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": seconds})
