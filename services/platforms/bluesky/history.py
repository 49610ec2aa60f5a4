"""What an account said before the desk came, from its own feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsReauth
from services.domain.metrics import PastPost
from services.platforms.bluesky.client import FEED_PER_CALL
from services.platforms.bluesky.place import Place, known_as
from services.platforms.bluesky.reader import instant, metrics_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.wire import FeedItem, FeedPost
    from services.ports.clock import Clock

_REPOST: Final = "app.bsky.feed.defs#reasonRepost"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`HistoryReader`."""

    client: Client
    place: Place
    clock: Clock
    did: str

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """See `HistoryReader.past_posts`."""
        if not self.did:
            raise NeedsReauth("The account is not signed in yet.", refreshable=True)
        found: dict[str, PastPost] = {}
        async for item in self._feed(since, calls=-(-limit // FEED_PER_CALL) + 1):
            post, at = item.post, _said_at(item.post)
            own = post.author.did == self.did and not item.reposted(_REPOST) and "reply" not in post.record
            if own and at is not None and at >= since:
                found.setdefault(post.uri, self._past(post, at))
        return sorted(found.values(), key=lambda past: past.at, reverse=True)[:limit]

    async def _feed(self, since: datetime, *, calls: int) -> AsyncIterator[FeedItem]:
        """Newest first until something of ours older than `since` came."""
        cursor: str | None = None
        for _ in range(calls):
            page = await self.client.get_author_feed(self.did, cursor)
            for item in page.feed:
                yield item
            times = [_said_at(item.post) for item in page.feed if not item.reposted(_REPOST)]
            if not page.cursor or page.cursor == cursor or any(at is not None and at < since for at in times):
                return
            cursor = page.cursor

    def _past(self, post: FeedPost, at: datetime) -> PastPost:
        text = post.record.get("text")
        who = known_as(post.author.handle, post.author.did)
        return PastPost(
            remote_id=post.uri,
            url=self.place.post_url(who, post.uri.rpartition("/")[2]),
            text=text if isinstance(text, str) else "",
            pictures=_pictures(post.record.get("embed")),
            at=at,
            extra={"uri": post.uri, "cid": post.cid},
            metrics=metrics_of(post, self.clock.now()),
        )


def _said_at(post: FeedPost) -> datetime | None:
    """The earlier of what its author says and when the network saw it, as the feed itself is sorted."""
    times = (instant(post.record.get("createdAt")), instant(post.indexed_at))
    return min((at for at in times if at is not None), default=None)


def _pictures(embed: object) -> int:
    """How many pictures a record shows, be they beside a quoted post or alone."""
    if not isinstance(embed, dict):
        return 0
    shown = embed.get("images", embed.get("items"))
    return len(shown) if isinstance(shown, list) else _pictures(embed.get("media"))
