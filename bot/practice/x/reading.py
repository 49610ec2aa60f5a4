"""Shows accounts, posts, timelines and conversations, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.kinds import Json, Network
from bot.practice.x.entities import Asked, draw, kept_back, media_keys, trouble, user, user_fields, views
from bot.practice.x.wire import XError, demand, invalid, number, query

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post
    from bot.practice.world import World

ANY_FIELDS = frozenset({"tweet.fields", "post.fields", "user.fields", "media.fields", "expansions"})
LOOKUP = ANY_FIELDS | {"ids"}
TIMELINE = ANY_FIELDS | {
    "max_results",
    "pagination_token",
    "start_time",
    "end_time",
    "since_id",
    "until_id",
    "exclude",
}
SEARCH = ANY_FIELDS | {
    "query",
    "max_results",
    "next_token",
    "pagination_token",
    "start_time",
    "end_time",
    "since_id",
    "until_id",
    "sort_order",
}
EXCLUDED = frozenset({"replies", "retweets"})
MOST_IDS = 100
SEARCHED = timedelta(days=7)
CONVERSATION = "conversation_id:"
MEDIA_TYPES = {"3": "photo", "7": "video", "16": "animated_gif"}


async def me(request: Request) -> Response:
    """Answer GET /2/users/me."""
    world = demand(request)
    asked = query(request, ANY_FIELDS)
    person = world.people[world.identity.mastodon_id]
    return JSONResponse({"data": user(world, person, user_fields(asked))}, headers={"x-access-level": "read-write"})


async def posts(request: Request) -> Response:
    """Answer GET /2/tweets?ids=…; what is gone or kept back is told under errors."""
    world = demand(request)
    given = query(request, LOOKUP)
    asked = Asked(given)
    names = given.get("ids", "").split(",")
    if not 1 <= len(names) <= MOST_IDS or not all(name.isdecimal() for name in names):
        raise invalid(f"The `ids` query parameter must hold from 1 to {MOST_IDS} ids")
    found, errors = [], []
    for name in dict.fromkeys(names):
        post = world.posts.find(Network.X, name)
        if post is None:
            detail = f"Could not find tweet with ids: [{name}]."
            errors.append(trouble(name, "resource-not-found", "Not Found Error", detail))
        elif asked.private and kept_back(world, post):
            detail = f"Sorry, you are not authorized to access 'non_public_metrics' on the Tweet with ids : [{name}]."
            errors.append(trouble(name, "not-authorized-for-field", "Field Authorization Error", detail))
        else:
            found.append(draw(world, post, asked))
    answer: Json = {"data": found} if found else {}
    if media := [one for post in found for one in _shown(world, given, str(post["id"]))]:
        answer["includes"] = {"media": media}
    return JSONResponse({**answer, "errors": errors} if errors else answer)


def _shown(world: World, given: dict[str, str], name: str) -> list[Json]:
    """What a post shows, where that was asked for; only videos are counted."""
    post = world.posts.find(Network.X, name)
    if post is None or "attachments.media_keys" not in given.get("expansions", "").split(","):
        return []
    counted = "public_metrics" in given.get("media.fields", "").split(",")
    return [
        {
            "media_key": key,
            "type": MEDIA_TYPES[key.partition("_")[0]],
            **({"public_metrics": {"view_count": views(world, post)}} if counted and key.startswith("7_") else {}),
        }
        for key in media_keys(post)
    ]


async def timeline(request: Request) -> Response:
    """Answer GET /2/users/:id/tweets, newest first."""
    world = demand(request)
    given = query(request, TIMELINE)
    asked = Asked(given)
    size = number(given, "max_results", 5, 100, 10)
    left_out = set(filter(None, given.get("exclude", "").split(",")))
    if not left_out <= EXCLUDED:
        raise invalid(f"The `exclude` query parameter value is not one of {sorted(EXCLUDED)}")
    if request.path_params["id"] not in world.people:
        raise XError(404, "resource-not-found", "Not Found Error", "Could not find user with that id.")
    live = world.posts.of_author(Network.X, request.path_params["id"])
    since = _time(given, "start_time")
    live = [post for post in live if post.created_at >= since]
    if "replies" in left_out:
        live = [post for post in live if post.parent is None]
    return _page(world, live, asked, size, given.get("pagination_token"))


async def search(request: Request) -> Response:
    """Answer GET /2/tweets/search/recent for one conversation, newest first, seven days back."""
    world = demand(request)
    given = query(request, SEARCH)
    asked = Asked(given)
    size = number(given, "max_results", 10, 100, 10)
    words = given.get("query", "")
    if not words.startswith(CONVERSATION) or not words.removeprefix(CONVERSATION).isdecimal():
        raise invalid("Only conversation_id:… can be searched for on the practice network.")
    earliest = world.now() - SEARCHED
    since = _time(given, "start_time")
    if "start_time" in given and since < earliest:
        raise invalid("'start_time' must be on or after 7 days ago.")
    root = words.removeprefix(CONVERSATION)
    live = [post for post in _conversation(world, root) if post.created_at >= max(since, earliest)]
    token = given.get("next_token") or given.get("pagination_token")
    fields = user_fields(given) if "author_id" in given.get("expansions", "").split(",") else None
    return _page(world, live, asked, size, token, people=fields)


def _conversation(world: World, root: str) -> list[Post]:
    """A post and everything below it, newest first."""
    first = world.posts.find(Network.X, root)
    found = [] if first is None else [first]
    waiting = [root]
    while waiting:
        below = world.posts.children(Network.X, waiting.pop())
        found += below
        waiting += [post.id for post in below]
    return sorted(found, key=lambda post: (post.created_at, post.seq), reverse=True)


def _page(
    world: World,
    live: list[Post],
    asked: Asked,
    size: int,
    token: str | None,
    *,
    people: frozenset[str] | None = None,
) -> Response:
    start = next((at + 1 for at, post in enumerate(live) if post.id == token), len(live)) if token else 0
    page = live[start : start + size]
    meta: Json = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
    if start + size < len(live):
        meta["next_token"] = page[-1].id
    answer: Json = {"meta": meta}
    if page:
        answer["data"] = [draw(world, post, asked) for post in page]
    if page and people is not None:
        names = dict.fromkeys(post.author for post in page)
        answer["includes"] = {"users": [user(world, world.people[name], people) for name in names]}
    return JSONResponse(answer)


def _time(given: dict[str, str], name: str) -> datetime:
    text = given.get(name)
    if text is None:
        return datetime(2010, 11, 6, tzinfo=UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or not text.endswith("Z"):
        raise invalid(f"The `{name}` query parameter value [{text}] is not a valid RFC 3339 date-time")
    return at
