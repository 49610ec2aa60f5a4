"""The Page, its posts, what people said below them, and how often they were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.facebook import videos
from bot.practice.facebook.posting import STORY, found, page
from bot.practice.facebook.rights import PERSON, is_person, page_token
from bot.practice.feed import items
from bot.practice.kinds import Json, Network, Origin
from bot.practice.meta.wire import (
    GraphError,
    chosen,
    demand,
    gone,
    insight,
    listing,
    metrics,
    stamp,
    within,
)
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from bot.practice.posts import Post

VIEWS_A_LIKE, SEEN_BY = 23, 0.7


async def me(request: Request) -> Response:
    """Answer GET /me: the Page, or the person whose token it is."""
    if not is_person(request):
        return _shown_page(request)
    known: dict[str, Callable[[], object]] = {"id": lambda: PERSON, "name": lambda: "Ada Drift"}
    return JSONResponse(chosen(request, known))


async def accounts(request: Request) -> Response:
    """Answer GET /me/accounts: the Pages a person manages, with their own tokens."""
    if not is_person(request):
        raise GraphError("(#100) Tried accessing nonexisting field (accounts)")
    demand(request, "pages_show_list")
    return listing(request, [chosen(request, _page_fields(request, world_of(request)))])


def _page_fields(request: Request, world: World) -> dict[str, Callable[[], object]]:
    own = world.people[world.identity.mastodon_id]
    return {
        "id": lambda: own.mastodon_id,
        "name": lambda: own.display,
        "username": lambda: own.name,
        "link": lambda: f"{world.settings.root}/facebook/{own.name}",
        "about": lambda: own.about,
        "followers_count": lambda: world.followers(Network.FACEBOOK),
        "fan_count": lambda: world.followers(Network.FACEBOOK),
        "access_token": lambda: page_token(request) if is_person(request) else None,
        "instagram_business_account": lambda: {"id": own.mastodon_id} if is_person(request) else None,
        "tasks": lambda: ["CREATE_CONTENT", "MODERATE", "ANALYZE"] if is_person(request) else None,
    }


def _shown_page(request: Request) -> Response:
    demand(request, "pages_read_engagement")
    return JSONResponse(chosen(request, _page_fields(request, world_of(request))))


async def one(request: Request) -> Response:
    """Answer GET /:id, be it the Page, a photo, a post or a comment."""
    world, name = world_of(request), request.path_params["id"]
    if name == world.identity.mastodon_id:
        return _shown_page(request)
    demand(request, "pages_read_engagement")
    video = videos.known(request, name)
    if video is not None:
        return JSONResponse(chosen(request, video))
    item = world.shelf.find(Network.FACEBOOK, name)
    if item is not None:
        known: dict[str, Callable[[], object]] = {"id": lambda: item.id, "alt_text_custom": lambda: item.alt or None}
        return JSONResponse(chosen(request, known))
    return JSONResponse(chosen(request, fields(world, found(world, name))))


def fields(world: World, post: Post) -> dict[str, Callable[[], object]]:
    """Every field a post or a comment has."""
    author, counts = world.author(post), world.posts.counts(post)
    number = world.posts.replies(post)
    return {
        "id": lambda: post.id,
        "message": lambda: post.text or None,
        "created_time": lambda: stamp(post.created_at),
        "permalink_url": lambda: world.url(post),
        "from": lambda: {"id": author.mastodon_id, "name": author.display},
        "is_hidden": lambda: post.body.get("hidden") is True,
        "parent": lambda: {"id": post.parent} if post.parent and post.parent != post.root else None,
        "attachments": lambda: _attachments(world, post),
        "shares": lambda: {"count": counts.reposts} if counts.reposts else None,
        "reactions": lambda: {"data": [], "summary": {"total_count": counts.likes}},
        "comments": lambda: {"data": [], "summary": {"total_count": number, "order": "chronological"}},
        "like_count": lambda: counts.likes,
    }


def _attachments(world: World, post: Post) -> Json | None:
    names = [str(name) for name in items(post.body.get("media_ids"))]
    shown = [world.shelf.find(Network.FACEBOOK, name) for name in names]
    photos: list[Json] = [
        {"media_type": "video" if one is not None and one.moves else "photo", "target": {"id": name}}
        for name, one in zip(names, shown, strict=True)
    ]
    if len(photos) > 1:
        return {"data": [{"media_type": "album", "subattachments": {"data": photos}}]}
    if photos:
        return {"data": photos}
    link = post.body.get("link")
    return {"data": [{"media_type": "link", "target": {"url": link}}]} if link else None


async def published(request: Request) -> Response:
    """Answer GET /:page/published_posts, newest first."""
    demand(request, "pages_read_engagement")
    world = page(request)
    own = world.posts.of_author(Network.FACEBOOK, world.identity.mastodon_id)
    return _listed(request, [post for post in own if post.parent is None and post.body.get("product") != STORY])


def _listed(request: Request, posts: list[Post]) -> Response:
    world = world_of(request)
    shown = [chosen(request, fields(world, post)) for post in posts if within(request, post.created_at)]
    return listing(request, shown, more=frozenset({"filter", "order"}))


async def comments(request: Request) -> Response:
    """Answer GET /:object/comments: the direct ones, or with filter=stream all of them, oldest first."""
    demand(request, "pages_read_engagement", "pages_read_user_content")
    world = world_of(request)
    turn = world.posts.children(Network.FACEBOOK, found(world, request.path_params["id"]).id)
    below: list[Post] = []
    while turn:
        below += turn
        turn = [child for post in turn for child in world.posts.children(Network.FACEBOOK, post.id)]
        if request.query_params.get("filter") != "stream":
            break
    return _listed(request, sorted(below, key=lambda post: (post.created_at, post.seq)))


def counters(world: World, post: Post) -> dict[str, int]:
    """What only the Page is told of a post."""
    counts = world.posts.counts(post)
    views = VIEWS_A_LIKE * counts.likes + 11 * counts.reposts
    return {
        "post_media_view": views,
        "post_total_media_view_unique": int(views * SEEN_BY),
        "post_clicks": counts.likes // 3 + counts.bookmarks,
        "post_reactions_by_type_total": counts.likes,
    }


async def insights(request: Request) -> Response:
    """Answer GET /:id/insights, of a post or of the Page."""
    demand(request, "read_insights", "pages_read_engagement")
    world, name = world_of(request), request.path_params["id"]
    if name in {"me", world.identity.mastodon_id}:
        own = [counters(world, post) for post in world.posts.of_author(Network.FACEBOOK, world.identity.mastodon_id)]
        views = sum(one["post_media_view"] for one in own)
        known = {
            "page_media_view": views,
            "page_total_media_view_unique": int(views * SEEN_BY),
            "page_follows": world.followers(Network.FACEBOOK),
        }
    else:
        post = found(world, name)
        if post.origin is Origin.AUDIENCE or post.parent is not None:
            raise gone(name)
        known = counters(world, post)
    return JSONResponse({"data": [insight(metric, known[metric]) for metric in metrics(request, known)]})
