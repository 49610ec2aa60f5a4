"""Puts the Facebook stand-in together: its routes, the names of its calls and its usage headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.routing import Route

from bot.practice.calls import Window
from bot.practice.facebook import posting, reading, signin, videos
from bot.practice.kinds import Network, Operation
from bot.practice.meta import keys
from bot.practice.meta.containers import Containers
from bot.practice.meta.wire import EXPIRED, TOO_FAST, GraphError, answer_problem, body_of, unknown_path, usage_headers
from bot.practice.pages import facebook_page
from bot.practice.pipeline import Customs

if TYPE_CHECKING:
    from bot.practice.book import Book
    from bot.practice.world import World

CALLS_IN_FIVE_MINUTES = 4800
SCOPES = (
    "pages_show_list pages_manage_posts pages_read_engagement pages_manage_engagement pages_read_user_content"
    " read_insights"
)
V = "/v26.0"

ROUTES = [
    Route(f"{V}/dialog/oauth", signin.authorize, methods=["GET", "POST"]),
    Route(f"{V}/oauth/access_token", signin.token),
    Route(f"{V}/debug_token", signin.debug),
    Route(f"{V}/me/permissions", signin.permissions),
    # Both are also known without a version.
    Route("/oauth/access_token", signin.token),
    Route("/debug_token", signin.debug),
    Route(f"{V}/me", reading.me),
    Route(f"{V}/me/accounts", reading.accounts),
    Route(f"{V}/{{page}}/photos", posting.photo, methods=["POST"]),
    Route(f"{V}/{{page}}/videos", videos.videos, methods=["POST"]),
    Route(f"{V}/{{page}}/video_reels", videos.reels, methods=["POST"]),
    Route(f"{V}/{{page}}/video_stories", videos.stories, methods=["POST"]),
    Route(f"{V}/{{page}}/photo_stories", videos.photo_story, methods=["POST"]),
    Route(f"{V}/{{page}}/stories", videos.listed),
    Route("/video-upload/{version}/{id}", videos.receive, methods=["POST"]),
    Route(f"{V}/{{page}}/feed", posting.feed, methods=["POST"]),
    Route(f"{V}/{{page}}/published_posts", reading.published),
    Route(f"{V}/{{id}}/comments", posting.comment, methods=["POST"]),
    Route(f"{V}/{{id}}/comments", reading.comments),
    Route(f"{V}/{{id}}/insights", reading.insights),
    Route(f"{V}/{{id}}", posting.change, methods=["POST"]),
    Route(f"{V}/{{id}}", posting.delete, methods=["DELETE"]),
    Route(f"{V}/{{id}}", reading.one),
    Route("/{id}", facebook_page),
]
NAMES: tuple[tuple[str, str, Operation], ...] = (
    ("GET", rf"({V})?/oauth/access_token", Operation.SESSION),
    ("GET", rf"({V})?/debug_token|{V}/me/permissions", Operation.VERIFY),
    ("POST", V + r"/[^/]+/photos", Operation.UPLOAD),
    ("POST", r"/video-upload/v\d+\.\d+/[^/]+", Operation.PIECE),
    ("POST", V + r"/[^/]+/(feed|comments|videos|video_reels|video_stories|photo_stories)", Operation.PUBLISH),
    ("POST", V + r"/[^/]+", Operation.EDIT),
    ("DELETE", V + r"/[^/]+", Operation.DELETE),
    ("GET", V + r"/[^/]+/(published_posts|stories)", Operation.LOOKUP),
    ("GET", V + r"/[^/]+/comments", Operation.REPLIES),
    ("GET", V + r"/[^/]+/insights", Operation.METRICS),
    ("GET", V + r"/[^/]+_[^/]+", Operation.METRICS),
    ("GET", V + r"/17\d+", Operation.POLL),
    ("GET", V + r"/(me|me/accounts|\d+)", Operation.VERIFY),
)


def load(book: Book) -> str:
    """The Page's own token, which has no end."""
    return keys.lasting(book, Network.FACEBOOK, "EAAP", SCOPES)


def classify(method: str, path: str) -> Operation:
    """Name what a call is for."""
    asked = "GET" if method == "HEAD" else method
    for known, pattern, operation in NAMES:
        if asked == known and re.fullmatch(pattern, path):
            return operation
    return Operation.OTHER


def by_query(query: str) -> Operation | None:
    """A video comes in phases, of which the last alone publishes it; who says so in the address is understood."""
    asked = parse_qs(query).get("upload_phase", [""])[0]
    return {"start": Operation.UPLOAD, "transfer": Operation.PIECE}.get(asked)


def app(world: World) -> Starlette:
    """The Facebook stand-in itself."""
    load(world.book)
    made = Starlette(routes=ROUTES, exception_handlers={GraphError: answer_problem, 404: unknown_path})
    made.state.world = world
    return made


def customs(world: World) -> Customs:
    """How calls to the Facebook stand-in are named, counted and refused."""
    return Customs(
        network=Network.FACEBOOK,
        classify=classify,
        window=Window(CALLS_IN_FIVE_MINUTES, world.now),
        rate_headers=usage_headers(world.now, world.identity.mastodon_id, kind="pages"),
        too_fast=body_of(TOO_FAST),
        too_fast_status=TOO_FAST.status,
        polls=True,
        unauthorized=body_of(EXPIRED),
        by_query=by_query,
        lapse=Containers(world, Network.FACEBOOK).lapse,
    )
