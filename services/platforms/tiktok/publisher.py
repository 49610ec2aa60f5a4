"""Puts posts out: photos in one call that TikTok then fetches, videos in pieces of which the last one publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, NotFound, OutcomeUnknown, Refused, StillWorking, Unavailable
from services.platforms.tiktok.composing import check, photos_body, video_body
from services.platforms.tiktok.errors import ANEW, Gone, UploadEnded
from services.platforms.tiktok.following import PUBLISH_ID, Stage, incomplete
from services.platforms.tiktok.pieces import PIECE, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Limits
    from services.domain.delivery import Receipt
    from services.domain.media import Attachment, MediaItem
    from services.platforms.tiktok.client import TikTokClient
    from services.platforms.tiktok.following import Following
    from services.platforms.tiktok.models import WireBegun
    from services.ports.media import PictureHost
    from services.ports.platform import MediaReader, OutgoingPart, PieceReader

UPLOAD: Final = "upload_url"
UNTIL: Final = "until"
"""Until when what was prepared can be counted on."""
_UPLOAD_LIFE: Final = timedelta(minutes=55)
"""TikTok's addresses for uploads end after an hour."""
_FETCHED_LIFE: Final = timedelta(hours=1)
"""An address of ours lives three hours, and TikTok is promised one when it is told."""
_WAITS: Final = (1.0, 4.0)
"""Seconds before a piece is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokPublisher:
    """`Publisher`."""

    client: TikTokClient
    following: Following
    limits: Limits
    pictures: PictureHost | None
    pieces: PieceReader | None
    piece: int = PIECE
    """Bytes of a piece of a video."""

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`: TikTok wants to be asked first what the creator may do."""
        return UNTIL not in part.handles

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:  # noqa: ARG002 (photos are fetched, videos read in pieces)
        """See `Publisher.prepare`: where photos can be fetched, or a video of which all but the last piece is there."""
        if UNTIL in part.handles:
            return dict(part.handles)
        check(part, self.limits, await self.client.creator())
        if part.attachment is not None:
            return await self._upload(part, part.attachment)
        return await self._addresses(part)

    async def _addresses(self, part: OutgoingPart) -> Mapping[str, str]:
        if self.pictures is None:
            raise Refused(
                "TikTok fetches photos from the desk and can't reach it.",
                fix="Set COPYDESK_PUBLIC_URL to an https address that leads here, or post a video.",
            )
        found = [await self.pictures.address(one.item, self.limits.image_types) for one in part.pictures]
        return {**{_photo(index): url for index, url in enumerate(found)}, **self._lasting(_FETCHED_LIFE)}

    async def _upload(self, part: OutgoingPart, video: Attachment) -> Mapping[str, str]:
        pieces = cut(video.item.size, self.piece)
        begun = await self.client.begin_video(video_body(part, pieces))
        until = self._lasting(_UPLOAD_LIFE)
        self.client.check(begun.upload_url)
        *earlier, _ = pieces.spans()
        for start, length in earlier:
            await self._put(begun, video.item, start, length)
        return {PUBLISH_ID: begun.publish_id, UPLOAD: begun.upload_url, **until}

    async def _put(self, begun: WireBegun, item: MediaItem, start: int, length: int) -> None:
        """One piece that is not the last; sent again after a lost answer, as TikTok asks for, if it did not arrive."""
        data = await self._read(item, start, length)
        for turn, wait in enumerate((*_WAITS, None)):
            try:
                return await self.client.put(begun.upload_url, data, start=start, size=item.size, mime=item.mime)
            except UploadEnded:
                if turn and await self._arrived(begun.publish_id, start + length):
                    return None
                raise
            except Unavailable:
                if wait is None:
                    raise
                await self.client.clock.sleep(wait)
        return None

    async def _arrived(self, publish_id: str, end: int) -> bool:
        """Whether TikTok has exactly so many bytes and waits for those that follow."""
        try:
            status = await self.client.status(publish_id)
        except DeskError:
            return False
        return status.status == Stage.UPLOADING and status.uploaded == end

    async def _read(self, item: MediaItem, start: int, length: int) -> bytes:
        if self.pieces is None:
            raise Unavailable("The video can't be read here.", next_step=ANEW)
        try:
            data = await self.pieces(item, start, length)
        except NotFound:
            data = b""
        if len(data) != length:
            raise Refused("The stored video is not all there.", fix="Add the video again, then retry.")
        return data

    def _lasting(self, life: timedelta) -> Mapping[str, str]:
        return {UNTIL: (self.client.clock.now() + life).isoformat()}

    def _lasts(self, part: OutgoingPart) -> bool:
        try:
            return datetime.fromisoformat(part.handles.get(UNTIL, "")) > self.client.clock.now()
        except ValueError:
            return False

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`: TikTok always takes its time, so that a success is `StillWorking`."""
        if part.attachment is not None:
            return await self._complete(part, part.attachment)
        if PUBLISH_ID in part.handles:
            receipt = await self._became(part)
            if receipt is not None:
                return receipt
        if not self._lasts(part):
            raise Unavailable("The addresses of the photos are about to end.", next_step=ANEW)
        addresses = [part.handles[_photo(index)] for index in range(len(part.pictures))]
        begun = await self.client.begin_photos(photos_body(part, addresses))
        raise _working(begun.publish_id)

    async def _complete(self, part: OutgoingPart, video: Attachment) -> Receipt:
        """Send the last piece; where its place has ended, see first whether it was there before."""
        item = video.item
        start, length = cut(item.size, self.piece).last
        ended = UploadEnded("The place to upload the video to has ended.", next_step=ANEW)
        if self._lasts(part):
            data = await self._read(item, start, length)
            try:
                await self.client.put(part.handles[UPLOAD], data, start=start, size=item.size, mime=item.mime)
            except UploadEnded as error:
                ended = error
            else:
                raise _working(part.handles[PUBLISH_ID])
        receipt = await self._became(part)
        if receipt is None:
            raise ended
        return receipt

    async def _became(self, part: OutgoingPart) -> Receipt | None:
        """The receipt of what an earlier attempt made live, None when it made nothing and never will."""
        publish_id = part.handles[PUBLISH_ID]
        try:
            status = await self.client.status(publish_id)
        except Gone:
            return None
        except DeskError as error:
            raise OutcomeUnknown(f"TikTok does not say what became of it before. {error.message}") from None
        if status.status == Stage.COMPLETE:
            return self.following.receipt(status, part)
        if status.status == Stage.FAILED or incomplete(status, part):
            return None
        raise _working(publish_id)


def _photo(index: int) -> str:
    """Under what the address of a photo is kept; `index` counts from 0."""
    return f"photo.{index}"


def _working(publish_id: str) -> StillWorking:
    return StillWorking("TikTok works on it.", handles={PUBLISH_ID: publish_id})
