"""What comes back from people on a Page: counters, comments, our answers to them, and what was said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsReauth, OutcomeUnknown, Refused
from services.domain.metrics import AccountMetrics, Comment, PastPost, PostMetrics
from services.graph import client as graph
from services.graph.errors import Gone
from services.graph.reading import insights_of, timeline
from services.platforms.facebook.publisher import photo_ids
from services.platforms.facebook.receipts import receipt_of, shown
from services.ports.http import Effect
from services.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.graph.client import GraphClient, Node

_COUNTED: Final = "shares,comments.limit(0).summary(true),reactions.limit(0).summary(true)"
_INSIGHTS: Final = ("post_media_view", "post_total_media_view_unique", "post_clicks")
_COMMENT: Final = "id,message,created_time,from,parent,is_hidden,permalink_url"
_POST: Final = f"id,message,created_time,permalink_url,attachments{{target,subattachments{{target}}}},{_COUNTED}"
_PAGE: Final = 100
_SLACK: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetrics:
    """`MetricsReader`: what everybody sees of a post, and what only the Page is told."""

    client: GraphClient
    page_id: str

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader.post_metrics`."""
        found: list[PostMetrics] = []
        for remote_id in dict.fromkeys(receipt.remote_id for receipt in receipts):
            try:
                post = await self.client.get(graph.segment(remote_id), {"fields": _COUNTED})
            except Gone:
                continue
            except Refused:
                post = {}  # a story has not every field, and one that is refused must not hide the other posts
            found.append(await self.counted(post, remote_id))
        return found

    async def counted(self, post: Node, remote_id: str) -> PostMetrics:
        """A post's counters; those that need the right `read_insights` are left out without it."""
        try:
            told = await insights_of(self.client, remote_id, _INSIGHTS) or {}
        except NeedsReauth:
            told = {}
        return PostMetrics(
            remote_id=remote_id,
            at=self.client.clock.now(),
            impressions=told.get("post_media_view"),
            reach=told.get("post_total_media_view_unique"),
            clicks=told.get("post_clicks"),
            likes=_total(post, "reactions"),
            comments=_total(post, "comments"),
            shares=_shares(post),
        )

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader.account_metrics`; the network does not tell how many posts there are."""
        page = await self.client.get(graph.segment(self.page_id), {"fields": "followers_count"})
        return AccountMetrics(at=self.client.clock.now(), followers=graph.number(page, "followers_count"))


def _shares(post: Node) -> int | None:
    """The network leaves the field out while nobody has shared the post."""
    told = graph.number(graph.node(post.get("shares")), "count")
    return 0 if post and "shares" not in post else told


def _total(post: Node, name: str) -> int | None:
    return graph.number(graph.node(graph.node(post.get(name)).get("summary")), "total_count")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageComments:
    """`CommentReader` over everything below a post; what was hidden is left out."""

    client: GraphClient
    page_id: str

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """See `CommentReader.comments`; none for a post that is gone."""
        found: list[Comment] = []
        async for comment in listed(self.client, receipt.remote_id):
            at = graph.moment(comment, "created_time")
            theirs = (
                graph.text(graph.node(comment.get("from")), "id") != self.page_id
                and comment.get("is_hidden") is not True
            )
            if theirs and at is not None and (since is None or at > since):
                found.append(_comment(comment, receipt.remote_id, at))
        return sorted(found, key=lambda one: one.at)


async def listed(client: GraphClient, object_id: str) -> AsyncIterator[Node]:
    """All comments below an object, ours included; nothing for one that is gone."""
    params = {"fields": _COMMENT, "filter": "stream", "limit": str(_PAGE)}
    try:
        async for page in client.pages(f"{graph.segment(object_id)}/comments", params):
            for comment in page:
                yield comment
    except Gone:
        return


def _comment(comment: Node, root: str, at: datetime) -> Comment:
    return Comment(
        remote_id=graph.text(comment, "id"),
        parent_id=graph.text(graph.node(comment.get("parent")), "id") or root,
        author=graph.text(graph.node(comment.get("from")), "name"),
        text=graph.text(comment, "message"),
        at=at,
        url=graph.text(comment, "permalink_url"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReplier:
    """`Replier`: there are two levels, so that an answer to an answer goes below the comment both belong to."""

    client: GraphClient
    page_id: str

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:  # noqa: ARG002 (the network knows no key)
        """See `Replier.reply`; looks first whether the answer is there already."""
        above = comment.remote_id if comment.parent_id == root.remote_id else comment.parent_id
        async for one in listed(self.client, above):
            ours = graph.text(graph.node(one.get("from")), "id") == self.page_id
            when = graph.moment(one, "created_time")
            if ours and when and when >= at - _SLACK and fingerprint(graph.text(one, "message")) == fingerprint(text):
                return receipt_of(one, part=0, at=when)
        try:
            answer = await self.client.post(
                f"{graph.segment(above)}/comments", {"message": text}, effect=Effect.IRREVERSIBLE
            )
        except Gone:
            raise Refused("The comment is gone, so it can't be answered.") from None
        if not graph.text(answer, "id"):
            raise OutcomeUnknown("Facebook answered without naming the comment.")
        return await shown(self.client, graph.text(answer, "id"), part=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHistory:
    """`HistoryReader`."""

    client: GraphClient
    page_id: str
    metrics: PageMetrics

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """See `HistoryReader.past_posts`."""
        found: list[PastPost] = []
        path, params = f"{graph.segment(self.page_id)}/published_posts", {"fields": _POST, "limit": str(_PAGE)}
        pages = -(-limit // _PAGE) + 1
        async for post in timeline(self.client, path, params, since=since, pages=pages, when="created_time"):
            found.append(await self._past(post))
            if len(found) >= limit:
                break
        return found

    async def _past(self, post: Node) -> PastPost:
        receipt = receipt_of(post, part=0, at=self.client.clock.now())
        return PastPost(
            remote_id=receipt.remote_id,
            url=receipt.url,
            text=graph.text(post, "message"),
            pictures=len(photo_ids(post)),
            at=receipt.at,
            extra=receipt.extra,
            metrics=await self.metrics.counted(post, receipt.remote_id),
        )
