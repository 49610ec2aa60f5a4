"""Hiding replies below our posts on X, which leaves them to be read behind one more click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.platforms.x.errors import Gone, Unexplained

if TYPE_CHECKING:
    from services.domain.delivery import Receipt
    from services.domain.metrics import Comment
    from services.platforms.x.client import XClient


@dataclass(frozen=True, slots=True, kw_only=True)
class XHider:
    """`Hider`; an OAuth 2 token needs the right `tweet.moderate.write`."""

    client: XClient

    async def hide(self, comment: Comment, *, root: Receipt, hidden: bool) -> None:  # noqa: ARG002 (X knows the conversation)
        """See `Hider.hide`."""
        try:
            await self.client.hide(comment.remote_id, hidden=hidden)
        except Gone:
            raise Refused("The reply is gone from X, so there is nothing to hide or to show.") from None
        except (Refused, Unexplained) as refusal:
            raise Refused(
                f"X does not let the desk hide or show this reply. {refusal.message}",
                fix="Only replies to your own posts can be hidden; if this is one, connect again with "
                "/desk connect x, so that X gives the right tweet.moderate.write.",
            ) from None
