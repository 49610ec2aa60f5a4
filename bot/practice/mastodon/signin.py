"""How people let an app in on the Mastodon stand-in: apps that register themselves, codes, tokens without an end."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from bot.practice import apps, consent, oauth
from bot.practice.consent import OUT_OF_BAND, Manners
from bot.practice.kinds import Json, Network
from bot.practice.mastodon.wire import invalid, read_fields, word
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.apps import App
    from bot.practice.oauth import Permit

MANNERS = Manners(
    network=Network.MASTODON,
    life=timedelta(minutes=10),
    meanings={
        "profile": "See who this account is",
        "read": "Read everything this account can see",
        "read:accounts": "See accounts",
        "read:blocks": "See who is blocked",
        "read:bookmarks": "See bookmarks",
        "read:favourites": "See favourites",
        "read:filters": "See filters",
        "read:follows": "See who is followed",
        "read:lists": "See lists",
        "read:mutes": "See who is muted",
        "read:notifications": "See notifications",
        "read:search": "Search",
        "read:statuses": "See posts",
        "write": "Change everything of this account",
        "write:accounts": "Change the profile",
        "write:blocks": "Block accounts",
        "write:bookmarks": "Bookmark posts",
        "write:conversations": "Mute and delete conversations",
        "write:favourites": "Favourite posts",
        "write:filters": "Change filters",
        "write:follows": "Follow people",
        "write:lists": "Change lists",
        "write:media": "Upload pictures and videos",
        "write:mutes": "Mute people",
        "write:notifications": "Clear notifications",
        "write:reports": "Report people",
        "write:statuses": "Publish and delete posts",
        "follow": "Change who is followed, blocked and muted",
        "push": "Receive push notifications",
    },
    needed=frozenset({"response_type", "redirect_uri"}),
    defaults={"scope": "read"},
    more=frozenset({"force_login", "lang"}),
    between=re.compile(r"[ +]"),
    methods=frozenset({"S256"}),
    denied={
        "error": "access_denied",
        "error_description": "The resource owner or authorization server denied the request.",
    },
)
WAYS = {"S256": oauth.s256}
APP_FIELDS = frozenset({"client_name", "redirect_uris", "scopes", "website"})
UNKNOWN_APP = (
    "Client authentication failed due to unknown client, no client authentication included, or unsupported"
    " authentication method."
)
BAD_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the"
    " authorization request, or was issued to another client."
)


async def register(request: Request) -> Response:
    """Answer POST /api/v1/apps."""
    fields = await read_fields(request, APP_FIELDS)
    name, website = word(fields, "client_name"), word(fields, "website")
    redirects, scopes = _redirects(fields), word(fields, "scopes", "read").split()
    if not name.strip():
        raise invalid("Application name can't be blank")
    if not redirects or not all(map(_absolute, redirects)):
        raise invalid("Redirect URI must be an absolute URI.")
    if not scopes or not set(scopes) <= MANNERS.meanings.keys():
        raise invalid("Scopes doesn't match configured on the server.")
    if website and urlsplit(website).scheme not in {"http", "https"}:
        raise invalid("Website is not a valid URL")
    app = apps.register(world_of(request).book, Network.MASTODON, name, redirects, scopes)
    told = {
        "id": app.client_id[:8],
        "name": name,
        "website": website or None,
        "scopes": scopes,
        "redirect_uri": "\n".join(redirects),
        "redirect_uris": redirects,
        "client_id": app.client_id,
        "client_secret": app.secret,
        "client_secret_expires_at": 0,
    }
    return JSONResponse(told)


def _redirects(fields: Json) -> list[str]:
    given = fields.get("redirect_uris")
    if isinstance(given, list) and all(isinstance(one, str) for one in given):
        return [str(one) for one in given]
    return word(fields, "redirect_uris").split()


def _absolute(redirect: str) -> bool:
    place = urlsplit(redirect)
    return redirect == OUT_OF_BAND or bool(place.scheme and place.netloc and not place.fragment)


async def authorize(request: Request) -> Response:
    """Answer /oauth/authorize."""
    return await consent.authorize(request, MANNERS)


async def token(request: Request) -> Response:
    """Answer POST /oauth/token; fields it does not know are none of its business."""
    world, fields = world_of(request), await read_fields(request, None)
    app = _app(request, world, fields)
    if app is None:
        return _refused("invalid_client", UNKNOWN_APP, 401)
    if word(fields, "grant_type") != "authorization_code":
        return _refused("unsupported_grant_type", "The authorization grant type is not supported by this server.")
    code = word(fields, "code")
    permit = oauth.look(world.book, Network.MASTODON, code)
    if permit is None or not _matches(permit, app, fields, world):
        return _refused("invalid_grant", BAD_GRANT)
    fresh, now = secrets.token_urlsafe(32), world.now()
    with world.book.together():
        oauth.spend(world.book, code)
        world.book.change("INSERT INTO grants VALUES (?, ?)", fresh, " ".join(permit.scopes))
        oauth.note(world.book, fresh, app.client_id, permit.scopes, now)
    told = {"access_token": fresh, "token_type": "Bearer", "scope": " ".join(permit.scopes)}
    return JSONResponse({**told, "created_at": int(now.timestamp())})


def _matches(permit: Permit, app: App, fields: Json, world: World) -> bool:
    return (
        permit.good(world.now())
        and permit.client_id == app.client_id
        and permit.redirect == word(fields, "redirect_uri")
        and permit.proven(word(fields, "code_verifier"), WAYS)
    )


async def revoke(request: Request) -> Response:
    """Answer POST /oauth/revoke; a token that never was is as gone as one that is taken back."""
    world, fields = world_of(request), await read_fields(request, None)
    app, given = _app(request, world, fields), word(fields, "token")
    known = oauth.noted(world.book, given)
    if app is None or (known is not None and known.client_id != app.client_id):
        return _refused("unauthorized_client", "You are not authorized to revoke this token", 403)
    if known is not None:
        world.book.change("DELETE FROM grants WHERE token = ?", given)
    return JSONResponse({})


async def discover(request: Request) -> Response:
    """Answer GET /.well-known/oauth-authorization-server."""
    root = f"{world_of(request).settings.root}/mastodon"
    return JSONResponse(
        {
            "issuer": f"{root}/",
            "authorization_endpoint": f"{root}/oauth/authorize",
            "token_endpoint": f"{root}/oauth/token",
            "revocation_endpoint": f"{root}/oauth/revoke",
            "app_registration_endpoint": f"{root}/api/v1/apps",
            "scopes_supported": list(MANNERS.meanings),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": sorted(MANNERS.methods),
        }
    )


def _app(request: Request, world: World, fields: Json) -> App | None:
    """The app that shows its secret, in the header or among the fields."""
    name, secret = oauth.basic(request) or (word(fields, "client_id"), word(fields, "client_secret"))
    app = apps.find(world, Network.MASTODON, name)
    return app if app is not None and app.proves(secret) else None


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
