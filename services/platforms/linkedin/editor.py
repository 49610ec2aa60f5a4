"""Changing the words of what is live: a post's commentary, or the comment that a later part became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.platforms.linkedin.errors import Gone
from services.platforms.linkedin.littletext import escape, visible
from services.platforms.linkedin.place import comment_of
from services.platforms.linkedin.rules import COMMENT, length_of

if TYPE_CHECKING:
    from services.domain.delivery import Receipt
    from services.platforms.linkedin.client import LinkedInClient


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInEditor:
    """`Editor`: a patch of the words alone, so that whoever may write may also correct."""

    client: LinkedInClient

    async def edit(self, receipt: Receipt, text: str) -> None:
        """See `Editor.edit`."""
        comment = comment_of(receipt.remote_id) is not None
        if comment and length_of(text) > COMMENT:
            raise Refused(
                f"This part is a comment and would have {length_of(text)} characters; LinkedIn takes {COMMENT}.",
                fix=f"Shorten it by {length_of(text) - COMMENT}.",
            )
        try:
            if comment:
                await self.client.edit_comment(receipt.remote_id, visible(text))
            else:
                await self.client.edit(receipt.remote_id, escape(text))
        except Gone:
            what = "comment" if comment else "post"
            raise Refused(
                f"The {what} is gone from LinkedIn, so its words can't be changed.", fix="Publish it as a new post."
            ) from None
