"""Videos of a Page: sent in pieces before the post, published in one call, and watched until they are live.

Sources: developers.facebook.com, "Publish with the Video API", "Reels publishing", "Facebook Stories API", 2026. The id
of a video is known before it is public, so that a lost answer is asked for by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, OutcomeUnknown, Refused, StillWorking, Unavailable
from services.graph.client import node, nodes, number, segment, text
from services.graph.errors import AGAIN, ANEW, Gone, NotReady, OutOfStep
from services.pieces import seconds_for
from services.platforms.facebook.choices import FEED, REEL, STORY, shared_as
from services.platforms.facebook.receipts import full_id, receipt_of, shown
from services.ports.http import Effect, Upload
from services.text import tidy_sentence
from services.videos import refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Limits
    from services.domain.delivery import Receipt
    from services.domain.media import Attachment, MediaItem
    from services.graph.client import GraphClient, Node
    from services.graph.sending import Sender
    from services.ports.platform import OutgoingPart, PieceReader

VIDEO: Final = "video"
"""Under what a video's id is kept once all of it is there."""
SESSION: Final = "session"
_BEGUN: Final = "begun"
"""The same while it is still on its way, with how far it is."""
_START: Final = "start"
_END: Final = "end"
_EDGES: Final = {FEED: "videos", REEL: "video_reels", STORY: "video_stories"}
_PIECE: Final = 16 << 20
"""Bytes in memory at a time, whatever more the network would take at once."""
_LOOKS: Final = (1.0, 2.0, 4.0)
"""Seconds between the looks right after publishing; what takes longer is watched."""
_LOOK_SECONDS: Final = 5.0
_FIELDS: Final = "status,post_id,permalink_url,created_time"


