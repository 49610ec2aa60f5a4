"""The account, its posts, what people said below them, and how often they were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.feed import items
from bot.practice.instagram.posting import DAY, POSTS_A_DAY, found, used, user
from bot.practice.instagram.rights import demand
from bot.practice.kinds import Json, Network, Origin
from bot.practice.meta.containers import ERROR, Containers
from bot.practice.meta.wire import USUAL, chosen, gone, insight, listing, metrics, renewed, stamp, within
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from bot.practice.posts import Post

VIEWS_A_LIKE, SEEN_BY = 19, 0.8
STATES = {
    "IN_PROGRESS": "In Progress: Media is still being processed.",
    "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
    "PUBLISHED": "Published: Media has been published.",
    "EXPIRED": "Expired: Media was not published within 24 hours.",
}


async def me(request: Request) -> Response:
    """Answer GET /me."""
    return _account(request)


def _account(request: Request) -> Response:
    demand(request)
    world = world_of(request)
    own = world.people[world.identity.mastodon_id]
    posts = world.posts.of_author(Network.INSTAGRAM, own.mastodon_id)
    number = sum(post.parent is None for post in posts)
    known: dict[str, Callable[[], object]] = {
        "id": lambda: own.mastodon_id,
        "user_id": lambda: own.mastodon_id,
        "username": lambda: own.name,
        "name": lambda: own.display,
        "biography": lambda: own.about,
        "account_type": lambda: "BUSINESS",
        "followers_count": lambda: world.followers(Network.INSTAGRAM),
        "media_count": lambda: number,
    }
    return JSONResponse(chosen(request, known))


async def one(request: Request) -> Response:
    """Answer GET /:id, be it the account, a container, a post or a comment."""
    world, name = world_of(request), request.path_params["id"]
    if name == world.identity.mastodon_id:
        return _account(request)
    demand(request)
    containers = Containers(world, Network.INSTAGRAM)
    container = containers.find(name)
    if container is not None:
        containers.looked_at(name)
        told = f"Error: {container.reason}" if container.state == ERROR else STATES[container.state]
        known: dict[str, Callable[[], object]] = {
            "id": lambda: name,
            "status_code": lambda: container.state,
            "status": lambda: told,
        }
        return JSONResponse(chosen(request, known))
    post = found(world, name)
    return JSONResponse(chosen(request, fields(world, post) if post.parent is None else remarks(world, post)))


def fields(world: World, post: Post) -> dict[str, Callable[[], object]]:
    """Every field a post has."""
    counts, number = world.posts.counts(post), world.posts.replies(post)
    pictures = [str(name) for name in items(post.body.get("media_ids"))]
    several = len(pictures) > 1
    kind = "CAROUSEL_ALBUM" if several else _kind(world, pictures[0] if pictures else "")
    return {
        "id": lambda: post.id,
        "caption": lambda: post.text or None,
        "timestamp": lambda: stamp(post.created_at),
        "permalink": lambda: world.url(post),
        "shortcode": lambda: post.id,
        "username": lambda: world.author(post).name,
        "owner": lambda: {"id": post.author},
        "media_type": lambda: kind,
        "media_product_type": lambda: post.body.get("product", "FEED"),
        "children": lambda: {"data": [_item(world, name) for name in pictures]} if several else None,
        "like_count": lambda: counts.likes,
        "comments_count": lambda: number,
    }


def _item(world: World, name: str) -> Json:
    """One of a carousel's items."""
    return {"id": name, "media_type": _kind(world, name)}


def _kind(world: World, name: str) -> str:
    item = world.shelf.find(Network.INSTAGRAM, name)
    return "VIDEO" if item is not None and item.moves else "IMAGE"


