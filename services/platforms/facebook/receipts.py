"""The proof that something of a Page is live, under the id by which its posts are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.delivery import Receipt
from services.domain.errors import DeskError
from services.graph.client import moment, segment, text

if TYPE_CHECKING:
    from datetime import datetime

    from services.graph.client import GraphClient, Node

HOME: Final = "https://www.facebook.com"
_LOOK_SECONDS: Final = 5.0


def full_id(page_id: str, post_id: str) -> str:
    """A post's id as lists of posts have it; videos and stories tell it without the Page's before it."""
    return post_id if "_" in post_id else f"{page_id}_{post_id}"


def receipt_of(post: Node, *, part: int, at: datetime) -> Receipt:
    """The proof that a post or a comment is live; `at` stands in for a time that was not told."""
    remote_id, address = text(post, "id"), text(post, "permalink_url")
    if address.startswith("/"):
        address = f"{HOME}{address}"
    return Receipt(
        part=part,
        remote_id=remote_id,
        url=address or f"{HOME}/{remote_id}",
        at=moment(post, "created_time") or at,
    )


async def shown(client: GraphClient, remote_id: str, *, part: int) -> Receipt:
    """The receipt of what has just gone out, with its address where the network tells it at once."""
    try:
        found = await client.get(segment(remote_id), {"fields": "permalink_url,created_time"}, timeout=_LOOK_SECONDS)
    except DeskError:
        found = {}
    return receipt_of({**found, "id": remote_id}, part=part, at=client.clock.now())
