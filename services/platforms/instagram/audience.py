"""What comes back from people on Instagram: counters, comments, our answers to them, and what was said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.delivery import Receipt
from services.domain.errors import NeedsReauth, OutcomeUnknown, Refused
from services.domain.metrics import AccountMetrics, Comment, PastPost, PostMetrics
from services.graph import client as graph
from services.graph.errors import Gone
from services.graph.reading import insights_of, timeline
from services.ports.http import Effect
from services.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from services.graph.client import GraphClient, Node
    from services.graph.publishing import ContainerPublisher

_COUNTERS: Final = ("views", "reach", "likes", "comments", "saved", "shares")
_COMMENT: Final = "id,text,timestamp,username,from{id,username},hidden,parent_id"
_POST: Final = "id,caption,timestamp,permalink,media_type,children{id,media_type}"
_PAGE: Final = 100
_SLACK: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstagramMetrics:
    """`MetricsReader`: one call a post, two where the right to insights is missing."""

    client: GraphClient
    user_id: str

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader.post_metrics`."""
        found = [await self.counted(one) for one in dict.fromkeys(receipt.remote_id for receipt in receipts)]
        return [one for one in found if one is not None]

    async def counted(self, remote_id: str) -> PostMetrics | None:
        """A post's counters, None when it is gone; without insights those that everybody sees."""
        try:
            told = await insights_of(self.client, remote_id, _COUNTERS)
        except NeedsReauth:
            told = await self._public(remote_id)
        return None if told is None else self._metrics(told, remote_id)

    async def _public(self, remote_id: str) -> dict[str, int] | None:
        try:
            post = await self.client.get(graph.segment(remote_id), {"fields": "like_count,comments_count"})
        except Gone:
            return None
        seen = {"likes": graph.number(post, "like_count"), "comments": graph.number(post, "comments_count")}
        return {name: count for name, count in seen.items() if count is not None}

    def _metrics(self, told: Mapping[str, int], remote_id: str) -> PostMetrics:
        return PostMetrics(
            remote_id=remote_id,
            at=self.client.clock.now(),
            impressions=told.get("views"),
            reach=told.get("reach"),
            likes=told.get("likes"),
            comments=told.get("comments"),
            saves=told.get("saved"),
            shares=told.get("shares"),
        )

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader.account_metrics`."""
        me = await self.client.get(graph.segment(self.user_id), {"fields": "followers_count,media_count"})
        return AccountMetrics(
            at=self.client.clock.now(),
            followers=graph.number(me, "followers_count"),
            posts=graph.number(me, "media_count"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """How to tell what we said ourselves; the network does not always say whose a comment is."""

    user_id: str
    handle: str

    def said(self, comment: Node) -> bool:
        """Whether it is ours."""
        author = graph.text(graph.node(comment.get("from")), "id")
        return author == self.user_id or (not author and graph.text(comment, "username") == self.handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstagramComments:
    """`CommentReader` over comments and the answers to them; what was hidden is left out."""

    client: GraphClient
    ours: Ours

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """See `CommentReader.comments`; none for a post that is gone."""
        found: list[Comment] = []
        async for comment in _listed(self.client, f"{graph.segment(receipt.remote_id)}/comments", deep=True):
            at = graph.moment(comment, "timestamp")
            theirs = not self.ours.said(comment) and comment.get("hidden") is not True
            if theirs and at is not None and (since is None or at > since):
                found.append(_comment(comment, receipt, at))
        return sorted(found, key=lambda one: one.at)


async def _listed(client: GraphClient, path: str, *, deep: bool) -> AsyncIterator[Node]:
    """Each comment and, `deep`, the answers to it; nothing for what is gone."""
    fields = f"{_COMMENT},replies{{{_COMMENT}}}" if deep else _COMMENT
    try:
        async for page in client.pages(path, {"fields": fields, "limit": str(_PAGE)}):
            for comment in page:
                yield comment
                async for answer in _answers(client, comment):
                    yield {"parent_id": comment.get("id"), **answer}
    except Gone:
        return


async def _answers(client: GraphClient, comment: Node) -> AsyncIterator[Node]:
    """Those that came beside a comment; all of them by themselves where that was only the beginning."""
    beside = graph.node(comment.get("replies"))
    if graph.node(beside.get("paging")).get("next"):
        async for answer in _listed(client, f"{graph.segment(graph.text(comment, 'id'))}/replies", deep=False):
            yield answer
        return
    for answer in graph.nodes(beside.get("data")):
        yield answer


def _comment(comment: Node, root: Receipt, at: datetime) -> Comment:
    return Comment(
        remote_id=graph.text(comment, "id"),
        parent_id=graph.text(comment, "parent_id") or root.remote_id,
        author=graph.text(comment, "username") or graph.text(graph.node(comment.get("from")), "username"),
        text=graph.text(comment, "text"),
        at=at,
        url=root.url,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InstagramReplier:
    """`Replier`: there are two levels, so that an answer to an answer goes below the comment both belong to."""

    client: GraphClient
    ours: Ours

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:  # noqa: ARG002 (the network knows no key)
        """See `Replier.reply`; looks first whether the answer is there already."""
        above = comment.remote_id if comment.parent_id == root.remote_id else comment.parent_id
        path = f"{graph.segment(above)}/replies"
        async for one in _listed(self.client, path, deep=False):
            when = graph.moment(one, "timestamp")
            same = fingerprint(graph.text(one, "text")) == fingerprint(text)
            if same and self.ours.said(one) and when is not None and when >= at - _SLACK:
                return Receipt(part=0, remote_id=graph.text(one, "id"), url=root.url, at=when)
        try:
            answer = await self.client.post(path, {"message": text}, effect=Effect.IRREVERSIBLE)
        except Gone:
            raise Refused("The comment is gone, so it can't be answered.") from None
        remote_id = graph.text(answer, "id")
        if not remote_id:
            raise OutcomeUnknown("Instagram answered without naming the comment.")
        return Receipt(part=0, remote_id=remote_id, url=root.url, at=self.client.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class InstagramHistory:
    """`HistoryReader`."""

    client: GraphClient
    metrics: InstagramMetrics
    publisher: ContainerPublisher

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """See `HistoryReader.past_posts`; its counters cost one call a post."""
        found: list[PastPost] = []
        path = f"{graph.segment(self.publisher.user_id)}/media"
        params = {"fields": _POST, "limit": str(_PAGE)}
        async for post in timeline(self.client, path, params, since=since, pages=-(-limit // _PAGE) + 1):
            found.append(await self._past(post))
            if len(found) >= limit:
                break
        return found

    async def _past(self, post: Node) -> PastPost:
        receipt = self.publisher.receipt_of(post, 0)
        counted = await self.metrics.counted(receipt.remote_id)
        return PastPost(
            remote_id=receipt.remote_id,
            url=receipt.url,
            text=graph.text(post, "caption"),
            pictures=_pictures(post),
            at=receipt.at,
            extra=receipt.extra,
            metrics=counted or PostMetrics(remote_id=receipt.remote_id, at=self.client.clock.now()),
        )


def _pictures(post: Node) -> int:
    if graph.text(post, "media_type") == "IMAGE":
        return 1
    items = graph.nodes(graph.node(post.get("children")).get("data"))
    return sum(graph.text(item, "media_type") != "VIDEO" for item in items)
