"""Changing the words of what is live on a Page: a post has them itself, unless it shows a video, which then does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.graph.client import node, nodes, segment, text
from services.graph.errors import Gone
from services.graph.moderation import demand_success
from services.ports.http import Effect

if TYPE_CHECKING:
    from services.domain.delivery import Receipt
    from services.graph.client import GraphClient, Node

_SHOWN: Final = "message,attachments{media_type,target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEditor:
    """`Editor`: looks first what carries the words."""

    client: GraphClient

    async def edit(self, receipt: Receipt, text: str) -> None:
        """See `Editor.edit`."""
        try:
            await self._change(receipt.remote_id, text)
        except Gone:
            raise Refused(
                "The post is gone from Facebook, so its words can't be changed.", fix="Publish it as a new post."
            ) from None

    async def _change(self, remote_id: str, words: str) -> None:
        # What has no Page before its number is a video that nobody has told the post of.
        post = await self.client.get(segment(remote_id), {"fields": _SHOWN}) if "_" in remote_id else {}
        if post and text(post, "message") == words:
            return
        video = video_of(post) if post else remote_id
        fields = {"description": words} if video else {"message": words}
        path = segment(video or remote_id)
        demand_success(await self.client.post(path, fields, effect=Effect.REPEATABLE), self.client)


def video_of(post: Node) -> str:
    """The id of the video that a post shows; empty when it shows none."""
    for attached in nodes(node(post.get("attachments")).get("data")):
        if text(attached, "media_type").startswith("video"):
            return text(node(attached.get("target")), "id")
    return ""
