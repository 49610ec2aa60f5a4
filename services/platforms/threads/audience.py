"""What comes back from people on Threads: counters, answers, our answers to them, and what was said before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.delivery import Receipt
from services.domain.errors import Refused
from services.domain.metrics import AccountMetrics, Comment, PastPost, PostMetrics
from services.graph import client as graph
from services.graph.errors import Gone
from services.graph.reading import insights_of, timeline
from services.ports.platform import OutgoingPart
from services.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from services.domain.media import Picture
    from services.graph.client import GraphClient, Node
    from services.graph.publishing import ContainerPublisher
    from services.ports.clock import Clock

_COUNTERS: Final = ("views", "likes", "replies", "reposts", "quotes", "shares")
_ANSWER: Final = "id,text,timestamp,username,permalink,is_reply_owned_by_me,replied_to,hide_status"
_POST: Final = "id,text,timestamp,permalink,media_type,children{id,media_type}"
_REPOST: Final = "REPOST_FACADE"
"""Somebody else's post that the account passed on."""
_SHOWN: Final = frozenset({"", "NOT_HUSHED", "UNHUSHED"})
"""What the network says of an answer that everybody sees."""
_PAGE: Final = 100
_SLACK: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsMetrics:
    """`MetricsReader`: one call a post."""

    client: GraphClient
    clock: Clock
    user_id: str

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader.post_metrics`; needs the right `threads_manage_insights`."""
        ids = dict.fromkeys(receipt.remote_id for receipt in receipts)
        found = [(remote_id, await insights_of(self.client, remote_id, _COUNTERS)) for remote_id in ids]
        return [metrics_of(told, remote_id, self.clock.now()) for remote_id, told in found if told is not None]

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader.account_metrics`; the network does not tell how many posts there are."""
        path = f"{graph.segment(self.user_id)}/threads_insights"
        told = await self.client.insights(path, ("followers_count",))
        return AccountMetrics(at=self.clock.now(), followers=told.get("followers_count"))


def metrics_of(told: Mapping[str, int], remote_id: str, at: datetime) -> PostMetrics:
    """Counters under our names; passing a post on by repost or by message is sharing it."""
    passed_on = [told[name] for name in ("reposts", "shares") if name in told]
    return PostMetrics(
        remote_id=remote_id,
        at=at,
        impressions=told.get("views"),
        likes=told.get("likes"),
        comments=told.get("replies"),
        shares=sum(passed_on) if passed_on else None,
        quotes=told.get("quotes"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsComments:
    """`CommentReader` over the whole conversation below a post; what was hidden is left out."""

    client: GraphClient

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """See `CommentReader.comments`; none for a post that is gone."""
        found = [
            _comment(answer, receipt.remote_id)
            async for answer in conversation(self.client, receipt.remote_id)
            if answer.get("is_reply_owned_by_me") is not True and graph.text(answer, "hide_status") in _SHOWN
        ]
        fresh = [one for one in found if one is not None and (since is None or one.at > since)]
        return sorted(fresh, key=lambda one: one.at)


async def conversation(client: GraphClient, post_id: str) -> AsyncIterator[Node]:
    """Everything below a post, ours included, in no order; nothing for one that is gone."""
    try:
        async for page in client.pages(
            f"{graph.segment(post_id)}/conversation", {"fields": _ANSWER, "limit": str(_PAGE)}
        ):
            for answer in page:
                yield answer
    except Gone:
        return


def _comment(answer: Node, root: str) -> Comment | None:
    at, remote_id = graph.moment(answer, "timestamp"), graph.text(answer, "id")
    if at is None or not remote_id:
        return None
    return Comment(
        remote_id=remote_id,
        parent_id=graph.text(graph.node(answer.get("replied_to")), "id") or root,
        author=graph.text(answer, "username"),
        text=graph.text(answer, "text"),
        at=at,
        url=graph.text(answer, "permalink"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsReplier:
    """`Replier`: looks first whether the answer is there already, because the network knows no key."""

    client: GraphClient
    publisher: ContainerPublisher

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:
        """See `Replier.reply`."""
        async for answer in conversation(self.client, root.remote_id):
            if _is(answer, comment, text, since=at - _SLACK):
                return self.publisher.receipt_of(answer, 0)
        part = _below(comment, text, key=key, at=at)
        try:
            handles = await self.publisher.prepare(part, _nothing_to_read)
            sent = await self.publisher.send(replace(part, handles=handles))
        except Gone:
            raise Refused("The comment is gone, so it can't be answered.") from None
        return replace(sent, part=0)


def _is(answer: Node, comment: Comment, text: str, *, since: datetime) -> bool:
    """Whether it is our own answer to the comment, with these words."""
    at = graph.moment(answer, "timestamp")
    below = graph.text(graph.node(answer.get("replied_to")), "id") == comment.remote_id
    ours = answer.get("is_reply_owned_by_me") is True and below and at is not None and at >= since
    return ours and fingerprint(graph.text(answer, "text")) == fingerprint(text)


def _below(comment: Comment, text: str, *, key: str, at: datetime) -> OutgoingPart:
    """An answer as the part that follows the comment."""
    above = Receipt(part=0, remote_id=comment.remote_id, url=comment.url, at=comment.at)
    return OutgoingPart(
        index=1,
        count=2,
        text=text,
        media=(),
        options={},
        handles={},
        key=key,
        first_claimed_at=at,
        receipts=(above,),
    )


async def _nothing_to_read(_: Picture) -> bytes:
    return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsHistory:
    """`HistoryReader`: the account's own list holds neither answers nor the later parts of threads."""

    client: GraphClient
    clock: Clock
    publisher: ContainerPublisher

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """See `HistoryReader.past_posts`; its counters cost one call a post."""
        found: list[PastPost] = []
        path = f"{graph.segment(self.publisher.user_id)}/threads"
        params = {"fields": _POST, "limit": str(_PAGE), "since": str(int(since.timestamp()))}
        async for post in timeline(self.client, path, params, since=since, pages=-(-limit // _PAGE) + 1):
            if graph.text(post, "media_type") != _REPOST:
                found.append(await self._past(post))
            if len(found) >= limit:
                break
        return found

    async def _past(self, post: Node) -> PastPost:
        receipt = self.publisher.receipt_of(post, 0)
        told = await insights_of(self.client, receipt.remote_id, _COUNTERS)
        return PastPost(
            remote_id=receipt.remote_id,
            url=receipt.url,
            text=graph.text(post, "text"),
            pictures=_pictures(post),
            at=receipt.at,
            extra=receipt.extra,
            metrics=metrics_of(told or {}, receipt.remote_id, self.clock.now()),
        )


def _pictures(post: Node) -> int:
    if graph.text(post, "media_type") == "IMAGE":
        return 1
    items = graph.nodes(graph.node(post.get("children")).get("data"))
    return sum(graph.text(item, "media_type") != "VIDEO" for item in items)
