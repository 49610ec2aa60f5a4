"""The video service: it takes a video on the word of the account's server, works on it, and leaves a blob there."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.bluesky import jwt, lexicon, records, repo, schema
from bot.practice.bluesky.wire import XrpcError, asked, bad, bearer, demand
from bot.practice.kinds import Json, Network
from bot.practice.pipeline import POLLS
from bot.practice.videos import Film, watch
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.world import World

LIMITS_METHOD, UPLOAD_METHOD = "app.bsky.video.getUploadLimits", "com.atproto.repo.uploadBlob"
LONGEST_LIFE, BARE_LIFE = timedelta(minutes=30), timedelta(minutes=1)
SECONDS = 180.0
VIDEOS_A_DAY, BYTES_A_DAY = 25, 10_000_000_000
DAY = timedelta(days=1)
JOB = "bluesky job "
COMPLETED, ENCODING, FAILED = "JOB_STATE_COMPLETED", "JOB_STATE_ENCODING", "JOB_STATE_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A video the service was given."""

    id: str
    cid: str
    size: int
    flaw: str = ""


def audience(world: World) -> str:
    """What this server, and the video service beside it, is called in tokens."""
    return f"did:web:{urlsplit(world.settings.root).hostname}"


async def service_auth(request: Request) -> Response:
    """Answer getServiceAuth: a token for another server, for at most half an hour."""
    world = demand(request)
    query, now = request.query_params, int(world.now().timestamp())
    aud, lxm, exp = asked(request, "aud"), query.get("lxm"), query.get("exp")
    if schema.DID.fullmatch(aud) is None:
        raise bad("Params/aud must be a valid did")
    life = LONGEST_LIFE if lxm else BARE_LIFE
    ends = now + int(BARE_LIFE.total_seconds()) if exp is None else _whole(exp)
    if not now < ends <= now + int(life.total_seconds()):
        raise bad("cannot request a token with that expiration", "BadExpiration")
    claims: Json = {"iat": now, "iss": world.identity.did, "aud": aud, "exp": ends, "jti": secrets.token_hex(16)}
    if lxm:
        claims["lxm"] = lxm
    return JSONResponse({"token": jwt.write_service(claims, world.identity.signing_key)})


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise bad("Params/exp must be an integer")
    return int(text)


def _vouched(request: Request, method: str) -> World:
    """Insist on a token of the account's server that is for this service and this method."""
    world = world_of(request)
    claims = jwt.read(bearer(request), world.identity.signing_key)
    if claims is None or claims.get("iss") != world.identity.did:
        raise XrpcError(401, "BadJwt", "could not verify the token")
    if claims.get("aud") != audience(world):
        raise XrpcError(401, "BadJwtAudience", "jwt audience does not match service did")
    if claims.get("lxm") != method:
        raise XrpcError(401, "BadJwtLexiconMethod", f"bad jwt lexicon method, must match: {method}")
    if int(str(claims["exp"])) <= world.now().timestamp():
        raise XrpcError(401, "JwtExpired", "jwt expired")
    return world


def _today(world: World) -> list[Job]:
    """The jobs of the last day."""
    since = (world.now() - DAY).timestamp()
    rows = world.book.rows("SELECT post FROM keys WHERE key LIKE ? AND created_at > ?", JOB + "%", since)
    return [Job(**json.loads(row["post"])) for row in rows]


def _left(world: World) -> tuple[int, int]:
    today = _today(world)
    return max(0, VIDEOS_A_DAY - len(today)), max(0, BYTES_A_DAY - sum(job.size for job in today))


async def upload_limits(request: Request) -> Response:
    """Answer getUploadLimits."""
    videos, size = _left(_vouched(request, LIMITS_METHOD))
    told: Json = {"canUpload": videos > 0, "remainingDailyVideos": videos, "remainingDailyBytes": size}
    if not videos:
        told |= {"error": "daily_limit_exceeded", "message": "User has uploaded too many videos today."}
    return JSONResponse(told)


async def upload(request: Request) -> Response:
    """Answer uploadVideo: what it finds wrong with a video shows in the job, not here."""
    world = _vouched(request, UPLOAD_METHOD)
    if asked(request, "did") != world.identity.did:
        raise XrpcError(401, "BadJwt", "the token is another account's")
    asked(request, "name")
    if request.headers.get("content-type", "").partition(";")[0].strip() != lexicon.VIDEO:
        raise bad("Wrong request encoding (Content-Type): expected video/mp4")
    content = await request.body()
    if not content or len(content) > lexicon.VIDEO_BYTES:
        raise bad(f"A video must have from 1 to {lexicon.VIDEO_BYTES} bytes", "BlobTooLarge")
    videos, _ = _left(world)
    if not videos:
        raise bad("User has uploaded too many videos today.", "daily_limit_exceeded")
    cid = await asyncio.to_thread(ids.blob_cid, content)
    earlier = next((job for job in _today(world) if job.cid == cid and not job.flaw), None)
    item = world.shelf.find(Network.BLUESKY, cid)
    if earlier is not None and item is not None and not records.stale(world, item):
        refusal = {"error": "already_exists", "message": "Video already processed"}
        return JSONResponse({**_status(world, earlier), **refusal}, 409)
    job = Job(id=secrets.token_hex(12), cid=cid, size=len(content), flaw=_flaw(watch(content)))
    if not job.flaw:
        polls = int(getattr(request.state, POLLS, 0))
        made = repo.blob_of(content, lexicon.VIDEO, world.now(), polls)
        await asyncio.to_thread(world.shelf.keep, made, content)
    sql = "INSERT INTO keys VALUES (?, ?, ?)"
    world.book.change(sql, JOB + job.id, json.dumps(asdict(job)), world.now().timestamp())
    return JSONResponse({"jobStatus": _status(world, job)})


def _flaw(film: Film | None) -> str:
    if film is None or film.broken or film.mime != lexicon.VIDEO:
        return "The file is not an MP4 video"
    return f"The video is longer than {SECONDS:g} seconds" if film.seconds > SECONDS else ""


def _status(world: World, job: Job) -> Json:
    told: Json = {"jobId": job.id, "did": world.identity.did}
    if job.flaw:
        return {**told, "state": FAILED, "error": "invalid_video", "message": job.flaw}
    item = world.shelf.find(Network.BLUESKY, job.cid)
    if item is None or item.polls:
        return {**told, "state": ENCODING, "progress": 50}
    return {**told, "state": COMPLETED, "progress": 100, "blob": repo.drawn(item)}


async def job_status(request: Request) -> Response:
    """Answer getJobStatus, which anyone may ask who knows the job."""
    world = world_of(request)
    row = world.book.row("SELECT post FROM keys WHERE key = ?", JOB + asked(request, "jobId"))
    if row is None:
        raise bad("Job not found")
    job = Job(**json.loads(row["post"]))
    told = _status(world, job)
    item = world.shelf.find(Network.BLUESKY, job.cid)
    if item is not None and item.polls:
        world.shelf.poll(item)
    return JSONResponse({"jobStatus": told})
