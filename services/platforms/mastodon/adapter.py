"""Verifying, publishing and deleting on Mastodon: the port's words mapped to the wire's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.account import Identity
from services.domain.delivery import Receipt
from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, Refused, Unavailable
from services.platforms.mastodon.errors import AGAIN, UPLOADED_ANEW, Gone
from services.platforms.mastodon.instance import DEFAULT_LIMITS, dedupe_of, handle_of, limits_of, missing_rights
from services.platforms.mastodon.rules import length_of
from services.ports.options import Choice, PostOption
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Dedupe, Limits
    from services.domain.media import Picture
    from services.platforms.mastodon.client import MastodonClient
    from services.platforms.mastodon.models import WireInstance, WireStatus
    from services.ports.clock import Clock
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
)
_POLL_SECONDS: Final = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0)
"""Waits between looks at an upload in processing, 45 s in all."""


def handle_name(index: int) -> str:
    """Under what an upload's id is kept between preparing and sending; `index` counts pictures from 0."""
    return f"media.{index}"


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
                next_step=f"Make a new access token with {names} ticked (Preferences, Development) and connect again.",
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

    A part with pictures is prepared before every attempt: uploads that the server still has are kept, lost ones are
    made anew, so an upload that expired while the post waited heals itself.
    """

    client: MastodonClient
    clock: Clock
    limits: Limits = DEFAULT_LIMITS

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`."""
        return bool(part.pictures)

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`: one handle per picture; raises `Refused` for what the server would not take."""
        if len(part.pictures) > self.limits.images:
            raise Refused(
                f"{len(part.pictures)} pictures, the server takes {self.limits.images}.", fix="Leave some out."
            )
        for picture in part.pictures:
            self._check(picture)
        ids = {}
        for index, picture in enumerate(part.pictures):
            name = handle_name(index)
            ids[name] = await self._kept(part.handles.get(name)) or await self._upload(picture, read_media)
        return ids

    def _check(self, picture: Picture) -> None:
        item, limits = picture.item, self.limits
        if item.mime not in limits.image_types:
            raise Refused(f"The server does not take {item.mime}.", fix="Use a JPEG or PNG picture.")
        if limits.image_bytes is not None and item.size > limits.image_bytes:
            raise Refused(
                f"A picture has {item.size} bytes, the server takes {limits.image_bytes}.", fix="Use a smaller picture."
            )
        if limits.image_pixels is not None and item.width * item.height > limits.image_pixels:
            raise Refused(
                f"A picture has {item.width * item.height} pixels, the server takes {limits.image_pixels}.",
                fix="Use a smaller picture.",
            )
        if limits.alt_text is not None and len(picture.alt) > limits.alt_text:
            raise Refused(
                f"An alt text has {len(picture.alt)} characters, the server takes {limits.alt_text}.",
                fix=f"Shorten it by {len(picture.alt) - limits.alt_text}.",
            )

    async def _kept(self, media_id: str | None) -> str | None:
        if media_id is None:
            return None
        try:
            if not await self.client.media_ready(media_id):
                await self._wait(media_id)
        except Gone:
            return None
        except NeedsOperator:
            return media_id  # a server that can't be asked about uploads
        return media_id

    async def _upload(self, picture: Picture, read_media: MediaReader) -> str:
        data = await read_media(picture)
        media, ready = await self.client.upload(data=data, mime=picture.item.mime, description=picture.alt)
        if not ready:
            try:
                await self._wait(media.id)
            except Gone:
                raise Unavailable("The server lost a picture while processing it.", next_step=AGAIN) from None
        return media.id

    async def _wait(self, media_id: str) -> None:
        for seconds in _POLL_SECONDS:
            await self.clock.sleep(seconds)
            if await self.client.media_ready(media_id):
                return
        raise Unavailable("The server is still processing a picture.", next_step=AGAIN)

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
        except Refused as refusal:
            await self._look_at_uploads(part, refusal)
            raise
        return receipt_of(status, part.index, self.client.base_url)

    async def _look_at_uploads(self, part: OutgoingPart, refusal: Refused) -> None:
        """Raise `Unavailable` when a refusal that speaks of media comes from an upload that is lost or not ready.

        Servers word it in their own ways, so the uploads themselves are asked.
        """
        words = refusal.message.casefold()
        if not any(word in words for word in ("media", "attach")):
            return
        for index in range(len(part.pictures)):
            try:
                ready = await self.client.media_ready(self._handle(part, index))
            except Gone:
                raise Unavailable("The server no longer has an uploaded picture.", next_step=UPLOADED_ANEW) from None
            except DeskError:
                return
            if not ready:
                raise Unavailable("The server is still processing a picture.", next_step=AGAIN)

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
        if part.pictures:
            body["media_ids"] = [self._handle(part, index) for index in range(len(part.pictures))]
        if parent := parent_id(part):
            body["in_reply_to_id"] = parent
        return body

    def _check_length(self, text: str, warning: str) -> None:
        length = length_of(text, self.limits) + length_of(warning, self.limits)
        if length > self.limits.text:
            raise Refused(
                f"With its content warning it is {length} of {self.limits.text} {self.limits.unit}.",
                fix=f"Shorten by {length - self.limits.text}.",
            )

    @staticmethod
    def _handle(part: OutgoingPart, index: int) -> str:
        media_id = part.handles.get(handle_name(index))
        if media_id is None:
            raise Unavailable("A picture is not uploaded yet.", next_step=AGAIN)
        return media_id


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
