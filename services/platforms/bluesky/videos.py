"""Videos, which go by way of the network's video service: vouched for by the account's server, worked on, kept there.

Source: the lexicons app.bsky.video.* and com.atproto.server.getServiceAuth, 2026-08-20.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from services.domain.errors import NeedsReauth, Refused, Unavailable
from services.pieces import streamed
from services.platforms.bluesky.place import audience
from services.platforms.bluesky.record import video_embed
from services.text import tidy_sentence
from services.videos import refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from services.domain.account import Limits
    from services.domain.media import Attachment, MediaItem
    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.place import Place
    from services.platforms.bluesky.record import Record
    from services.platforms.bluesky.wire import Job
    from services.ports.clock import Clock
    from services.ports.platform import PieceReader

T = TypeVar("T")
JOB: Final = "video_job"
"""The handle under which a video that is still being worked on is found again."""
AGAIN: Final = "It is tried again by itself."
VOUCHED_FOR: Final = timedelta(minutes=29)
"""How long a token lasts, which the service also needs after the upload; servers give half an hour at most."""
_WAITS: Final = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0)
"""Seconds between looks at a video, 45 in all; then another try goes on from there."""
_DONE, _FAILED = "JOB_STATE_COMPLETED", "JOB_STATE_FAILED"
_THEIR_FAULT: Final = frozenset({"generic_failure", "pds_upload_failure"})
_FIX: Final = "Export the video again as MP4 with H.264, then add it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Videos:
    """Makes of a stored video one that a record can show."""

    client: Client
    place: Place
    clock: Clock
    did: str
    limits: Limits
    pieces: PieceReader

    async def embed(self, attachment: Attachment, handles: Mapping[str, str]) -> Record:
        """The embed; a video that takes longer is left as a handle for the next try."""
        self._check(attachment)
        service = replace(self.client, base_url=self.place.video_url, token="")
        if service.base_url != self.client.base_url:
            service = replace(service, extra_headers={})
        job = await self._begun(service, handles.get(JOB, "")) or await self._given(service, attachment.item)
        return video_embed(attachment, await self._finished(service, job))

    @staticmethod
    async def _begun(service: Client, job_id: str) -> Job | None:
        """What became of the video that an earlier try handed over; None when there is none any more."""
        if not job_id:
            return None
        try:
            return await service.job(job_id)
        except Refused:
            return None

    def _check(self, attachment: Attachment) -> None:
        refuse_other_than_video(attachment, self.limits, "Bluesky")
        video, limits = attachment.item.video, self.limits.video
        if video is None or limits is None or limits.seconds is None:
            return
        if video.seconds > limits.seconds[1]:
            raise Refused(
                f"The video is {video.seconds:.1f} seconds long; Bluesky takes at most {limits.seconds[1]:g}.",
                fix="Use a shorter video.",
            )

    async def _given(self, service: Client, item: MediaItem) -> Job:
        """Hand the video over, if the service takes one of this account today."""
        asking = await self._vouched(service.base_url, "app.bsky.video.getUploadLimits")
        left = await _served(replace(service, token=asking).upload_limits())
        said = tidy_sentence(left.message or left.error).rstrip(".")
        if left.videos == 0 or (left.size is not None and left.size < item.size):
            raise Unavailable(f"The account's videos of today are used up{_quoted(said)}.", next_step=AGAIN)
        if not left.allowed:
            raise Refused(
                f"Bluesky takes no videos of this account{_quoted(said)}.",
                fix="Confirm the account's e-mail address in the Bluesky app, then retry.",
            )
        token = await self._vouched(self.client.base_url, "com.atproto.repo.uploadBlob")
        name = f"{item.digest[:16]}.mp4"
        return await _served(replace(service, token=token).upload_video(self.did, name, streamed(item, self.pieces)))

    async def _vouched(self, url: str, method: str) -> str:
        until = int((self.clock.now() + VOUCHED_FOR).timestamp())
        return await self.client.service_token(audience=audience(url), method=method, until=until)

    async def _finished(self, service: Client, job: Job) -> Record:
        for wait in (*_WAITS, None):
            if job.blob is not None:
                return job.blob.as_record()
            if job.state in {_DONE, _FAILED} or not job.id:
                raise _failure(job)
            if wait is not None:
                await self.clock.sleep(wait)
                job = await service.job(job.id)
        raise Unavailable("Bluesky is still processing the video.", next_step=AGAIN, handles={JOB: job.id})


async def _served(call: Awaitable[T]) -> T:
    """A call to the service, whose refusal of its own pass is none of the account's session."""
    try:
        return await call
    except NeedsReauth as error:
        if not error.refreshable:
            raise
        raise Unavailable(
            "Bluesky's video service does not take the pass that the account's server wrote for it.", next_step=AGAIN
        ) from None


def _failure(job: Job) -> Refused | Unavailable:
    said = _quoted(tidy_sentence(job.message or job.error).rstrip("."))
    if job.failure in _THEIR_FAULT or job.state != _FAILED:
        return Unavailable(f"Bluesky did not finish the video{said}.", next_step=AGAIN)
    return Refused(f"Bluesky could not process the video{said}.", fix=_FIX)


def _quoted(said: str) -> str:
    return f" (Bluesky says: {said})" if said else ""
