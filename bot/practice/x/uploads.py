"""Takes pictures in, whole: as a form or as JSON, each for a day unless a post shows it; describes every upload."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.kinds import Json, Network, Origin
from bot.practice.media import Item, digest_of
from bot.practice.pictures import gif_frames, sniff
from bot.practice.x.wire import demand, forbidden, inner, invalid, read_json, refuse_unknown, word

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.world import World

FIELDS = frozenset({"media", "media_category", "media_type", "additional_owners", "shared"})
METADATA = frozenset({"id", "metadata"})
DETAILS = frozenset({"alt_text"})
ALT_TEXT = frozenset({"text"})
ALT_LIMIT = 1_000
IMAGE_BYTES = 5 * 1024 * 1024
LIFE = timedelta(hours=24)
KEYS = {"tweet_image": "3", "tweet_video": "7", "tweet_gif": "16"}
"""How the keys of each kind of medium begin."""
MEDIA_INVALID = "Your media IDs are invalid."


async def upload(request: Request) -> Response:
    """Answer POST /2/media/upload for a picture."""
    world = demand(request)
    fields = await _fields(request)
    if word(fields, "media_category") != "tweet_image":
        raise forbidden("Only tweet_image is uploaded in one piece.")
    content = fields.get("media")
    picture = sniff(content) if isinstance(content, bytes) else None
    if not isinstance(content, bytes) or picture is None:
        raise invalid("media type unrecognized.")
    if gif_frames(content) > 1:
        raise invalid("A moving GIF must be uploaded as tweet_gif.")
    if len(content) > IMAGE_BYTES:
        raise invalid(f"Image file size must be <= {IMAGE_BYTES} bytes")
    now = world.now()
    item = Item(
        network=Network.X,
        id=ids.post_number(now, world.shelf.next_number()),
        digest=digest_of(content),
        mime=picture.mime,
        size=len(content),
        width=picture.width,
        height=picture.height,
        alt="",
        focus="",
        created_at=now,
    )
    await asyncio.to_thread(world.shelf.keep, item, content)
    return JSONResponse({"data": described(world, item)})


def described(world: World, item: Item) -> Json:
    """An upload as X tells of it."""
    size: Json = {"image": {"image_type": item.mime, "w": item.width, "h": item.height}}
    return {
        "id": item.id,
        "media_key": f"{KEYS[category_of(world, item.id)]}_{item.id}",
        "expires_after_secs": int(LIFE.total_seconds()),
        "size": item.size,
        **({"video": {"video_type": item.mime}} if item.mime.startswith("video/") else size),
    }


def category_of(world: World, name: str) -> str:
    """What an upload was begun as; whole ones are pictures."""
    row = world.book.row("SELECT fields FROM uploads WHERE network = ? AND id = ?", Network.X.value, name)
    return "tweet_image" if row is None else str(json.loads(row["fields"])["category"])


async def _fields(request: Request) -> Json:
    """A form with a file, or JSON with the file as base 64."""
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind != "multipart/form-data":
        fields = await read_json(request, FIELDS)
        try:
            return {**fields, "media": base64.b64decode(word(fields, "media"), validate=True)}
        except binascii.Error:
            raise invalid("$.media: must be base 64") from None
    found: Json = {}
    async with request.form() as form:
        for name, value in form.items():
            found[name] = await value.read(IMAGE_BYTES + 1) if isinstance(value, UploadFile) else value
    refuse_unknown("$", found, FIELDS)
    return found


async def metadata(request: Request) -> Response:
    """Answer POST /2/media/metadata: the words for those who can't see a picture."""
    world = demand(request)
    fields = await read_json(request, METADATA)
    name = word(fields, "id")
    item = world.shelf.find(Network.X, name)
    if item is None or not usable(world, name):
        raise invalid(MEDIA_INVALID)
    if item.mime.startswith("video/"):
        raise invalid("$.metadata.alt_text: is for images and GIFs")
    details = inner(fields, "metadata", DETAILS) or {}
    alt = word(inner(details, "alt_text", ALT_TEXT) or {}, "text")
    if not 1 <= len(alt) <= ALT_LIMIT:
        raise invalid(f"$.metadata.alt_text.text: must be from 1 to {ALT_LIMIT} characters long")
    world.shelf.describe(item, alt=alt, focus="")
    return JSONResponse({"data": {"id": name, "associated_metadata": {"alt_text": {"text": alt}}}})


def usable(world: World, name: str) -> bool:
    """Whether an upload is there and has not ended."""
    item = world.shelf.find(Network.X, name)
    if item is None or item.post == Origin.HISTORY.value or item.polls or world.shelf.failure(item):
        return False
    return item.post is not None or world.now() - item.created_at < LIFE


def lapse(world: World) -> None:
    """End every upload that no post shows."""
    world.book.change("UPDATE media SET created_at = 0 WHERE network = ? AND post IS NULL", Network.X.value)
    world.book.change("UPDATE uploads SET created_at = 0 WHERE network = ?", Network.X.value)
