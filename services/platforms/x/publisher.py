"""Publishing, deleting and answering on X: uploads first, then one call, never repeated without proof of absence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsOperator, OutcomeUnknown, Refused, Unavailable
from services.platforms.x.errors import AGAIN, Duplicate, Gone, Lapsed
from services.platforms.x.lookup import Sought, media_of, parent_of, shown_by
from services.platforms.x.rules import POLLS
from services.polls import poll_of, poll_option, poll_problems
from services.ports.options import YES, Choice, PostOption, switch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from services.domain.account import Account, Limits
    from services.domain.delivery import Receipt
    from services.domain.metrics import Comment
    from services.domain.post import Problem, Variant
    from services.platforms.x.client import XClient
    from services.platforms.x.lookup import Timeline
    from services.platforms.x.place import Place
    from services.platforms.x.uploads import XUploads
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader, OutgoingPart

EVERYONE: Final = "everyone"
"""X has no word for it: the field is left out."""
REPLY_SETTINGS: Final = (EVERYONE, "following", "mentionedUsers", "subscribers", "verified")
SIGNS: Final = ("made_with_ai", "paid_partnership")
_UNSEEN: Final = timedelta(minutes=15)
"""How long a post that X says it has may be missing from the account's timeline before that is a refusal."""
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
    poll_option(POLLS),
    PostOption(
        name="poll_minutes",
        title="The poll ends after",
        choices=(
            Choice(value="1440", text="1 day"),
            Choice(value="60", text="1 hour"),
            Choice(value="360", text="6 hours"),
            Choice(value="720", text="12 hours"),
            Choice(value="4320", text="3 days"),
            Choice(value="10080", text="7 days"),
        ),
    ),
)
"""What a post may be marked as, and put to the vote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XPublisher:
    """`Publisher`, `Deleter` and `Replier`."""

    client: XClient
    clock: Clock
    place: Place
    timeline: Timeline
    uploads: XUploads
    limits: Limits

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`."""
        return shown_by(part) > 0

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`: an id for each upload and until when they last."""
        return await self.uploads.put(part, read_media) if shown_by(part) else {}

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`; a refused duplicate that our timeline shows is the post itself, sent before."""
        body = self._body(part)
        try:
            post = await self.client.create(body)
        except Duplicate as refusal:
            return await self._sent_before(part, refusal)
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

    async def _sent_before(self, part: OutgoingPart, refusal: Duplicate) -> Receipt:
        """The post that X has already: ours if it was made since this row was first taken, else another.

        X may show a post some time after it took it, so one that is not to be seen at all is in doubt at first.
        """
        found = await self.timeline.look(part, part.first_claimed_at)
        if found is not None:
            return found
        other = await self.timeline.twin(part)
        if other is not None:
            msg = f"X has a post of this account with exactly this text already: {other.url}."
            raise Duplicate(msg, fix="Change the words to say it again.") from None
        if self.clock.now() - part.first_claimed_at < _UNSEEN:
            raise OutcomeUnknown("X says that it has this post already, and does not show it yet.") from None
        raise refusal from None

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
        if answers := poll_of(part, self.limits, "X"):
            body["poll"] = {"options": list(answers), "duration_minutes": int(minutes_of(part))}
        if shown := shown_by(part):
            media = media_of(part)
            if len(media) < shown:
                raise Unavailable("A picture or video is not uploaded yet.", next_step=AGAIN)
            if not self.uploads.lasting(part):
                raise Lapsed("What was uploaded is about to expire.")
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


def minutes_of(part: OutgoingPart) -> str:
    """How long a poll runs; raises `Refused` for what is not among the choices."""
    [option] = (one for one in OPTIONS if one.name == "poll_minutes")
    chosen = part.options.get(option.name) or option.default
    if chosen not in {one.value for one in option.choices}:
        raise Refused(f"A poll can't run for “{chosen}” minutes.", fix="Choose one of the times.")
    return chosen


def check_options(variant: Variant, account: Account) -> Iterable[Problem]:
    """See `OptionCheck`."""
    return poll_problems(variant, account.limits, "X")
