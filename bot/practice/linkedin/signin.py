"""How people let the desk in on LinkedIn: the page, tokens of sixty days, and for partners a way to renew them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import apps, consent, oauth
from bot.practice.consent import Manners
from bot.practice.kinds import Json, Network
from bot.practice.linkedin import tokens
from bot.practice.oauth import RefusedError
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

MANNERS = Manners(
    network=Network.LINKEDIN,
    life=timedelta(minutes=30),
    meanings={
        "openid": "Use your name and photo",
        "profile": "Use your name and photo",
        "email": "Use the primary email address of your account",
        "w_member_social": "Create, change and delete posts, comments and reactions on your behalf",
        "r_member_postAnalytics": "See what your posts earned",
        "w_organization_social": "Create, change and delete posts, comments and reactions for your pages",
        "r_organization_social": "Read the posts, comments and reactions of your pages",
        "rw_organization_admin": "Manage your pages and see what they earned",
    },
    denied={
        "error": "user_cancelled_authorize",
        "error_description": "The user cancelled the authorization",
    },
    wrong_scope="unauthorized_scope_error",
)
APP = frozenset({"client_id", "client_secret"})
FIELDS = {
    "authorization_code": APP | {"grant_type", "code", "redirect_uri"},
    "refresh_token": APP | {"grant_type", "refresh_token"},
}
NOT_FOUND = "Unable to retrieve access token: authorization code not found"
NO_MATCH = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or"
    " authorization code expired. Or external member binding exists"
)
NO_RENEWAL = "The provided authorization grant or refresh token is invalid, expired or revoked"


async def authorize(request: Request) -> Response:
    """Answer /oauth/v2/authorization."""
    return await consent.authorize(request, MANNERS)


async def token(request: Request) -> Response:
    """Answer POST /oauth/v2/accessToken."""
    world = world_of(request)
    form = await oauth.form(request, frozenset().union(*FIELDS.values()))
    grant = form.get("grant_type", "")
    if grant not in FIELDS:
        raise RefusedError("invalid_request", 'A required parameter "grant_type" is missing or unknown')
    missing = sorted(name for name in FIELDS[grant] if not form.get(name))
    if missing or not form.keys() <= FIELDS[grant]:
        wrong = missing or sorted(form.keys() - FIELDS[grant])
        raise RefusedError("invalid_request", f'Check the parameter "{wrong[0]}"')
    _demand_app(world, form)
    return JSONResponse(_fetched(world, form) if grant == "authorization_code" else _renewed(world, form))


def _fetched(world: World, form: dict[str, str]) -> Json:
    permit = oauth.look(world.book, Network.LINKEDIN, form["code"])
    if permit is None or permit.spent:
        raise RefusedError("invalid_request", NOT_FOUND)
    if not permit.good(world.now()) or permit.redirect != form["redirect_uri"]:
        raise RefusedError("invalid_request", NO_MATCH)
    with world.book.together():
        oauth.spend(world.book, form["code"])
        answer = tokens.grant(world.book, permit.scopes, world.now())
        if world.software.linkedin_partner:
            answer |= tokens.grant_renewals(world.book, form["client_id"], permit.scopes, world.now())
    return answer


def _renewed(world: World, form: dict[str, str]) -> Json:
    known = oauth.noted(world.book, form["refresh_token"])
    left = tokens.renewals_left(world.book, form["refresh_token"], world.now())
    if known is None or left <= 0:
        raise RefusedError("invalid_grant", NO_RENEWAL)
    answer = tokens.grant(world.book, known.scopes, world.now())
    return {**answer, "refresh_token": form["refresh_token"], "refresh_token_expires_in": left}


async def revoke(request: Request) -> Response:
    """Answer POST /oauth/v2/revoke."""
    world = world_of(request)
    form = await oauth.form(request, APP | {"token"})
    _demand_app(world, form)
    if not form.get("token"):
        raise RefusedError("invalid_request", 'A required parameter "token" is missing')
    tokens.forget(world.book, form["token"])
    return Response(status_code=200)


def _demand_app(world: World, form: dict[str, str]) -> None:
    own = apps.own(world.book, Network.LINKEDIN, world.settings)
    if form.get("client_id") != own.client_id or not own.proves(form.get("client_secret", "")):
        raise RefusedError("invalid_client", "Client authentication failed", 401)
