"""Takes files in by pieces: begun, filled in any order, closed, and worked on for some looks before a post may show it.

What a file is, is judged by its bytes when it is closed; what X can't use shows as processing that failed.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.kinds import Json, Network
from bot.practice.media import Item, digest_of
from bot.practice.pictures import gif_frames, sniff
from bot.practice.pipeline import POLLS
from bot.practice.videos import watch
from bot.practice.x.uploads import LIFE, MEDIA_INVALID, described
from bot.practice.x.wire import demand, forbidden, invalid, query, read_json, refuse_unknown, word

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.world import World

INITIALIZE = frozenset({"media_type", "total_bytes", "media_category", "additional_owners", "shared"})
APPEND = frozenset({"media", "segment_index"})
STATUS = frozenset({"command", "media_id"})
MOST_BYTES = {"tweet_image": 5 * 1024 * 1024, "tweet_gif": 15_000_000, "tweet_video": 512_000_000}
KINDS = {
    "tweet_image": frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"}),
    "tweet_gif": frozenset({"image/gif"}),
    "tweet_video": frozenset({"video/mp4", "video/quicktime", "video/webm"}),
}
PIECE = 1024 * 1024
"""The size that is proved to work; larger ones are refused."""
MOST_PIECES = 1000
SHORTEST, LONGEST = 0.5, 140.0
NARROWEST, WIDEST = 1 / 3, 3.0
SMALLEST_SIDE, WIDE, HIGH = 32, 1280, 1024
FASTEST = 60.0
GIF_SIZE, GIF_FRAMES, GIF_POINTS = (1280, 1080), 350, 300_000_000
FIRST_NUMBER = 0x200000
"""Ids of uploads by pieces begin here, apart from those of whole pictures."""


async def initialize(request: Request) -> Response:
    """Answer POST /2/media/upload/initialize."""
    world = demand(request)
    fields = await read_json(request, INITIALIZE)
    category, kind, total = word(fields, "media_category"), word(fields, "media_type"), fields.get("total_bytes")
    if category not in KINDS:
        raise forbidden("Only tweet_image, tweet_gif and tweet_video are part of the practice network.")
    if kind not in KINDS[category]:
        raise invalid(f"$.media_type: {kind or 'nothing'} does not go with {category}")
    if isinstance(total, bool) or not isinstance(total, int) or total < 1:
        raise invalid("$.total_bytes: must be a whole number from 1")
    if total > MOST_BYTES[category]:
        raise invalid(f"$.total_bytes: file size must be <= {MOST_BYTES[category]} bytes")
    row = world.book.row("SELECT COUNT(*) AS n FROM uploads")
    now = world.now()
    name = ids.post_number(now, FIRST_NUMBER + int(row["n"] if row is not None else 0))
    polls = int(getattr(request.state, POLLS, 0)) or 1
    known = {"category": category, "kind": kind, "total": total, "polls": 0 if category == "tweet_image" else polls}
    sql = "INSERT INTO uploads VALUES (?, ?, ?, ?)"
    world.book.change(sql, Network.X.value, name, json.dumps(known), now.timestamp())
    return JSONResponse({"data": {"id": name, "expires_after_secs": int(LIFE.total_seconds())}})


def _open(world: World, name: str) -> Json:
    """What an upload was begun as; refused when it is closed, ended, or none."""
    row = world.book.row("SELECT * FROM uploads WHERE network = ? AND id = ?", Network.X.value, name)
    if row is None or world.shelf.find(Network.X, name) is not None:
        raise invalid(MEDIA_INVALID)
    if world.now() - datetime.fromtimestamp(row["created_at"], tz=UTC) >= LIFE:
        raise invalid(MEDIA_INVALID)
    found: Json = json.loads(row["fields"])
    return found


async def append(request: Request) -> Response:
    """Answer POST /2/media/upload/:id/append; a piece that comes again takes the place of the one before."""
    world, name = demand(request), request.path_params["id"]
    known = _open(world, name)
    content, turn = await _piece(request)
    if not 1 <= len(content) <= PIECE:
        raise invalid(f"$.media: must have from 1 to {PIECE} bytes")
    sql = "SELECT COALESCE(SUM(LENGTH(content)), 0) AS n FROM segments WHERE network = ? AND upload = ? AND turn != ?"
    row = world.book.row(sql, Network.X.value, name, turn)
    if int(row["n"] if row is not None else 0) + len(content) > int(str(known["total"])):
        raise invalid("$.media: there are more bytes than were announced")
    world.book.change("INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?)", Network.X.value, name, turn, content)
    return JSONResponse({"data": {"expires_at": int((world.now() + LIFE).timestamp())}})


async def _piece(request: Request) -> tuple[bytes, int]:
    """A form with a piece of the file, or JSON with it as base 64."""
    if request.headers.get("content-type", "").split(";")[0].strip() == "application/json":
        fields = await read_json(request, APPEND)
        try:
            content = base64.b64decode(word(fields, "media"), validate=True)
        except binascii.Error:
            raise invalid("$.media: must be base 64") from None
        return content, _turn(fields.get("segment_index"))
    async with request.form() as form:
        given = dict(form.items())
        refuse_unknown("$", dict(given), APPEND)
        file, text = given.get("media"), given.get("segment_index")
        if not isinstance(file, UploadFile):
            raise invalid("$.media: is missing but it is required")
        number = int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else None
        return await file.read(PIECE + 1), _turn(number)


def _turn(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST_PIECES:
        raise invalid(f"$.segment_index: must be a whole number from 0 to {MOST_PIECES - 1}")
    return value


async def finalize(request: Request) -> Response:
    """Answer POST /2/media/upload/:id/finalize once every piece is there."""
    world, name = demand(request), request.path_params["id"]
    known = _open(world, name)
    sql = "SELECT turn, content FROM segments WHERE network = ? AND upload = ? ORDER BY turn"
    pieces = await asyncio.to_thread(world.book.rows, sql, Network.X.value, name)
    if [row["turn"] for row in pieces] != list(range(len(pieces))):
        raise invalid("Segments do not add up to the media: one is missing.")
    content = b"".join(bytes(row["content"]) for row in pieces)
    if len(content) != known["total"]:
        raise invalid(f"Segments do not add up to provided total file size: {len(content)} of {known['total']}.")
    item, trouble = _made(world, name, known, content)
    await asyncio.to_thread(world.shelf.keep, item, content)
    world.book.change("DELETE FROM segments WHERE network = ? AND upload = ?", Network.X.value, name)
    if trouble:
        world.shelf.fail(item, trouble)
    state: Json = {"processing_info": {"state": "pending", "check_after_secs": 1}} if item.polls else {}
    return JSONResponse({"data": {**described(world, item), **state}})


def _made(world: World, name: str, known: Json, content: bytes) -> tuple[Item, str]:
    """The file as it is kept, and why it can't be used; empty when it can."""
    kind, category = str(known["kind"]), str(known["category"])
    film, picture = watch(content), sniff(content)
    width, height = (film.width, film.height) if film is not None else (640, 360)
    if picture is not None:
        width, height = picture.width, picture.height
    item = Item(
        network=Network.X,
        id=name,
        digest=digest_of(content),
        mime=kind,
        size=len(content),
        width=width,
        height=height,
        alt="",
        focus="",
        created_at=world.now(),
        polls=int(str(known["polls"])),
    )
    judge = {"tweet_video": _video_trouble, "tweet_gif": _gif_trouble}.get(category, _picture_trouble)
    return item, judge(content, kind)