def remarks(world: World, post: Post) -> dict[str, Callable[[], object]]:
    """Every field a comment has."""
    author = world.author(post)
    answers: list[Json] = [_answer(world, one_) for one_ in world.posts.children(Network.INSTAGRAM, post.id)]
    root = f"{world.settings.root}/instagram/v26.0"
    return {
        "id": lambda: post.id,
        "text": lambda: post.text,
        "timestamp": lambda: stamp(post.created_at),
        "username": lambda: author.name,
        "from": lambda: {"id": author.mastodon_id, "username": author.name},
        "hidden": lambda: post.body.get("hidden") is True,
        "like_count": lambda: world.posts.counts(post).likes,
        "parent_id": lambda: post.parent if post.parent != post.root else None,
        "replies": lambda: _beside(answers, f"{root}/{post.id}/replies") if answers else None,
    }


def _beside(answers: list[Json], address: str) -> Json:
    """As many answers as come beside a comment, and where the others are."""
    shown: Json = {"data": answers[:USUAL]}
    if len(answers) > USUAL:
        last = answers[USUAL - 1]["id"]
        shown["paging"] = {"cursors": {"before": answers[0]["id"], "after": last}, "next": f"{address}?after={last}"}
    return shown


def _answer(world: World, post: Post) -> Json:
    author = world.author(post)
    return {
        "id": post.id,
        "text": post.text,
        "timestamp": stamp(post.created_at),
        "username": author.name,
        "from": {"id": author.mastodon_id, "username": author.name},
        "hidden": post.body.get("hidden") is True,
        "parent_id": post.parent,
    }


async def media(request: Request) -> Response:
    """Answer GET /:user/media, newest first."""
    demand(request)
    world = user(request)
    return _listed(request, world, stories=False)


async def stories(request: Request) -> Response:
    """Answer GET /:user/stories: those of the last day, newest first."""
    demand(request)
    return _listed(request, user(request), stories=True)


def _listed(request: Request, world: World, *, stories: bool) -> Response:
    own = [one_ for one_ in world.posts.of_author(Network.INSTAGRAM, world.identity.mastodon_id) if one_.parent is None]
    shown = [one_ for one_ in own if (one_.body.get("product") == "STORY") is stories]
    if stories:
        shown = [one_ for one_ in shown if one_.created_at > world.now() - DAY]
    near = [one_ for one_ in shown if within(request, one_.created_at)]
    return listing(request, [chosen(request, fields(world, one_)) for one_ in near])


async def comments(request: Request) -> Response:
    """Answer GET /:media/comments and GET /:comment/replies, newest first."""
    demand(request, "comments")
    world = world_of(request)
    below = world.posts.children(Network.INSTAGRAM, found(world, request.path_params["id"]).id)
    return listing(request, [chosen(request, remarks(world, one_)) for one_ in reversed(below)])


def counters(world: World, post: Post) -> dict[str, int]:
    """What is counted of a post."""
    counts, answers = world.posts.counts(post), world.posts.replies(post)
    views = VIEWS_A_LIKE * counts.likes + 7 * counts.reposts
    return {
        "views": views,
        "reach": int(views * SEEN_BY),
        "likes": counts.likes,
        "comments": answers,
        "saved": counts.bookmarks,
        "shares": counts.reposts,
        "total_interactions": counts.likes + answers + counts.bookmarks + counts.reposts,
    }


async def insights(request: Request) -> Response:
    """Answer GET /:media/insights."""
    demand(request, "insights")
    world = world_of(request)
    post = found(world, request.path_params["id"])
    if post.origin is Origin.AUDIENCE or post.parent is not None:
        raise gone(post.id)
    known = counters(world, post)
    return JSONResponse({"data": [insight(name, known[name]) for name in metrics(request, known)]})


async def allowance(request: Request) -> Response:
    """Answer GET /:user/content_publishing_limit."""
    demand(request, "publish")
    count = used(user(request))
    known: dict[str, Callable[[], object]] = {
        "id": lambda: "allowance",
        "quota_usage": lambda: count,
        "config": lambda: {"quota_total": POSTS_A_DAY, "quota_duration": 86_400},
    }
    told = chosen(request, known)
    del told["id"]
    return JSONResponse({"data": [told]})


async def renew(request: Request) -> Response:
    """Answer GET /refresh_access_token, which only Instagram Login has."""
    demand(request)
    return renewed(request, Network.INSTAGRAM, "ig_refresh_token")
