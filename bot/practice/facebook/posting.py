"""Photos put up, posts and comments written, changed and deleted: everything on a Page that changes something."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost, graph_body
from bot.practice.facebook.rights import demand_page
from bot.practice.feed import items
from bot.practice.kinds import Network
from bot.practice.media import Item, digest_of
from bot.practice.meta.containers import Containers
from bot.practice.meta.pulling import FetchError, fetch
from bot.practice.meta.wire import GraphError, gone, read_fields, truth, word
from bot.practice.pictures import sniff
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.practice.posts import Post

CHARACTERS, PHOTOS, PHOTO_BYTES = 63_206, 10, 4_000_000
FEED_FIELDS = frozenset({"message", "link", "published", "attached_media", "scheduled_publish_time", "targeting"})
PHOTO_FIELDS = frozenset(
    {"source", "url", "message", "caption", "alt_text_custom", "published", "temporary", "no_story"}
)
WRITE = ("pages_manage_posts", "pages_read_engagement")
UNPUBLISHED = "unpublished"
STORY = "STORY"
"""What a post is that is not one of the feed and has no words."""


def page(request: Request) -> World:
    """The world, when the Page in the path is the one the token belongs to."""
    world = world_of(request)
    if request.path_params["page"] not in {"me", world.identity.mastodon_id}:
        raise gone(request.path_params["page"])
    return world


async def photo(request: Request) -> Response:
    """Answer POST /:page/photos: a photo for a post to come, or a post of its own."""
    demand_page(request, *WRITE)
    world = page(request)
    fields = await read_fields(request, PHOTO_FIELDS)
    content = await _content(fields)
    picture = sniff(content)
    if picture is None or len(content) > PHOTO_BYTES:
        words = "Your photos couldn't be uploaded. Photos should be less than 4 MB and saved as JPG, PNG or GIF files."
        raise GraphError(words, code=1, subcode=1366046)
    now = world.now()
    item = Item(
        network=Network.FACEBOOK,
        id=ids.container_number(now, world.shelf.next_number()),
        digest=digest_of(content),
        mime=picture.mime,
        size=len(content),
        width=picture.width,
        height=picture.height,
        alt=word(fields, "alt_text_custom"),
        focus="",
        created_at=now,
    )
    await asyncio.to_thread(world.shelf.keep, item, content)
    if not truth(fields, "published", default=True):
        return JSONResponse({"id": item.id})
    post = make(world, word(fields, "message") or word(fields, "caption"), [item.id])
    return JSONResponse({"id": item.id, "post_id": post.id})


async def _content(fields: Mapping[str, str | bytes]) -> bytes:
    source = fields.get("source")
    if isinstance(source, bytes):
        return source
    if not word(fields, "url"):
        raise GraphError("(#100) Either source or url is required", code=324)
    try:
        return (await fetch(word(fields, "url")))[0]
    except FetchError as problem:
        raise GraphError(f"Missing or invalid image file. {problem}", code=324, subcode=2069019) from None


async def feed(request: Request) -> Response:
    """Answer POST /:page/feed."""
    demand_page(request, *WRITE)
    world = page(request)
    fields = await read_fields(request, FEED_FIELDS)
    if (
        not truth(fields, "published", default=True)
        or word(fields, "scheduled_publish_time")
        or word(fields, "targeting")
    ):
        raise GraphError("(#100) Scheduling and targeting are not part of the practice network")
    photos = _attached(world, word(fields, "attached_media"))
    text, link = word(fields, "message"), word(fields, "link")
    if not text.strip() and not photos and not link:
        raise GraphError("(#100) The post is empty. Please enter a message to share.", subcode=1349125)
    if len(text) > CHARACTERS:
        raise GraphError(f"(#100) Param message must be at most {CHARACTERS} characters")
    if link and not link.startswith(("http://", "https://")):
        raise GraphError("(#1500) The url you supplied is invalid", code=1500)
    if text and not photos and _last(world) == text:
        raise GraphError("(#506) Duplicate status message", code=506)
    return JSONResponse({"id": make(world, text, photos, link=link).id})


def _attached(world: World, told: str) -> list[str]:
    try:
        listed = json.loads(told) if told else []
        names = [str(one["media_fbid"]) for one in listed]
    except (ValueError, TypeError, KeyError):
        raise GraphError("(#100) Param attached_media must be a list of objects with media_fbid") from None
    if len(names) > PHOTOS:
        raise GraphError(f"(#100) At most {PHOTOS} photos can be attached")
    for name in names:
        item = world.shelf.find(Network.FACEBOOK, name)
        if item is None or item.post is not None:
            raise GraphError(f"(#100) The photo {name} can't be attached")
    return names


def _last(world: World) -> str:
    own = [one for one in world.posts.of_author(Network.FACEBOOK, world.identity.mastodon_id) if one.parent is None]
    return own[0].text if own and not own[0].pictures else ""


def make(
    world: World, text: str, photos: list[str], *, link: str = "", product: str = "", above: Post | None = None
) -> Post:
    """Let the Page say something: a post, a reel, a story, or a comment below one."""
    now, own = world.now(), world.identity.mastodon_id
    number = ids.media_number(now, world.posts.next_number())
    more = {"link": link, "product": product}
    begins = own if above is None else (above.root or above.id).partition("_")[2] or above.id
    new = NewPost(
        id=f"{begins}_{number}",
        text=text,
        body=graph_body(media=photos, **{name: value for name, value in more.items() if value}),
        cid="",
        created_at=now,
        parent=None if above is None else above.id,
        root=None if above is None else above.root or above.id,
        pictures=len(photos),
    )
    post = world.posts.add(new, network=Network.FACEBOOK, author=own)
    world.shelf.attach(Network.FACEBOOK, photos, post.id)
    return post


def found(world: World, name: str) -> Post:
    """A live post or comment."""
    post = world.posts.find(Network.FACEBOOK, name)
    if post is None:
        raise gone(name)
    return post


async def comment(request: Request) -> Response:
    """Answer POST /:object/comments; an answer to an answer goes below the comment both belong to."""
    demand_page(request, "pages_manage_engagement", "pages_read_engagement")
    world, name = world_of(request), request.path_params["id"]
    fields = await read_fields(request, frozenset({"message", "attachment_url"}))
    text, above = word(fields, "message"), found(world, name)
    if not text.strip() or word(fields, "attachment_url"):
        raise GraphError("(#100) A comment must have a message")
    if above.parent is not None and above.parent != above.root:
        above = found(world, above.parent)
    return JSONResponse({"id": make(world, text, [], above=above).id})


async def change(request: Request) -> Response:
    """Answer POST /:object: new words for a post of ours, or hide somebody's comment."""
    world, name = world_of(request), request.path_params["id"]
    fields = await read_fields(request, frozenset({"message", "is_hidden", "description"}))
    if "description" in fields:
        demand_page(request, *WRITE)
        return _describe(world, name, _words(fields, "description"))
    post = found(world, name)
    if "is_hidden" in fields:
        demand_page(request, "pages_manage_engagement")
        if post.parent is None or world.author(post).own:
            raise gone(name)
        world.posts.note(post, {**post.body, "hidden": truth(fields, "is_hidden", default=True)})
        return JSONResponse({"success": True})
    demand_page(request, *WRITE)
    if not world.author(post).own or not word(fields, "message"):
        raise GraphError("(#100) Only the Page's own message can be changed")
    if post.body.get("product") or any(item is not None and item.moves for item in _shown(world, post)):
        raise GraphError("(#100) The words of a video are its description, and a story has none")
    _rewrite(world, post, _words(fields, "message"))
    return JSONResponse({"success": True})


