"""How people let the desk in on Facebook: the dialog, a short token for its code, a long one for that, and looking."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, Response

from bot.practice import apps, consent, oauth
from bot.practice.consent import Manners
from bot.practice.facebook.rights import PERSON, USER, is_person
from bot.practice.kinds import Json, Network
from bot.practice.meta import keys
from bot.practice.meta.signin import NO_MATCH, asked_once, bearer, demand_secret
from bot.practice.meta.wire import GraphError, granted, token_of
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.oauth import Permit

PUBLIC: Final = "public_profile"
MANNERS: Final = Manners(
    network=Network.FACEBOOK,
    life=timedelta(minutes=10),
    meanings={
        PUBLIC: "Use your name and picture",
        "pages_show_list": "See which Pages you manage",
        "pages_manage_posts": "Publish, change and delete posts of your Pages",
        "pages_read_engagement": "Read the posts of your Pages and who follows them",
        "pages_manage_engagement": "Comment as your Pages and moderate comments",
        "pages_read_user_content": "Read what visitors write on your Pages",
        "pages_manage_metadata": "Change the settings of your Pages",
        "read_insights": "See what the posts of your Pages earned",
        "business_management": "Manage your business",
        "publish_video": "Publish videos",
        "instagram_basic": "See the Instagram account linked to a Page",
        "instagram_content_publish": "Publish to that Instagram account",
        "instagram_manage_comments": "Moderate its comments",
        "instagram_manage_insights": "See what its posts earned",
    },
    defaults={"response_type": "code", "scope": PUBLIC},
    more=frozenset({"auth_type", "display", "return_scopes"}),
    between=re.compile(r"[, ]"),
    denied={
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
    },
    tail="#_=_",
)
CODE: Final = frozenset({"client_id", "client_secret", "redirect_uri", "code"})
EXCHANGE: Final = frozenset({"client_id", "client_secret", "grant_type", "fb_exchange_token"})
ASKED: Final = "facebook asked"
"""Under what it is kept which rights a person was ever asked for."""


async def authorize(request: Request) -> Response:
    """Answer /dialog/oauth."""
    return await consent.authorize(request, MANNERS)


async def token(request: Request) -> Response:
    """Answer GET /oauth/access_token: for a code a token of an hour, for that or a long one a token of sixty days."""
    world = world_of(request)
    wanted = EXCHANGE if "grant_type" in request.query_params else CODE
    fields = asked_once(request, wanted)
    app = apps.own(world.book, Network.FACEBOOK, world.settings)
    if fields["client_id"] != app.client_id:
        words = "Error validating application. Cannot get application info due to a system error."
        raise GraphError(words, code=101)
    demand_secret(app, fields["client_secret"])
    if wanted is EXCHANGE:
        return _lengthened(request, world, fields)
    permit = _permit(world, fields)
    with world.book.together():
        oauth.spend(world.book, fields["code"])
        known = str(world.book.recall(ASKED) or "").split()
        world.book.remember(ASKED, " ".join(dict.fromkeys([*known, *permit.asked])))
        fresh = keys.short(world.book, Network.FACEBOOK, "EAAU", (USER, *permit.scopes), world.now())
        oauth.note(world.book, fresh, app.client_id, permit.scopes, world.now())
    return bearer(fresh, keys.SHORT_LIFE)


def _permit(world: World, fields: dict[str, str]) -> Permit:
    permit = oauth.look(world.book, Network.FACEBOOK, fields["code"])
    if permit is None:
        raise GraphError("Invalid verification code format.")
    if permit.spent:
        raise GraphError("This authorization code has been used.", subcode=36009)
    if not permit.good(world.now()):
        raise GraphError("This authorization code has expired.", subcode=36007)
    if permit.redirect != fields["redirect_uri"]:
        raise GraphError(NO_MATCH, subcode=36008)
    return permit


def _lengthened(request: Request, world: World, fields: dict[str, str]) -> Response:
    if fields["grant_type"] != "fb_exchange_token":
        raise GraphError("(#100) Param grant_type must be fb_exchange_token")
    old = fields["fb_exchange_token"]
    if USER not in granted(request, old).scopes:
        raise GraphError("Only a person's access token can be exchanged", code=190, status=401)
    fresh = keys.renew(world.book, Network.FACEBOOK, old, world.now())
    oauth.note(world.book, fresh, fields["client_id"], (), world.now())
    return bearer(fresh, keys.LIFE)


async def permissions(request: Request) -> Response:
    """Answer GET /me/permissions: what the person was asked for, and what they granted."""
    asked_once(request, frozenset())
    if not is_person(request):
        raise GraphError("(#100) Tried accessing nonexisting field (permissions)")
    has = granted(request, token_of(request)).scopes - {USER}
    asked = str(world_of(request).book.recall(ASKED) or "").split()
    names = dict.fromkeys([*asked, *sorted(has)])
    told = [{"permission": name, "status": "granted" if name in has else "declined"} for name in names]
    return JSONResponse({"data": told})


async def debug(request: Request) -> Response:
    """Answer GET /debug_token, which only the app and its own people may ask."""
    world, shown = world_of(request), token_of(request)
    fields = asked_once(request, frozenset({"input_token"}))
    app = apps.own(world.book, Network.FACEBOOK, world.settings)
    if shown != f"{app.client_id}|{app.secret}":
        granted(request, shown)
    told = _described(world, fields["input_token"])
    return JSONResponse({"data": {"app_id": app.client_id, "application": app.name, **told}})


def _described(world: World, token: str) -> Json:
    found, issued = keys.find(world.book, token), oauth.noted(world.book, token)
    if found is None:
        wrong = {"code": 190, "message": "Invalid OAuth access token."}
        return {"error": wrong, "is_valid": False, "scopes": []}
    person = USER in found.scopes
    valid = found.ends is None or found.ends > world.now()
    told: Json = {
        "type": "USER" if person else "PAGE",
        "expires_at": 0 if found.ends is None else int(found.ends.timestamp()),
        "is_valid": valid,
        "scopes": sorted(found.scopes - {USER}),
        "user_id": PERSON,
    }
    if not valid:
        told["error"] = {"code": 190, "subcode": 463, "message": "Error validating access token: Session has expired."}
    if not person:
        told["profile_id"] = world.identity.mastodon_id
    return told if issued is None else {**told, "issued_at": int(issued.at.timestamp())}
