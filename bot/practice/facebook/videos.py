"""Videos, reels and stories of a Page: sent in pieces, worked on for a while, and then a post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.facebook.posting import CHARACTERS, STORY, WRITE, make, page
from bot.practice.feed import items
from bot.practice.kinds import Json, Network
from bot.practice.meta.containers import EXPIRED, FINISHED, IN_PROGRESS, Container, Containers
from bot.practice.meta.moving import Takes
from bot.practice.meta.pulling import FetchError, fetch
from bot.practice.meta.rupload import append, arrived, so_far
from bot.practice.meta.wire import GraphError, demand, gone, listing, read_fields, stamp, truth, within, word
from bot.practice.pipeline import POLLS
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from bot.practice.posts import Post

CHUNK = 1 << 20
"""Bytes that one transfer may carry."""
LOOKS = 1
"""How often a video that is published is still being worked on when somebody looks."""
VIDEO_FIELDS = frozenset(
    {
        "source",
        "file_url",
        "title",
        "description",
        "published",
        "upload_phase",
        "upload_session_id",
        "start_offset",
        "video_file_chunk",
        "file_size",
    }
)
REEL_FIELDS = frozenset({"upload_phase", "video_id", "video_state", "title", "description", "file_size"})
SESSION = "7"
"""Before a video's id: the name of the session that brings it."""
FEED, REEL = "FEED", "REELS"
PORTRAIT = (0.55, 0.575)
"""Nine by sixteen, with room for odd sides."""
TAKES = {
    FEED: Takes(
        most_bytes=2_000_000_000, seconds=(0.0, 14_400.0), frame_rate=(1.0, 120.0), most_width=8192, index_first=False
    ),
    REEL: Takes(most_bytes=1_000_000_000, seconds=(3.0, 90.0), ratio=PORTRAIT, least_sides=(540, 960), most_width=8192),
    STORY: Takes(
        most_bytes=1_000_000_000, seconds=(3.0, 60.0), ratio=PORTRAIT, least_sides=(540, 960), most_width=8192
    ),
}
WORDS = {
    "size": "The video is too large.",
    "format": "The video file you selected is in a format that we don't support.",
    "duration": "The video is too short or too long.",
    "ratio": "The aspect ratio of the video must be 9x16.",
    "resolution": "Resolution too low. Video must have a minimum resolution of 540p.",
    "frame_rate": "The frame rate of the video is not supported.",
}


async def videos(request: Request) -> Response:
    """Answer POST /:page/videos: a whole video at once, or one phase of sending it in pieces."""
    demand(request, *WRITE)
    world = page(request)
    fields = await read_fields(request, VIDEO_FIELDS)
    description = _described(fields)
    if not truth(fields, "published", default=True):
        raise GraphError("(#100) Unpublished videos are not part of the practice network")
    match word(fields, "upload_phase").lower():
        case "start":
            return _start_in_pieces(request, world, fields)
        case "transfer":
            return await _transfer(world, fields)
        case "finish":
            name = _session(world, fields)
            return _finished(world, name, description)
        case "":
            return await _whole(request, world, fields, description)
        case _:
            raise GraphError("(#100) Param upload_phase must be one of {START, TRANSFER, FINISH}")


def _described(fields: dict[str, str | bytes]) -> str:
    description = word(fields, "description")
    if len(description) > CHARACTERS:
        raise GraphError(f"(#100) Param description must be at most {CHARACTERS} characters")
    return description


def _number(fields: dict[str, str | bytes], name: str) -> int:
    told = word(fields, name)
    if not told.isascii() or not told.isdigit():
        raise GraphError(f"(#100) Param {name} must be a number")
    return int(told)


def _begin(request: Request, world: World, product: str, **more: str) -> str:
    polls = 0 if product == STORY else max(LOOKS, int(getattr(request.state, POLLS, 0)))
    return Containers(world, Network.FACEBOOK).make({"product": product, **more}, polls=polls, empty=True)


def _start_in_pieces(request: Request, world: World, fields: dict[str, str | bytes]) -> Response:
    size = _number(fields, "file_size")
    if size < 1024:
        raise GraphError("The video you tried to upload is too small.", code=6000, subcode=1363022)
    if size > TAKES[FEED].most_bytes:
        raise GraphError("The video you tried to upload is too large.", code=6000, subcode=1363023)
    name = _begin(request, world, FEED, size=str(size))
    offsets = {"start_offset": "0", "end_offset": str(min(size, CHUNK))}
    return JSONResponse({"video_id": name, "upload_session_id": SESSION + name, **offsets})


