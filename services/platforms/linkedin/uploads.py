"""What a post shows, brought to LinkedIn before the post: pictures and documents whole, videos in ranges.

Pages may ask how far LinkedIn is with it; a member's token can only write, so it is given time instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused, Unavailable
from services.pieces import streamed
from services.platforms.linkedin.errors import AGAIN, Expired, Gone
from services.platforms.linkedin.lookup import ATTACHED, handle_name, uploads_of
from services.videos import frames_of, refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import DocumentLimits, Limits, VideoLimits
    from services.domain.media import Attachment, MediaItem, Picture, VideoFacts
    from services.platforms.linkedin.client import LinkedInClient
    from services.platforms.linkedin.models import VideoRange
    from services.ports.clock import Clock
    from services.ports.http import Stream
    from services.ports.platform import MediaReader, OutgoingPart, PieceReader

_MADE: Final = "made_at"
GIF_FRAMES: Final = 250
LEAST_VIDEO: Final = 75_000
"""Bytes of the smallest video LinkedIn takes."""
_POLL_SECONDS: Final = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0)
"""Waits between looks at an upload in processing, 44 s in all."""
_BLIND_SECONDS: Final = 20.0
"""How long an upload is given that may not be looked at."""
_LIFE: Final = timedelta(hours=12)
"""How long an upload is counted on; LinkedIn does not say."""
_RANGE_WAITS: Final = (1.0, 5.0)
"""Before a range is sent again whose answer was lost; a video has up to a hundred of them."""
_EXPORT: Final = "Export the video again as MP4 with H.264, then add it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploader:
    """Uploads of one account."""

    client: LinkedInClient
    clock: Clock
    limits: Limits
    pieces: PieceReader
    watched: bool
    """Whether the token may ask how far an upload is."""

    async def pictures(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """The handles of a part's pictures, ready to be shown."""
        if len(part.pictures) > self.limits.images:
            raise Refused(f"{len(part.pictures)} pictures, LinkedIn takes {self.limits.images}.", fix="Leave some out.")
        for picture in part.pictures:
            self._check_picture(picture)
        if len(uploads_of(part)) == len(part.pictures) and self.fresh(part.handles):
            return dict(part.handles)
        urns = []
        for picture in part.pictures:
            data = await read_media(picture)
            if picture.item.mime == "image/gif" and (frames := frames_of(data)) > GIF_FRAMES:
                raise Refused(f"The GIF has {frames} frames, LinkedIn takes {GIF_FRAMES}.", fix="Use a shorter one.")
            place = await self.client.begin_upload()
            await self.client.put(place.url, data)
            urns.append(place.urn)
        await self.wait(urns)
        return self.dated({handle_name(index): urn for index, urn in enumerate(urns)})

    async def attached(self, part: OutgoingPart, attachment: Attachment) -> Mapping[str, str]:
        """The handles of a video or document, ready to be shown; one that takes longer is left to the next try."""
        self._check_attachment(attachment)
        if uploads_of(part) and self.fresh(part.handles):
            handles = dict(part.handles)
        else:
            send = self._video if attachment.moves else self._document
            handles = self.dated({ATTACHED: await send(attachment.item)})
        try:
            await self.wait([handles[ATTACHED]])
        except Gone:
            raise Unavailable("LinkedIn no longer has what was uploaded.", next_step=AGAIN) from None
        except Unavailable as error:
            raise Unavailable(error.message, next_step=error.next_step, handles=handles) from None
        return handles

    def dated(self, handles: Mapping[str, str]) -> dict[str, str]:
        """Handles with the time they were made at."""
        return {**handles, _MADE: self.clock.now().isoformat()}

    def fresh(self, handles: Mapping[str, str], life: timedelta = _LIFE) -> bool:
        """Whether uploads are young enough to be counted on."""
        try:
            made = datetime.fromisoformat(handles.get(_MADE, ""))
        except ValueError:
            return False
        return self.clock.now() - made < life

    async def _document(self, item: MediaItem) -> str:
        place = await self.client.begin_upload("documents")
        await self.client.put(place.url, streamed(item, self.pieces))
        return place.urn

    async def _video(self, item: MediaItem) -> str:
        place = await self.client.begin_video(item.size)
        parts = [await self._range(item, one) for one in place.ranges]
        await self.client.finish_video(place, parts)
        return place.urn

    async def _range(self, item: MediaItem, one: VideoRange) -> str:
        """Send a range, and again when its answer was lost, as the same bytes only take their own place."""
        data = streamed(item, self.pieces, start=one.first, length=one.last - one.first + 1)
        for wait in _RANGE_WAITS:
            try:
                return await self._named(one.url, data)
            except Expired:
                raise
            except Unavailable:
                await self.clock.sleep(wait)
        return await self._named(one.url, data)

    async def _named(self, url: str, data: Stream) -> str:
        name = await self.client.put(url, data)
        if not name:
            raise Unavailable("LinkedIn gave a part of the video no name.", next_step=AGAIN)
        return name

    async def wait(self, urns: Sequence[str]) -> None:
        """Until uploads can be shown; raises why they never can be, or `Unavailable` when it takes too long."""
        if not self.watched:
            await self.clock.sleep(_BLIND_SECONDS)
            return
        for urn in urns:
            if not await self._ready(urn):
                raise Unavailable(f"LinkedIn is still processing a {_called(urn)}.", next_step=AGAIN)

    async def _ready(self, urn: str) -> bool:
        for seconds in (*_POLL_SECONDS, None):
            upload = await self.client.upload(urn)
            if upload.status == "AVAILABLE":
                return True
            if upload.status == "PROCESSING_FAILED":
                said = f" (LinkedIn says: {upload.reason.rstrip('.')})" if upload.reason else ""
                fix = _EXPORT if _called(urn) == "video" else f"Use another {_called(urn)}."
                raise Refused(f"LinkedIn could not read a {_called(urn)}{said}.", fix=fix)
            if seconds is not None:
                await self.clock.sleep(seconds)
        return False

    def _check_picture(self, picture: Picture) -> None:
        item, limits = picture.item, self.limits
        if item.mime not in limits.image_types:
            raise Refused(f"LinkedIn does not take {item.mime}.", fix="Use a JPEG or PNG picture.")
        if limits.image_bytes is not None and item.size > limits.image_bytes:
            raise Refused(
                f"A picture has {item.size:,} bytes, the desk sends {limits.image_bytes:,} to LinkedIn.",
                fix="Use a smaller picture.",
            )
        if limits.image_pixels is not None and item.width * item.height > limits.image_pixels:
            raise Refused(
                f"A picture has {item.width * item.height:,} pixels, LinkedIn takes {limits.image_pixels:,}.",
                fix="Use a smaller picture.",
            )

    def _check_attachment(self, attachment: Attachment) -> None:
        item, limits = attachment.item, self.limits
        if item.video is None:
            _check_document(item, limits.document)
            return
        refuse_other_than_video(attachment, limits, "LinkedIn")
        if limits.video is not None:
            _check_video(item, item.video, limits.video)


