"""How people let the desk in on X with OAuth 1.0a: a signed call for a ticket, the page, a signed call for tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import Response

from bot.practice import apps, consent, oauth
from bot.practice.consent import UnwelcomeError
from bot.practice.identity import HANDLE
from bot.practice.kinds import Network
from bot.practice.oauth import BadFieldsError
from bot.practice.world import World, world_of
from bot.practice.x import keys, signatures
from bot.practice.x.wire import XError, unauthorized

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.book import Book

LIFE = timedelta(minutes=15)
OUT_OF_BAND = "oob"
CALLBACK, VERIFIER = "oauth_callback", "oauth_verifier"
FORM = "application/x-www-form-urlencoded"
RIGHTS = "<p>It wants to read and write posts, and to see who this account is.</p>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A sign-in on its way; the verifier is empty until the person has said yes."""

    token: str
    secret: str = field(repr=False)
    callback: str
    verifier: str


async def request_token(request: Request) -> Response:
    """Answer POST /oauth/request_token."""
    world = world_of(request)
    told = await _told(request, CALLBACK, ticket=None)
    callback = told.get(CALLBACK, "")
    if callback != OUT_OF_BAND and not apps.own(world.book, Network.X, world.settings).welcomes(callback):
        raise XError(403, "not-allowed", "Forbidden", "Callback URL not approved for this client application.")
    token, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    sql = "INSERT INTO tickets VALUES (?, ?, ?, '', ?)"
    world.book.change(sql, token, secret, callback, (world.now() + LIFE).timestamp())
    return _answer({"oauth_token": token, "oauth_token_secret": secret, "oauth_callback_confirmed": "true"})


async def authorize(request: Request) -> Response:
    """Answer /oauth/authorize: the page for a ticket, and what was pressed on it."""
    try:
        ticket = _asked(request)
        allowed = request.method == "POST" and await consent.pressed(request, ()) is not None
    except UnwelcomeError as problem:
        return consent.unwelcome(Network.X, str(problem))
    shown = ticket.callback == OUT_OF_BAND
    if request.method != "POST":
        return consent.asking(Network.X, apps.NAME, consent.OUT_OF_BAND if shown else ticket.callback, RIGHTS)
    book = world_of(request).book
    if not allowed:
        _forget(book, ticket)
        said = consent.unwelcome(Network.X, "You said no.")
        return said if shown else consent.back(ticket.callback, {"denied": ticket.token})
    verifier = f"{secrets.randbelow(10**7):07}" if shown else secrets.token_urlsafe(24)
    book.change("UPDATE tickets SET verifier = ? WHERE token = ?", verifier, ticket.token)
    if shown:
        return consent.shown(Network.X, verifier)
    return consent.back(ticket.callback, {"oauth_token": ticket.token, VERIFIER: verifier})


def _asked(request: Request) -> Ticket:
    ticket = _find(world_of(request), request.query_params.get("oauth_token", ""))
    if len(request.query_params.multi_items()) != 1 or ticket is None or ticket.verifier:
        raise UnwelcomeError("There is no request token of this name, or it is over.")
    return ticket


async def access_token(request: Request) -> Response:
    """Answer POST /oauth/access_token; the same app gets the same token of an account every time."""
    world = world_of(request)
    sent = {**request.query_params, **signatures.header(request), **dict(await _body(request))}
    ticket = _find(world, sent.get("oauth_token", ""))
    if ticket is None:
        raise unauthorized()
    told = await _told(request, VERIFIER, ticket=ticket)
    if not ticket.verifier or told.get(VERIFIER) != ticket.verifier:
        raise unauthorized()
    _forget(world.book, ticket)
    own = keys.load(world.book)
    who = {"user_id": world.identity.mastodon_id, "screen_name": HANDLE}
    return _answer({"oauth_token": own.access_token, "oauth_token_secret": own.access_token_secret, **who})


async def _told(request: Request, name: str, *, ticket: Ticket | None) -> dict[str, str]:
    """What a signed call says, wherever it says it: `name`, and the ticket's token when there is one."""
    own, given, body = keys.load(world_of(request).book), signatures.header(request), await _body(request)
    known = signatures.ALWAYS | {name, "oauth_token"}
    try:
        told = oauth.single([*given.items(), *request.query_params.multi_items(), *body], known)
    except BadFieldsError:
        raise unauthorized() from None
    if told.get("oauth_consumer_key") != own.consumer_key or ("oauth_token" in told) is not (ticket is not None):
        raise unauthorized()
    if not signatures.signed(request, given, (own.consumer_secret, ticket.secret if ticket else ""), body):
        raise unauthorized()
    return told


async def _body(request: Request) -> list[tuple[str, str]]:
    if request.headers.get("content-type", "").split(";")[0].strip() != FORM:
        return []
    return [(name, str(value)) for name, value in (await request.form()).multi_items()]


def _find(world: World, token: str) -> Ticket | None:
    sql = "SELECT * FROM tickets WHERE token = ? AND expires_at > ?"
    row = world.book.row(sql, token, world.now().timestamp())
    if row is None:
        return None
    return Ticket(token=token, secret=row["secret"], callback=row["callback"], verifier=row["verifier"])


def _forget(book: Book, ticket: Ticket) -> None:
    book.change("DELETE FROM tickets WHERE token = ?", ticket.token)


def _answer(told: dict[str, str]) -> Response:
    return Response(urlencode(told), media_type=FORM)
