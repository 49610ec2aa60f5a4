"""Containers made and published, comments answered and hidden, posts deleted: all that changes something."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost, graph_body
from bot.practice.instagram.rights import demand
from bot.practice.kinds import Network, Origin
from bot.practice.meta.containers import EXPIRED, FINISHED, IN_PROGRESS, Accepts, Container, Containers
from bot.practice.meta.wire import GraphError, gone, names_in, read_fields, truth, word
from bot.practice.pipeline import POLLS
from bot.practice.text import HASHTAG
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.practice.posts import Post

CAPTION, TAGS = 2200, 30
FEWEST, MOST = 2, 10
POSTS_A_DAY = 100
DAY = timedelta(days=1)
NEW_FIELDS = frozenset(
    {
        "image_url",
        "video_url",
        "caption",
        "media_type",
        "is_carousel_item",
        "children",
        "alt_text",
        "cover_url",
        "thumb_offset",
        "share_to_feed",
        "collaborators",
        "user_tags",
        "location_id",
        "audio_name",
        "upload_type",
        "is_ai_generated",
        "is_paid_partnership",
    }
)
NOT_HERE = NEW_FIELDS - {"image_url", "caption", "media_type", "is_carousel_item", "children", "alt_text"}
ACCEPTS = Accepts(
    kinds=frozenset({"image/jpeg"}),
    most_bytes=8_000_000,
    ratio=(0.8, 1.91),
    unreachable="fetch",
    refused="{}",
)
REFUSALS = {
    "fetch": (9004, 2207052, "Only photo or video can be accepted as media type. The media could not be fetched."),
    "format": (36001, 2207005, "The image format is not supported"),
    "size": (36000, 2207004, "The image is too large to download. It should be less than 8 MB."),
    "ratio": (36003, 2207009, "The submitted image with aspect ratio cannot be published."),
}


def user(request: Request) -> World:
    """The world, when the user in the path is the account the token belongs to."""
    world = world_of(request)
    if request.path_params["user"] not in {"me", world.identity.mastodon_id}:
        raise gone(request.path_params["user"])
    return world


async def create(request: Request) -> Response:
    """Answer POST /:user/media: a container, whose picture is fetched at once."""
    demand(request, "publish")
    world = user(request)
    fields = await read_fields(request, NEW_FIELDS)
    plain = {name: word(fields, name) for name in NEW_FIELDS & set(fields)}
    for name in sorted(NOT_HERE):
        if plain.get(name):
            raise GraphError(f"(#100) {name} is not part of the practice network")
    child = truth(fields, "is_carousel_item", default=False)
    _check_words(plain, child=child)
    containers, media = Containers(world, Network.INSTAGRAM), None
    if plain.get("media_type") == "CAROUSEL":
        _check_children(containers, plain.get("children", ""))
    elif plain.get("media_type") or not plain.get("image_url"):
        raise GraphError("The parameter image_url is required.", code=100, subcode=2207023)
    else:
        media, wrong = await containers.pull(plain["image_url"], plain.get("alt_text", ""), ACCEPTS)
        if wrong:
            code, subcode, words = REFUSALS[wrong]
            raise GraphError(words, code=code, subcode=subcode)
    polls = int(getattr(request.state, POLLS, 0))
    return JSONResponse({"id": containers.make(plain, media=media, polls=polls)})


def _check_words(fields: Mapping[str, str], *, child: bool) -> None:
    caption = fields.get("caption", "")
    if child and caption:
        raise GraphError("(#100) A carousel item has no caption")
    if len(caption) > CAPTION or len(HASHTAG.findall(caption)) > TAGS:
        raise GraphError(f"The caption was too long. At most {CAPTION} characters.", code=36004, subcode=2207010)


def _check_children(containers: Containers, children: str) -> None:
    names = names_in(children)
    if not FEWEST <= len(names) <= MOST:
        raise GraphError(f"A carousel has {FEWEST} to {MOST} items.", subcode=2207028)
    for name in names:
        child = containers.find(name)
        if child is None or child.fields.get("is_carousel_item") != "true":
            raise GraphError(f"The carousel item {name} does not exist", code=24, subcode=2207006)
        if child.state != FINISHED:
            raise GraphError("The media is not ready for publishing", code=9007, subcode=2207027)


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
    own = world.posts.of_author(Network.INSTAGRAM, world.identity.mastodon_id)
    return sum(one.origin is Origin.DESK and one.parent is None and one.created_at > since for one in own)


def _make(world: World, containers: Containers, container: Container) -> Post:
    children = [containers.find(name) for name in names_in(container.fields.get("children", ""))]
    pictures = [one.media for one in (container, *children) if one is not None and one.media is not None]
    post = say(world, container.fields.get("caption", ""), pictures=pictures)
    world.shelf.attach(Network.INSTAGRAM, pictures, post.id)
    return post


def say(world: World, text: str, *, pictures: list[str], above: Post | None = None) -> Post:
    """Let the account say something: a post, or a comment below one."""
    now = world.now()
    new = NewPost(
        id=ids.media_number(now, world.posts.next_number()),
        text=text,
        body=graph_body(media=pictures),
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
