"""Puts the Bluesky stand-in together: its methods, the names of its calls and its rate headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from bot.practice.bluesky import feed, repo, sessions, videos
from bot.practice.bluesky.wire import XrpcError, answer_problem
from bot.practice.calls import Window
from bot.practice.kinds import Network, Operation
from bot.practice.pages import bluesky_page
from bot.practice.pipeline import Customs, Headers

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.practice.world import World

CALLS_IN_FIVE_MINUTES = 3_000

METHODS = (
    ("POST", "com.atproto.server.createSession", sessions.create, Operation.SESSION),
    ("POST", "com.atproto.server.refreshSession", sessions.refresh, Operation.SESSION),
    ("GET", "com.atproto.server.getSession", sessions.get, Operation.VERIFY),
    ("GET", "com.atproto.server.getServiceAuth", videos.service_auth, Operation.OTHER),
    ("GET", "com.atproto.server.describeServer", sessions.describe, Operation.VERIFY),
    ("GET", "com.atproto.identity.resolveHandle", sessions.resolve, Operation.RESOLVE),
    ("POST", "com.atproto.repo.createRecord", repo.create, Operation.PUBLISH),
    ("POST", "com.atproto.repo.putRecord", repo.put, Operation.PUBLISH),
    ("POST", "com.atproto.repo.applyWrites", repo.apply_writes, Operation.PUBLISH),
    ("POST", "com.atproto.repo.deleteRecord", repo.delete, Operation.DELETE),
    ("GET", "com.atproto.repo.getRecord", repo.get, Operation.LOOKUP),
    ("GET", "com.atproto.repo.listRecords", repo.list_records, Operation.LOOKUP),
    ("POST", "com.atproto.repo.uploadBlob", repo.upload, Operation.UPLOAD),
    ("GET", "com.atproto.sync.getBlob", repo.show_blob, Operation.FILE),
    ("GET", "app.bsky.video.getUploadLimits", videos.upload_limits, Operation.OTHER),
    ("POST", "app.bsky.video.uploadVideo", videos.upload, Operation.UPLOAD),
    ("GET", "app.bsky.video.getJobStatus", videos.job_status, Operation.POLL),
    ("GET", "app.bsky.actor.getProfile", feed.get_profile, Operation.VERIFY),
    ("GET", "app.bsky.feed.getPosts", feed.get_posts, Operation.METRICS),
    ("GET", "app.bsky.feed.getAuthorFeed", feed.get_author_feed, Operation.LOOKUP),
    ("GET", "app.bsky.feed.getPostThread", feed.get_post_thread, Operation.REPLIES),
    ("GET", "app.bsky.notification.listNotifications", feed.list_notifications, Operation.REPLIES),
)
OPERATIONS = {(method, f"/xrpc/{name}"): operation for method, name, _, operation in METHODS}


def classify(method: str, path: str) -> Operation:
    """Name what a call is for."""
    return OPERATIONS.get(("GET" if method == "HEAD" else method, path), Operation.OTHER)


def rate_headers(limit: int, remaining: int, ends: datetime) -> Headers:
    """Write Bluesky's rate headers; the reset is in Unix seconds."""
    return [
        (b"ratelimit-limit", str(limit).encode()),
        (b"ratelimit-remaining", str(remaining).encode()),
        (b"ratelimit-reset", str(int(ends.timestamp())).encode()),
        (b"ratelimit-policy", f"{limit};w=300".encode()),
    ]


async def unknown(_: Request, __: Exception) -> Response:
    """Answer a method the server does not have."""
    return await answer_problem(_, XrpcError(501, "MethodNotImplemented", "Method Not Implemented"))


async def wrong_verb(_: Request, __: Exception) -> Response:
    """Answer a query that was posted, or a procedure that was fetched."""
    return await answer_problem(_, XrpcError(405, "InvalidRequest", "Incorrect HTTP method"))


def app(world: World) -> Starlette:
    """The Bluesky stand-in itself."""
    routes = [Route(f"/xrpc/{name}", answer, methods=[method]) for method, name, answer, _ in METHODS]
    routes.append(Route("/profile/{actor}/post/{rkey}", bluesky_page))
    handlers = {XrpcError: answer_problem, 404: unknown, 405: wrong_verb}
    made = Starlette(routes=routes, exception_handlers=handlers)
    made.state.world = world
    return made


def customs(world: World) -> Customs:
    """How calls to the Bluesky stand-in are named, counted and refused."""

    def expire() -> None:
        world.book.change("UPDATE sessions SET expired = 1 WHERE kind = 'access'")

    return Customs(
        network=Network.BLUESKY,
        classify=classify,
        window=Window(CALLS_IN_FIVE_MINUTES, world.now),
        rate_headers=rate_headers,
        too_fast=b'{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}',
        polls=True,
        expire=expire,
    )