def _session(world: World, fields: dict[str, str | bytes]) -> str:
    name = word(fields, "upload_session_id").removeprefix(SESSION)
    container = Containers(world, Network.FACEBOOK).find(name)
    if container is None or container.fields["product"] != FEED:
        raise gone(word(fields, "upload_session_id"))
    if container.state == EXPIRED:
        raise GraphError("Your video upload timed out before it could be completed.", code=6000, subcode=1363030)
    return name


async def _transfer(world: World, fields: dict[str, str | bytes]) -> Response:
    name = _session(world, fields)
    found = Containers(world, Network.FACEBOOK).find(name)
    chunk, start = fields.get("video_file_chunk"), _number(fields, "start_offset")
    if found is None or not isinstance(chunk, bytes):
        raise GraphError("(#100) The parameter video_file_chunk is required")
    size = int(found.fields["size"])
    there = so_far(world.book, name) if found.empty else size
    if start != there or there == size or len(chunk) > CHUNK:
        words = "There was a problem uploading your video. Please try again."
        waited: Json = {"start_offset": there, "end_offset": min(size, there + CHUNK)}
        raise GraphError(words, code=6000, subcode=1363037, data=waited)
    content = append(world.book, name, chunk, start=start, size=size)
    if content is not None:
        await _filled(world, name, content)
    at = start + len(chunk)
    return JSONResponse({"start_offset": str(at), "end_offset": str(min(size, at + CHUNK))})


async def _filled(world: World, name: str, content: bytes) -> None:
    """Judge what has arrived; what is wrong with it shows once it is worked on."""
    containers = Containers(world, Network.FACEBOOK)
    container = containers.find(name)
    if container is None:
        raise gone(name)
    media, wrong = await containers.take(content, "", TAKES[container.fields["product"]], name=name)
    containers.fill(name, media=media, reason=WORDS.get(wrong, ""))


async def _whole(request: Request, world: World, fields: dict[str, str | bytes], description: str) -> Response:
    source = fields.get("source")
    if not isinstance(source, bytes):
        if not word(fields, "file_url"):
            raise GraphError("(#100) No video file was given", subcode=1363026)
        try:
            source = (await fetch(word(fields, "file_url"), most=TAKES[FEED].most_bytes))[0]
        except FetchError as problem:
            raise GraphError(f"Unable to fetch video file from URL. {problem}", code=389, subcode=1363057) from None
    name = _begin(request, world, FEED, size=str(len(source)))
    await _filled(world, name, source)
    _finished(world, name, description)
    return JSONResponse({"id": name})


def _finished(world: World, name: str, description: str) -> Response:
    """What has arrived whole is published as soon as it has been worked on."""
    containers = Containers(world, Network.FACEBOOK)
    container = containers.find(name)
    if container is None or "finished" in container.fields:
        raise gone(name)
    if container.empty:
        raise GraphError("There was a problem uploading your video.", code=6000, subcode=1363019)
    containers.note(name, {**container.fields, "finished": "yes", "description": description})
    return JSONResponse({"success": True})


def settle(world: World, name: str) -> Container | None:
    """A video as it is now; one that was published and has been worked on becomes a post."""
    containers = Containers(world, Network.FACEBOOK)
    container = containers.find(name)
    if container is None or "finished" not in container.fields or container.state != FINISHED:
        return container
    product = container.fields["product"]
    with world.book.together():
        post = make(world, container.fields["description"], [name], product="" if product == FEED else product)
        containers.published(name, post.id)
    return containers.find(name)


async def reels(request: Request) -> Response:
    """Answer POST /:page/video_reels."""
    return await _moving(request, REEL)


async def stories(request: Request) -> Response:
    """Answer POST /:page/video_stories."""
    return await _moving(request, STORY)


async def _moving(request: Request, product: str) -> Response:
    demand(request, *WRITE)
    world = page(request)
    fields = await read_fields(request, REEL_FIELDS)
    description = _described(fields)
    match word(fields, "upload_phase").lower():
        case "start":
            name = _begin(request, world, product)
            address = f"{world.settings.root}/facebook/video-upload/v26.0/{name}"
            return JSONResponse({"video_id": name, "upload_url": address})
        case "finish":
            name = _sent(world, word(fields, "video_id"), product)
            if product == REEL and word(fields, "video_state").upper() != "PUBLISHED":
                raise GraphError("(#100) Only video_state PUBLISHED is part of the practice network")
            if product == STORY and description:
                raise GraphError("(#100) Param description does not go with a story")
            return _finished(world, name, description) if product == REEL else _told(world, name)
        case _:
            raise GraphError("(#100) Param upload_phase must be one of {START, FINISH}")


def _told(world: World, name: str) -> Response:
    """A story is there at once, or never."""
    found = Containers(world, Network.FACEBOOK).find(name)
    if found is not None and found.reason:
        raise GraphError(f"(#100) {found.reason}")
    _finished(world, name, "")
    shown = settle(world, name)
    return JSONResponse({"success": True, "post_id": _bare(shown)})


