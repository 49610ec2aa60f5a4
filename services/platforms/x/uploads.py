"""Putting files up at X: pictures in one call, videos and moving GIFs in pieces that a later try goes on from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused, Unavailable
from services.platforms.x.errors import AGAIN, Gone, Lapsed
from services.platforms.x.lookup import handle_name, media_of, shown_by
from services.videos import frames_of, refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from services.domain.account import Limits
    from services.domain.media import MediaItem, Picture
    from services.platforms.x.client import XClient
    from services.platforms.x.models import WireUpload
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader, OutgoingPart, PieceReader

PIECE: Final = 1024 * 1024
"""Bytes of a piece; a thousand of them are twice what a video may have."""
GIF_SIDES: Final = (1280, 1080)
GIF_FRAMES: Final = 350
GIF_POINTS: Final = 300_000_000
"""Width by height by frames."""
_EXPIRY: Final = "media.until"
_STEP: Final = "media.step"
"""How many pieces are there, or that all are and X was told."""
_CLOSED: Final = "closed"
_MARGIN: Final = timedelta(minutes=5)
"""An upload that ends sooner is not counted on."""
_LIFE: Final = timedelta(hours=1)
"""How long an upload is counted on when X does not say."""
_TURN: Final = timedelta(minutes=10)
"""How long one try sends pieces, well below the dispatcher's own limit; the next goes on."""
_PATIENCE: Final = 90.0
"""Seconds that one try waits while X works on a file."""
_LONGEST_WAIT: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What goes up in pieces."""

    mime: str
    size: int
    category: str
    name: str
    """As people call it: "video", "GIF"."""
    read: Callable[[int, int], Awaitable[bytes]]


@dataclass(slots=True, kw_only=True)
class _Progress:
    """How far an upload is, as its handles keep it."""

    id: str
    until: datetime
    step: str = "0"

    @property
    def handles(self) -> dict[str, str]:
        """What the next try goes on from."""
        return {**self.done, _STEP: self.step}

    @property
    def done(self) -> dict[str, str]:
        """What the post needs."""
        return {handle_name(0): self.id, _EXPIRY: self.until.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class XUploads:
    """The uploads of one account."""

    client: XClient
    clock: Clock
    limits: Limits
    pieces: PieceReader

    async def put(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """An id for each file and until when they last; raises `Refused` for what X would not take."""
        self._check(part)
        if self.complete(part):
            return dict(part.handles)
        if part.attachment is not None:
            return await self._video(part, part.attachment.item)
        handles, ends = {}, []
        for index, picture in enumerate(part.pictures):
            data = await read_media(picture)
            if picture.item.mime == "image/gif" and (frames := frames_of(data)) > 1:
                return await self._gif(part, data, frames)
            _check_size(len(data), self.limits.image_bytes)
            upload = await self.client.upload(data=data, mime=picture.item.mime)
            if picture.alt:
                await self.client.describe(upload.id, picture.alt)
            handles[handle_name(index)] = upload.id
            ends.append(self._end(upload))
        return {**handles, _EXPIRY: min(ends).isoformat()}

    def _check(self, part: OutgoingPart) -> None:
        if part.attachment is not None:
            refuse_other_than_video(part.attachment, self.limits, "X")
        if len(part.pictures) > self.limits.images:
            raise Refused(f"{len(part.pictures)} pictures, X takes {self.limits.images}.", fix="Leave some out.")
        for picture in part.pictures:
            self._check_picture(picture)

    def _check_picture(self, picture: Picture) -> None:
        item, limits = picture.item, self.limits
        if item.mime not in limits.image_types:
            raise Refused(f"X does not take {item.mime}.", fix="Use a JPEG or PNG picture.")
        _check_size(item.size, limits.bytes_of(item.mime))
        if limits.alt_text is not None and len(picture.alt) > limits.alt_text:
            over = len(picture.alt) - limits.alt_text
            raise Refused(
                f"An alt text has {len(picture.alt)} characters, X takes {limits.alt_text}.",
                fix=f"Shorten it by {over}.",
            )

    def complete(self, part: OutgoingPart) -> bool:
        """Whether every file of the part is up and ready."""
        return _STEP not in part.handles and len(media_of(part)) == shown_by(part) and self.lasting(part)

    def lasting(self, part: OutgoingPart) -> bool:
        """Whether the uploads can still be counted on."""
        try:
            until = datetime.fromisoformat(part.handles.get(_EXPIRY, ""))
        except ValueError:
            return False
        return until - self.clock.now() > _MARGIN

    def _end(self, upload: WireUpload) -> datetime:
        life = _LIFE if not upload.expires_after else timedelta(seconds=upload.expires_after)
        return self.clock.now() + life

    async def _video(self, part: OutgoingPart, item: MediaItem) -> Mapping[str, str]:
        async def read(start: int, length: int) -> bytes:
            return await self.pieces(item, start, length)

        file = _File(mime=item.mime, size=item.size, category="tweet_video", name="video", read=read)
        return await self._whole(file, part)

    async def _gif(self, part: OutgoingPart, data: bytes, frames: int) -> Mapping[str, str]:
        """A GIF that moves is worked on as a video is, and can be described."""
        [item, *others] = (picture.item for picture in part.pictures)
        if others:
            raise Refused("A GIF that moves goes alone on X.", fix="Leave the other pictures out, or use a still one.")
        wide, high = GIF_SIDES
        points = item.width * item.height * frames
        if item.width > wide or item.height > high or frames > GIF_FRAMES or points > GIF_POINTS:
            raise Refused(
                f"The GIF is {item.width} × {item.height} with {frames} frames; X takes {wide} × {high} and "
                f"{GIF_FRAMES} frames, together {GIF_POINTS:,} pixels.",
                fix="Use a smaller or shorter one, or a video.",
            )

        async def read(start: int, length: int) -> bytes:
            return data[start : start + length]

        file = _File(mime=item.mime, size=len(data), category="tweet_gif", name="GIF", read=read)
        handles = await self._whole(file, part)
        if alt := part.pictures[0].alt:
            await self.client.describe(handles[handle_name(0)], alt)
        return handles

    async def _whole(self, file: _File, part: OutgoingPart) -> Mapping[str, str]:
        """Every piece, then the wait for X; what stops on the way is gone on from, unless X has dropped it."""
        at = self._begun(part) or await self._begin(file)
        try:
            await self._fill(file, at)
            await self._work(file, await self._close(at))
        except (Gone, Lapsed):
            raise Lapsed(f"X no longer has the {file.name} as far as it was uploaded.") from None
        except Unavailable as error:
            raise Unavailable(error.message, next_step=AGAIN, handles=at.handles) from error
        return at.done

    def _begun(self, part: OutgoingPart) -> _Progress | None:
        until, known, step = (part.handles.get(name) for name in (_EXPIRY, handle_name(0), _STEP))
        if known is None or step is None or until is None or not self.lasting(part):
            return None
        return _Progress(id=known, until=datetime.fromisoformat(until), step=step)

    async def _begin(self, file: _File) -> _Progress:
        upload = await self.client.begin(mime=file.mime, size=file.size, category=file.category)
        return _Progress(id=upload.id, until=self._end(upload))

    async def _fill(self, file: _File, at: _Progress) -> None:
        started = self.clock.now()
        while at.step != _CLOSED and (start := int(at.step) * PIECE) < file.size:
            if self.clock.now() - started > _TURN:
                raise Unavailable(f"The {file.name} is not up yet: {start:,} of {file.size:,} bytes are.")
            await self.client.append(at.id, int(at.step), await file.read(start, PIECE))
            at.step = str(int(at.step) + 1)

    async def _close(self, at: _Progress) -> WireUpload:
        """Tell X that all is there; when it may have been told before, it is asked first."""
        if at.step == _CLOSED:
            try:
                return await self.client.look(at.id)
            except (Refused, Lapsed):
                return await self.client.finish(at.id)
        at.step = _CLOSED
        return await self.client.finish(at.id)

    async def _work(self, file: _File, upload: WireUpload) -> None:
        """Wait until a post may show it."""
        waited = 0.0
        while upload.working:
            wait = min(max(float(upload.processing.wait or 1), 1.0), _LONGEST_WAIT)
            if waited + wait > _PATIENCE:
                raise Unavailable(f"X is still processing the {file.name}.")
            await self.clock.sleep(wait)
            waited += wait
            upload = await self.client.look(upload.id)
        if upload.failed:
            said = f" (X says: {upload.processing.reason.rstrip('.')})" if upload.processing.reason else ""
            raise Refused(
                f"X can't use the {file.name}{said}.", fix=f"Export the {file.name} anew as X takes it, then try again."
            )


def _check_size(size: int, most: int | None) -> None:
    if most is not None and size > most:
        raise Refused(f"A picture has {size:,} bytes, X takes {most:,}.", fix="Use a smaller picture.")
