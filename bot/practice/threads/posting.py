"""Containers published, posts deleted, answers hidden: everything on Threads that changes something in public."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost, graph_body
from bot.practice.kinds import Network, Origin
from bot.practice.meta.containers import ERROR, EXPIRED, FINISHED, IN_PROGRESS, Container, Containers
from bot.practice.meta.wire import GraphError, demand, gone, names_in, read_fields, truth, word
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post
    from bot.practice.world import World

POSTS_A_DAY, REPLIES_A_DAY, DELETES_A_DAY = 250, 1000, 100
DAY = timedelta(days=1)
KEPT = ("reply_control", "topic_tag", "is_spoiler_media", "enable_reply_approvals", "link_attachment")
"""What a post keeps of its container's fields."""
NOT_FOUND, SPENT = 4279009, 2207042


def user(request: Request) -> World:
    """The world, when the user in the path is the account the token belongs to."""
    world = world_of(request)
    if request.path_params["user"] not in {"me", world.identity.mastodon_id}:
        raise gone(request.path_params["user"])
    return world


async def publish(request: Request) -> Response:
    """Answer POST /:user/threads_publish: a container becomes a post, once."""
    demand(request, "threads_basic", "threads_content_publish")
    world = user(request)
    name = word(await read_fields(request, frozenset({"creation_id"})), "creation_id")
    containers = Containers(world, Network.THREADS)
    container = containers.find(name)
    if container is None or container.state in {IN_PROGRESS, EXPIRED, ERROR}:
        raise GraphError("The requested resource does not exist", code=24, subcode=NOT_FOUND)
    if container.state != FINISHED or container.fields.get("is_carousel_item") == "true":
        raise GraphError("(#100) This container can't be published", code=24, subcode=NOT_FOUND)
    _count(world, reply="reply_to_id" in container.fields)
    with world.book.together():
        post = _make(world, containers, container)
        containers.published(name, post.id)
    return JSONResponse({"id": post.id})


def used(world: World) -> tuple[int, int]:
    """How many posts and replies of a day's allowance are used."""
    made = world.posts.made_since(Network.THREADS, world.identity.mastodon_id, world.now() - DAY)
    fresh = [post for post in made if post.origin is Origin.DESK]
    replies = sum(post.parent is not None for post in fresh)
    return len(fresh) - replies, replies


def deletions(world: World) -> int:
    """How many of a day's deletions are used."""
    return world.posts.taken_down_since(Network.THREADS, world.identity.mastodon_id, world.now() - DAY)


def _count(world: World, *, reply: bool) -> None:
    posts, replies = used(world)
    if (replies >= REPLIES_A_DAY) if reply else (posts >= POSTS_A_DAY):
        raise GraphError("The day's allowance of posts is used up", code=9, subcode=SPENT, status=403)


def _make(world: World, containers: Containers, container: Container) -> Post:
    now, fields = world.now(), container.fields
    children = [containers.find(name) for name in names_in(fields.get("children", ""))]
    pictures = [one.media for one in (container, *children) if one is not None and one.media is not None]
    above = world.posts.find(Network.THREADS, fields["reply_to_id"]) if fields.get("reply_to_id") else None
    kept = {name: fields[name] for name in KEPT if name in fields}
    asked = json.loads(fields.get("poll_attachment", "{}"))
    poll = {"poll": {"options": [asked[name] for name in sorted(asked)]}} if asked else {}
    new = NewPost(
        id=ids.media_number(now, world.posts.next_number()),
        text=fields.get("text", ""),
        body={**graph_body(media=pictures, **kept), **poll},
        cid="",
        created_at=now,
        parent=None if above is None else above.id,
        root=None if above is None else above.root or above.id,
        pictures=len(pictures),
    )
    post = world.posts.add(new, network=Network.THREADS, author=world.identity.mastodon_id)
    world.shelf.attach(Network.THREADS, pictures, post.id)
    return post


async def delete(request: Request) -> Response:
    """Answer DELETE /:id."""
    demand(request, "threads_basic", "threads_delete")
    world, name = world_of(request), request.path_params["id"]
    post = world.posts.find(Network.THREADS, name)
    if post is None or not world.author(post).own:
        raise gone(name)
    if deletions(world) >= DELETES_A_DAY:
        raise GraphError("The day's allowance of deletions is used up", code=9, subcode=SPENT, status=403)
    world.posts.delete(post)
    return JSONResponse({"success": True, "deleted_id": name})


async def manage_reply(request: Request) -> Response:
    """Answer POST /:reply/manage_reply: hide an answer to one of our posts, or show it again."""
    demand(request, "threads_basic", "threads_manage_replies")
    world, name = world_of(request), request.path_params["id"]
    hide = truth(await read_fields(request, frozenset({"hide"})), "hide", default=True)
    post = world.posts.find(Network.THREADS, name)
    if post is None or post.parent is None or world.author(post).own:
        raise gone(name)
    world.posts.note(post, {**post.body, "hidden": hide})
    return JSONResponse({"success": True})
