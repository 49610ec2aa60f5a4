"""Takes videos in: ranges that each have an address of their own, put together in the end, then some time to process.

What is wrong with a video shows while it is processed, not while it is sent.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import videos
from bot.practice.kinds import Json, Network
from bot.practice.linkedin import uploads
from bot.practice.linkedin.wire import LinkedInError, demand, inner, invalid, missing, read_json, speaks_for, word
from bot.practice.media import Item, digest_of
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.world import World

RANGE = 4_194_304
LEAST_BYTES, MOST_BYTES = 75_000, 500_000_000
LEAST_SECONDS, MOST_SECONDS = 3.0, 1_800.0
WIDEST = 2.4
INITIALIZE, FINALIZE = "initializeUploadRequest", "finalizeUploadRequest"
WISH = frozenset({"owner", "fileSizeBytes", "uploadCaptions", "uploadThumbnail"})
FINISH = frozenset({"video", "uploadToken", "uploadedPartIds"})
NAME = "linkedin video "
BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A video on its way; `etags` are the names of its ranges, empty for those that are not there yet."""

    owner: str
    size: int
    token: str
    polls: int
    etags: tuple[str, ...]
    finished: bool = False
    flaw: str = ""


def _kept(world: World, urn: str) -> Upload | None:
    text = world.book.recall(NAME + urn)
    if text is None:
        return None
    fields = json.loads(text)
    return Upload(**{**fields, "etags": tuple(fields["etags"])})


def _keep(world: World, urn: str, upload: Upload) -> None:
    world.book.remember(NAME + urn, json.dumps(asdict(upload)))


async def act(request: Request) -> Response:
    """Answer POST /rest/videos, which does what its action says."""
    world = demand(request, "w_organization_social", "w_member_social")
    action = request.query_params.get("action")
    if action == "initializeUpload":
        return await _initialize(world, request)
    if action == "finalizeUpload":
        return await _finalize(world, request)
    raise LinkedInError(400, "ILLEGAL_ARGUMENT", "action must be initializeUpload or finalizeUpload")


async def _initialize(world: World, request: Request) -> Response:
    wish = inner(await read_json(request, frozenset({INITIALIZE})), INITIALIZE, WISH) or {}
    owner, size = word(wish, "owner"), wish.get("fileSizeBytes")
    speaks_for(world, request, owner)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MOST_BYTES:
        raise invalid(f"ERROR :: /fileSizeBytes :: must be from 1 to {MOST_BYTES}", field="/fileSizeBytes")
    for name in ("uploadCaptions", "uploadThumbnail"):
        if wish.get(name, False) is not False:
            raise invalid(f"{name} is not part of the practice network", field=f"/{name}")
    urn, secret = uploads.new_urn("video"), secrets.token_urlsafe(24)
    ranges = [(first, min(first + RANGE, size) - 1) for first in range(0, size, RANGE)]
    upload = Upload(
        owner=owner,
        size=size,
        token=secrets.token_urlsafe(12),
        polls=uploads.polls_of(request),
        etags=("",) * len(ranges),
    )
    uploads.hold_place(world, secret, urn)
    _keep(world, urn, upload)
    root = f"{world.settings.root}/linkedin/uploads/{secret}"
    value = {
        "uploadUrlsExpireAt": int((world.now() + uploads.PLACE_LIFE).timestamp() * 1000),
        "video": urn,
        "uploadToken": upload.token,
        "uploadInstructions": [
            {"uploadUrl": f"{root}/{turn}", "firstByte": first, "lastByte": last}
            for turn, (first, last) in enumerate(ranges)
        ],
    }
    return JSONResponse({"value": value})


async def put(request: Request) -> Response:
    """Answer PUT on the address of one range; sent again it takes the place of what was there."""
    world, turn = world_of(request), int(request.path_params["turn"])
    urn = uploads.place_of(world, request.path_params["secret"])
    upload = None if urn is None else _kept(world, urn)
    if urn is None or upload is None or upload.finished or turn >= len(upload.etags):
        return Response("Gone", 410)
    content = await request.body()
    whole = min(RANGE, upload.size - turn * RANGE)
    if len(content) != whole or request.headers.get("content-type", "") != BYTES:
        return Response("Bad Request", 400)
    etag = digest_of(content)
    await asyncio.to_thread(world.book.change, "INSERT OR REPLACE INTO blobs VALUES (?, ?)", f"{urn} {turn}", content)
    known = _kept(world, urn) or upload
    etags = tuple(etag if place == turn else one for place, one in enumerate(known.etags))
    _keep(world, urn, replace(known, etags=etags))
    return Response(status_code=200, headers={"etag": f'"{etag}"'})