def _check_document(item: MediaItem, limits: DocumentLimits | None) -> None:
    if limits is None or item.mime not in limits.types:
        raise Refused(f"LinkedIn does not take {item.mime}.", fix="Use a PDF.")
    if item.size > limits.size:
        raise Refused(
            f"The document has {item.size:,} bytes, LinkedIn takes {limits.size:,}.", fix="Use a smaller document."
        )
    if item.pages is not None and limits.pages is not None and item.pages > limits.pages:
        raise Refused(
            f"The document has {item.pages} pages, LinkedIn takes {limits.pages}.", fix="Use a shorter document."
        )


def _check_video(item: MediaItem, facts: VideoFacts, limits: VideoLimits) -> None:
    if item.size < LEAST_VIDEO:
        raise Refused(
            f"The video has {item.size:,} bytes, LinkedIn takes none below {LEAST_VIDEO:,}.", fix="Use a larger video."
        )
    if limits.seconds is not None and not limits.seconds[0] <= facts.seconds <= limits.seconds[1]:
        least, most = limits.seconds
        raise Refused(
            f"The video is {facts.seconds:.1f} seconds long, LinkedIn takes {least:g} to {most:g}.",
            fix="Use a shorter video." if facts.seconds > most else "Use a longer video.",
        )
    if limits.ratio is not None and not limits.ratio[0] <= item.width / max(1, item.height) <= limits.ratio[1]:
        raise Refused("The video is too wide or too tall for LinkedIn (1:2.4 to 2.4:1).", fix="Crop the video.")


def _called(urn: str) -> str:
    return {"image": "picture"}.get(urn.split(":")[2], urn.split(":")[2])
