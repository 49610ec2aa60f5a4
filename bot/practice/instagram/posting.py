"""Containers published, comments answered and hidden, posts deleted: all that changes something in public."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost, graph_body
from bot.practice.instagram.rights import demand
from bot.practice.kinds import Network, Origin
from bot.practice.meta.containers import EXPIRED, FINISHED, IN_PROGRESS, Container, Containers
from bot.practice.meta.wire import GraphError, gone, names_in, read_fields, truth, word
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post

POSTS_A_DAY = 100
PRODUCTS = {"REELS": "REELS", "STORIES": "STORY"}
"""What becomes of a container by its kind, where it is not a post of the feed."""
DAY = timedelta(days=1)


def user(request: Request) -> World:
    """The world, when the user in the path is the account the token belongs to."""
    world = world_of(request)
    if request.path_params["user"] not in {"me", world.identity.mastodon_id}:
        raise gone(request.path_params["user"])
    return world


async def publish(request: Request) -> Response:
    """Answer POST /:user/media_publish: a container becomes a post, once."""
    demand(request, "publish")
    world = user(request)
    name = word(await read_fields(request, frozenset({"creation_id"})), "creation_id")
    containers = Containers(world, Network.INSTAGRAM)
    container = containers.find(name)
    if container is not None and container.state == IN_PROGRESS:
        raise GraphError("The media is not ready for publishing", code=9007, subcode=2207027)
    if container is not None and container.state == EXPIRED:
        raise GraphError("The media has expired", code=24, subcode=2207008)
    if container is None or container.state != FINISHED or container.fields.get("is_carousel_item") == "true":
        raise GraphError("The media with this creation id does not exist", code=24, subcode=2207006)
    if used(world) >= POSTS_A_DAY:
        raise GraphError("You reached maximum number of posts that is allowed", code=9, subcode=2207042, status=403)
    with world.book.together():
        post = _make(world, containers, container)
        containers.published(name, post.id)
    return JSONResponse({"id": post.id})


def used(world: World) -> int:
    """How many of a day's posts are used."""
    since = world.now() - DAY
    made = world.posts.made_since(Network.INSTAGRAM, world.identity.mastodon_id, since)
    return sum(one.origin is Origin.DESK and one.parent is None for one in made)


def _make(world: World, containers: Containers, container: Container) -> Post:
    children = [containers.find(name) for name in names_in(container.fields.get("children", ""))]
    pictures = [one.media for one in (container, *children) if one is not None and one.media is not None]
    product = PRODUCTS.get(container.fields.get("media_type", ""), "FEED")
    post = say(world, container.fields.get("caption", ""), pictures=pictures, product=product)
    world.shelf.attach(Network.INSTAGRAM, pictures, post.id)
    return post


def say(world: World, text: str, *, pictures: list[str], product: str = "FEED", above: Post | None = None) -> Post:
    """Let the account say something: a post, a reel, a story, or a comment below one."""
    now = world.now()
    told = {} if product == "FEED" else {"product": product}
    new = NewPost(
        id=ids.media_number(now, world.posts.next_number()),
        text=text,
        body=graph_body(media=pictures, **told),
        cid="",
        created_at=now,
        parent=None if above is None else above.id,
        root=None if above is None else above.root or above.id,
        pictures=len(pictures),
    )
    return world.posts.add(new, network=Network.INSTAGRAM, author=world.identity.mastodon_id)


def found(world: World, name: str) -> Post:
    """A live post or comment."""
    post = world.posts.find(Network.INSTAGRAM, name)
    if post is None:
        raise gone(name)
    return post


async def comment(request: Request) -> Response:
    """Answer POST /:media/comments and POST /:comment/replies; an answer to an answer goes to the comment above."""
    demand(request, "comments")
    world, name = world_of(request), request.path_params["id"]
    text = word(await read_fields(request, frozenset({"message"})), "message")
    above = found(world, name)
    answers = request.url.path.endswith("/replies")
    if answers is (above.parent is None):
        raise gone(name)
    if not text.strip():
        raise GraphError("(#100) The parameter message is required")
    if above.parent is not None and above.parent != above.root:
        above = found(world, above.parent)
    return JSONResponse({"id": say(world, text, pictures=[], above=above).id})


async def hide(request: Request) -> Response:
    """Answer POST /:comment: hide somebody's comment, or show it again."""
    demand(request, "comments")
    world, name = world_of(request), request.path_params["id"]
    fields = await read_fields(request, frozenset({"hide"}))
    post = found(world, name)
    if post.parent is None or world.author(post).own or "hide" not in fields:
        raise gone(name)
    world.posts.note(post, {**post.body, "hidden": truth(fields, "hide", default=True)})
    return JSONResponse({"success": True})


async def delete(request: Request) -> Response:
    """Answer DELETE /:id."""
    demand(request, "publish")
    world, name = world_of(request), request.path_params["id"]
    post = found(world, name)
    if not world.author(post).own:
        raise gone(name)
    world.posts.delete(post)
    return JSONResponse({"success": True})
