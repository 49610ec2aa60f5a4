"""Takes pictures in: a place to put them first, then the bytes, then some time until they can be shown."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.kinds import Network, Origin
from bot.practice.linkedin.wire import LinkedInError, demand, inner, invalid, missing, read_json, speaks_for, word
from bot.practice.media import Item, digest_of
from bot.practice.pictures import sniff
from bot.practice.pipeline import POLLS
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.world import World

PIXELS = 36_152_320
KINDS = frozenset({"image/png", "image/jpeg", "image/gif"})
PLACE_LIFE = timedelta(hours=1)
LIFE = timedelta(hours=24)
REQUEST = "initializeUploadRequest"


async def initialize(request: Request) -> Response:
    """Answer POST /rest/images?action=initializeUpload."""
    world = demand(request, "w_organization_social", "w_member_social")
    if request.query_params.get("action") != "initializeUpload":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "action must be initializeUpload")
    wish = inner(await read_json(request, frozenset({REQUEST})), REQUEST, frozenset({"owner"})) or {}
    speaks_for(world, request, word(wish, "owner"))
    secret, urn = secrets.token_urlsafe(24), f"urn:li:image:{secrets.token_hex(9).upper()}"
    polls = int(getattr(request.state, POLLS, 0))
    sql = "INSERT INTO keys VALUES (?, ?, ?)"
    world.book.change(sql, f"linkedin upload {secret}", f"{urn} {polls}", world.now().timestamp())
    ends = world.now() + PLACE_LIFE
    value = {
        "uploadUrl": f"{world.settings.root}/linkedin/uploads/{secret}",
        "uploadUrlExpiresAt": int(ends.timestamp() * 1000),
        "image": urn,
    }
    return JSONResponse({"value": value})


async def put(request: Request) -> Response:
    """Answer PUT on the place given: the address is the key to it."""
    world = world_of(request)
    since = (world.now() - PLACE_LIFE).timestamp()
    name = f"linkedin upload {request.path_params['secret']}"
    row = world.book.row("SELECT post FROM keys WHERE key = ? AND created_at > ?", name, since)
    if row is None:
        return Response("Gone", 410)
    content = await request.body()
    picture = sniff(content)
    if picture is None or picture.mime not in KINDS or picture.width * picture.height >= PIXELS:
        return Response("Bad Request", 400)
    urn, _, polls = str(row["post"]).partition(" ")
    item = Item(
        network=Network.LINKEDIN,
        id=urn,
        digest=digest_of(content),
        mime=picture.mime,
        size=len(content),
        width=picture.width,
        height=picture.height,
        alt="",
        focus="",
        created_at=world.now(),
        polls=int(polls),
    )
    await asyncio.to_thread(world.shelf.keep, item, content)
    return Response(status_code=201)


async def look(request: Request) -> Response:
    """Answer GET /rest/images/:urn; a member's app may not look."""
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
        raise LinkedInError(400, "MEDIA_ASSET_WAITING_UPLOAD", f"Media asset {urn} is waiting for its upload")
    return item


def lapse(world: World) -> None:
    """End every upload that no post shows."""
    sql = "UPDATE media SET created_at = 0 WHERE network = ? AND post IS NULL"
    world.book.change(sql, Network.LINKEDIN.value)


def shown(value: object, where: str) -> tuple[str, str]:
    """The URN and the alt text of one picture of a post."""
    if not isinstance(value, dict) or not set(value) <= {"id", "altText", "title"}:
        raise invalid(f"ERROR :: {where} :: unrecognized field found but not allowed", field=where)
    return word(value, "id"), word(value, "altText")
