"""What comes back from people on Mastodon: counters, answers, and our answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.errors import NeedsOperator, Refused, Unavailable
from services.domain.metrics import AccountMetrics, Comment, PostMetrics
from services.platforms.mastodon.adapter import VISIBILITIES, receipt_of
from services.platforms.mastodon.client import MAX_BATCH
from services.platforms.mastodon.errors import Gone
from services.text import html_to_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.platforms.mastodon.client import MastodonClient
    from services.platforms.mastodon.models import WireStatus
    from services.ports.clock import Clock

_PUBLIC = frozenset({"public", "unlisted", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonMetrics:
    """`MetricsReader`: several posts a call where the server can, one by one where it can't."""

    client: MastodonClient
    clock: Clock

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """See `MetricsReader.post_metrics`; Mastodon counts no views."""
        ids = list(dict.fromkeys(receipt.remote_id for receipt in receipts))
        found = await self._batches(ids)
        for missing in [i for i in ids if i not in found]:
            try:
                found[missing] = await self.client.status(missing)
            except Gone:
                continue
        return [metrics_of(found[i], i, self.clock.now()) for i in ids if i in found]

    async def _batches(self, ids: Sequence[str]) -> dict[str, WireStatus]:
        """What the batch read gives; a server without it (before Mastodon 4.3) is asked once and gives nothing."""
        found: dict[str, WireStatus] = {}
        if len(ids) < 2:
            return found
        for first in range(0, len(ids), MAX_BATCH):
            batch = ids[first : first + MAX_BATCH]
            try:
                statuses = await self.client.statuses(batch)
            except (Refused, NeedsOperator, Unavailable):
                break  # a real outage shows in the single reads that follow
            found |= {status.id: status for status in statuses if status.id in batch}
        return found

    async def account_metrics(self) -> AccountMetrics:
        """See `MetricsReader.account_metrics`."""
        me = await self.client.verify_credentials()
        return AccountMetrics(at=self.clock.now(), followers=me.followers_count, posts=me.statuses_count)


def metrics_of(status: WireStatus, remote_id: str, at: datetime) -> PostMetrics:
    """The counters a post is shown with."""
    return PostMetrics(
        remote_id=remote_id,
        at=at,
        likes=status.favourites_count,
        comments=status.replies_count,
        shares=status.reblogs_count,
        quotes=status.quotes_count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonComments:
    """`CommentReader` over a post's thread; what was not said in public is left out."""

    client: MastodonClient
    account_id: str | None = None

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """See `CommentReader.comments`; none for a post that is gone."""
        ours = self.account_id or (await self.client.verify_credentials()).id
        try:
            context = await self.client.context(receipt.remote_id)
        except Gone:
            return []
        answers = [
            _comment(status, receipt.remote_id)
            for status in context.descendants
            if status.visibility in _PUBLIC
            and (status.account is None or status.account.id != ours)
            and (since is None or status.at > since)
        ]
        return sorted(answers, key=lambda comment: comment.at)


def _comment(status: WireStatus, root: str) -> Comment:
    return Comment(
        remote_id=status.id,
        parent_id=status.in_reply_to_id or root,
        author=(status.account.acct or status.account.username) if status.account else "",
        text=html_to_text(status.content),
        at=status.at,
        url=status.url or status.uri,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonReplier:
    """`Replier`: names whom it answers, as visible as the post the thread began with."""

    client: MastodonClient

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:  # noqa: ARG002 (the server dates it)
        """See `Replier.reply`."""
        visibility = await self._visibility(root)
        body = {"status": _named(comment.author, text), "in_reply_to_id": comment.remote_id, "visibility": visibility}
        try:
            status = await self.client.post(body, key=key)
        except Gone:
            raise Refused("The comment is gone, so it can't be answered.") from None
        return receipt_of(status, 0, self.client.base_url)

    async def _visibility(self, root: Receipt) -> str:
        known = root.extra.get("visibility", "")
        if known in VISIBILITIES:
            return known
        try:
            found = (await self.client.status(root.remote_id)).visibility
        except Gone:
            raise Refused("The post is gone, so nobody can be answered below it.") from None
        return found if found in VISIBILITIES else VISIBILITIES[-1]


def _named(author: str, text: str) -> str:
    """The text with the author's mention in front, without which no notice reaches them."""
    mention = f"@{author}"
    words = text.split(maxsplit=1)
    if not author or (words and words[0].rstrip(",:").casefold() == mention.casefold()):
        return text
    return f"{mention} {text}"
