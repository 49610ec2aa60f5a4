"""Reading what is there: an account's posts from the newest back, and counters of posts that may be gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.graph.client import moment, segment, text
from services.graph.errors import Gone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from services.graph.client import Fields, GraphClient, Node


async def timeline(
    client: GraphClient,
    path: str,
    params: Fields,
    *,
    since: datetime,
    pages: int,
    when: str = "timestamp",
) -> AsyncIterator[Node]:
    """Each post once, newest first, until one is older than `since`; one without a time is passed over."""
    seen: set[str] = set()
    async for page in client.pages(path, params, pages=pages):
        for post in page:
            at, post_id = moment(post, when), text(post, "id")
            if at is None or not post_id or post_id in seen:
                continue
            if at < since:
                return
            seen.add(post_id)
            yield post


async def insights_of(client: GraphClient, post_id: str, metrics: Sequence[str]) -> dict[str, int] | None:
    """A post's counters by the network's names; None when the post is gone."""
    try:
        return await client.insights(f"{segment(post_id)}/insights", metrics)
    except Gone:
        return None
