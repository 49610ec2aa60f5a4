"""What comes back from people on TikTok: counters; a program can't read comments there, nor answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.domain.metrics import AccountMetrics, PostMetrics
from services.platforms.tiktok.client import VIDEOS_PER_CALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.delivery import Receipt
    from services.platforms.tiktok.client import TikTokClient


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokMetrics:
    """`MetricsReader`."""

    client: TikTokClient

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader.post_metrics`; posts that not everybody can see have no counters."""
        known = {await self._public_id(name): name for name in dict.fromkeys(one.remote_id for one in receipts)}
        ids = [public for public in known if public]
        found: list[PostMetrics] = []
        for first in range(0, len(ids), VIDEOS_PER_CALL):
            page = await self.client.counted(ids[first : first + VIDEOS_PER_CALL])
            found += [
                PostMetrics(
                    remote_id=known[video.id],
                    at=self.client.clock.now(),
                    impressions=video.views,
                    likes=video.likes,
                    comments=video.comments,
                    shares=video.shares,
                )
                for video in page.videos
                if video.id in known
            ]
        return found

    async def _public_id(self, name: str) -> str:
        """The id of a post; one that had none when it went live may have got it since."""
        if name.isdecimal():
            return name
        try:
            status = await self.client.status(name)
        except Refused:
            return ""
        return status.posts[0] if status.posts else ""

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader.account_metrics`."""
        me = await self.client.user("follower_count,video_count", scope="user.info.stats")
        return AccountMetrics(at=self.client.clock.now(), followers=me.followers, posts=me.posts)
