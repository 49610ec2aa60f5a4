"""What an account said before the desk came, from its own timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.metrics import PastPost, PostMetrics
from services.platforms.x.texts import written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from services.platforms.x.audience import XMetrics
    from services.platforms.x.client import XClient
    from services.platforms.x.models import WirePost
    from services.platforms.x.place import Place
    from services.ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class XHistory:
    """`HistoryReader`; the counters are read apart, because asking a timeline for private ones hides older posts."""

    client: XClient
    metrics: XMetrics
    place: Place
    clock: Clock
    user_id: str

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """See `HistoryReader.past_posts`."""
        found: dict[str, WirePost] = {}
        async for post in self._timeline(since):
            if post.at >= since and post.parent is None and not post.repeats:
                found.setdefault(post.id, post)
            if len(found) >= limit:
                break
        posts = sorted(found.values(), key=lambda post: post.at, reverse=True)[:limit]
        receipts = [self.place.receipt(post.id, 0) for post in posts]
        counted = {one.remote_id: one for one in await self.metrics.post_metrics(receipts)}
        now = self.clock.now()
        return [
            PastPost(
                remote_id=post.id,
                url=receipt.url,
                text=written(post),
                pictures=len(post.attachments.media_keys),
                at=receipt.at,
                metrics=counted.get(post.id, PostMetrics(remote_id=post.id, at=now)),
            )
            for post, receipt in zip(posts, receipts, strict=True)
        ]

    async def _timeline(self, since: datetime) -> AsyncIterator[WirePost]:
        user_id = self.user_id or (await self.client.me())[0].id
        token = ""
        while True:
            page = await self.client.timeline(user_id, since=since, token=token, replies=False)
            for post in page.data:
                yield post
            if not page.data or not page.meta.next_token or page.meta.next_token == token:
                return
            token = page.meta.next_token