def _bare(container: Container | None) -> str | None:
    """A post's number without the Page's before it, as videos tell it."""
    return container.post.partition("_")[2] if container is not None and container.post else None


def _sent(world: World, name: str, product: str) -> str:
    container = Containers(world, Network.FACEBOOK).find(name)
    if container is None or container.fields["product"] != product:
        raise gone(name)
    if container.state == EXPIRED:
        raise GraphError("Your video upload timed out before it could be completed.", code=6000, subcode=1363030)
    return name


async def receive(request: Request) -> Response:
    """Answer POST /video-upload/:version/:video: the bytes of a reel or a story."""
    demand(request, *WRITE)
    world, name = world_of(request), request.path_params["id"]
    container = Containers(world, Network.FACEBOOK).find(name)
    if container is None or container.fields["product"] == FEED or not container.empty:
        raise gone(name)
    content = await arrived(request, name)
    if content is not None:
        await _filled(world, name, content)
    return JSONResponse({"success": True})


def known(request: Request, name: str) -> dict[str, Callable[[], object]] | None:
    """Every field of a video, which a look brings closer to its post; None for what is none."""
    world = world_of(request)
    container = settle(world, name)
    if container is None:
        return None
    if "finished" in container.fields:
        Containers(world, Network.FACEBOOK).looked_at(name)
    post = None if container.post is None else world.posts.find(Network.FACEBOOK, container.post)
    return {
        "id": lambda: name,
        "status": lambda: _status(world, container),
        "post_id": lambda: None if post is None else _bare(container),
        "permalink_url": lambda: _permalink(world, post),
        "created_time": lambda: None if post is None else stamp(post.created_at),
        "description": lambda: container.fields.get("description") or None,
    }


def _permalink(world: World, post: Post | None) -> str | None:
    """Videos tell where they are without their server's name."""
    return None if post is None else world.url(post).removeprefix(world.settings.root)


def _status(world: World, container: Container) -> Json:
    there = so_far(world.book, container.id)
    if container.empty:
        uploading: Json = {"status": "in_progress" if there else "not_started", "bytes_transferred": there}
        return {"video_status": "uploading", "uploading_phase": uploading, **_phases("not_started", "not_started")}
    done: Json = {"uploading_phase": {"status": "complete"}}
    if container.post is not None:
        return {"video_status": "ready", **done, **_phases("complete", "complete")}
    if container.state == EXPIRED:
        return {"video_status": "expired", **done, **_phases("not_started", "not_started")}
    if "finished" not in container.fields:
        return {"video_status": "upload_complete", **done, **_phases("not_started", "not_started")}
    if container.state == IN_PROGRESS:
        return {"video_status": "processing", **done, **_phases("in_progress", "not_started")}
    phases = _phases("error", "not_started")
    phases["processing_phase"] = {"status": "error", "errors": [{"code": 1363008, "message": container.reason}]}
    return {"video_status": "error", **done, **phases}


def _phases(processing: str, publishing: str) -> Json:
    published = {"publish_status": "published"} if publishing == "complete" else {}
    return {"processing_phase": {"status": processing}, "publishing_phase": {"status": publishing, **published}}


async def photo_story(request: Request) -> Response:
    """Answer POST /:page/photo_stories: an unpublished photo that no post shows becomes a story."""
    demand(request, *WRITE)
    world = page(request)
    name = word(await read_fields(request, frozenset({"photo_id"})), "photo_id")
    item = world.shelf.find(Network.FACEBOOK, name)
    if item is None or item.post is not None or item.moves:
        raise GraphError(f"(#100) The photo {name} can't be used for a story")
    post = make(world, "", [name], product=STORY)
    return JSONResponse({"success": True, "post_id": post.id.partition("_")[2]})


async def listed(request: Request) -> Response:
    """Answer GET /:page/stories, newest first."""
    demand(request, "pages_read_engagement")
    world = page(request)
    own = world.posts.of_author(Network.FACEBOOK, world.identity.mastodon_id)
    found = [post for post in own if post.body.get("product") == STORY and within(request, post.created_at)]
    return listing(request, [_story(world, post) for post in found], more=frozenset({"status"}))


def _story(world: World, post: Post) -> Json:
    media = str(items(post.body.get("media_ids"))[0])
    item = world.shelf.find(Network.FACEBOOK, media)
    return {
        "id": post.id,
        "post_id": post.id.partition("_")[2],
        "status": "published",
        "creation_time": str(int(post.created_at.timestamp())),
        "media_type": "video" if item is not None and item.moves else "photo",
        "media_id": media,
        "url": world.url(post),
    }
