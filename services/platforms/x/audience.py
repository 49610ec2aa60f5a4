"""What comes back from people on X: counters, and answers of the last seven days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.metrics import AccountMetrics, Comment, PostMetrics
from services.platforms.x.client import POSTS_PER_CALL
from services.platforms.x.texts import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.platforms.x.client import XClient
    from services.platforms.x.models import WirePost
    from services.platforms.x.place import Place
    from services.ports.clock import Clock

PRIVATE_FOR: Final = timedelta(days=30)
"""How long X tells an author the clicks on a post."""
SEARCHED: Final = timedelta(days=7)
"""How far back answers can be found."""
_MARGIN: Final = timedelta(minutes=5)
_PAGES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class XMetrics:
    """`MetricsReader`."""

    client: XClient
    clock: Clock

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader.post_metrics`; clicks are None once X no longer tells them."""
        young_since = self.clock.now() - PRIVATE_FOR + _MARGIN
        times = {r.remote_id: r.at for r in receipts if r.remote_id.isdecimal()}
        young = [post_id for post_id, at in times.items() if at > young_since]
        found, gone = await self._counted(young, private=True)
        rest = [post_id for post_id in times if post_id not in found and post_id not in gone]
        more, _ = await self._counted(rest, private=False)
        counted = {**found, **more}
        return [counted[post_id] for post_id in times if post_id in counted]

    async def _counted(self, ids: Sequence[str], *, private: bool) -> tuple[dict[str, PostMetrics], set[str]]:
        """The counters of the posts there are, and the ids that X says are none."""
        found: dict[str, PostMetrics] = {}
        gone: set[str] = set()
        for first in range(0, len(ids), POSTS_PER_CALL):
            page = await self.client.posts(ids[first : first + POSTS_PER_CALL], private=private)
            views, now = {one.key: one.counts.views for one in page.includes.media}, self.clock.now()
            found |= {post.id: metrics_of(post, views, now) for post in page.data}
            gone |= {trouble.resource_id or trouble.value for trouble in page.errors if trouble.gone}
        return found, gone

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader.account_metrics`."""
        me, _ = await self.client.me()
        return AccountMetrics(at=self.clock.now(), followers=me.counts.followers, posts=me.counts.posts)


def metrics_of(post: WirePost, views: Mapping[str, int | None], at: datetime) -> PostMetrics:
    """The counters a post is shown with; `views` are those of videos by their keys."""
    seen = post.public.impressions
    return PostMetrics(
        remote_id=post.id,
        at=at,
        impressions=post.private.impressions if seen is None else seen,
        likes=post.public.likes,
        comments=post.public.replies,
        shares=post.public.reposts,
        quotes=post.public.quotes,
        clicks=post.private.clicks,
        saves=post.public.bookmarks,
        video_views=next((views.get(key) for key in post.attachments.media_keys), None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class XComments:
    """`CommentReader`: everything below a post that X's search still finds."""

    client: XClient
    place: Place
    clock: Clock
    user_id: str

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """See `CommentReader.comments`."""
        ours = self.user_id or (await self.client.me())[0].id
        earliest = self.clock.now() - SEARCHED + _MARGIN
        start = max(since, earliest) if since is not None else max(receipt.at, earliest)
        found: dict[str, Comment] = {}
        token = ""
        for _ in range(_PAGES):
            page = await self.client.conversation(receipt.remote_id, since=start, token=token)
            names = {user.id: user.username for user in page.includes.users}
            for post in page.data:
                if post.author_id != ours and post.id != receipt.remote_id and (since is None or post.at > since):
                    found[post.id] = self._comment(post, names.get(post.author_id, ""), receipt.remote_id)
            if not page.meta.next_token or page.meta.next_token == token:
                break
            token = page.meta.next_token
        return sorted(found.values(), key=lambda comment: (comment.at, comment.remote_id))

    def _comment(self, post: WirePost, name: str, root: str) -> Comment:
        return Comment(
            remote_id=post.id,
            parent_id=post.parent or root,
            author=name or post.author_id,
            text=written(post),
            at=post.at,
            url=self.place.post_url(post.id, name or "i/web"),
        )
