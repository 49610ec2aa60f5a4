"""Finding out whether a post is live, by reading the account's own timeline: X knows no idempotency key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import OutcomeUnknown, Refused
from services.platforms.x.texts import likeness, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.platforms.x.client import XClient
    from services.platforms.x.models import WirePost
    from services.platforms.x.place import Place
    from services.ports.platform import OutgoingPart

_SLACK: Final = timedelta(minutes=2)
"""How far X's clock may be behind ours."""
_PAGES: Final = 10
_REMEMBERED: Final = timedelta(days=2)
"""How far back a post is sought that X says it has; for how long X refuses the same words, it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a post must be like to be the one in doubt."""

    text: str
    parent: str | None
    media: tuple[str, ...] = ()
    """Ids of its uploads, where they are known."""
    shown: int = 0
    """How many uploads it shows."""
    since: datetime
    known: Collection[str] = ()
    """Posts that are others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """`Finder`: a post of ours with the same text or uploads in the same place, made since the call began."""

    client: XClient
    place: Place
    user_id: str

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder.find`; None only when every post since the call began was seen and none is it."""
        return await self.look(part, part.since or part.first_claimed_at)

    async def look(self, part: OutgoingPart, since: datetime) -> Receipt | None:
        """The part among the posts since then."""
        sought = Sought(
            text=part.text,
            parent=parent_of(part),
            media=media_of(part),
            shown=shown_by(part),
            since=since,
            known=frozenset(receipt.remote_id for receipt in part.receipts),
        )
        found = await self.search(sought)
        return None if found is None else self.place.receipt(found.id, part.index)

    async def search(self, sought: Sought) -> WirePost | None:
        """The oldest post that fits."""
        recent = await self._all(sought.since - _SLACK)
        places = [post for post in recent if post.id not in sought.known and post.parent == sought.parent]
        for post in sorted(places, key=lambda post: post.at):
            if _same(post, sought):
                return post
        if not likeness(sought.text):
            _only_shown(places, sought)
        return None

    async def twin(self, part: OutgoingPart) -> Receipt | None:
        """The latest post of the last days with the part's words, whatever it answers: why X refuses another one."""
        wanted = likeness(part.text)
        for post in sorted(await self._all(part.first_claimed_at - _REMEMBERED), key=lambda p: p.at, reverse=True):
            if wanted and likeness(written(post)) == wanted:
                return self.place.receipt(post.id, part.index)
        return None

    async def _all(self, start: datetime) -> list[WirePost]:
        try:
            return [post async for post in self._recent(start)]
        except Refused as refusal:
            raise OutcomeUnknown(f"X does not show this account's posts. {refusal.message}") from None

    async def _recent(self, start: datetime) -> AsyncIterator[WirePost]:
        user_id = self.user_id or (await self.client.me())[0].id
        token = ""
        for _ in range(_PAGES):
            page = await self.client.timeline(user_id, since=start, token=token, replies=True)
            for post in page.data:
                if post.at >= start and not post.repeats:
                    yield post
            if not page.meta.next_token or page.meta.next_token == token:
                return
            token = page.meta.next_token
        raise OutcomeUnknown("The account's posts since then could not all be read.")


def parent_of(part: OutgoingPart) -> str | None:
    """The id of the part this one answers; None for the first."""
    before = [r for r in part.receipts if r.part < part.index]
    return max(before, key=lambda r: r.part).remote_id if before else None


def handle_name(index: int) -> str:
    """Under what an upload's id is kept between preparing and sending; `index` counts pictures from 0."""
    return f"media.{index}"


def shown_by(part: OutgoingPart) -> int:
    """How many uploads the part shows: its pictures, or its video."""
    return len(part.pictures) or int(part.attachment is not None)


def media_of(part: OutgoingPart) -> tuple[str, ...]:
    """The ids of the part's uploads, as far as they are known."""
    names = (handle_name(index) for index in range(shown_by(part)))
    return tuple(part.handles[name] for name in names if name in part.handles)


def _same(post: WirePost, sought: Sought) -> bool:
    # A key is the kind of medium (3: a picture, 7: a video) and the upload's id.
    if any(key.rpartition("_")[2] in sought.media for key in post.attachments.media_keys):
        return True
    wanted = likeness(sought.text)
    return bool(wanted) and likeness(written(post)) == wanted


def _only_shown(places: list[WirePost], sought: Sought) -> None:
    """A post without words is told by its uploads alone; when these are not known, it may be ours or not."""
    if sought.media or not sought.shown:
        return
    if any(len(p.attachments.media_keys) == sought.shown and not likeness(written(p)) for p in places):
        raise OutcomeUnknown(
            "A post with as many pictures or videos and no text is there; nobody can tell whether it is this one."
        )