class Stage(StrEnum):
    """How far the network is with a video."""

    THERE = "there"
    """Its bytes have come, or some of them; nobody has asked to publish it."""
    WORKING = "working"
    LIVE = "live"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at a video told."""

    stage: Stage
    video: Node
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVideos:
    """What `PagePublisher` does for a part with a video."""

    client: GraphClient
    page_id: str
    limits: Limits
    pieces: PieceReader
    sender: Sender

    async def prepare(self, part: OutgoingPart, film: Attachment) -> Mapping[str, str]:
        """All bytes up, nothing of it public."""
        refuse_other_than_video(film, self.limits, "Facebook")
        edge = _EDGES[shared_as(part.options)]
        if edge != _EDGES[FEED]:
            return await self._upright(edge, film.item)
        begun = dict(part.handles) if _BEGUN in part.handles else await self._start(film.item)
        return await self._transfer(begun, film.item)

    async def _upright(self, edge: str, item: MediaItem) -> Mapping[str, str]:
        """A reel or a story goes up as one body."""
        answer = await self._phase(edge, "start", {})
        video, address = text(answer, "video_id"), text(answer, "upload_url")
        if not video or not address:
            raise Unavailable("Facebook named no place for the video.", next_step=ANEW)
        await self.sender.send(address, item)
        return {VIDEO: video}

    async def _start(self, item: MediaItem) -> dict[str, str]:
        answer = await self._phase(_EDGES[FEED], "start", {"file_size": str(item.size)})
        begun = {_BEGUN: text(answer, "video_id"), SESSION: text(answer, "upload_session_id")}
        if not all(begun.values()):
            raise Unavailable("Facebook named no place for the video.", next_step=ANEW)
        return {**begun, **_offsets(answer, item.size)}

    async def _transfer(self, begun: dict[str, str], item: MediaItem) -> Mapping[str, str]:
        """Piece by piece as the network asks for them; a try that breaks off is gone on with by the next one."""
        while begun[_START] != begun[_END]:
            start, end = int(begun[_START]), int(begun[_END])
            data = await self.pieces(item, start, min(end - start, _PIECE))
            file = Upload(name="video_file_chunk", filename="video.mp4", mime="application/octet-stream", data=data)
            fields = {"upload_session_id": begun[SESSION], "start_offset": begun[_START]}
            try:
                answer = await self._phase(_EDGES[FEED], "transfer", fields, file=file)
            except OutOfStep as error:
                # A piece whose answer was lost has come all the same.
                if error.offsets is None or error.offsets[0] <= start:
                    raise
                answer = dict(zip(("start_offset", "end_offset"), error.offsets, strict=True))
            except NotReady:
                raise
            except Unavailable as error:
                raise Unavailable(error.message, next_step=AGAIN, handles=begun) from error
            begun |= _offsets(answer, item.size, after=start)
        return {VIDEO: begun[_BEGUN], SESSION: begun[SESSION]}

    async def _phase(self, edge: str, phase: str, fields: Mapping[str, str], *, file: Upload | None = None) -> Node:
        return await self.client.post(
            f"{segment(self.page_id)}/{edge}",
            fields,
            params={"upload_phase": phase},
            effect=Effect.IRREVERSIBLE if phase == "finish" else Effect.REPEATABLE,
            uploads=() if file is None else (file,),
            timeout=30.0 if file is None else seconds_for(file.length),
        )

    async def send(self, part: OutgoingPart) -> Receipt:
        """The one call that publishes it, and a few looks whether it is live."""
        video = self._video(part)
        chosen = shared_as(part.options)
        words = {"description": part.text} if part.text and chosen != STORY else {}
        if chosen == FEED:
            fields = {"upload_session_id": part.handles.get(SESSION, ""), **words}
        else:
            state = {"video_state": "PUBLISHED"} if chosen == REEL else {}
            fields = {"video_id": video, **state, **words}
        try:
            answer = await self._phase(_EDGES[chosen], "finish", fields)
        except (Refused, NotReady) as refusal:
            return await self._finished_before(part, refusal)
        if post_id := text(answer, "post_id"):
            return await shown(self.client, full_id(self.page_id, post_id), part=part.index)
        if answer.get("success") is not True:
            raise OutcomeUnknown("Facebook answered without saying that it took the video.")
        return await self._landed(part)

    @staticmethod
    def _video(part: OutgoingPart) -> str:
        video = part.handles.get(VIDEO, "")
        if not video:
            raise Unavailable("The video is not uploaded yet.", next_step=ANEW)
        return video

    async def _finished_before(self, part: OutgoingPart, refusal: DeskError) -> Receipt:
        """What was published before is refused too: then it is live. Else the refusal stands."""
        try:
            look = await self._look(part)
        except Gone:
            raise refusal from None
        except DeskError as error:
            message = f"{refusal.message} Whether it was live before could not be asked: {error.message}"
            raise OutcomeUnknown(message) from refusal
        if look.stage is Stage.THERE:
            raise refusal
        return await self._receipt(part, look)

    async def _landed(self, part: OutgoingPart) -> Receipt:
        """Looks for a moment; a look that goes wrong says nothing about the post."""
        for wait in _LOOKS:
            await self.client.clock.sleep(wait)
            try:
                look = await self._look(part)
            except DeskError:
                break
            if look.stage in {Stage.LIVE, Stage.FAILED}:
                return await self._receipt(part, look)
        raise self._working(part)

    @staticmethod
    def _working(part: OutgoingPart) -> StillWorking:
        return StillWorking("Facebook took the video and works on it.", handles=part.handles)

    async def _receipt(self, part: OutgoingPart, look: Look) -> Receipt:
        """The proof that it is live; raises why it never will be, or `StillWorking`."""
        if look.stage is Stage.FAILED:
            raise Refused(
                f"Facebook can't publish the video (it says: {look.reason or 'nothing'}).",
                fix="Use another video, or share it in another way.",
            )
        if look.stage is not Stage.LIVE:
            raise self._working(part)
        if post_id := text(look.video, "post_id"):
            return await shown(self.client, full_id(self.page_id, post_id), part=part.index)
        video = {**look.video, "id": self._video(part)}
        return receipt_of(video, part=part.index, at=self.client.clock.now())

    async def watch(self, part: OutgoingPart) -> Receipt | None:
        """See `Watcher.watch`."""
        look = await self._look(part)
        return await self._receipt(part, look) if look.stage in {Stage.LIVE, Stage.FAILED} else None

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder.find`: the video itself says whether it was published."""
        try:
            look = await self._look(part)
        except Gone:
            return None
        return None if look.stage in {Stage.THERE, Stage.FAILED} else await self._receipt(part, look)

    async def _look(self, part: OutgoingPart) -> Look:
        video = await self.client.get(segment(self._video(part)), {"fields": _FIELDS}, timeout=_LOOK_SECONDS)
        return read_look(video)


def _offsets(answer: Node, size: int, *, after: int = -1) -> dict[str, str]:
    """Which piece the network wants next; one that goes back or beyond the end would never come to one."""
    start, end = number(answer, "start_offset"), number(answer, "end_offset")
    if start is None or end is None or not after < start <= end <= size:
        raise Unavailable("Facebook lost count of what was uploaded.", next_step=ANEW)
    return {_START: str(start), _END: str(end)}


def read_look(video: Node) -> Look:
    """What the fields of a video tell; words nobody knows mean that it is being worked on."""
    status = node(video.get("status"))
    processing, publishing = node(status.get("processing_phase")), node(status.get("publishing_phase"))
    word = text(status, "video_status")
    if text(video, "post_id") or text(publishing, "publish_status") == "published":
        return Look(stage=Stage.LIVE, video=video)
    phases = (node(status.get("uploading_phase")), processing, publishing)
    if word in {"error", "upload_failed"} or any(text(phase, "status") == "error" for phase in phases):
        return Look(stage=Stage.FAILED, video=video, reason=_reason(phases) or word)
    started = {text(phase, "status") for phase in (processing, publishing)} - {"", "not_started"}
    if word in {"uploading", "upload_complete", "expired"} and not started:
        return Look(stage=Stage.THERE, video=video)
    return Look(stage=Stage.WORKING, video=video)


def _reason(phases: tuple[Node, ...]) -> str:
    """The network's own sentence; it comes as one error or as several."""
    errors = (error for phase in phases for error in (node(phase.get("error")), *nodes(phase.get("errors"))))
    told = (text(error, "message") for error in errors)
    return tidy_sentence(next(filter(None, told), ""))
