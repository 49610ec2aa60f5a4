"""Puts the Instagram stand-in together: its routes, the names of its calls and its usage headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from bot.practice.calls import Window
from bot.practice.instagram import creating, posting, reading, signin
from bot.practice.instagram.rights import SCOPES
from bot.practice.kinds import Network, Operation
from bot.practice.meta import keys
from bot.practice.meta.containers import Containers
from bot.practice.meta.signin import CodeError, answer_code_problem
from bot.practice.meta.wire import EXPIRED, TOO_FAST, GraphError, answer_problem, body_of, unknown_path, usage_headers
from bot.practice.pages import instagram_page
from bot.practice.pipeline import Customs

if TYPE_CHECKING:
    from datetime import datetime

    from bot.practice.book import Book
    from bot.practice.world import World

CALLS_IN_FIVE_MINUTES = 4800
V = "/v26.0"

ROUTES = [
    Route("/oauth/authorize", signin.authorize, methods=["GET", "POST"]),
    Route("/oauth/access_token", signin.token, methods=["POST"]),
    Route("/access_token", signin.lengthen),
    Route("/refresh_access_token", reading.renew),
    Route(f"{V}/me", reading.me),
    Route(f"{V}/{{user}}/media", creating.create, methods=["POST"]),
    Route(f"{V}/{{user}}/media", reading.media),
    Route(f"{V}/{{user}}/stories", reading.stories),
    Route(f"{V}/{{user}}/media_publish", posting.publish, methods=["POST"]),
    Route(f"{V}/{{user}}/content_publishing_limit", reading.allowance),
    Route(f"{V}/{{id}}/comments", posting.comment, methods=["POST"]),
    Route(f"{V}/{{id}}/comments", reading.comments),
    Route(f"{V}/{{id}}/replies", posting.comment, methods=["POST"]),
    Route(f"{V}/{{id}}/replies", reading.comments),
    Route(f"{V}/{{id}}/insights", reading.insights),
    Route(f"{V}/{{id}}", posting.hide, methods=["POST"]),
    Route(f"{V}/{{id}}", posting.delete, methods=["DELETE"]),
    Route(f"{V}/{{id}}", reading.one),
    Route("/ig-api-upload/{version}/{id}", creating.receive, methods=["POST"]),
    Route("/p/{id}/", instagram_page),
]
NAMES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", r"/oauth/access_token", Operation.SESSION),
    ("GET", r"/(refresh_)?access_token", Operation.SESSION),
    ("POST", V + r"/[^/]+/media", Operation.UPLOAD),
    ("POST", r"/ig-api-upload/v\d+\.\d+/[^/]+", Operation.PIECE),
    ("POST", V + r"/[^/]+/(media_publish|comments|replies)", Operation.PUBLISH),
    ("POST", V + r"/[^/]+", Operation.EDIT),
    ("DELETE", V + r"/[^/]+", Operation.DELETE),
    ("GET", V + r"/[^/]+/(media|stories)", Operation.LOOKUP),
    ("GET", V + r"/[^/]+/(comments|replies)", Operation.REPLIES),
    ("GET", V + r"/[^/]+/insights", Operation.METRICS),
    ("GET", V + r"/me|" + V + r"/[^/]+/content_publishing_limit", Operation.VERIFY),
    ("GET", V + r"/17\d+", Operation.POLL),
    ("GET", V + r"/[^/]+", Operation.FILE),
)


def load(book: Book, now: datetime) -> str:
    """The practice account's token, of Instagram Login."""
    return keys.load(book, Network.INSTAGRAM, "IGAA", SCOPES, now)


def classify(method: str, path: str) -> Operation:
    """Name what a call is for."""
    asked = "GET" if method == "HEAD" else method
    for known, pattern, operation in NAMES:
        if asked == known and re.fullmatch(pattern, path):
            return operation
    return Operation.OTHER


def app(world: World) -> Starlette:
    """The Instagram stand-in itself."""
    load(world.book, world.now())
    made = Starlette(routes=ROUTES, exception_handlers=REFUSALS)
    made.state.world = world
    return made


REFUSALS = {GraphError: answer_problem, CodeError: answer_code_problem, 404: unknown_path}


def customs(world: World) -> Customs:
    """How calls to the Instagram stand-in are named, counted and refused."""
    return Customs(
        network=Network.INSTAGRAM,
        classify=classify,
        window=Window(CALLS_IN_FIVE_MINUTES, world.now),
        rate_headers=usage_headers(world.now, world.identity.mastodon_id, kind="instagram"),
        too_fast=body_of(TOO_FAST),
        too_fast_status=TOO_FAST.status,
        polls=True,
        unauthorized=body_of(EXPIRED),
        lapse=Containers(world, Network.INSTAGRAM).lapse,
    )
