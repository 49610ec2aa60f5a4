"""Counters and answers, read from the network's public view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from services.domain.errors import NeedsReauth
from services.domain.metrics import AccountMetrics, Comment, PostMetrics
from services.platforms.bluesky.client import POSTS, POSTS_PER_CALL
from services.platforms.bluesky.place import Place, known_as
from services.platforms.bluesky.record import locate
from services.platforms.bluesky.wire import ReplyView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.domain.delivery import Receipt
    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.wire import PostView
    from services.ports.clock import Clock

DEPTH: Final = 10
"""Levels of answers that are read below a post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Metrics and comment reader."""

    client: Client
    place: Place
    clock: Clock
    did: str

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader`: likes, reposts, quotes, replies and bookmarks; the network counts no impressions."""
        known = {uri: receipt.remote_id for receipt in receipts if (uri := self._uri(receipt))}
        uris = list(known)
        metrics: list[PostMetrics] = []
        for start in range(0, len(uris), POSTS_PER_CALL):
            answer = await self.client.get_posts(uris[start : start + POSTS_PER_CALL])
            now = self.clock.now()
            metrics += [
                replace(metrics_of(post, now), remote_id=known.get(post.uri, post.uri)) for post in answer.posts
            ]
        return metrics

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader`."""
        if not self.did:
            raise NeedsReauth("The account is not signed in yet.", refreshable=True)
        profile = await self.client.get_profile(self.did)
        return AccountMetrics(at=self.clock.now(), followers=profile.followers, posts=profile.posts)

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """See `CommentReader`: what was hidden is left out, and deleted or blocked answers with all below."""
        uri = self._uri(receipt)
        answer = await self.client.get_post_thread(uri, DEPTH) if uri else None
        if answer is None:
            return ()
        hidden = _hidden(answer.thread)
        answers = ((parent, view) for parent, view in _answers(answer.thread) if view.uri not in hidden)
        found = (self._comment(parent, view) for parent, view in answers)
        fresh = [c for c in found if c is not None and (since is None or c.at > since)]
        return sorted(fresh, key=lambda c: (c.at, c.remote_id))

    def _uri(self, receipt: Receipt) -> str:
        """The name of a post of ours, also of one that a person found by its page; empty when nothing tells it."""
        located = locate(receipt)
        return "" if located is None else f"at://{located[0] or self.did}/{POSTS}/{located[1]}"

    def _comment(self, parent: str, view: ReplyView) -> Comment | None:
        text = view.record.get("text")
        at = instant(view.indexed_at) or instant(view.record.get("createdAt"))
        if view.author.did == self.did or not isinstance(text, str) or at is None:
            return None
        who = known_as(view.author.handle, view.author.did)
        return Comment(
            remote_id=view.uri,
            parent_id=parent,
            author=who,
            text=text,
            at=at,
            url=self.place.post_url(who, view.uri.rpartition("/")[2]),
            extra=(("cid", view.cid), ("did", view.author.did)),
        )


def _hidden(thread: Mapping[str, object]) -> frozenset[str]:
    """The answers that are folded away, by the gate which the top post is shown with."""
    told: object = thread
    for name in ("post", "threadgate", "record", "hiddenReplies"):
        told = told.get(name) if isinstance(told, dict) else None
    return frozenset(one for one in told if isinstance(one, str)) if isinstance(told, list) else frozenset()


def _answers(thread: Mapping[str, object]) -> Iterator[tuple[str, ReplyView]]:
    """Each answer below the top post with its parent's id; a stack, because strangers decide how deep it nests."""
    stack: list[tuple[str, object]] = [("", thread)]
    while stack:
        parent, node = stack.pop()
        if not isinstance(node, dict) or "post" not in node:
            continue
        try:
            view = ReplyView.model_validate(node["post"])
        except ValidationError:
            continue
        if parent:
            yield parent, view
        replies = node.get("replies")
        stack += [(view.uri, reply) for reply in (replies if isinstance(replies, list) else ())]


def metrics_of(post: PostView, at: datetime) -> PostMetrics:
    """The counters a post is shown with."""
    return PostMetrics(
        remote_id=post.uri,
        at=at,
        likes=post.likes,
        comments=post.replies,
        shares=post.reposts,
        quotes=post.quotes,
        saves=post.bookmarks,
    )


def instant(value: object) -> datetime | None:
    """A record's time, aware and UTC; None for what is none."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
