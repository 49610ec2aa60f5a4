"""Puts the TikTok stand-in together: its routes, the names of its calls, and its refusals, which tell no time."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from bot.practice.calls import Window
from bot.practice.kinds import Network, Operation
from bot.practice.pages import tiktok_page
from bot.practice.pipeline import Customs, Headers
from bot.practice.tiktok import keys, posting, reading, signin, tokens, uploads
from bot.practice.tiktok.jobs import Jobs
from bot.practice.tiktok.wire import (
    INVALID_TOKEN,
    TOO_FAST,
    Paces,
    TikTokError,
    answer_problem,
    refusal,
    unknown_path,
)

if TYPE_CHECKING:
    from datetime import datetime

    from bot.practice.world import World

CALLS_IN_FIVE_MINUTES = 3000

ROUTES = [
    Route("/v2/auth/authorize/", signin.authorize, methods=["GET", "POST"]),
    Route("/v2/oauth/token/", tokens.token, methods=["POST"]),
    Route("/v2/oauth/revoke/", tokens.revoke, methods=["POST"]),
    Route("/v2/post/publish/creator_info/query/", posting.creator_info, methods=["POST"]),
    Route("/v2/post/publish/video/init/", posting.video, methods=["POST"]),
    Route("/v2/post/publish/content/init/", posting.photos, methods=["POST"]),
    Route("/v2/post/publish/status/fetch/", posting.status, methods=["POST"]),
    Route("/v2/user/info/", reading.user),
    Route("/v2/video/list/", reading.videos, methods=["POST"]),
    Route("/v2/video/query/", reading.query, methods=["POST"]),
    Route("/video/", uploads.piece, methods=["PUT"]),
    Route("/@{name}/video/{id}", tiktok_page),
]
REFUSALS = {TikTokError: answer_problem, tokens.FlatError: tokens.answer_flat, 404: unknown_path}
NAMES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", r"/v2/oauth/(token|revoke)/", Operation.SESSION),
    ("POST", r"/v2/post/publish/creator_info/query/", Operation.VERIFY),
    ("POST", r"/v2/post/publish/video/init/", Operation.UPLOAD),
    ("POST", r"/v2/post/publish/content/init/", Operation.PUBLISH),
    ("POST", r"/v2/post/publish/status/fetch/", Operation.POLL),
    ("PUT", r"/video/", Operation.PUBLISH),
    ("GET", r"/v2/user/info/", Operation.VERIFY),
    ("POST", r"/v2/video/list/", Operation.LOOKUP),
    ("POST", r"/v2/video/query/", Operation.METRICS),
)


def classify(method: str, path: str) -> Operation:
    """Name what a call is for; of the pieces of a video each may be the one that publishes it."""
    asked = "GET" if method == "HEAD" else method
    for known, pattern, operation in NAMES:
        if asked == known and re.fullmatch(pattern, path):
            return operation
    return Operation.OTHER


def app(world: World) -> Starlette:
    """The TikTok stand-in itself."""
    keys.load(world.book, world.now())
    made = Starlette(routes=ROUTES, exception_handlers=REFUSALS)
    made.router.redirect_slashes = False
    made.state.world = world
    made.state.paces = Paces()
    return made


def customs(world: World) -> Customs:
    """How calls to the TikTok stand-in are named and refused; whoever stands before it may say when to come back."""

    def told(_: int, remaining: int, ends: datetime) -> Headers:
        wait = math.ceil((ends - world.now()).total_seconds())
        return [] if remaining > 0 else [(b"retry-after", str(wait).encode())]

    return Customs(
        network=Network.TIKTOK,
        classify=classify,
        window=Window(CALLS_IN_FIVE_MINUTES, world.now),
        rate_headers=told,
        too_fast=json.dumps(refusal(TOO_FAST)).encode(),
        polls=True,
        slow=Operation.PUBLISH,
        unauthorized=json.dumps(refusal(INVALID_TOKEN)).encode(),
        expire=lambda: keys.end_all(world.book, keys.ACCESS),
        lapse=Jobs(world).lapse,
    )
