"""Verifying, publishing and deleting on Mastodon: the port's words mapped to the wire's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.account import Identity
from services.domain.delivery import Receipt
from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, Refused, Unavailable
from services.platforms.mastodon.errors import Gone, NotReady
from services.platforms.mastodon.instance import DEFAULT_LIMITS, dedupe_of, handle_of, limits_of, missing_rights
from services.platforms.mastodon.polls import POLL_OPTIONS, poll_body
from services.platforms.mastodon.rules import length_of, warning_length
from services.platforms.mastodon.uploads import MastodonUploads, media_ids, shown_by
from services.polls import poll_of
from services.ports.options import YES, Choice, PostOption, switch
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Dedupe, Limits
    from services.platforms.mastodon.client import MastodonClient
    from services.platforms.mastodon.models import WireInstance, WireStatus
    from services.ports.platform import MediaReader, OutgoingPart

VISIBILITIES: Final = ("public", "unlisted", "private")
OPTIONS: Final = (
    PostOption(
        name="visibility",
        title="Who can see it",
        choices=(
            Choice(value="public", text="Everyone"),
            Choice(value="unlisted", text="Everyone, outside public timelines"),
            Choice(value="private", text="Followers only"),
        ),
    ),
    PostOption(
        name="content_warning", title="Content warning", most=500, help="Hides the post behind these words; they count."
    ),
    PostOption(name="language", title="Language", most=3, help="Two letters, like en; empty: the account's own."),
    switch("sensitive", "Sensitive picture or video", help="It is hidden until somebody asks to see it."),
    *POLL_OPTIONS,
)


def receipt_of(status: WireStatus, part: int, base_url: str) -> Receipt:
    """The proof that a post is live; its visibility is kept so that answers in its thread can have the same."""
    return Receipt(
        part=part,
        remote_id=status.id,
        url=_link(status.url) or _link(status.uri) or f"{base_url}/web/statuses/{status.id}",
        at=status.at,
        extra={"visibility": status.visibility} if status.visibility else {},
    )


def _link(text: str) -> str:
    return text if text.startswith(("https://", "http://")) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonVerifier:
    """`Verifier`: who we are, what the server is, and whether the token suffices."""

    client: MastodonClient

    async def verify(self) -> Identity:
        """See `Verifier.verify`; where the rights are hidden, only that to upload can be proved by reading."""
        try:
            me = await self.client.verify_credentials()
        except Gone:
            raise NeedsOperator(
                "No Mastodon-compatible server answers at this address.", next_step="Check base_url."
            ) from None
        second = await self._second()
        instance = second or await self.client.instance(1)
        dedupe = dedupe_of(second)
        await self._prove_rights(dedupe)
        base_url = self.client.base_url
        return Identity(
            remote_id=me.id,
            handle=tidy_sentence(handle_of(me, instance, base_url), 200),
            name=tidy_sentence(me.display_name or me.username or me.acct, 100),
            dedupe=dedupe,
            limits=limits_of(instance),
            base_url=base_url,
        )

    async def _second(self) -> WireInstance | None:
        """Version 2 of the document; a server that fails at it may still have version 1."""
        try:
            return await self.client.instance(2)
        except Unavailable:
            return None

    async def _prove_rights(self, dedupe: Dedupe) -> None:
        scopes = await self.client.app_scopes()
        if scopes is None:
            await self._probe_uploads()
            return
        if missing := missing_rights(scopes, dedupe):
            names = ", ".join(missing)
            raise NeedsReauth(
                f"The access token lacks: {names}.",
                next_step=f"Connect again with /desk connect mastodon, or a new access token with {names} ticked "
                "(Preferences, Development).",
            )

    async def _probe_uploads(self) -> None:
        """Ask for an upload that can't exist: reading it needs the right to write media, and changes nothing."""
        try:
            await self.client.media_ready("0")
        except NeedsReauth as refusal:
            if "write:media" in refusal.message:
                raise
        except DeskError:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonPublisher:
    """`Publisher`: uploads first, then one call with the part's key.

    A part with files is prepared before every attempt: uploads that the server still has are kept, lost ones are
    made anew, so an upload that expired while the post waited heals itself.
    """

    client: MastodonClient
    uploads: MastodonUploads
    limits: Limits = DEFAULT_LIMITS

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`."""
        return shown_by(part) > 0

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`."""
        return await self.uploads.put(part, read_media)

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`."""
        body = self._body(part)
        try:
            status = await self.client.post(body, key=part.key)
        except Gone:
            if "in_reply_to_id" in body:
                raise Refused(
                    "The part before this one is gone from the server, so the thread can't go on.",
                    fix="Publish the rest as a new post.",
                ) from None
            raise NeedsOperator(
                "The server does not offer posting at this address.", next_step="Check the account's base_url."
            ) from None
        except NotReady as error:
            raise Unavailable(error.message, next_step=error.next_step, handles=part.handles) from None
        except Refused as refusal:
            await self.uploads.look(part, refusal)
            raise
        return receipt_of(status, part.index, self.client.base_url)

    def _body(self, part: OutgoingPart) -> dict[str, object]:
        visibility = part.options.get("visibility") or VISIBILITIES[0]
        if visibility not in VISIBILITIES:
            raise Refused(f'"{visibility}" is not a visibility.', fix=f"Choose one of {', '.join(VISIBILITIES)}.")
        body: dict[str, object] = {"status": part.text, "visibility": visibility}
        warning = part.options.get("content_warning", "").strip()
        if warning:
            self._check_length(part.text, warning)
            body["spoiler_text"] = warning
        if language := part.options.get("language", "").strip():
            body["language"] = language
        if part.options.get("sensitive") == YES and shown_by(part):
            body["sensitive"] = True
        if answers := poll_of(part, self.limits, "the server"):
            body["poll"] = poll_body(part, answers, self.limits)
        if shown_by(part):
            body["media_ids"] = media_ids(part)
        if parent := parent_id(part):
            body["in_reply_to_id"] = parent
        return body

    def _check_length(self, text: str, warning: str) -> None:
        length = length_of(text, self.limits) + warning_length(warning)
        if length > self.limits.text:
            raise Refused(
                f"With its content warning it is {length} of {self.limits.text} {self.limits.unit}.",
                fix=f"Shorten by {length - self.limits.text}.",
            )


def parent_id(part: OutgoingPart) -> str | None:
    """The id of the part this one answers; None for the first."""
    before = [r for r in part.receipts if r.part < part.index]
    return max(before, key=lambda r: r.part).remote_id if before else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonDeleter:
    """`Deleter`."""

    client: MastodonClient

    async def delete(self, receipt: Receipt) -> None:
        """See `Deleter.delete`."""
        try:
            await self.client.delete(receipt.remote_id)
        except Gone:
            return