def _video_trouble(content: bytes, kind: str) -> str:
    film = watch(content)
    if film is None or film.broken or film.mime != kind:
        return "Unsupported video format."
    if not film.codec:
        return ""
    ratio = film.width / film.height
    rules = (
        (film.codec == "avc1", "Unsupported video codec."),
        (film.seconds >= SHORTEST, "Video is too short."),
        (film.seconds <= LONGEST, "Video is longer than 2 minutes."),
        (min(film.width, film.height) >= SMALLEST_SIDE, "Video is too small."),
        (max(film.width, film.height) <= WIDE and film.width * film.height <= WIDE * HIGH, "Video is too large."),
        (NARROWEST <= ratio <= WIDEST, "Video has an unsupported aspect ratio."),
        (film.frame_rate <= FASTEST, "Video has an unsupported frame rate."),
    )
    return next((sentence for kept, sentence in rules if not kept), "")


def _gif_trouble(content: bytes, kind: str) -> str:
    picture, frames = sniff(content), gif_frames(content)
    if picture is None or picture.mime != kind or not frames:
        return "Unsupported GIF."
    small = picture.width <= GIF_SIZE[0] and picture.height <= GIF_SIZE[1]
    if not small or frames > GIF_FRAMES or picture.width * picture.height * frames > GIF_POINTS:
        return "GIF is too large."
    return ""


def _picture_trouble(content: bytes, kind: str) -> str:
    picture = sniff(content)
    return "" if picture is not None and picture.mime == kind and gif_frames(content) <= 1 else "Unsupported image."


async def status(request: Request) -> Response:
    """Answer GET /2/media/upload?command=STATUS for a file that was closed."""
    world = demand(request)
    asked = query(request, STATUS)
    item = world.shelf.find(Network.X, asked.get("media_id", ""))
    if asked.get("command", "STATUS") != "STATUS":
        raise invalid("The `command` query parameter value is not one of [STATUS]")
    if item is None or (item.post is None and world.now() - item.created_at >= LIFE):
        raise invalid(MEDIA_INVALID)
    trouble = world.shelf.failure(item)
    info: Json = {"state": "succeeded", "progress_percent": 100}
    if item.polls:
        world.shelf.poll(item)
        info = {"state": "in_progress", "check_after_secs": 1, "progress_percent": 50}
    elif trouble:
        info = {"state": "failed", "error": {"code": 1, "name": "InvalidMedia", "message": trouble}}
    return JSONResponse({"data": {**described(world, item), "processing_info": info}})