async def _finalize(world: World, request: Request) -> Response:
    wish = inner(await read_json(request, frozenset({FINALIZE})), FINALIZE, FINISH) or {}
    urn, parts = word(wish, "video"), wish.get("uploadedPartIds")
    upload = _kept(world, urn)
    if upload is None:
        raise missing(urn)
    speaks_for(world, request, upload.owner)
    if set(wish) != FINISH or word(wish, "uploadToken") != upload.token:
        raise invalid("ERROR :: /uploadToken :: is not this upload's", field="/uploadToken")
    if not isinstance(parts, list) or "" in upload.etags or tuple(parts) != upload.etags:
        raise invalid("ERROR :: /uploadedPartIds :: are not the parts in their order", field="/uploadedPartIds")
    if not upload.finished:
        flaw = await asyncio.to_thread(_process, world, urn, upload)
        _keep(world, urn, replace(upload, finished=True, flaw=flaw))
    return JSONResponse({})


def _process(world: World, urn: str, upload: Upload) -> str:
    """Put the ranges together and keep the video; answer what is wrong with it."""
    content = _joined(world, [f"{urn} {turn}" for turn in range(len(upload.etags))])
    video = videos.watch(content)
    flaw = _flaw(video, len(content))
    if flaw or video is None:
        return flaw
    item = Item(
        network=Network.LINKEDIN,
        id=urn,
        digest=digest_of(content),
        mime=video.mime,
        size=len(content),
        width=video.width,
        height=video.height,
        alt="",
        focus="",
        created_at=world.now(),
        polls=upload.polls,
    )
    world.shelf.keep(item, content)
    return ""


def _joined(world: World, names: list[str]) -> bytes:
    content = b"".join(world.shelf.content(name) or b"" for name in names)
    for name in names:
        world.book.change("DELETE FROM blobs WHERE digest = ?", name)
    return content


def _flaw(video: videos.Film | None, size: int) -> str:
    if video is None or video.broken or video.mime != "video/mp4":
        return "The file is not an MP4 video"
    if size < LEAST_BYTES:
        return f"The file is smaller than {LEAST_BYTES} bytes"
    if not LEAST_SECONDS <= video.seconds <= MOST_SECONDS:
        return f"The video must be from {LEAST_SECONDS:g} to {MOST_SECONDS:g} seconds long"
    if not 1 / WIDEST <= video.width / video.height <= WIDEST:
        return f"The aspect ratio must be from 1:{WIDEST} to {WIDEST}:1"
    return ""


async def look(request: Request) -> Response:
    """Answer GET /rest/videos/:urn; a member's app may not look."""
    world = demand(request, "r_organization_social", "r_member_social")
    urn = request.path_params["urn"]
    upload = _kept(world, urn)
    if upload is None:
        raise missing(urn)
    told: Json = {"id": urn, "owner": upload.owner}
    if upload.flaw:
        return JSONResponse({**told, "status": "PROCESSING_FAILED", "processingFailureReason": upload.flaw})
    if not upload.finished:
        return JSONResponse({**told, "status": "WAITING_UPLOAD"})
    return JSONResponse({**told, "status": "PROCESSING" if _still_at_it(world, urn) else "AVAILABLE"})


def _still_at_it(world: World, urn: str) -> bool:
    """Whether the video is being processed; each look brings it nearer to its end."""
    item = world.shelf.find(Network.LINKEDIN, urn)
    if item is None or not item.polls:
        return False
    world.shelf.poll(item)
    return True


def usable(world: World, urn: str) -> Item:
    """The video of this name, ready to be shown; trying too early is a look as well."""
    upload = _kept(world, urn)
    if upload is not None and upload.flaw:
        raise LinkedInError(400, "MEDIA_ASSET_PROCESSING_FAILED", f"Media asset {urn} failed: {upload.flaw}")
    if upload is not None and (not upload.finished or _still_at_it(world, urn)):
        raise uploads.waiting(urn)
    return uploads.usable(world, urn)
