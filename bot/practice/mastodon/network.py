"""Puts the Mastodon stand-in together: its routes, the names of its calls and its rate headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from bot.practice.calls import Window
from bot.practice.composing import stamp
from bot.practice.kinds import Network, Operation
from bot.practice.mastodon import instance, reading, signin, statuses, uploads
from bot.practice.mastodon.wire import MastodonError, answer_problem
from bot.practice.pages import mastodon_page
from bot.practice.pipeline import Customs, Headers

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.practice.world import World

CALLS_IN_FIVE_MINUTES = 300

ROUTES = [
    Route("/.well-known/oauth-authorization-server", signin.discover),
    Route("/oauth/authorize", signin.authorize, methods=["GET", "POST"]),
    Route("/oauth/token", signin.token, methods=["POST"]),
    Route("/oauth/revoke", signin.revoke, methods=["POST"]),
    Route("/api/v1/apps", signin.register, methods=["POST"]),
    Route("/api/v2/instance", instance.second),
    Route("/api/v1/instance", instance.first),
    # Some clients end this address with a slash.
    Route("/api/v2/instance/", instance.second),
    Route("/api/v1/instance/", instance.first),
    Route("/api/v1/accounts/verify_credentials", reading.verify),
    Route("/api/v1/accounts/{id}", reading.one_account),
    Route("/api/v1/accounts/{id}/statuses", reading.account_statuses),
    Route("/api/v1/statuses", statuses.publish, methods=["POST"]),
    Route("/api/v1/statuses", reading.many_statuses),
    Route("/api/v1/statuses/{id}", statuses.edit, methods=["PUT"]),
    Route("/api/v1/statuses/{id}", statuses.delete, methods=["DELETE"]),
    Route("/api/v1/statuses/{id}", reading.one_status),
    Route("/api/v1/statuses/{id}/context", reading.context),
    Route("/api/v1/statuses/{id}/source", reading.source),
    Route("/api/v2/media", uploads.upload, methods=["POST"]),
    Route("/api/v1/media/{id}", uploads.describe, methods=["PUT"]),
    Route("/api/v1/media/{id}", uploads.look),
    Route("/api/v1/notifications", reading.notifications),
    Route("/files/{id}", uploads.file),
    Route("/@{acct}/{id}", mastodon_page),
]

STATUS = r"/api/v1/statuses/[^/]+"
NAMES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", r"/oauth/(token|revoke)|/api/v1/apps", Operation.SESSION),
    ("GET", r"/\.well-known/oauth-authorization-server", Operation.VERIFY),
    ("POST", r"/api/v1/statuses", Operation.PUBLISH),
    ("PUT", STATUS, Operation.EDIT),
    ("DELETE", STATUS, Operation.DELETE),
    ("GET", r"/api/v1/statuses", Operation.METRICS),
    ("GET", STATUS, Operation.METRICS),
    ("GET", STATUS + "/source", Operation.LOOKUP),
    ("GET", STATUS + "/context", Operation.REPLIES),
    ("GET", r"/api/v1/notifications", Operation.REPLIES),
    ("GET", r"/api/v1/accounts/[^/]+/statuses", Operation.LOOKUP),
    ("GET", r"/api/v1/accounts/[^/]+", Operation.VERIFY),
    ("GET", r"/api/v[12]/instance/?", Operation.VERIFY),
    ("POST", r"/api/v2/media", Operation.UPLOAD),
    ("GET", r"/api/v1/media/[^/]+", Operation.POLL),
    ("PUT", r"/api/v1/media/[^/]+", Operation.EDIT),
    ("GET", r"/files/[^/]+", Operation.FILE),
)


def classify(method: str, path: str) -> Operation:
    """Name what a call is for."""
    asked = "GET" if method == "HEAD" else method
    for known, pattern, operation in NAMES:
        if asked == known and re.fullmatch(pattern, path):
            return operation
    return Operation.OTHER


def rate_headers(limit: int, remaining: int, ends: datetime) -> Headers:
    """Write Mastodon's rate headers; the reset is an ISO time."""
    return [
        (b"x-ratelimit-limit", str(limit).encode()),
        (b"x-ratelimit-remaining", str(remaining).encode()),
        (b"x-ratelimit-reset", stamp(ends).encode()),
    ]


def app(world: World) -> Starlette:
    """The Mastodon stand-in itself."""
    made = Starlette(routes=ROUTES, exception_handlers={MastodonError: answer_problem, 404: not_found})
    made.state.world = world
    return made


async def not_found(request: Request, _: Exception) -> Response:
    """Answer an address the server does not know."""
    return await answer_problem(request, MastodonError(404, "The page you were looking for doesn't exist."))


def customs(world: World) -> Customs:
    """How calls to the Mastodon stand-in are named, counted and refused."""
    return Customs(
        network=Network.MASTODON,
        classify=classify,
        window=Window(CALLS_IN_FIVE_MINUTES, world.now),
        rate_headers=rate_headers,
        too_fast=b'{"error":"Too many requests"}',
        unauthorized=b'{"error":"The access token is invalid"}',
        polls=True,
    )
