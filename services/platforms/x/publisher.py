"""Publishing, deleting and answering on X: uploads first, then one call, never repeated without proof of absence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsOperator, Refused, Unavailable
from services.platforms.x.errors import AGAIN, UPLOADED_ANEW, Duplicate, Gone
from services.platforms.x.lookup import Sought, handle_name, media_of, parent_of
from services.ports.options import YES, Choice, PostOption, switch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Limits
    from services.domain.delivery import Receipt
    from services.domain.media import Picture
    from services.domain.metrics import Comment
    from services.platforms.x.client import XClient
    from services.platforms.x.lookup import Timeline
    from services.platforms.x.place import Place
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader, OutgoingPart

EVERYONE: Final = "everyone"
"""X has no word for it: the field is left out."""
REPLY_SETTINGS: Final = (EVERYONE, "following", "mentionedUsers", "subscribers", "verified")
SIGNS: Final = ("made_with_ai", "paid_partnership")
OPTIONS: Final = (
    PostOption(
        name="reply_settings",
        title="Who can reply",
        choices=(
            Choice(value=EVERYONE, text="Everyone"),
            Choice(value="following", text="Accounts you follow"),
            Choice(value="mentionedUsers", text="Accounts you mention"),
            Choice(value="subscribers", text="Your subscribers"),
            Choice(value="verified", text="Verified accounts"),
        ),
    ),
    switch("made_with_ai", "Made with AI", help="X shows a label."),
    switch("paid_partnership", "Paid partnership", help="X shows a label."),
)
"""What a post may be marked as."""
_EXPIRY: Final = "media.until"
_MARGIN: Final = timedelta(minutes=5)
"""An upload that ends sooner is not counted on."""
_LIFE: Final = timedelta(hours=1)
"""How long an upload is counted on when X does not say."""
_FRAME: Final = b"\x21\xf9\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class XPublisher:
    """`Publisher`, `Deleter` and `Replier`."""

    client: XClient
    place: Place
    timeline: Timeline
    clock: Clock
    limits: Limits

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`."""
        return bool(part.pictures)

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`: an id for each picture and until when they last."""
        if not part.pictures:
            return {}
        if len(part.pictures) > self.limits.images:
            raise Refused(f"{len(part.pictures)} pictures, X takes {self.limits.images}.", fix="Leave some out.")
        for picture in part.pictures:
            self._check(picture)
        if len(media_of(part)) == len(part.pictures) and self._lasting(part):
            return dict(part.handles)
        handles, ends = {}, []
        for index, picture in enumerate(part.pictures):
            handles[handle_name(index)], end = await self._upload(picture, read_media)
            ends.append(end)
        return {**handles, _EXPIRY: min(ends).isoformat()}

    def _check(self, picture: Picture) -> None:
        item, limits = picture.item, self.limits
        if item.mime not in limits.image_types:
            raise Refused(f"X does not take {item.mime}.", fix="Use a JPEG or PNG picture.")
        if limits.image_bytes is not None and item.size > limits.image_bytes:
            raise Refused(
                f"A picture has {item.size:,} bytes, X takes {limits.image_bytes:,}.", fix="Use a smaller picture."
            )
        if limits.alt_text is not None and len(picture.alt) > limits.alt_text:
            over = len(picture.alt) - limits.alt_text
            raise Refused(
                f"An alt text has {len(picture.alt)} characters, X takes {limits.alt_text}.",
                fix=f"Shorten it by {over}.",
            )

    async def _upload(self, picture: Picture, read_media: MediaReader) -> tuple[str, datetime]:
        data = await read_media(picture)
        if picture.item.mime == "image/gif" and data.count(_FRAME) > 1:
            raise Refused("A moving GIF can't be sent as a picture.", fix="Use a still picture.")
        upload = await self.client.upload(data=data, mime=picture.item.mime)
        if picture.alt:
            await self.client.describe(upload.id, picture.alt)
        life = _LIFE if not upload.expires_after else timedelta(seconds=upload.expires_after)
        return upload.id, self.clock.now() + life

    def _lasting(self, part: OutgoingPart) -> bool:
        try:
            until = datetime.fromisoformat(part.handles.get(_EXPIRY, ""))
        except ValueError:
            return False
        return until - self.clock.now() > _MARGIN

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`; a refused duplicate that our timeline shows is the post itself, sent before."""
        body = self._body(part)
        try:
            post = await self.client.create(body)
        except Duplicate as refusal:
            # Only what was said since this row was first taken can be ours; anything older is another post.
            found = await self.timeline.look(part, part.first_claimed_at)
            if found is None:
                raise refusal from None
            return found
        except Gone:
            if "reply" in body:
                raise Refused(
                    "The part before this one is gone from X, so the thread can't go on.",
                    fix="Publish the rest as a new post.",
                ) from None
            raise NeedsOperator("No X API answers at this address.", next_step="Check base_url.") from None
        except Refused as refusal:
            if "reply" in body:
                raise Refused(
                    f"The thread is cut: {refusal.message}", fix="Publish the rest as a new post, or by hand."
                ) from None
            raise
        return self.place.receipt(post.id, part.index)

    def _body(self, part: OutgoingPart) -> dict[str, object]:
        body: dict[str, object] = {"text": part.text} if part.text else {}
        setting = part.options.get("reply_settings") or EVERYONE
        if setting not in REPLY_SETTINGS:
            raise Refused(f"“{setting}” is not a reply setting.", fix=f"Choose one of {', '.join(REPLY_SETTINGS)}.")
        parent = parent_of(part)
        if parent:
            body["reply"] = {"in_reply_to_tweet_id": parent}
        elif setting != EVERYONE:
            body["reply_settings"] = setting
        for sign in SIGNS:
            if part.options.get(sign) == YES:
                body[sign] = True
        if part.pictures:
            media = media_of(part)
            if len(media) < len(part.pictures):
                raise Unavailable("A picture is not uploaded yet.", next_step=AGAIN)
            if not self._lasting(part):
                raise Unavailable("The uploaded pictures are about to expire.", next_step=UPLOADED_ANEW)
            body["media"] = {"media_ids": list(media)}
        return body

    async def delete(self, receipt: Receipt) -> None:
        """See `Deleter.delete`."""
        try:
            await self.client.delete(receipt.remote_id)
        except Gone:
            return

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:  # noqa: ARG002 (no key at X)
        """See `Replier.reply`; X lets an app answer only those who mentioned or quoted the account."""
        body = {"text": text, "reply": {"in_reply_to_tweet_id": comment.remote_id}}
        try:
            post = await self.client.create(body)
        except Duplicate as refusal:
            found = await self.timeline.search(Sought(text=text, parent=comment.remote_id, since=at))
            if found is None:
                raise refusal from None
            return self.place.receipt(found.id, 0)
        except Gone:
            raise Refused("The comment is gone, so it can't be answered.") from None
        return self.place.receipt(post.id, 0)
