"""Changing the words of a live post: what an edit does not send along, the server takes away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.platforms.mastodon.errors import Gone

if TYPE_CHECKING:
    from services.domain.delivery import Receipt
    from services.platforms.mastodon.client import MastodonClient
    from services.platforms.mastodon.models import WirePoll, WireStatus
    from services.ports.clock import Clock

_SHORTEST: Final = 300
"""Seconds that the server wants a poll to go on for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonEditor:
    """`Editor`: reads the post and sends all of it back with other words."""

    client: MastodonClient
    clock: Clock

    async def edit(self, receipt: Receipt, text: str) -> None:
        """See `Editor.edit`; the descriptions of what it shows belong to the uploads and are not touched."""
        try:
            source = await self.client.source(receipt.remote_id)
            if source.text == text:
                return
            status = await self.client.status(receipt.remote_id)
            body = {"status": text, "spoiler_text": source.spoiler_text, **self._kept(status)}
            await self.client.edit(receipt.remote_id, body)
        except Gone:
            raise Refused(
                "The post is gone from the server, so its words can't be changed.", fix="Publish it as a new post."
            ) from None

    def _kept(self, status: WireStatus) -> dict[str, object]:
        kept: dict[str, object] = {
            "sensitive": status.sensitive,
            "media_ids": [media.id for media in status.media_attachments],
        }
        if status.language:
            kept["language"] = status.language
        if status.poll is not None:
            kept["poll"] = self._poll(status.poll)
        return kept

    def _poll(self, poll: WirePoll) -> dict[str, object]:
        """The same answers until the same time: then the votes stay."""
        left = 0 if poll.ends_at is None else round((poll.ends_at - self.clock.now()).total_seconds())
        if left < _SHORTEST:
            raise Refused(
                "Its poll is over, or will be in a few minutes: the server would open it again.",
                fix="Leave the words as they are, or change them on the server itself.",
            )
        return {"options": [one.title for one in poll.options], "multiple": poll.multiple, "expires_in": left}
