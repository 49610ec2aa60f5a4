"""Pictures of cards on their way into Slack, and files of people on their way out of it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from handlers.chat.receiving import received
from handlers.slack.render import digest_of
from handlers.slack.teams import SURFACE
from services.domain.errors import DeskError, InvalidInput, NeedsOperator, Unavailable
from services.domain.ids import Digest
from services.media.films import MAX_BYTES
from services.media.intake import too_large

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from handlers.slack.places import Place
    from handlers.slack.teams import Team
    from handlers.slack.wire import Wire
    from handlers.tasks import Tasks
    from handlers.views.card import ImageBlock
    from handlers.views.sheet import TextFile
    from services.media.intake import MediaIntake
    from services.ports.clock import Clock
    from services.ports.http import Keep
    from services.ports.storage import Store

_FIRST: Final = 0.2
_SLOWEST: Final = 3.0
_READY_WITHIN: Final = 15.0
"""Seconds; a file is looked at until then, and again when it is wanted again."""
_AT_ONCE: Final = 3
"""Pictures on their way at once: each is in memory whole."""
_AFTER_TROUBLE: Final = timedelta(seconds=30)
_AFTER_REFUSAL: Final = timedelta(minutes=10)
_ENDINGS: Final = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}
_log = structlog.get_logger(__name__)
Key = tuple[str, str]
"""Team and digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Ids of pictures by digest; `pending` says that others may come."""

    files: Mapping[str, str]
    pending: bool


class Uploads:
    """One for all teams; each picture goes to each team once."""

    def __init__(self, wire: Wire, store: Store, media: MediaIntake, clock: Clock, tasks: Tasks) -> None:
        """What is uploaded is remembered in rows, what is on its way in tasks."""
        self._wire = wire
        self._store = store
        self._media = media
        self._clock = clock
        self._tasks = tasks
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._going: dict[Key, asyncio.Task[str | None]] = {}
        self._unready: dict[Key, str] = {}
        self._failed: dict[Key, datetime] = {}
        """Until when nobody tries again."""
        self._stale: set[Key] = set()

    async def ids(self, team: Team, images: Sequence[ImageBlock], patience: float) -> Found:
        """The pictures of a card as Slack knows them, waiting at most so many seconds for those that are new."""
        wanted = {digest_of(image): image.alt for image in images}
        if not wanted:
            return Found(files={}, pending=False)
        kept = await self._store.read(lambda tx: {d: tx.chat.uploaded(SURFACE, team.id, d) for d in wanted})
        files = {d: ref for d, ref in kept.items() if ref and (team.id, d) not in self._stale}
        tasks = {d: self._start(team, d, alt) for d, alt in wanted.items() if d not in files and self._may(team, d)}
        ends = self._clock.now() + timedelta(seconds=patience)
        for digest, task in tasks.items():
            left = (ends - self._clock.now()).total_seconds()
            if await self._tasks.within(task, max(left, 0.0)) and (made := task.result()):
                files[digest] = made
        return Found(files=files, pending=any(self._may_come(team, d) for d in wanted.keys() - files.keys()))

    def doubt(self, team: Team, images: Sequence[ImageBlock]) -> None:
        """Slack did not show one of these: what is remembered of them counts no more."""
        self._stale |= {(team.id, digest_of(image)) for image in images}

    def _may(self, team: Team, digest: str) -> bool:
        until = self._failed.get((team.id, digest))
        return until is None or until <= self._clock.now()

    def _may_come(self, team: Team, digest: str) -> bool:
        """Whether a picture that is missing may be there soon: it is on its way, or will be tried again by itself."""
        until = self._failed.get((team.id, digest))
        return until is None or until <= self._clock.now() + _AFTER_TROUBLE

    def _start(self, team: Team, digest: str, alt: str) -> asyncio.Task[str | None]:
        key = (team.id, digest)
        task = self._going.get(key)
        if task is None:
            task = self._going[key] = self._tasks.spawn(self._upload(team, digest, alt), name=f"upload-{digest[:8]}")
            task.add_done_callback(lambda _: self._going.pop(key, None))
        return task

    async def _upload(self, team: Team, digest: str, alt: str) -> str | None:
        key = (team.id, digest)
        try:
            file_id = self._unready.get(key) or await self._send(team, digest, alt)
            self._unready[key] = file_id
            await self._ready(team, file_id)
            now = self._clock.now()
            await self._store.write(lambda tx: tx.chat.put_upload(SURFACE, team.id, digest, file_id, at=now))
        except DeskError as error:
            pause = _AFTER_REFUSAL if isinstance(error, NeedsOperator) else _AFTER_TROUBLE
            self._failed[key] = self._clock.now() + pause
            _log.warning("a picture was not taken in", digest=digest[:8], reason=f"{error.message} {error.next_step}")
            return None
        self._unready.pop(key, None)
        self._failed.pop(key, None)
        self._stale.discard(key)
        return file_id

    async def _send(self, team: Team, digest: str, alt: str) -> str:
        async with self._free:
            data = await self._media.portable(Digest(digest))
            ending = next((e for start, e in _ENDINGS.items() if data.startswith(start)), "bin")
            return await self._put(team, f"{digest[:12]}.{ending}", data, alt=alt)

    async def _put(self, team: Team, name: str, data: bytes, *, alt: str = "", where: Place | None = None) -> str:
        """The three steps; without a place the file is shown nowhere by itself."""
        told = await self._wire.call(
            team.token,
            "files.getUploadURLExternal",
            lambda c: c.files_getUploadURLExternal(filename=name, length=len(data), alt_txt=alt[:1000] or None),
        )
        await self._wire.put_bytes(told["upload_url"], data)
        file_id = str(told["file_id"])
        channel, thread = (where.channel, where.thread or None) if where else (None, None)
        await self._wire.call(
            team.token,
            "files.completeUploadExternal",
            lambda c: c.files_completeUploadExternal(
                files=[{"id": file_id, "title": name}], channel_id=channel, thread_ts=thread
            ),
        )
        return file_id

    async def _ready(self, team: Team, file_id: str) -> dict[str, Any]:
        """Wait until Slack knows what the file is: a message that shows it before is refused."""
        wait, waited = _FIRST, 0.0
        while True:
            told = await self._wire.call(team.token, "files.info", lambda c: c.files_info(file=file_id))
            file: dict[str, Any] = told["file"]
            if file.get("mimetype"):
                return file
            if waited >= _READY_WITHIN:
                raise Unavailable("Slack has not looked at the file yet.")
            await self._clock.sleep(wait)
            waited += wait
            wait = min(wait * 2, _SLOWEST)

    async def share(self, team: Team, file: TextFile, where: Place) -> None:
        """Put a text up as a file of its own."""
        await self._put(team, file.name, file.text.encode(), where=where)

    @asynccontextmanager
    async def received(self, team: Team, files: Sequence[Mapping[str, Any]]) -> AsyncIterator[tuple[Path, ...]]:
        """Where what somebody put into a form lies while the block lasts; see `handlers.chat.receiving`."""
        async with received(self._media, _Given(self, team), files) as paths:
            yield paths

    async def address(self, team: Team, file: Mapping[str, Any]) -> str:
        """Where somebody's file lies, once Slack knows what it is; raises `InvalidInput` for what is no use."""
        known = await self._ready(team, str(file.get("id", "")))
        if (size := int(known.get("size") or 0)) > MAX_BYTES:
            raise too_large(size)
        url = str(known.get("url_private_download") or known.get("url_private") or "")
        if not url:
            raise InvalidInput("This file lies outside of Slack.", next_step="Upload it here.", field="upload")
        return url

    async def fetch(self, team: Team, url: str, keep: Keep) -> None:
        """What lies there."""
        await self._wire.get_file(team.token, url, keep)


class _Given:
    """`Source` of the files of one team."""

    def __init__(self, uploads: Uploads, team: Team) -> None:
        self._uploads = uploads
        self._team = team

    async def look(self, given: Mapping[str, Any]) -> str:
        return await self._uploads.address(self._team, given)

    async def fetch(self, url: str, keep: Keep) -> None:
        await self._uploads.fetch(self._team, url, keep)