def _words(fields: Mapping[str, str | bytes], name: str) -> str:
    text = word(fields, name)
    if len(text) > CHARACTERS:
        raise GraphError(f"(#100) Param {name} must be at most {CHARACTERS} characters")
    return text


def _shown(world: World, post: Post) -> list[Item | None]:
    return [world.shelf.find(Network.FACEBOOK, str(name)) for name in items(post.body.get("media_ids"))]


def _describe(world: World, name: str, text: str) -> Response:
    """Other words for a video of ours, which are its post's."""
    containers = Containers(world, Network.FACEBOOK)
    video = containers.find(name)
    if video is None or video.post is None or video.fields["product"] == STORY:
        raise gone(name)
    containers.note(name, {**video.fields, "description": text})
    _rewrite(world, found(world, video.post), text)
    return JSONResponse({"success": True})


def _rewrite(world: World, post: Post, text: str) -> None:
    new = NewPost(
        id=post.id,
        text=text,
        body=post.body,
        cid="",
        created_at=post.created_at,
        parent=post.parent,
        root=post.root,
    )
    world.posts.rewrite(post, new)


async def delete(request: Request) -> Response:
    """Answer DELETE /:object: a post or comment, or a photo that no post shows."""
    demand_page(request, *WRITE)
    world, name = world_of(request), request.path_params["id"]
    item = world.shelf.find(Network.FACEBOOK, name)
    if item is not None and item.post is None:
        world.shelf.attach(Network.FACEBOOK, [name], UNPUBLISHED)
        return JSONResponse({"success": True})
    post = found(world, name)
    if not world.author(post).own:
        raise gone(name)
    world.posts.delete(post)
    return JSONResponse({"success": True})
