"""Puts the LinkedIn stand-in together: its routes, the names of its calls and how it says that it was too much."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from bot.practice.calls import Window
from bot.practice.kinds import Network, Operation
from bot.practice.linkedin import posting, reading, signin, social, uploads, videos
from bot.practice.linkedin.wire import LinkedInError, answer_problem
from bot.practice.oauth import RefusedError, answer_refusal
from bot.practice.pages import linkedin_page
from bot.practice.pipeline import Customs, Headers

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.practice.world import World

CALLS_A_DAY = 500
DAY = timedelta(days=1)

ROUTES = [
    Route("/oauth/v2/authorization", signin.authorize, methods=["GET", "POST"]),
    Route("/oauth/v2/accessToken", signin.token, methods=["POST"]),
    Route("/oauth/v2/revoke", signin.revoke, methods=["POST"]),
    Route("/v2/userinfo", reading.userinfo),
    Route("/rest/organizations/{id}", reading.organization),
    Route("/rest/organizationAcls", reading.roles),
    Route("/rest/networkSizes/{urn}", reading.followers),
    Route("/rest/organizationalEntityShareStatistics", reading.statistics),
    Route("/rest/images", uploads.initialize_image, methods=["POST"]),
    Route("/rest/images/{urn}", uploads.look),
    Route("/rest/documents", uploads.initialize_document, methods=["POST"]),
    Route("/rest/documents/{urn}", uploads.look),
    Route("/rest/videos", videos.act, methods=["POST"]),
    Route("/rest/videos/{urn}", videos.look),
    Route("/uploads/{secret}", uploads.put, methods=["PUT"]),
    Route("/uploads/{secret}/{turn:int}", videos.put, methods=["PUT"]),
    Route("/rest/posts", posting.create, methods=["POST"]),
    Route("/rest/posts", posting.of_author),
    Route("/rest/posts/{urn}", posting.one),
    Route("/rest/posts/{urn}", posting.update, methods=["POST"]),
    Route("/rest/posts/{urn}", posting.delete, methods=["DELETE"]),
    Route("/rest/socialActions/{urn}/comments", social.comment, methods=["POST"]),
    Route("/rest/socialActions/{urn}/comments", social.comments),
    Route("/rest/socialActions/{urn}/comments/{id}", social.update, methods=["POST"]),
    Route("/rest/socialActions/{urn}/comments/{id}", social.delete, methods=["DELETE"]),
    Route("/feed/update/{urn}/", linkedin_page),
]
COMMENTS = r"/rest/socialActions/[^/]+/comments"
NAMES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", r"/oauth/v2/(accessToken|revoke)", Operation.SESSION),
    ("GET", r"/v2/userinfo", Operation.VERIFY),
    ("GET", r"/rest/organizations/[^/]+", Operation.VERIFY),
    ("GET", r"/rest/organizationAcls", Operation.VERIFY),
    ("GET", r"/rest/networkSizes/[^/]+", Operation.METRICS),
    ("GET", r"/rest/organizationalEntityShareStatistics", Operation.METRICS),
    ("POST", r"/rest/(images|documents|videos)", Operation.UPLOAD),
    ("GET", r"/rest/(images|documents|videos)/[^/]+", Operation.POLL),
    ("PUT", r"/uploads/[^/]+(/\d+)?", Operation.FILE),
    ("POST", r"/rest/posts", Operation.PUBLISH),
    ("POST", COMMENTS, Operation.PUBLISH),
    ("POST", r"/rest/posts/[^/]+", Operation.EDIT),
    ("POST", COMMENTS + r"/[^/]+", Operation.EDIT),
    ("GET", r"/rest/posts(/[^/]+)?", Operation.LOOKUP),
    ("DELETE", r"/rest/posts/[^/]+", Operation.DELETE),
    ("DELETE", COMMENTS + r"/[^/]+", Operation.DELETE),
    ("GET", COMMENTS, Operation.REPLIES),
)


def classify(method: str, path: str) -> Operation:
    """Name what a call is for; a comment is published too."""
    asked = "GET" if method == "HEAD" else method
    for known, pattern, operation in NAMES:
        if asked == known and re.fullmatch(pattern, path):
            return operation
    return Operation.OTHER


def app(world: World) -> Starlette:
    """The LinkedIn stand-in itself."""
    made = Starlette(routes=ROUTES, exception_handlers=REFUSALS)
    made.state.world = world
    return made


async def not_found(request: Request, _: Exception) -> Response:
    """Answer an address LinkedIn does not know."""
    return await answer_problem(request, LinkedInError(404, "RESOURCE_NOT_FOUND", "No virtual resource found"))


REFUSALS = {LinkedInError: answer_problem, RefusedError: answer_refusal, 404: not_found}


def customs(world: World) -> Customs:
    """How calls to the LinkedIn stand-in are named, counted and refused."""

    def rate_headers(_: int, remaining: int, ends: datetime) -> Headers:
        """Nothing is told of what remains; a refusal may name a time."""
        wait = round((ends - world.now()).total_seconds())
        return [] if remaining else [(b"retry-after", str(wait).encode())]

    return Customs(
        network=Network.LINKEDIN,
        classify=classify,
        window=Window(CALLS_A_DAY, world.now, DAY),
        rate_headers=rate_headers,
        too_fast=b'{"status":429,"serviceErrorCode":101,"code":"TOO_MANY_REQUESTS","message":"Throttled"}',
        unauthorized=b'{"status":401,"serviceErrorCode":65602,"code":"EXPIRED_ACCESS_TOKEN","message":"Expired token"}',
        polls=True,
        lapse=lambda: uploads.lapse(world),
    )
