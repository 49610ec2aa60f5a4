"""What becomes of a post that TikTok took, and whether one is there whose answer was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.delivery import Receipt
from services.domain.errors import OutcomeUnknown, Refused, Unavailable
from services.platforms.tiktok.errors import Gone, failure
from services.platforms.tiktok.options import EVERYBODY, PRIVACY
from services.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.platforms.tiktok.client import TikTokClient
    from services.platforms.tiktok.models import WireStatus, WireVideo
    from services.ports.platform import OutgoingPart

PUBLISH_ID: Final = "publish_id"
"""Under what TikTok's name for a post on its way is kept."""
_NAMING: Final = timedelta(minutes=1)
"""How long a public post that is live is asked for its address before it goes without."""
_UPLOADED: Final = timedelta(minutes=5)
"""After what a video of which TikTok has a part only is not being waited for."""
_SLACK: Final = timedelta(minutes=2)
"""How far TikTok's clock may be behind ours."""
_PAGES: Final = 5


class Stage(StrEnum):
    """How far TikTok is, in its own words."""

    COMPLETE = "PUBLISH_COMPLETE"
    FAILED = "FAILED"
    UPLOADING = "PROCESSING_UPLOAD"


def incomplete(status: WireStatus, part: OutgoingPart) -> bool:
    """Whether TikTok waits for more of the video, so that nothing can be public."""
    if status.status != Stage.UPLOADING or part.attachment is None or status.uploaded is None:
        return False
    return status.uploaded < part.attachment.item.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """`Watcher` and `Finder`."""

    client: TikTokClient

    async def watch(self, part: OutgoingPart) -> Receipt | None:
        """See `Watcher.watch`; a public post is given a minute to tell its address."""
        status = await self.asked(part.handles.get(PUBLISH_ID, ""))
        waited = self.client.clock.now() - (part.since or part.first_claimed_at)
        if status.status == Stage.FAILED:
            raise failure(status.reason)
        if status.status == Stage.COMPLETE:
            named = bool(status.posts) or part.options.get(PRIVACY) != EVERYBODY or waited >= _NAMING
            return self.receipt(status, part) if named else None
        if incomplete(status, part) and waited >= _UPLOADED:
            raise OutcomeUnknown("TikTok has not all of the video.")
        return None

    async def asked(self, publish_id: str) -> WireStatus:
        """How far it is; whatever refuses to say so leaves it unknown."""
        try:
            return await self.client.status(publish_id)
        except Refused as refusal:
            raise OutcomeUnknown(f"TikTok does not say how far it is. {refusal.message}") from None

    def receipt(self, status: WireStatus, part: OutgoingPart) -> Receipt:
        """The proof that it is live; a post without a public id of its own is known by the name it had on its way."""
        place, now = self.client.place, self.client.clock.now()
        if status.posts:
            return Receipt(part=part.index, remote_id=status.posts[0], url=place.post_url(status.posts[0]), at=now)
        return Receipt(part=part.index, remote_id=part.handles[PUBLISH_ID], url=place.profile, at=now)

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder.find`: by its name on its way where that is known, else among the account's public posts.

        Not being there is no proof: posts that not everybody may see are not listed, and photos may not be.
        """
        if PUBLISH_ID in part.handles:
            try:
                status = await self.client.status(part.handles[PUBLISH_ID])
            except Gone:
                return await self._listed(part)
            if status.status == Stage.COMPLETE:
                return self.receipt(status, part)
            if status.status == Stage.FAILED or incomplete(status, part):
                return None
            raise Unavailable("TikTok is still working on it.")
        return await self._listed(part)

    async def _listed(self, part: OutgoingPart) -> Receipt:
        wanted, since = fingerprint(part.text), (part.since or part.first_claimed_at) - _SLACK
        found: WireVideo | None = None
        if wanted:
            async for video in self._videos(since):
                if wanted in {fingerprint(video.description), fingerprint(video.title)}:
                    found = video
        if found is None:
            raise OutcomeUnknown("TikTok does not show it among the account's public posts, which is no proof.")
        return Receipt(
            part=part.index, remote_id=found.id, url=self.client.place.post_url(found.id), at=_made(found) or since
        )

    async def _videos(self, since: datetime) -> AsyncIterator[WireVideo]:
        """The public posts since then, newest first."""
        cursor: int | None = None
        for _ in range(_PAGES):
            page = await self.client.videos(cursor)
            for video in page.videos:
                made = _made(video)
                if made is not None and made < since:
                    return
                if made is not None:
                    yield video
            if not page.more or page.cursor is None or page.cursor == cursor:
                return
            cursor = page.cursor


def _made(video: WireVideo) -> datetime | None:
    try:
        return None if video.created is None else datetime.fromtimestamp(video.created, UTC)
    except (ValueError, OverflowError, OSError):
        return None
