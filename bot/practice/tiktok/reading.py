"""The account and its public videos, as the Display API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.practice.kinds import Json, Network
from bot.practice.tiktok.jobs import PUBLIC, as_list
from bot.practice.tiktok.tokens import open_id
from bot.practice.tiktok.wire import asked, demand, enveloped, inner, invalid, number, read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.practice.posts import Post
    from bot.practice.world import World

RIGHTS = {
    "user.info.basic": frozenset({"open_id", "union_id", "avatar_url", "display_name"}),
    "user.info.profile": frozenset({"username", "bio_description", "profile_deep_link", "is_verified"}),
    "user.info.stats": frozenset({"follower_count", "following_count", "likes_count", "video_count"}),
}
VIDEO_FIELDS = frozenset(
    {
        "id",
        "create_time",
        "title",
        "video_description",
        "share_url",
        "duration",
        "like_count",
        "comment_count",
        "share_count",
        "view_count",
    }
)
MOST = 20
VIEWS_A_LIKE = 23


async def user(request: Request) -> Response:
    """Answer GET /v2/user/info/."""
    names = asked(request, frozenset().union(*RIGHTS.values()))
    world = demand(request, *(right for right, fields in RIGHTS.items() if fields & set(names)))
    own = world.people[world.identity.mastodon_id]
    live = world.posts.of_author(Network.TIKTOK, own.mastodon_id)
    known: dict[str, Callable[[], object]] = {
        "open_id": lambda: open_id(world),
        "union_id": lambda: f"u{open_id(world)}",
        "avatar_url": lambda: f"{world.settings.root}/tiktok/avatar.jpeg",
        "display_name": lambda: own.display,
        "username": lambda: own.name,
        "bio_description": lambda: own.about,
        "profile_deep_link": lambda: f"{world.settings.root}/tiktok/@{own.name}",
        "is_verified": lambda: False,
        "follower_count": lambda: world.followers(Network.TIKTOK),
        "following_count": lambda: 31,
        "likes_count": lambda: sum(world.posts.counts(post).likes for post in live),
        "video_count": lambda: len(live),
    }
    return enveloped({"user": {name: known[name]() for name in names}})


def draw(world: World, post: Post, names: list[str]) -> Json:
    """One of the account's posts, with the fields asked for."""
    counts = world.posts.counts(post)
    title = str(post.body.get("title") or "")
    known: dict[str, Callable[[], object]] = {
        "id": lambda: post.id,
        "create_time": lambda: int(post.created_at.timestamp()),
        "title": lambda: title or post.text,
        "video_description": lambda: post.text,
        "share_url": lambda: world.url(post),
        "duration": lambda: 12 if post.body.get("video") else 0,
        "like_count": lambda: counts.likes,
        "comment_count": lambda: world.posts.replies(post),
        "share_count": lambda: counts.reposts,
        "view_count": lambda: VIEWS_A_LIKE * counts.likes + 11 * counts.reposts,
    }
    return {name: known[name]() for name in names}


def shown(world: World) -> list[Post]:
    """The public ones, newest first."""
    own = world.posts.of_author(Network.TIKTOK, world.identity.mastodon_id)
    return [one for one in own if one.body.get("privacy_level") == PUBLIC]


async def videos(request: Request) -> Response:
    """Answer POST /v2/video/list/; the cursor is the time of the last one, in milliseconds."""
    names, world = asked(request, VIDEO_FIELDS), demand(request, "video.list")
    wish = await read_json(request, frozenset({"max_count", "cursor"}))
    size = number(wish, "max_count") if "max_count" in wish else 10
    if not 1 <= size <= MOST:
        raise invalid(f"max_count must be from 1 to {MOST}")
    before = number(wish, "cursor") if "cursor" in wish else None
    live = [one for one in shown(world) if before is None or _cursor(one) < before]
    if not world.creator.lists_photos:
        live = [one for one in live if one.body.get("video")]
    page = live[:size]
    told = _cursor(page[-1]) if page else before or 0
    drawn = [draw(world, one, names) for one in page]
    return enveloped({"videos": drawn, "cursor": told, "has_more": len(live) > len(page)})


def _cursor(post: Post) -> int:
    return int(post.created_at.timestamp() * 1000)


async def query(request: Request) -> Response:
    """Answer POST /v2/video/query/; what is not the account's, or not public, is left out."""
    names, world = asked(request, VIDEO_FIELDS), demand(request, "video.list")
    filters = inner(await read_json(request, frozenset({"filters"})), "filters", frozenset({"video_ids"}))
    ids = as_list(filters.get("video_ids"))
    if not 1 <= len(ids) <= MOST or not all(isinstance(one, str) and one.isdecimal() for one in ids):
        raise invalid(f"video_ids must be from 1 to {MOST} ids")
    drawn = [draw(world, one, names) for one in shown(world) if one.id in ids]
    return enveloped({"videos": drawn})
