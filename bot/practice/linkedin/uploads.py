"""Takes pictures and documents in: a place to put them first, then the bytes, then some time until they are ready."""

from __future__ import annotations

import asyncio
import io
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.kinds import Network, Origin
from bot.practice.linkedin.wire import LinkedInError, demand, inner, missing, read_json, speaks_for, word
from bot.practice.media import Item, digest_of
from bot.practice.pictures import gif_frames, sniff
from bot.practice.pipeline import POLLS
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.world import World

PIXELS = 36_152_320
FRAMES = 250
KINDS = frozenset({"image/png", "image/jpeg", "image/gif"})
DOCUMENT_BYTES, PAGES = 100_000_000, 300
PDF = "application/pdf"
PLACE_LIFE = timedelta(hours=1)
LIFE = timedelta(hours=24)
REQUEST = "initializeUploadRequest"
PLACE = "linkedin upload "
"""Before an address's secret: which upload it takes, for a while."""


async def initialize_image(request: Request) -> Response:
    """Answer POST /rest/images?action=initializeUpload."""
    return await _initialize(request, "image")


async def initialize_document(request: Request) -> Response:
    """Answer POST /rest/documents?action=initializeUpload."""
    return await _initialize(request, "document")


async def _initialize(request: Request, kind: str) -> Response:
    world = demand(request, "w_organization_social", "w_member_social")
    if request.query_params.get("action") != "initializeUpload":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "action must be initializeUpload")
    wish = inner(await read_json(request, frozenset({REQUEST})), REQUEST, frozenset({"owner"})) or {}
    speaks_for(world, request, word(wish, "owner"))
    secret, urn = secrets.token_urlsafe(24), new_urn(kind)
    hold_place(world, secret, f"{urn} {polls_of(request)}")
    ends = world.now() + PLACE_LIFE
    value = {
        "uploadUrl": f"{world.settings.root}/linkedin/uploads/{secret}",
        "uploadUrlExpiresAt": int(ends.timestamp() * 1000),
        kind: urn,
    }
    return JSONResponse({"value": value})


def new_urn(kind: str) -> str:
    """What an upload will be called."""
    return f"urn:li:{kind}:{secrets.token_hex(9).upper()}"


def polls_of(request: Request) -> int:
    """How often the upload will say that it is being processed."""
    return int(getattr(request.state, POLLS, 0))


def hold_place(world: World, secret: str, what: str) -> None:
    """Let an address take something, for a while."""
    world.book.change("INSERT INTO keys VALUES (?, ?, ?)", PLACE + secret, what, world.now().timestamp())


def place_of(world: World, secret: str) -> str | None:
    """What an address takes; None for one that has expired or never was."""
    since = (world.now() - PLACE_LIFE).timestamp()
    row = world.book.row("SELECT post FROM keys WHERE key = ? AND created_at > ?", PLACE + secret, since)
    return None if row is None else str(row["post"])


async def put(request: Request) -> Response:
    """Answer PUT on the place given: the address is the key to it."""
    world = world_of(request)
    place = place_of(world, request.path_params["secret"])
    if place is None:
        return Response("Gone", 410)
    urn, _, polls = place.partition(" ")
    content = await request.body()
    judge = _document if urn.startswith("urn:li:document:") else _image
    found = await asyncio.to_thread(judge, content)
    if found is None:
        return Response("Bad Request", 400)
    mime, width, height = found
    item = Item(
        network=Network.LINKEDIN,
        id=urn,
        digest=digest_of(content),
        mime=mime,
        size=len(content),
        width=width,
        height=height,
        alt="",
        focus="",
        created_at=world.now(),
        polls=int(polls),
    )
    await asyncio.to_thread(world.shelf.keep, item, content)
    return Response(status_code=201)


def _image(content: bytes) -> tuple[str, int, int] | None:
    picture = sniff(content)
    if picture is None or picture.mime not in KINDS or picture.width * picture.height >= PIXELS:
        return None
    if gif_frames(content) > FRAMES:
        return None
    return picture.mime, picture.width, picture.height


def _document(content: bytes) -> tuple[str, int, int] | None:
    fine = len(content) <= DOCUMENT_BYTES and 1 <= pages_of(content) <= PAGES
    return (PDF, 0, 0) if fine else None


def pages_of(content: bytes) -> int:
    """How many pages a PDF has; 0 for what is none."""
    if not content.startswith(b"%PDF-"):
        return 0
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(io.BytesIO(content)).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return 0


async def look(request: Request) -> Response:
    """Answer GET /rest/images/:urn and /rest/documents/:urn; a member's app may not look."""
    world = demand(request, "r_organization_social", "r_member_social")
    urn = request.path_params["urn"]
    item = world.shelf.find(Network.LINKEDIN, urn)
    if item is None:
        raise missing(urn)
    if item.polls:
        world.shelf.poll(item)
    status = "PROCESSING" if item.polls else "AVAILABLE"
    return JSONResponse({"id": urn, "owner": world.identity.page_urn, "status": status})


def usable(world: World, urn: str) -> Item:
    """The upload of this name, ready to be shown."""
    item = world.shelf.find(Network.LINKEDIN, urn)
    gone = item is None or item.post == Origin.HISTORY.value
    if item is None or gone or (item.post is None and world.now() - item.created_at >= LIFE):
        raise LinkedInError(400, "MEDIA_ASSET_NOT_FOUND", f"Media asset {urn} is not found")
    if item.polls:
        raise waiting(urn)
    return item


def waiting(urn: str) -> LinkedInError:
    """The answer to a post that comes before its upload is ready."""
    return LinkedInError(400, "MEDIA_ASSET_WAITING_UPLOAD", f"Media asset {urn} is waiting for its upload")


def lapse(world: World) -> None:
    """End every upload that no post shows, and every place for one."""
    sql = "UPDATE media SET created_at = 0 WHERE network = ? AND post IS NULL"
    world.book.change(sql, Network.LINKEDIN.value)
    world.book.change("UPDATE keys SET created_at = 0 WHERE key LIKE ?", PLACE + "%")
