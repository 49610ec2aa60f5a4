"""What comes back from people on a page: counters, followers and comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.metrics import AccountMetrics, Comment, PastPost, PostMetrics
from services.platforms.linkedin.client import POSTS_PER_CALL
from services.platforms.linkedin.littletext import unescape
from services.platforms.linkedin.place import POST, comment_urn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.platforms.linkedin.client import LinkedInClient
    from services.platforms.linkedin.lookup import Finder
    from services.platforms.linkedin.models import WireComment, WirePost
    from services.ports.clock import Clock

_PER_CALL: Final = 50
"""Posts whose counters are asked for at once; the list travels in the address."""
_KINDS: Final = {"share": "shares", "ugcPost": "ugcPosts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetrics:
    """`MetricsReader` of a page; LinkedIn counts organic reach over the last twelve months."""

    client: LinkedInClient
    clock: Clock

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader.post_metrics`."""
        urns = list(dict.fromkeys(r.remote_id for r in receipts if POST.fullmatch(r.remote_id)))
        found: dict[str, PostMetrics] = {}
        for kind, name in _KINDS.items():
            own = [urn for urn in urns if urn.startswith(f"urn:li:{kind}:")]
            for first in range(0, len(own), _PER_CALL):
                answer = await self.client.statistics(name, own[first : first + _PER_CALL])
                now = self.clock.now()
                for one in answer.elements:
                    counts = one.counts
                    found[one.post] = PostMetrics(
                        remote_id=one.post,
                        at=now,
                        impressions=counts.impressions,
                        reach=counts.reach,
                        likes=counts.likes,
                        comments=counts.comments,
                        shares=counts.shares,
                        clicks=counts.clicks,
                    )
        return [found[urn] for urn in urns if urn in found]

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader.account_metrics`; LinkedIn does not say how many posts a page has."""
        return AccountMetrics(at=self.clock.now(), followers=await self.client.followers())


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """`CommentReader`: the comments below a post and the answers to them; LinkedIn names people by URN only."""

    client: LinkedInClient
    finder: Finder

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """See `CommentReader.comments`."""
        root = receipt.remote_id
        found = [comment async for comment in self._all(root)]
        fresh = [c for c in found if c.author != self.client.place.author and (since is None or c.at > since)]
        return sorted(fresh, key=lambda comment: (comment.at, comment.remote_id))

    async def _all(self, root: str) -> AsyncIterator[Comment]:
        async for one in self.finder.below(root):
            urn = one.urn or comment_urn(root, one.id)
            yield self._comment(one, urn, root)
            if one.summary.replies:
                async for answer in self.finder.below(urn):
                    yield self._comment(answer, answer.urn or comment_urn(root, answer.id), root, parent=urn)

    def _comment(self, one: WireComment, urn: str, root: str, *, parent: str = "") -> Comment:
        return Comment(
            remote_id=urn,
            parent_id=parent or root,
            author=one.actor,
            text=one.message.text,
            at=one.at,
            url=self.client.place.post_url(urn),
            # Comments nest once: an answer to an answer goes below the same comment.
            extra=(("parent", parent),) if parent else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`HistoryReader`: our own posts without reshares."""

    client: LinkedInClient
    metrics: PageMetrics | None
    clock: Clock

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """See `HistoryReader.past_posts`."""
        found: dict[str, WirePost] = {}
        async for post in self._posts(since, calls=-(-limit // POSTS_PER_CALL) + 1):
            if post.at >= since and post.reshare is None:
                found.setdefault(post.id, post)
        posts = sorted(found.values(), key=lambda post: post.at, reverse=True)[:limit]
        receipts = [self.client.place.receipt(post.id, 0, post.at) for post in posts]
        counted = {m.remote_id: m for m in await self.metrics.post_metrics(receipts)} if self.metrics else {}
        now = self.clock.now()
        return [
            PastPost(
                remote_id=post.id,
                url=receipt.url,
                text=unescape(post.commentary),
                pictures=len(post.content.images),
                at=post.at,
                metrics=counted.get(post.id, PostMetrics(remote_id=post.id, at=now)),
            )
            for post, receipt in zip(posts, receipts, strict=True)
        ]

    async def _posts(self, since: datetime, *, calls: int) -> AsyncIterator[WirePost]:
        for page in range(calls):
            found = (await self.client.posts(start=page * POSTS_PER_CALL)).elements
            for post in found:
                yield post
            if len(found) < POSTS_PER_CALL or any(post.at < since for post in found):
                return
