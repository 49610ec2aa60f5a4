"""Puts the X stand-in together: its routes, the names of its calls and its rate headers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from bot.practice.calls import Window
from bot.practice.kinds import Network, Operation
from bot.practice.oauth import RefusedError, answer_refusal
from bot.practice.pages import x_page
from bot.practice.pipeline import Customs, Headers
from bot.practice.x import chunks, posting, reading, signin, tickets, tokens, uploads
from bot.practice.x.keys import ACCESS
from bot.practice.x.wire import XError, answer_problem

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.practice.world import World

CALLS_IN_A_WINDOW = 900
WINDOW = timedelta(minutes=15)

ROUTES = [
    Route("/i/oauth2/authorize", signin.authorize, methods=["GET", "POST"]),
    Route("/2/oauth2/token", tokens.token, methods=["POST"]),
    Route("/2/oauth2/revoke", tokens.revoke, methods=["POST"]),
    Route("/oauth/request_token", tickets.request_token, methods=["POST"]),
    Route("/oauth/authorize", tickets.authorize, methods=["GET", "POST"]),
    Route("/oauth/access_token", tickets.access_token, methods=["POST"]),
    Route("/2/users/me", reading.me),
    Route("/2/users/{id}/tweets", reading.timeline),
    Route("/2/tweets", posting.create, methods=["POST"]),
    Route("/2/tweets", reading.posts),
    Route("/2/tweets/search/recent", reading.search),
    Route("/2/tweets/{id}", posting.delete, methods=["DELETE"]),
    Route("/2/tweets/{id}/hidden", posting.hide, methods=["PUT"]),
    Route("/2/media/upload", uploads.upload, methods=["POST"]),
    Route("/2/media/upload", chunks.status),
    Route("/2/media/upload/initialize", chunks.initialize, methods=["POST"]),
    Route("/2/media/upload/{id}/append", chunks.append, methods=["POST"]),
    Route("/2/media/upload/{id}/finalize", chunks.finalize, methods=["POST"]),
    Route("/2/media/metadata", uploads.metadata, methods=["POST"]),
    Route("/{handle}/status/{id}", x_page),
]
NAMES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", r"/2/oauth2/(token|revoke)|/oauth/(request|access)_token", Operation.SESSION),
    ("GET", r"/2/users/me", Operation.VERIFY),
    ("POST", r"/2/tweets", Operation.PUBLISH),
    ("GET", r"/2/tweets", Operation.METRICS),
    ("DELETE", r"/2/tweets/[^/]+", Operation.DELETE),
    ("PUT", r"/2/tweets/[^/]+/hidden", Operation.EDIT),
    ("GET", r"/2/tweets/search/recent", Operation.REPLIES),
    ("GET", r"/2/users/[^/]+/tweets", Operation.LOOKUP),
    ("POST", r"/2/media/upload(?:/initialize)?", Operation.UPLOAD),
    ("POST", r"/2/media/upload/[^/]+/append", Operation.PIECE),
    ("POST", r"/2/media/upload/[^/]+/finalize", Operation.FINISH),
    ("GET", r"/2/media/upload", Operation.POLL),
    ("POST", r"/2/media/metadata", Operation.EDIT),
)


def classify(method: str, path: str) -> Operation:
    """Name what a call is for."""
    asked = "GET" if method == "HEAD" else method
    for known, pattern, operation in NAMES:
        if asked == known and re.fullmatch(pattern, path):
            return operation
    return Operation.OTHER


def rate_headers(limit: int, remaining: int, ends: datetime) -> Headers:
    """Write X's rate headers; the reset is in seconds since 1970."""
    return [
        (b"x-rate-limit-limit", str(limit).encode()),
        (b"x-rate-limit-remaining", str(remaining).encode()),
        (b"x-rate-limit-reset", str(int(ends.timestamp())).encode()),
    ]


def app(world: World) -> Starlette:
    """The X stand-in itself."""
    made = Starlette(routes=ROUTES, exception_handlers=REFUSALS)
    made.state.world = world
    return made


async def not_found(request: Request, _: Exception) -> Response:
    """Answer an address X does not know."""
    return await answer_problem(request, XError(404, "not-found", "Not Found", "Not Found"))


REFUSALS = {XError: answer_problem, RefusedError: answer_refusal, 404: not_found}


def customs(world: World) -> Customs:
    """How calls to the X stand-in are named, counted and refused."""

    def expire() -> None:
        world.book.change("UPDATE sessions SET expired = 1 WHERE kind = ?", ACCESS)

    return Customs(
        network=Network.X,
        classify=classify,
        window=Window(CALLS_IN_A_WINDOW, world.now, WINDOW),
        rate_headers=rate_headers,
        too_fast=b'{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}',
        unauthorized=b'{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}',
        polls=True,
        expire=expire,
        lapse=lambda: uploads.lapse(world),
    )
