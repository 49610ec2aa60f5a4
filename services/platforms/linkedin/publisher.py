"""Publishing on LinkedIn: uploads first, then one call; what follows in a thread are comments below the post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused, Unavailable
from services.platforms.linkedin.cards import article_of, link_of, read_card
from services.platforms.linkedin.content import content_of
from services.platforms.linkedin.errors import AGAIN, Duplicate, Gone, NotReady, Wavering
from services.platforms.linkedin.littletext import escape, visible
from services.platforms.linkedin.lookup import same
from services.platforms.linkedin.place import POST, comment_of
from services.platforms.linkedin.polls import OPTIONS as POLL
from services.platforms.linkedin.rules import comment_problem
from services.ports.options import Choice, PostOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.delivery import Receipt
    from services.domain.metrics import Comment
    from services.platforms.linkedin.client import LinkedInClient
    from services.platforms.linkedin.lookup import Finder
    from services.platforms.linkedin.uploads import Uploader
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader, OutgoingPart

VISIBILITIES: Final = ("PUBLIC", "CONNECTIONS", "LOGGED_IN")
OPTIONS: Final = (
    PostOption(
        name="visibility",
        title="Who can see it",
        choices=(
            Choice(value="PUBLIC", text="Everyone"),
            Choice(value="CONNECTIONS", text="Connections only"),
            Choice(value="LOGGED_IN", text="Everyone who is signed in"),
        ),
    ),
    *POLL,
)
PAGE_CHOICES: Final = (("visibility", VISIBILITIES[:1]),)
"""What a page says is public."""
_ONCE_MORE: Final = "once_more"
"""Under what it is kept that a refusal was given one more try."""
_PATIENCE: Final = timedelta(hours=1)
"""How long a video or document is given before it is uploaded anew."""
_SLACK: Final = timedelta(minutes=2)
_TIME_BITS: Final = 22
_FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInPublisher:
    """`Publisher`, `Deleter` and, where answers can be read, `Replier`."""

    client: LinkedInClient
    clock: Clock
    uploader: Uploader
    finder: Finder | None
    """None where the token may not read what it wrote."""
    quiet: bool = False
    """Fetch no pages for link cards, because nothing may leave the machine."""

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`."""
        shows = bool(part.pictures) or part.attachment is not None
        return shows or (not self.quiet and bool(link_of(part)))

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`: the URN of each upload, ready to be shown, or the card of the first link."""
        kept = {name: value for name, value in part.handles.items() if name == _ONCE_MORE}
        if part.attachment is not None:
            return {**await self.uploader.attached(part, part.attachment), **kept}
        if part.pictures:
            return {**await self.uploader.pictures(part, read_media), **kept}
        return {**await self._card(part), **kept}

    async def _card(self, part: OutgoingPart) -> Mapping[str, str]:
        link = link_of(part)
        if self.quiet or not link:
            return {}
        if article_of(part.handles, link) is not None and self.uploader.fresh(part.handles):
            return dict(part.handles)
        card = await read_card(self.client, link)
        if not card:
            return {}
        if thumb := card.get("article.thumbnail"):
            await self.uploader.wait([thumb])
        return self.uploader.dated(card)

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`; what LinkedIn may take back is left to one more try before a person is asked."""
        try:
            return await (self._comment(part) if part.index else self._post(part))
        except Wavering as refusal:
            if _ONCE_MORE in part.handles:
                raise
            handles = {**part.handles, _ONCE_MORE: "yes"}
            raise Unavailable(refusal.message, next_step=AGAIN, handles=handles) from None

    async def _post(self, part: OutgoingPart) -> Receipt:
        """The first part; a refused duplicate names the post that is there, which is ours if it is new enough."""
        try:
            urn = await self.client.create(self._body(part))
        except NotReady as early:
            if part.attachment is None or not self.uploader.fresh(part.handles, _PATIENCE):
                raise
            raise Unavailable(early.message, next_step=early.next_step, handles=part.handles) from None
        except Duplicate as refusal:
            found = await self._adopted(part, refusal.urn)
            if found is None:
                raise refusal from None
            return found
        return self.client.place.receipt(urn, part.index, self.clock.now())

    def _body(self, part: OutgoingPart) -> dict[str, object]:
        visibility = part.options.get("visibility") or VISIBILITIES[0]
        if visibility not in VISIBILITIES:
            raise Refused(f"“{visibility}” is not a visibility.", fix=f"Choose one of {', '.join(VISIBILITIES)}.")
        if self.client.place.is_page and visibility != VISIBILITIES[0]:
            raise Refused("What a page says is public on LinkedIn.", fix="Set the visibility to PUBLIC.")
        body: dict[str, object] = {
            "author": self.client.place.author,
            "commentary": escape(part.text),
            "visibility": visibility,
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        content = content_of(part, self.uploader.limits)
        return body if content is None else {**body, "content": content}

    async def _adopted(self, part: OutgoingPart, urn: str) -> Receipt | None:
        """The post a refusal names, if it can be the one this delivery sent before; None for an older one."""
        if POST.fullmatch(urn) is None:
            return await self.finder.find(part) if self.finder is not None else None
        start = part.first_claimed_at - _SLACK
        made = _made_at(urn)
        if self.finder is not None:
            try:
                post = await self.client.post(urn)
            except Gone:
                return None
            made = post.at
            if not same(post, part):
                return None
        if made is not None and made < start:
            return None
        return self.client.place.receipt(urn, part.index, made or self.clock.now())

    async def _comment(self, part: OutgoingPart) -> Receipt:
        """A later part: the second below the post, the others below that comment, as LinkedIn nests no deeper."""
        problem = comment_problem(part.text, part.index)
        if problem is not None:
            raise Refused(problem.message, fix=problem.fix)
        thread = [r.remote_id for r in sorted(part.receipts, key=lambda r: r.part)]
        try:
            urn = await self.client.comment(thread[0], visible(part.text), parent=thread[1] if len(thread) > 1 else "")
        except Gone:
            raise Refused(
                "The post is gone, so the thread can't go on.", fix="Publish the rest as a new post."
            ) from None
        return self.client.place.receipt(urn, part.index, self.clock.now())

    async def delete(self, receipt: Receipt) -> None:
        """See `Deleter.delete`."""
        try:
            if comment_of(receipt.remote_id) is None:
                await self.client.delete(receipt.remote_id)
            else:
                await self.client.delete_comment(receipt.remote_id)
        except Gone:
            return

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:  # noqa: ARG002 (no key at LinkedIn)
        """See `Replier.reply`: what stands there already since `at` is not said again."""
        parent = dict(comment.extra).get("parent", "") or comment.remote_id
        if self.finder is not None:
            found = await self.finder.comment([root.remote_id, parent], text, since=at - _SLACK)
            if found is not None:
                return self.client.place.receipt(found[0], 0, found[1])
        try:
            urn = await self.client.comment(root.remote_id, visible(text), parent=parent)
        except Gone:
            raise Refused("The comment is gone, so it can't be answered.") from None
        return self.client.place.receipt(urn, 0, self.clock.now())


def _made_at(urn: str) -> datetime | None:
    """The time in a post's number, to the millisecond; None when it can't be one."""
    milliseconds = int(urn.rpartition(":")[2]) >> _TIME_BITS
    try:
        made = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return made if made > _FIRST else None
