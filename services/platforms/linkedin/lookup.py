"""Finding out whether a post is live by reading the author's own posts, where the token may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import OutcomeUnknown, Refused
from services.platforms.linkedin.client import POSTS_PER_CALL
from services.platforms.linkedin.errors import Gone
from services.platforms.linkedin.littletext import unescape, visible
from services.platforms.linkedin.place import comment_urn
from services.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.platforms.linkedin.client import LinkedInClient
    from services.platforms.linkedin.models import WireComment, WirePost
    from services.ports.platform import OutgoingPart

_SLACK: Final = timedelta(minutes=2)
"""How far LinkedIn's clock may be behind ours."""
_PAGES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """`Finder`: a post or comment of ours with the same words or uploads, made since the call began."""

    client: LinkedInClient

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder.find`; None only when everything since the call began was seen and nothing is it."""
        since = (part.since or part.first_claimed_at) - _SLACK
        try:
            if part.index == 0:
                return await self._post(part, since)
            thread = [r.remote_id for r in part.receipts]
            comment = await self.comment(thread, part.text, since=since)
        except Refused as refusal:
            raise OutcomeUnknown(f"LinkedIn does not show what this account said. {refusal.message}") from None
        if comment is None:
            return None
        return self.client.place.receipt(comment[0], part.index, comment[1])

    async def _post(self, part: OutgoingPart, since: datetime) -> Receipt | None:
        seen = [post async for post in self._recent(since)]
        for post in sorted(seen, key=lambda post: post.at):
            if same(post, part):
                return self.client.place.receipt(post.id, part.index, post.at)
        return None

    async def _recent(self, since: datetime) -> AsyncIterator[WirePost]:
        for page in range(_PAGES):
            found = (await self.client.posts(start=page * POSTS_PER_CALL)).elements
            for post in found:
                if post.at >= since and post.reshare is None:
                    yield post
            if len(found) < POSTS_PER_CALL or any(post.at < since for post in found):
                return
        raise OutcomeUnknown("The account's posts since then could not all be read.")

    async def comment(
        self, thread: list[str], text: str, *, since: datetime, known: Collection[str] = ()
    ) -> tuple[str, datetime] | None:
        """Our comment with these words in a thread (the post, then its first comment), and when it was made."""
        place = thread[1] if len(thread) > 1 else thread[0]
        async for one in self.below(place):
            urn = one.urn or comment_urn(thread[0], one.id)
            ours = one.actor == self.client.place.author and one.at >= since and urn not in {*thread, *known}
            if ours and fingerprint(one.message.text) == fingerprint(visible(text)):
                return urn, one.at
        return None

    async def below(self, urn: str) -> AsyncIterator[WireComment]:
        """Everything said directly below a post or a comment; nothing when it is gone."""
        for page in range(_PAGES):
            try:
                found = (await self.client.comments(urn, start=page * POSTS_PER_CALL)).elements
            except Gone:
                return
            for one in found:
                yield one
            if len(found) < POSTS_PER_CALL:
                return


ATTACHED: Final = "attached"
"""Under what the URN of a video or document is kept between preparing and sending."""


def handle_name(index: int) -> str:
    """Under what a picture's URN is kept between preparing and sending; `index` counts from 0."""
    return f"image.{index}"


def uploads_of(part: OutgoingPart) -> tuple[str, ...]:
    """The URNs of the part's uploads, as far as they are known."""
    names = (ATTACHED,) if part.attachment else tuple(handle_name(index) for index in range(len(part.pictures)))
    return tuple(part.handles[name] for name in names if name in part.handles)


def same(post: WirePost, part: OutgoingPart) -> bool:
    """Whether a post is this part: by its uploads, which are nobody else's, or by its words."""
    if set(uploads_of(part)) & set(post.content.uploads):
        return True
    wanted = fingerprint(part.text)
    if wanted:
        return fingerprint(unescape(post.commentary)) == wanted
    shown = 1 if part.attachment else len(part.pictures)
    if not post.commentary.strip() and not uploads_of(part) and len(post.content.uploads) == shown:
        raise OutcomeUnknown(
            "A post with as many pictures and no text is there; nobody can tell whether it is this one."
        )
    return False
