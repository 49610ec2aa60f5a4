"""Shows accounts, statuses, conversations and notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.composing import stamp
from bot.practice.kinds import Network
from bot.practice.mastodon.entities import account, status, statuses
from bot.practice.mastodon.wire import NOT_FOUND, MastodonError, allow, demand, how_many
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.identity import Person
    from bot.practice.posts import Post

MOST_AT_ONCE = 20
OPEN = frozenset({"public", "unlisted"})


async def verify(request: Request) -> Response:
    """Answer GET /api/v1/accounts/verify_credentials."""
    demand(request, "read:accounts")
    world = world_of(request)
    me = account(world, world.people[world.identity.mastodon_id])
    source = {
        "privacy": "public",
        "sensitive": False,
        "language": "en",
        "note": me["note"],
        "fields": [],
        "follow_requests_count": 0,
    }
    return JSONResponse({**me, "source": source})


def _person(world: World, name: str) -> Person:
    person = world.people.get(name)
    if person is None or person.mastodon_id != name:
        raise MastodonError(404, NOT_FOUND)
    return person


async def one_account(request: Request) -> Response:
    """Answer GET /api/v1/accounts/:id."""
    allow(request, "read:accounts")
    world = world_of(request)
    return JSONResponse(account(world, _person(world, request.path_params["id"])))


async def account_statuses(request: Request) -> Response:
    """Answer GET /api/v1/accounts/:id/statuses, newest first."""
    signed_in = allow(request, "read:statuses")
    world = world_of(request)
    person = _person(world, request.path_params["id"])
    posts = world.posts.of_author(Network.MASTODON, person.mastodon_id)
    posts = _since(posts, request.query_params.get("since_id") or request.query_params.get("min_id"))
    posts = _before(posts, request.query_params.get("max_id"))
    posts = _shown(posts, signed_in=signed_in)
    if request.query_params.get("exclude_replies") in {"true", "1"}:
        posts = [post for post in posts if post.parent is None]
    return JSONResponse(statuses(world, posts[: how_many(request, 20, 40)]))


def _position(posts: list[Post], name: str) -> int | None:
    return next((at for at, post in enumerate(posts) if post.id == name), None)


def _since(posts: list[Post], name: str | None) -> list[Post]:
    if not name:
        return posts
    at = _position(posts, name)
    if at is not None:
        return posts[:at]
    return [post for post in posts if (len(post.id), post.id) > (len(name), name)]


def _before(posts: list[Post], name: str | None) -> list[Post]:
    if not name:
        return posts
    at = _position(posts, name)
    if at is not None:
        return posts[at + 1 :]
    return [post for post in posts if (len(post.id), post.id) < (len(name), name)]


def _shown(posts: list[Post], *, signed_in: bool) -> list[Post]:
    return [post for post in posts if signed_in or post.body["visibility"] in OPEN]


def _found(request: Request, *, signed_in: bool) -> Post:
    post = world_of(request).posts.find(Network.MASTODON, request.path_params["id"])
    if post is None or not _shown([post], signed_in=signed_in):
        raise MastodonError(404, NOT_FOUND)
    return post


async def one_status(request: Request) -> Response:
    """Answer GET /api/v1/statuses/:id."""
    signed_in = allow(request, "read:statuses")
    return JSONResponse(status(world_of(request), _found(request, signed_in=signed_in)))


async def many_statuses(request: Request) -> Response:
    """Answer GET /api/v1/statuses?id[]=…; what is gone is left out."""
    signed_in = allow(request, "read:statuses")
    world = world_of(request)
    names = [*request.query_params.getlist("id[]"), *request.query_params.getlist("id")]
    if len(names) > MOST_AT_ONCE:
        raise MastodonError(422, f"Validation failed: Cannot fetch more than {MOST_AT_ONCE} statuses at once")
    posts = [world.posts.find(Network.MASTODON, name) for name in names]
    found = [post for post in posts if post is not None]
    return JSONResponse(statuses(world, _shown(found, signed_in=signed_in)))


async def source(request: Request) -> Response:
    """Answer GET /api/v1/statuses/:id/source: the text as it was written."""
    demand(request, "read:statuses")
    post = _found(request, signed_in=True)
    return JSONResponse({"id": post.id, "text": post.text, "spoiler_text": post.body["spoiler_text"]})


async def context(request: Request) -> Response:
    """Answer GET /api/v1/statuses/:id/context: what it answers and all that answers it, parents before children."""
    signed_in = allow(request, "read:statuses")
    world, post = world_of(request), _found(request, signed_in=signed_in)
    above: list[Post] = []
    parent = post.parent
    while parent is not None:
        found = world.posts.find(Network.MASTODON, parent)
        if found is None:
            break
        above.insert(0, found)
        parent = found.parent
    below: list[Post] = []
    waiting = world.posts.children(Network.MASTODON, post.id)
    while waiting:
        child = waiting.pop(0)
        below.append(child)
        waiting = [*world.posts.children(Network.MASTODON, child.id), *waiting]
    return JSONResponse(
        {
            "ancestors": statuses(world, _shown(above, signed_in=signed_in)),
            "descendants": statuses(world, _shown(below, signed_in=signed_in)),
        }
    )


async def notifications(request: Request) -> Response:
    """Answer GET /api/v1/notifications; the audience's replies are mentions, and there are no other kinds here."""
    demand(request, "read:notifications")
    world = world_of(request)
    wanted = [*request.query_params.getlist("types[]"), *request.query_params.getlist("types")]
    unwanted = request.query_params.getlist("exclude_types[]")
    if (wanted and "mention" not in wanted) or "mention" in unwanted:
        return JSONResponse([])
    posts = world.posts.from_audience(Network.MASTODON)
    posts = _since(posts, request.query_params.get("since_id") or request.query_params.get("min_id"))
    posts = _before(posts, request.query_params.get("max_id"))
    return JSONResponse(
        [
            {
                "id": post.id,
                "type": "mention",
                "group_key": f"ungrouped-{post.id}",
                "created_at": stamp(post.created_at),
                "account": account(world, world.author(post)),
                "status": status(world, post),
            }
            for post in posts[: how_many(request, 40, 80)]
        ]
    )
