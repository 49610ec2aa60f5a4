"""Publishing on LinkedIn: pictures first, then one call; what follows in a thread are comments below the post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused, Unavailable
from services.platforms.linkedin.cards import article_of, link_of, read_card
from services.platforms.linkedin.errors import AGAIN, Duplicate, Gone
from services.platforms.linkedin.littletext import escape
from services.platforms.linkedin.lookup import handle_name, images_of, same
from services.platforms.linkedin.place import POST, comment_of
from services.platforms.linkedin.rules import COMMENT
from services.ports.options import Choice, PostOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Limits
    from services.domain.delivery import Receipt
    from services.domain.media import Picture
    from services.domain.metrics import Comment
    from services.platforms.linkedin.client import LinkedInClient
    from services.platforms.linkedin.lookup import Finder
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
)
PAGE_CHOICES: Final = (("visibility", VISIBILITIES[:1]),)
"""What a page says is public."""
_POLL_SECONDS: Final = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0)
"""Waits between looks at an upload in processing, 44 s in all."""
_BLIND_SECONDS: Final = 20.0
"""How long an upload is given that may not be looked at: a member's token can only write."""
_LIFE: Final = timedelta(hours=12)
"""How long an upload is counted on; LinkedIn does not say."""
_MADE: Final = "made_at"
_SLACK: Final = timedelta(minutes=2)
_TIME_BITS: Final = 22
_FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInPublisher:
    """`Publisher`, `Deleter` and, where answers can be read, `Replier`."""

    client: LinkedInClient
    clock: Clock
    limits: Limits
    finder: Finder | None
    """None where the token may not read what it wrote."""
    quiet: bool = False
    """Fetch no pages for link cards, because nothing may leave the machine."""

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`."""
        return bool(part.pictures) or (not self.quiet and bool(link_of(part)))

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`: the URN of each picture, ready to be shown, or the card of the first link."""
        if not part.pictures:
            return await self._card(part)
        if len(part.pictures) > self.limits.images:
            raise Refused(f"{len(part.pictures)} pictures, LinkedIn takes {self.limits.images}.", fix="Leave some out.")
        for picture in part.pictures:
            self._check(picture)
        if len(images_of(part)) == len(part.pictures) and self._fresh(part):
            return dict(part.handles)
        urns = [await self._upload(picture, read_media) for picture in part.pictures]
        await self._wait(urns)
        handles = {handle_name(index): urn for index, urn in enumerate(urns)}
        return {**handles, _MADE: self.clock.now().isoformat()}

    async def _card(self, part: OutgoingPart) -> Mapping[str, str]:
        link = link_of(part)
        if self.quiet or not link:
            return {}
        if article_of(part.handles, link) is not None and self._fresh(part):
            return dict(part.handles)
        card = await read_card(self.client, link)
        if not card:
            return {}
        if thumb := card.get("article.thumbnail"):
            await self._wait([thumb])
        return {**card, _MADE: self.clock.now().isoformat()}

    def _check(self, picture: Picture) -> None:
        item, limits = picture.item, self.limits
        if item.mime not in limits.image_types:
            raise Refused(f"LinkedIn does not take {item.mime}.", fix="Use a JPEG or PNG picture.")
        if limits.image_bytes is not None and item.size > limits.image_bytes:
            raise Refused(
                f"A picture has {item.size:,} bytes, the desk sends {limits.image_bytes:,} to LinkedIn.",
                fix="Use a smaller picture.",
            )
        if limits.image_pixels is not None and item.width * item.height > limits.image_pixels:
            raise Refused(
                f"A picture has {item.width * item.height:,} pixels, LinkedIn takes {limits.image_pixels:,}.",
                fix="Use a smaller picture.",
            )

    async def _upload(self, picture: Picture, read_media: MediaReader) -> str:
        data = await read_media(picture)
        place = await self.client.begin_upload()
        await self.client.put(place, data)
        return place.image

    async def _wait(self, urns: list[str]) -> None:
        if self.finder is None or not self.client.place.is_page:
            await self.clock.sleep(_BLIND_SECONDS)
            return
        for urn in urns:
            if not await self._ready(urn):
                raise Unavailable("LinkedIn is still processing a picture.", next_step=AGAIN)

    async def _ready(self, urn: str) -> bool:
        for seconds in (*_POLL_SECONDS, None):
            status = (await self.client.image(urn)).status
            if status == "AVAILABLE":
                return True
            if status == "PROCESSING_FAILED":
                raise Refused("LinkedIn could not read a picture.", fix="Use another picture.")
            if seconds is not None:
                await self.clock.sleep(seconds)
        return False

    def _fresh(self, part: OutgoingPart) -> bool:
        try:
            made = datetime.fromisoformat(part.handles.get(_MADE, ""))
        except ValueError:
            return False
        return self.clock.now() - made < _LIFE

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`; a refused duplicate names the post that is there, which is ours if it is new enough."""
        if part.index:
            return await self._comment(part)
        try:
            urn = await self.client.create(self._body(part))
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
        article = article_of(part.handles, link_of(part))
        if part.pictures:
            body["content"] = self._content(part)
        elif article is not None:
            body["content"] = {"article": article}
        return body

    @staticmethod
    def _content(part: OutgoingPart) -> dict[str, object]:
        urns = images_of(part)
        if len(urns) < len(part.pictures):
            raise Unavailable("A picture is not uploaded yet.", next_step=AGAIN)
        images = [
            {"id": urn, **({"altText": picture.alt} if picture.alt else {})}
            for urn, picture in zip(urns, part.pictures, strict=True)
        ]
        return {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}

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
        if len(part.text) > COMMENT:
            raise Refused(
                f"A later part has {len(part.text)} characters; it becomes a comment, and LinkedIn takes {COMMENT}.",
                fix=f"Shorten it by {len(part.text) - COMMENT}, or put more into the first part.",
            )
        thread = [r.remote_id for r in sorted(part.receipts, key=lambda r: r.part)]
        try:
            urn = await self.client.comment(thread[0], part.text, parent=thread[1] if len(thread) > 1 else "")
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
            urn = await self.client.comment(root.remote_id, text, parent=parent)
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
