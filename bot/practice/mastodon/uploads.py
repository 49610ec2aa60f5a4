"""Takes pictures and videos in: pictures as slowly as a fault script wants it, videos never at once."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.kinds import Network
from bot.practice.mastodon.entities import attachment
from bot.practice.mastodon.instance import (
    ALT_LIMIT,
    FRAME_RATE,
    IMAGE_BYTES,
    IMAGE_PIXELS,
    VIDEO_BYTES,
    VIDEO_PIXELS,
)
from bot.practice.mastodon.wire import NOT_FOUND, MastodonError, demand, invalid, read_fields, word
from bot.practice.media import Item, digest_of
from bot.practice.pictures import Picture, sniff
from bot.practice.pipeline import POLLS
from bot.practice.videos import Film, watch
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

UPLOAD_FIELDS = frozenset({"file", "description", "focus", "thumbnail"})
EDIT_FIELDS = frozenset({"description", "focus", "thumbnail"})
FOCUS = re.compile(r"-?(0(\.\d+)?|1(\.0+)?),-?(0(\.\d+)?|1(\.0+)?)")


async def upload(request: Request) -> Response:
    """Answer POST /api/v2/media: 200 when the file is ready, 202 while it is a video or scripted to be slow."""
    world = world_of(request)
    demand(request, "write:media")
    fields = await read_fields(request, UPLOAD_FIELDS)
    alt, focus = _described(word(fields, "description"), word(fields, "focus"))
    content = fields.get("file")
    if not isinstance(content, bytes):
        raise invalid("File can't be blank")
    film = watch(content)
    picture = _accepted(content) if film is None else _film(content, film)
    polls = int(getattr(request.state, POLLS, 0))
    now = world.now()
    item = Item(
        network=Network.MASTODON,
        id=ids.snowflake(now, world.shelf.next_number()),
        digest=digest_of(content),
        mime=picture.mime,
        size=len(content),
        width=picture.width,
        height=picture.height,
        alt=alt,
        focus=focus,
        created_at=now,
        polls=polls if film is None else polls or 1,
    )
    await asyncio.to_thread(world.shelf.keep, item, content)
    if film is not None and film.broken:
        world.shelf.fail(item, "Error processing thumbnail for uploaded media")
    return JSONResponse(attachment(world, item), 202 if item.polls else 200)


def _accepted(content: bytes) -> Picture:
    picture = sniff(content)
    if picture is None:
        raise invalid("File content type is invalid")
    if len(content) > IMAGE_BYTES:
        raise invalid("File file size must be less than 16 MB")
    if picture.width * picture.height > IMAGE_PIXELS:
        raise invalid(f"{picture.width}x{picture.height} images are not supported")
    return picture


def _film(content: bytes, film: Film) -> Picture:
    """A video is measured when it comes in; whether it plays shows when it is worked on."""
    if len(content) > VIDEO_BYTES:
        raise invalid("File file size must be less than 99 MB")
    if film.width * film.height > VIDEO_PIXELS:
        raise invalid(f"{film.width}x{film.height} videos are not supported")
    if film.frame_rate > FRAME_RATE:
        raise invalid(f"{int(film.frame_rate)}fps videos are not supported")
    return Picture(mime=film.mime, width=film.width, height=film.height)


def _described(alt: str, focus: str) -> tuple[str, str]:
    if len(alt) > ALT_LIMIT:
        raise invalid(f"Description is too long (maximum is {ALT_LIMIT} characters)")
    if focus and FOCUS.fullmatch(focus.replace(" ", "")) is None:
        raise invalid("Focus must be two numbers from -1 to 1")
    return alt, focus.replace(" ", "")


def _found(request: Request) -> Item:
    item = world_of(request).shelf.find(Network.MASTODON, request.path_params["id"])
    if item is None or item.post is not None:
        raise MastodonError(404, NOT_FOUND)
    return item


async def look(request: Request) -> Response:
    """Answer GET /api/v1/media/:id: 206 while it is being processed, then 200, or 422 for what came to nothing."""
    demand(request, "write:media")
    world, item = world_of(request), _found(request)
    if item.polls:
        world.shelf.poll(item)
        return JSONResponse(attachment(world, item), 206)
    if trouble := world.shelf.failure(item):
        raise MastodonError(422, trouble)
    return JSONResponse(attachment(world, item))


async def describe(request: Request) -> Response:
    """Answer PUT /api/v1/media/:id: change description and focus while no status shows the picture."""
    demand(request, "write:media")
    world, item = world_of(request), _found(request)
    fields = await read_fields(request, EDIT_FIELDS)
    alt, focus = _described(word(fields, "description", item.alt), word(fields, "focus", item.focus))
    world.shelf.describe(item, alt=alt, focus=focus)
    return JSONResponse(attachment(world, _found(request)))


async def file(request: Request) -> Response:
    """Show a picture's bytes."""
    world = world_of(request)
    item = world.shelf.find(Network.MASTODON, request.path_params["id"])
    content = None if item is None or item.polls else await asyncio.to_thread(world.shelf.content, item.digest)
    if item is None or content is None:
        raise MastodonError(404, NOT_FOUND)
    return Response(content, media_type=item.mime)
