"""Signs the desk in and keeps its session fresh; a used refresh token works a little longer, then never again."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.bluesky import jwt
from bot.practice.bluesky.wire import XrpcError, bad, demand, read_input, session_of, text_of
from bot.practice.identity import DOMAIN, EMAIL
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.kinds import Json

ACCESS_LIFE = timedelta(hours=2)
REFRESH_LIFE = timedelta(days=90)
GRACE = timedelta(minutes=1)


async def create(request: Request) -> Response:
    """Answer createSession."""
    body = await read_input(
        request, frozenset({"identifier", "password"}), frozenset({"authFactorToken", "allowTakendown"})
    )
    world = world_of(request)
    name, password = text_of(body, "identifier").lower().removeprefix("@"), text_of(body, "password")
    known = name in {world.identity.bluesky_handle, world.identity.did, EMAIL}
    if not hmac.compare_digest(password.encode(), world.identity.app_password.encode()) or not known:
        raise XrpcError(401, "AuthenticationRequired", "Invalid identifier or password")
    return JSONResponse({**_account(world), **_issue(world), "emailConfirmed": True, "active": True})


async def refresh(request: Request) -> Response:
    """Answer refreshSession: both tokens are new, and the old refresh token has a minute left."""
    session = session_of(request, jwt.Kind.REFRESH)
    world = world_of(request)
    ends = (world.now() + GRACE).timestamp()
    world.book.change("UPDATE sessions SET expires_at = MIN(expires_at, ?) WHERE id = ?", ends, session)
    return JSONResponse({**_account(world), **_issue(world), "active": True})


async def get(request: Request) -> Response:
    """Answer getSession."""
    world = demand(request)
    return JSONResponse({**_account(world), "email": EMAIL, "emailConfirmed": True, "active": True})


async def resolve(request: Request) -> Response:
    """Answer resolveHandle for the desk and its audience; nobody else exists here."""
    handle = request.query_params.get("handle", "").lower()
    for person in world_of(request).people.values():
        if person.bluesky_handle == handle:
            return JSONResponse({"did": person.did})
    raise bad("Unable to resolve handle")


async def describe(request: Request) -> Response:
    """Answer describeServer."""
    world = world_of(request)
    return JSONResponse(
        {
            "did": f"did:web:{DOMAIN}",
            "availableUserDomains": [f".{DOMAIN}"],
            "inviteCodeRequired": True,
            "links": {},
            "contact": {"email": EMAIL},
            "version": f"practice {world.settings.seed}",
        }
    )


def _issue(world: World) -> Json:
    now = world.now()
    tokens: Json = {}
    for name, kind, life in (
        ("accessJwt", jwt.Kind.ACCESS, ACCESS_LIFE),
        ("refreshJwt", jwt.Kind.REFRESH, REFRESH_LIFE),
    ):
        session, ends = secrets.token_urlsafe(24), now + life
        word = "access" if kind is jwt.Kind.ACCESS else "refresh"
        sql = "INSERT INTO sessions (id, kind, expires_at) VALUES (?, ?, ?)"
        world.book.change(sql, session, word, ends.timestamp())
        tokens[name] = jwt.write(
            kind, did=world.identity.did, session=session, life=(now, ends), key=world.identity.signing_key
        )
    return tokens


def _account(world: World) -> Json:
    did, handle = world.identity.did, world.identity.bluesky_handle
    service = {
        "id": "#atproto_pds",
        "type": "AtprotoPersonalDataServer",
        "serviceEndpoint": f"{world.settings.root}/bluesky",
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": did,
        "alsoKnownAs": [f"at://{handle}"],
        "verificationMethod": [],
        "service": [service],
    }
    return {"did": did, "handle": handle, "didDoc": document}
