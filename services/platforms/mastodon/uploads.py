"""Putting files up before a post shows them: kept while the server has them, waited for while it works on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, NeedsOperator, Refused, Unavailable
from services.pieces import streamed
from services.platforms.mastodon.errors import AGAIN, UPLOADED_ANEW, Gone
from services.ports.http import Upload
from services.videos import refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Limits
    from services.domain.media import MediaItem, Picture
    from services.platforms.mastodon.client import MastodonClient
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader, OutgoingPart, PieceReader

_POLL_SECONDS: Final = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0)
"""Waits between looks at an upload in processing, 45 s in all; the next try goes on waiting."""


def handle_name(index: int) -> str:
    """Under what an upload's id is kept between preparing and sending; `index` counts files from 0."""
    return f"media.{index}"


def shown_by(part: OutgoingPart) -> int:
    """How many uploads the part shows: its pictures, or its video."""
    return len(part.pictures) or int(part.attachment is not None)


def media_ids(part: OutgoingPart) -> list[str]:
    """The ids of what the part shows; `Unavailable` when one is not up."""
    names = [handle_name(index) for index in range(shown_by(part))]
    if any(name not in part.handles for name in names):
        raise Unavailable("A picture or video is not uploaded yet.", next_step=AGAIN)
    return [part.handles[name] for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonUploads:
    """The uploads of one account."""

    client: MastodonClient
    clock: Clock
    limits: Limits
    pieces: PieceReader

    async def put(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """One handle per file, each ready to be shown; raises `Refused` for what the server would not take."""
        self._check(part)
        ids: dict[str, str] = {}
        working = []
        for index in range(shown_by(part)):
            name = handle_name(index)
            media_id, ready = await self._kept(part.handles.get(name)) or await self._upload(part, index, read_media)
            ids[name] = media_id
            if not ready:
                working.append(media_id)
        for media_id in working:
            await self._wait(media_id, ids)
        return ids

    def _check(self, part: OutgoingPart) -> None:
        if part.attachment is not None:
            refuse_other_than_video(part.attachment, self.limits, "the server")
            self._check_alt(part.attachment.alt)
        if len(part.pictures) > self.limits.images:
            raise Refused(
                f"{len(part.pictures)} pictures, the server takes {self.limits.images}.", fix="Leave some out."
            )
        for picture in part.pictures:
            self._check_picture(picture)

    def _check_picture(self, picture: Picture) -> None:
        item, limits = picture.item, self.limits
        if item.mime not in limits.image_types:
            raise Refused(f"The server does not take {item.mime}.", fix="Use a JPEG or PNG picture.")
        if limits.image_bytes is not None and item.size > limits.image_bytes:
            raise Refused(
                f"A picture has {item.size} bytes, the server takes {limits.image_bytes}.", fix="Use a smaller picture."
            )
        if limits.image_pixels is not None and item.width * item.height > limits.image_pixels:
            raise Refused(
                f"A picture has {item.width * item.height} pixels, the server takes {limits.image_pixels}.",
                fix="Use a smaller picture.",
            )
        self._check_alt(picture.alt)

    def _check_alt(self, alt: str) -> None:
        most = self.limits.alt_text
        if most is not None and len(alt) > most:
            raise Refused(
                f"An alt text has {len(alt)} characters, the server takes {most}.",
                fix=f"Shorten it by {len(alt) - most}.",
            )

    async def _kept(self, media_id: str | None) -> tuple[str, bool] | None:
        """An upload of an earlier try and whether it is ready; None when there is none any more."""
        if media_id is None:
            return None
        try:
            return media_id, await self._ready(media_id)
        except Gone:
            return None
        except NeedsOperator:
            return media_id, True  # a server that can't be asked about uploads

    async def _upload(self, part: OutgoingPart, index: int, read_media: MediaReader) -> tuple[str, bool]:
        if part.attachment is not None:
            file, alt = self._film(part.attachment.item), part.attachment.alt
        else:
            picture = part.pictures[index]
            mime, data = picture.item.mime, await read_media(picture)
            name = f"picture.{mime.rpartition('/')[2]}"
            file, alt = Upload(name="file", filename=name, mime=mime, data=data), picture.alt
        media, ready = await self.client.upload(file, description=alt)
        return media.id, ready

    def _film(self, item: MediaItem) -> Upload:
        """A video, read while it is sent."""
        name = f"video.{item.mime.rpartition('/')[2]}"
        return Upload(name="file", filename=name, mime=item.mime, data=streamed(item, self.pieces))

    async def _ready(self, media_id: str) -> bool:
        """Whether a file is worked out; raises `Gone`, and `Refused` for what came to nothing."""
        try:
            return await self.client.media_ready(media_id)
        except Gone:
            raise
        except Refused as refusal:
            raise Refused(
                f"The server could not process a file. {refusal.message}",
                fix="Save it anew in a kind that the server takes, then try again.",
            ) from None

    async def _wait(self, media_id: str, ids: Mapping[str, str]) -> None:
        try:
            for seconds in _POLL_SECONDS:
                await self.clock.sleep(seconds)
                if await self._ready(media_id):
                    return
        except Gone:
            raise Unavailable("The server lost a file while processing it.", next_step=AGAIN) from None
        except Unavailable as error:
            raise Unavailable(error.message, next_step=AGAIN, handles=ids) from error
        raise Unavailable("The server is still processing a file.", next_step=AGAIN, handles=ids)

    async def look(self, part: OutgoingPart, refusal: Refused) -> None:
        """Raise `Unavailable` when a refusal that speaks of media comes from an upload that is lost or not ready.

        Servers word it in their own ways, so the uploads themselves are asked.
        """
        words = refusal.message.casefold()
        if not any(word in words for word in ("media", "attach")):
            return
        for media_id in media_ids(part):
            try:
                ready = await self.client.media_ready(media_id)
            except Gone:
                raise Unavailable("The server no longer has an uploaded file.", next_step=UPLOADED_ANEW) from None
            except DeskError:
                return
            if not ready:
                handles = dict(part.handles)
                raise Unavailable("The server is still processing a file.", next_step=AGAIN, handles=handles)
