"""Who we are, what we said, who answered, and how often it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.feed import items
from bot.practice.kinds import Json, Network, Origin
from bot.practice.meta.containers import Containers
from bot.practice.meta.wire import (
    chosen,
    demand,
    gone,
    insight,
    listing,
    metrics,
    renewed,
    stamp,
    within,
)
from bot.practice.text import HASHTAG
from bot.practice.threads.posting import (
    DELETES_A_DAY,
    POSTS_A_DAY,
    REPLIES_A_DAY,
    deletions,
    used,
    user,
)
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from bot.practice.posts import Post

VIEWS_A_LIKE = 17
OPTIONS = ("option_a", "option_b", "option_c", "option_d")


async def me(request: Request) -> Response:
    """Answer GET /me."""
    demand(request, "threads_basic")
    return _user(request)


def _user(request: Request) -> Response:
    world = world_of(request)
    own = world.people[world.identity.mastodon_id]
    known: dict[str, Callable[[], object]] = {
        "id": lambda: own.mastodon_id,
        "username": lambda: own.name,
        "name": lambda: own.display,
        "threads_profile_picture_url": lambda: f"{world.settings.root}/threads/avatar.png",
        "threads_biography": lambda: own.about,
        "is_verified": lambda: False,
    }
    return JSONResponse(chosen(request, known))


async def one(request: Request) -> Response:
    """Answer GET /:id, be it the account, a container or a post."""
    demand(request, "threads_basic")
    world, name = world_of(request), request.path_params["id"]
    if name == world.identity.mastodon_id:
        return _user(request)
    containers = Containers(world, Network.THREADS)
    container = containers.find(name)
    if container is not None:
        containers.looked_at(name)
        known: dict[str, Callable[[], object]] = {
            "id": lambda: name,
            "status": lambda: container.state,
            "error_message": lambda: container.reason or None,
        }
        return JSONResponse(chosen(request, known))
    return JSONResponse(chosen(request, fields(world, _found(world, name))))


def _found(world: World, name: str) -> Post:
    post = world.posts.find(Network.THREADS, name)
    if post is None:
        raise gone(name)
    return post


def fields(world: World, post: Post) -> dict[str, Callable[[], object]]:
    """Every field a post has."""
    author = world.author(post)
    pictures = [str(name) for name in items(post.body.get("media_ids"))]
    kind = _kind(world, pictures)
    topic = _topic(post)
    hidden = "HIDDEN" if post.body.get("hidden") is True else "NOT_HUSHED"
    root = f"{world.settings.root}/threads"
    return {
        "id": lambda: post.id,
        "media_product_type": lambda: "THREADS",
        "media_type": lambda: kind,
        "media_url": lambda: f"{root}/files/{pictures[0]}" if len(pictures) == 1 else None,
        "permalink": lambda: world.url(post),
        "owner": lambda: {"id": post.author},
        "username": lambda: author.name,
        "text": lambda: _said(post, topic) or None,
        "timestamp": lambda: stamp(post.created_at),
        "shortcode": lambda: post.id,
        "children": lambda: {"data": [_item(world, name) for name in pictures]} if len(pictures) > 1 else None,
        "alt_text": lambda: _alt(world, pictures),
        "is_quote_post": lambda: False,
        "poll_attachment": lambda: _poll(post),
        "link_attachment_url": lambda: post.body.get("link_attachment"),
        "is_spoiler_media": lambda: post.body.get("is_spoiler_media") == "true",
        "topic_tag": lambda: topic or None,
        "reply_audience": lambda: str(post.body.get("reply_control", "everyone")).upper(),
        "has_replies": lambda: world.posts.replies(post) > 0,
        "is_reply": lambda: post.parent is not None,
        "is_reply_owned_by_me": lambda: author.own if post.parent else None,
        "root_post": lambda: {"id": post.root} if post.root else None,
        "replied_to": lambda: {"id": post.parent} if post.parent else None,
        "hide_status": lambda: hidden if post.parent else None,
    }


def _kind(world: World, shown: list[str]) -> str:
    if len(shown) != 1:
        return "CAROUSEL_ALBUM" if shown else "TEXT_POST"
    return str(_item(world, shown[0])["media_type"])


def _item(world: World, name: str) -> Json:
    """A picture or a video, alone or as one of several."""
    item = world.shelf.find(Network.THREADS, name)
    return {"id": name, "media_type": "VIDEO" if item is not None and item.moves else "IMAGE"}


def _poll(post: Post) -> Json | None:
    """Its options, and that nobody here votes."""
    poll = post.body.get("poll")
    if not isinstance(poll, dict):
        return None
    options = dict(zip(OPTIONS, poll["options"], strict=False))
    return {**options, **{f"{name}_votes_percentage": 0.0 for name in options}, "total_votes": 0}


def _topic(post: Post) -> str:
    """The topic that was given, or else the first tag in the text."""
    given = post.body.get("topic_tag")
    if isinstance(given, str):
        return given
    first = HASHTAG.search(post.text)
    return "" if first is None or post.parent is not None else first.group(1)


def _said(post: Post, topic: str) -> str:
    """The text as it is shown: a tag that became the topic has lost its sign."""
    if not topic or "topic_tag" in post.body:
        return post.text
    first = HASHTAG.search(post.text)
    return post.text if first is None else post.text[: first.start()] + post.text[first.start() + 1 :]


def _alt(world: World, pictures: list[str]) -> str | None:
    item = world.shelf.find(Network.THREADS, pictures[0]) if len(pictures) == 1 else None
    return None if item is None else item.alt or None


def _listed(request: Request, posts: list[Post]) -> Response:
    world = world_of(request)
    shown = [chosen(request, fields(world, post)) for post in posts if within(request, post.created_at)]
    return listing(request, shown)


def _own(world: World, *, answers: bool) -> list[Post]:
    own = world.posts.of_author(Network.THREADS, world.identity.mastodon_id)
    return [post for post in own if (post.parent is not None) is answers]


async def threads(request: Request) -> Response:
    """Answer GET /:user/threads: our posts, newest first, without answers."""
    demand(request, "threads_basic")
    return _listed(request, _own(user(request), answers=False))


async def replies(request: Request) -> Response:
    """Answer GET /:id/replies: the direct answers to a post, or all that a user answered."""
    demand(request, "threads_basic", "threads_read_replies")
    world = world_of(request)
    if request.path_params["id"] in {"me", world.identity.mastodon_id}:
        return _listed(request, _own(world, answers=True))
    return _listed(request, world.posts.children(Network.THREADS, _found(world, request.path_params["id"]).id)[::-1])


async def conversation(request: Request) -> Response:
    """Answer GET /:id/conversation: everything below a post, newest first."""
    demand(request, "threads_basic", "threads_read_replies")
    world = world_of(request)
    turn = world.posts.children(Network.THREADS, _found(world, request.path_params["id"]).id)
    below: list[Post] = []
    while turn:
        below += turn
        turn = [child for post in turn for child in world.posts.children(Network.THREADS, post.id)]
    return _listed(request, sorted(below, key=lambda post: (post.created_at, post.seq), reverse=True))


def counters(world: World, post: Post) -> dict[str, int]:
    """What is counted of a post; nobody here passes one on by message."""
    counts, answers = world.posts.counts(post), world.posts.replies(post)
    return {
        "views": VIEWS_A_LIKE * counts.likes + 9 * counts.reposts + 5 * answers,
        "likes": counts.likes,
        "replies": answers,
        "reposts": counts.reposts,
        "quotes": counts.quotes,
        "shares": 0,
    }


async def insights(request: Request) -> Response:
    """Answer GET /:id/insights."""
    demand(request, "threads_basic", "threads_manage_insights")
    world = world_of(request)
    post = _found(world, request.path_params["id"])
    if post.origin is Origin.AUDIENCE:
        raise gone(post.id)
    known = counters(world, post)
    return JSONResponse({"data": [insight(name, known[name]) for name in metrics(request, known)]})


async def user_insights(request: Request) -> Response:
    """Answer GET /:user/threads_insights."""
    demand(request, "threads_basic", "threads_manage_insights")
    world = user(request)
    posts = [counters(world, post) for post in world.posts.of_author(Network.THREADS, world.identity.mastodon_id)]
    known = {name: sum(one[name] for one in posts) for name in ("views", "likes", "replies", "reposts", "quotes")}
    known["followers_count"] = world.followers(Network.THREADS)
    found: list[Json] = [
        {"name": name, "period": "day", "title": name, "id": name, "total_value": {"value": known[name]}}
        for name in metrics(request, known)
    ]
    return JSONResponse({"data": found})


async def allowance(request: Request) -> Response:
    """Answer GET /:user/threads_publishing_limit."""
    demand(request, "threads_basic", "threads_content_publish")
    world = user(request)
    (posts, answers), deleted = used(world), deletions(world)

    def config(total: int) -> Json:
        return {"quota_total": total, "quota_duration": 86_400}

    known: dict[str, Callable[[], object]] = {
        "id": lambda: "allowance",
        "quota_usage": lambda: posts,
        "config": lambda: config(POSTS_A_DAY),
        "reply_quota_usage": lambda: answers,
        "reply_config": lambda: config(REPLIES_A_DAY),
        "delete_quota_usage": lambda: deleted,
        "delete_config": lambda: config(DELETES_A_DAY),
    }
    told = chosen(request, known)
    del told["id"]
    return JSONResponse({"data": [told]})


async def renew(request: Request) -> Response:
    """Answer GET /refresh_access_token."""
    return renewed(request, Network.THREADS, "th_refresh_token")
