"""Takes videos in pieces, one after the other, at an address that is itself the key and ends after an hour."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from bot.practice.pipeline import POLLS
from bot.practice.tiktok.jobs import UPLOAD_LIFE, UPLOADING, Jobs, fault_of
from bot.practice.videos import watch
from bot.practice.world import world_of

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from bot.practice.kinds import Json
    from bot.practice.tiktok.jobs import Job
    from bot.practice.videos import Film
    from bot.practice.world import World

PIECE = (5_000_000, 64_000_000)
LARGEST = 4 * 2**30
MOST_PIECES = 1000
WEBM = "video/webm"
KINDS = frozenset({"video/mp4", "video/quicktime", WEBM})
CODECS = frozenset({"avc1", "avc3", "hvc1", "hev1", "vp08", "vp09"})
MOST_SECONDS = 600
FRAME_RATE = (23, 60)
SIDES = (360, 4096)
RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


async def piece(request: Request) -> Response:
    """Answer PUT /video/: 206 while more is to come, 201 after the last piece."""
    world, asked = world_of(request), request.query_params
    jobs = Jobs(world)
    job = jobs.find(asked.get("upload_id", ""))
    if job is None or job.state != UPLOADING or job.fields["secret"] != asked.get("upload_token"):
        return Response(status_code=404)
    if world.now() - job.created_at > UPLOAD_LIFE:
        return Response(status_code=403)
    start, end = _span(request, job.fields)
    received = _count(job, "received")
    if start != received or end < 0:
        told = f"bytes 0-{received - 1}/{job.fields['size']}" if received else f"bytes */{job.fields['size']}"
        return Response(status_code=416 if end >= 0 else 400, headers={"content-range": told})
    content = await request.body()
    if len(content) != end - start + 1:
        return Response(status_code=400)
    await asyncio.to_thread(_append, _file(world, job), content, start)
    if jobs.known(job.id).fields["received"] != received:  # somebody else sent the same piece meanwhile
        return Response(status_code=416)
    jobs.received(job, end + 1)
    so_far = {"content-range": f"bytes 0-{end}/{job.fields['size']}"}
    if end + 1 < _count(job, "size"):
        return Response(status_code=206, headers=so_far)
    await _finish(world, jobs, jobs.known(job.id), request)
    return Response(status_code=201, headers=so_far)


def _span(request: Request, fields: Json) -> tuple[int, int]:
    """From where to where the piece goes; (0, -1) for one that breaks the rules."""
    headers, wrong = request.headers, (0, -1)
    found = RANGE.fullmatch(headers.get("content-range", ""))
    if found is None or "authorization" in headers or headers.get("content-type") not in KINDS:
        return wrong
    start, end, total = (int(one) for one in found.groups())
    size, step, count = (int(str(fields[name])) for name in ("size", "piece", "count"))
    last = start // step + 1 == count
    whole = end == size - 1 if last else end - start + 1 == step
    told = headers.get("content-length", "")
    return (start, end) if total == size and start % step == 0 and whole and told == str(end - start + 1) else wrong


def _count(job: Job, name: str) -> int:
    return int(str(job.fields[name]))


def _file(world: World, job: Job) -> Path:
    return world.settings.database.parent / "tiktok-uploads" / job.id.rpartition(".")[2]


def _append(path: Path, content: bytes, start: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "xb") as file:
        file.seek(start)
        file.write(content)


async def _finish(world: World, jobs: Jobs, job: Job, request: Request) -> None:
    """All of it is there: see what it is, and make it live now or later."""
    told, wrong = await asyncio.to_thread(_read, _file(world, job))
    reason = wrong or fault_of(request)
    if reason:
        jobs.fail(job, reason)
        return
    jobs.shows(job, told)
    jobs.ready(jobs.known(job.id), int(getattr(request.state, POLLS, 0)))


def _read(path: Path) -> tuple[Json, str]:
    """What a finished upload is, and why it will never be a post; its bytes are not kept."""
    content = path.read_bytes()
    path.unlink()
    return said_of(content), judge(watch(content))


def judge(film: Film | None) -> str:
    """Why TikTok makes no post of a video; empty when it does. Of a WebM nothing but its kind is read."""
    if film is None or film.mime not in KINDS:
        return "file_format_check_failed"
    if film.mime == WEBM:
        return ""
    if film.broken or film.codec not in CODECS:
        return "file_format_check_failed"
    if film.seconds > MOST_SECONDS:
        return "duration_check_failed"
    slowest, fastest = FRAME_RATE
    if not slowest <= film.frame_rate <= fastest:
        return "frame_rate_check_failed"
    shortest, longest = SIDES
    good = shortest <= min(film.width, film.height) and max(film.width, film.height) <= longest
    return "" if good else "picture_size_check_failed"


def said_of(content: bytes) -> Json:
    """What is kept of a video."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
