"""Containers made and published, posts deleted, answers hidden: everything on Threads that changes something."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost, graph_body
from bot.practice.kinds import Network, Origin
from bot.practice.meta.containers import ERROR, EXPIRED, FINISHED, IN_PROGRESS, Accepts, Container, Containers
from bot.practice.meta.wire import GraphError, demand, gone, names_in, read_fields, truth, word
from bot.practice.pipeline import POLLS
from bot.practice.text import links, threads_length
from bot.practice.world import world_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.practice.posts import Post
    from bot.practice.world import World

CHARACTERS, LINKS, ALT, TOPIC = 500, 5, 1000, 50
FEWEST, MOST = 2, 20
POSTS_A_DAY, REPLIES_A_DAY, DELETES_A_DAY = 250, 1000, 100
DAY = timedelta(days=1)
KINDS = frozenset({"TEXT", "IMAGE", "CAROUSEL"})
CONTROLS = frozenset({"everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"})
NEW_FIELDS = frozenset(
    {
        "media_type",
        "text",
        "image_url",
        "video_url",
        "is_carousel_item",
        "children",
        "alt_text",
        "reply_to_id",
        "quote_post_id",
        "reply_control",
        "topic_tag",
        "link_attachment",
        "text_attachment",
        "poll_attachment",
        "gif_attachment",
        "is_spoiler_media",
        "is_ghost_post",
        "enable_reply_approvals",
        "allowlisted_country_codes",
        "auto_publish_text",
    }
)
NOT_HERE = (
    "video_url",
    "quote_post_id",
    "link_attachment",
    "text_attachment",
    "poll_attachment",
    "gif_attachment",
    "is_spoiler_media",
    "is_ghost_post",
    "enable_reply_approvals",
    "allowlisted_country_codes",
    "auto_publish_text",
)
ACCEPTS = Accepts(
    kinds=frozenset({"image/jpeg", "image/png"}),
    most_bytes=8_000_000,
    ratio=(0.1, 10.0),
    unreachable="FAILED_DOWNLOADING_MEDIA",
    refused="INVALID_IMAGE_{}",
)
TOPIC_REFUSED = 4279071
NOT_FOUND = 4279009


def user(request: Request) -> World:
    """The world, when the user in the path is the account the token belongs to."""
    world = world_of(request)
    if request.path_params["user"] not in {"me", world.identity.mastodon_id}:
        raise gone(request.path_params["user"])
    return world


async def create(request: Request) -> Response:
    """Answer POST /:user/threads: a container, which is looked at before it can be published."""
    demand(request, "threads_basic", "threads_content_publish")
    world = user(request)
    fields = await read_fields(request, NEW_FIELDS)
    plain = {name: word(fields, name) for name in NEW_FIELDS & set(fields)}
    _refuse_what_is_missing(plain)
    child = truth(fields, "is_carousel_item", default=False)
    containers = Containers(world, Network.THREADS)
    _check_words(world, plain, child=child)
    kind, media, reason = plain.get("media_type", ""), None, ""
    if kind == "IMAGE":
        if not plain.get("image_url"):
            raise GraphError("(#100) Param image_url is required for media_type IMAGE")
        media, reason = await containers.pull(plain["image_url"], plain.get("alt_text", ""), ACCEPTS)
    elif kind == "CAROUSEL":
        _check_children(containers, plain.get("children", ""))
    elif not plain.get("text"):
        raise GraphError("(#100) Param text is required for media_type TEXT")
    polls = int(getattr(request.state, POLLS, 0))
    return JSONResponse({"id": containers.make(plain, media=media, reason=reason.upper(), polls=polls)})


def _refuse_what_is_missing(fields: Mapping[str, str]) -> None:
    for name in NOT_HERE:
        if fields.get(name):
            raise GraphError(f"(#100) {name} is not part of the practice network")
    if fields.get("media_type") not in KINDS:
        raise GraphError(f"(#100) Param media_type must be one of {{{', '.join(sorted(KINDS))}}}")
    if fields.get("reply_control", "everyone") not in CONTROLS:
        raise GraphError(f"(#100) Param reply_control must be one of {{{', '.join(sorted(CONTROLS))}}}")


def _check_words(world: World, fields: Mapping[str, str], *, child: bool) -> None:
    text, topic = fields.get("text", ""), fields.get("topic_tag")
    if child and (text or fields.get("media_type") != "IMAGE"):
        raise GraphError("(#100) A carousel item is a picture without text")
    if threads_length(text) > CHARACTERS:
        raise GraphError(f"(#100) Param text must be at most {CHARACTERS} characters long.")
    if len({text[start:end] for start, end in links(text)}) > LINKS:
        raise GraphError("THREADS_API__LINK_LIMIT_EXCEEDED")
    if len(fields.get("alt_text", "")) > ALT:
        raise GraphError(f"(#100) Param alt_text must be at most {ALT} characters long.")
    if topic is not None and not re.fullmatch(rf"[^.&]{{1,{TOPIC}}}", topic):
        raise GraphError("(#100) The topic tag is not valid", subcode=TOPIC_REFUSED)
    above = fields.get("reply_to_id")
    if above and world.posts.find(Network.THREADS, above) is None:
        raise gone(above)


def _check_children(containers: Containers, children: str) -> None:
    names = names_in(children)
    if not FEWEST <= len(names) <= MOST:
        raise GraphError(f"(#100) Param children must have {FEWEST} to {MOST} items")
    for name in names:
        child = containers.find(name)
        if child is None or child.state != FINISHED or child.fields.get("is_carousel_item") != "true":
            raise GraphError(f"(#100) The carousel item {name} is not ready", subcode=NOT_FOUND)


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
    since = world.now() - DAY
    own = world.posts.of_author(Network.THREADS, world.identity.mastodon_id)
    fresh = [post for post in own if post.origin is Origin.DESK and post.created_at > since]
    replies = sum(post.parent is not None for post in fresh)
    return len(fresh) - replies, replies


def _count(world: World, *, reply: bool) -> None:
    posts, replies = used(world)
    if (replies >= REPLIES_A_DAY) if reply else (posts >= POSTS_A_DAY):
        raise GraphError("The day's allowance of posts is used up", code=9, subcode=2207042, status=403)


def _make(world: World, containers: Containers, container: Container) -> Post:
    now, fields = world.now(), container.fields
    children = [containers.find(name) for name in names_in(fields.get("children", ""))]
    pictures = [one.media for one in (container, *children) if one is not None and one.media is not None]
    above = world.posts.find(Network.THREADS, fields["reply_to_id"]) if fields.get("reply_to_id") else None
    kept = {name: fields[name] for name in ("reply_control", "topic_tag") if name in fields}
    new = NewPost(
        id=ids.media_number(now, world.posts.next_number()),
        text=fields.get("text", ""),
        body=graph_body(media=pictures, **kept),
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
