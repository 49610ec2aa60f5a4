"""What an account said before the desk came, from its own timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.metrics import PastPost
from services.platforms.mastodon.adapter import receipt_of
from services.platforms.mastodon.audience import metrics_of
from services.platforms.mastodon.client import STATUSES_PER_PAGE
from services.text import html_to_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from services.platforms.mastodon.client import MastodonClient
    from services.platforms.mastodon.models import WireStatus
    from services.ports.clock import Clock

_DIRECT: Final = "direct"
"""A letter to somebody, which the account's own token shows among its posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonHistory:
    """`HistoryReader`."""

    client: MastodonClient
    clock: Clock
    account_id: str | None = None

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """See `HistoryReader.past_posts`; the later parts of our own threads are answers too, and left out."""
        found: list[PastPost] = []
        async for status in self._timeline(since, pages=-(-limit // STATUSES_PER_PAGE) + 1):
            own = status.reblog is None and status.in_reply_to_id is None and status.visibility != _DIRECT
            if own and status.at >= since:
                found.append(self._past(status))
        return sorted(found, key=lambda post: post.at, reverse=True)[:limit]

    async def _timeline(self, since: datetime, *, pages: int) -> AsyncIterator[WireStatus]:
        """Newest first until something older than `since` came; servers may show a post on two pages."""
        account_id = self.account_id or (await self.client.verify_credentials()).id
        max_id: str | None = None
        seen: set[str] = set()
        for _ in range(pages):
            page = await self.client.account_statuses(account_id, max_id=max_id, exclude_replies=True)
            new = [status for status in page.statuses if status.id not in seen]
            for status in new:
                yield status
            if not new or any(status.at < since for status in new):
                return
            seen.update(status.id for status in new)
            max_id = page.older or page.statuses[-1].id

    def _past(self, status: WireStatus) -> PastPost:
        receipt = receipt_of(status, 0, self.client.base_url)
        words = (status.spoiler_text.strip(), html_to_text(status.content))
        return PastPost(
            remote_id=status.id,
            url=receipt.url,
            text="\n\n".join(word for word in words if word),
            pictures=len(status.media_attachments),
            at=status.at,
            extra=receipt.extra,
            metrics=metrics_of(status, status.id, self.clock.now()),
        )
