"""Answers the app view's questions: profiles, posts, feeds, threads and notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.bluesky import views
from bot.practice.bluesky.wire import allow, asked, bad, demand, how_many, number
from bot.practice.composing import stamp
from bot.practice.kinds import Json, Network

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.identity import Person
    from bot.practice.posts import Post
    from bot.practice.world import World

MOST_URIS = 25
TOP_ONLY = frozenset({"posts_no_replies", "posts_and_author_threads"})


def _person(world: World, actor: str) -> Person:
    for person in world.people.values():
        if actor.lower() in {person.did, person.bluesky_handle}:
            return person
    raise bad("Profile not found")


async def get_profile(request: Request) -> Response:
    """Answer getProfile."""
    world = allow(request)
    return JSONResponse(views.profile(world, _person(world, asked(request, "actor"))))


async def get_posts(request: Request) -> Response:
    """Answer getPosts for up to 25 names; what is gone is left out."""
    world = allow(request)
    uris = request.query_params.getlist("uris")
    if not uris:
        raise bad('Params must have the property "uris"')
    if len(uris) > MOST_URIS:
        raise bad(f"Params/uris must not have more than {MOST_URIS} elements")
    posts = [world.posts.find(Network.BLUESKY, uri) for uri in uris]
    return JSONResponse({"posts": [views.post_view(world, post) for post in posts if post is not None]})


def _page(request: Request, posts: list[Post]) -> tuple[list[Post], str | None]:
    cursor = request.query_params.get("cursor")
    if cursor:
        posts = [post for post in posts if _mark(post) < cursor]
    shown = posts[: how_many(request)]
    return shown, _mark(shown[-1]) if 0 < len(shown) < len(posts) else None


def _mark(post: Post) -> str:
    return f"{stamp(post.created_at)}::{post.seq:012d}"


def _with_cursor(answer: Json, cursor: str | None) -> Response:
    return JSONResponse(answer if cursor is None else {**answer, "cursor": cursor})


async def get_author_feed(request: Request) -> Response:
    """Answer getAuthorFeed, newest first."""
    world = allow(request)
    person = _person(world, asked(request, "actor"))
    posts = world.posts.of_author(Network.BLUESKY, person.did)
    kind = request.query_params.get("filter", "posts_with_replies")
    if kind in TOP_ONLY:
        own = {post.id for post in posts}
        threads = kind == "posts_and_author_threads"
        posts = [post for post in posts if post.parent is None or (threads and post.parent in own)]
    elif kind == "posts_with_media":
        posts = [post for post in posts if post.pictures]
    posts.sort(key=_mark, reverse=True)
    shown, cursor = _page(request, posts)
    return _with_cursor({"feed": [_item(world, post) for post in shown]}, cursor)


def _item(world: World, post: Post) -> Json:
    drawn: Json = {"post": views.post_view(world, post)}
    if post.parent is None or post.root is None:
        return drawn
    reply: Json = {}
    for name, uri in (("root", post.root), ("parent", post.parent)):
        found = world.posts.find(Network.BLUESKY, uri)
        if found is None:
            reply[name] = {"$type": views.GONE, "uri": uri, "notFound": True}
        else:
            reply[name] = {"$type": "app.bsky.feed.defs#postView", **views.post_view(world, found)}
    return {**drawn, "reply": reply}


async def get_post_thread(request: Request) -> Response:
    """Answer getPostThread."""
    world = allow(request)
    uri = asked(request, "uri")
    depth = number(request.query_params.get("depth", "6"), "depth", 1_000, 0)
    above = number(request.query_params.get("parentHeight", "80"), "parentHeight", 1_000, 0)
    post = world.posts.find(Network.BLUESKY, uri)
    if post is None:
        raise bad(f"Post not found: {uri}", "NotFound")
    return JSONResponse({"thread": views.thread(world, post, depth=min(depth, 100), above=min(above, 100))})


async def list_notifications(request: Request) -> Response:
    """Answer listNotifications; the audience's replies are the only kind here."""
    world = demand(request)
    reasons = request.query_params.getlist("reasons")
    posts = [] if reasons and "reply" not in reasons else world.posts.from_audience(Network.BLUESKY)
    posts.sort(key=_mark, reverse=True)
    shown, cursor = _page(request, posts)
    drawn: list[Json] = [
        {
            "uri": post.id,
            "cid": post.cid,
            "author": views.profile(world, world.author(post)),
            "reason": "reply",
            "reasonSubject": post.parent,
            "record": post.body,
            "isRead": False,
            "indexedAt": stamp(post.created_at),
            "labels": [],
        }
        for post in shown
    ]
    return _with_cursor({"notifications": drawn, "priority": False}, cursor)
