"""Posting to a Page in two phases, photos unseen and then one call; and reading the Page after a lost answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.delivery import Receipt
from services.domain.errors import DeskError, OutcomeUnknown, Refused, Unavailable
from services.graph.client import moment, node, nodes, segment, text
from services.graph.errors import ANEW, Repeated
from services.ports.http import Effect, Upload
from services.text import find_links, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Limits
    from services.domain.media import Picture
    from services.graph.client import GraphClient, Node
    from services.ports.platform import MediaReader, OutgoingPart

_SLACK: Final = timedelta(minutes=2)
"""How far the network's clock may be behind ours."""
_PAGES: Final = 10
_LOOK_SECONDS: Final = 5.0
_POST: Final = "id,message,created_time,permalink_url,attachments{target,subattachments{target}}"


def photo_name(index: int) -> str:
    """Under what a photo's id is kept between preparing and sending; `index` counts pictures from 0."""
    return f"photo.{index}"


def receipt_of(post: Node, *, part: int, at: datetime) -> Receipt:
    """The proof that a post or a comment is live; `at` stands in for a time that was not told."""
    remote_id = text(post, "id")
    return Receipt(
        part=part,
        remote_id=remote_id,
        url=text(post, "permalink_url") or f"https://www.facebook.com/{remote_id}",
        at=moment(post, "created_time") or at,
    )


def photo_ids(post: Node) -> tuple[str, ...]:
    """The photos a post shows."""
    found: list[str] = []
    for attached in nodes(node(post.get("attachments")).get("data")):
        several = nodes(node(attached.get("subattachments")).get("data"))
        found += [text(node(one.get("target")), "id") for one in several or (attached,)]
    return tuple(one for one in found if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePublisher:
    """`Publisher`, `Finder` and `Deleter` of one Page."""

    client: GraphClient
    page_id: str
    limits: Limits

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`: photos, unless they are up already."""
        return any(photo_name(index) not in part.handles for index in range(len(part.pictures)))

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`: each photo goes up unpublished; after a fault those that went up are taken away."""
        if not self.needs_preparing(part):
            return dict(part.handles)
        self._check(part.pictures)
        made: dict[str, str] = {}
        try:
            for index, picture in enumerate(part.pictures):
                made[photo_name(index)] = await self._upload(picture, await read_media(picture))
        except Exception:
            await self._take_away(made.values())
            raise
        return made

    def _check(self, pictures: Sequence[Picture]) -> None:
        if len(pictures) > self.limits.images:
            raise Refused(f"{len(pictures)} pictures, Facebook takes {self.limits.images}.", fix="Leave some out.")
        for picture in pictures:
            item = picture.item
            if item.mime not in self.limits.image_types:
                raise Refused(f"Facebook does not take {item.mime}.", fix="Use a JPEG or PNG picture.")
            if self.limits.image_bytes is not None and item.size > self.limits.image_bytes:
                raise Refused(
                    f"A picture has {item.size} bytes, Facebook takes {self.limits.image_bytes}.",
                    fix="Use a smaller picture.",
                )

    async def _upload(self, picture: Picture, data: bytes) -> str:
        mime = picture.item.mime
        file = Upload(name="source", filename=f"picture.{mime.rpartition('/')[2]}", mime=mime, data=data)
        words = {"alt_text_custom": picture.alt} if picture.alt else {}
        answer = await self.client.post(
            f"{segment(self.page_id)}/photos",
            {"published": "false", **words},
            effect=Effect.REPEATABLE,
            uploads=(file,),
            timeout=60.0,
        )
        photo = text(answer, "id")
        if not photo:
            raise Unavailable("Facebook named no photo.", next_step=ANEW)
        return photo

    async def _take_away(self, photos: Iterable[str]) -> None:
        for photo in photos:
            try:
                await self.client.delete(segment(photo))
            except DeskError:
                return

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`; a refusal because it is there already is looked up."""
        try:
            answer = await self.client.post(
                f"{segment(self.page_id)}/feed", self._fields(part), effect=Effect.IRREVERSIBLE
            )
        except Repeated:
            found = await self.find(part)
            if found is None:
                raise
            return found
        remote_id = text(answer, "id")
        if not remote_id:
            raise OutcomeUnknown("Facebook answered without naming the post.")
        return await shown(self.client, remote_id, part=part.index)

    def _fields(self, part: OutgoingPart) -> dict[str, str]:
        fields = {"message": part.text} if part.text else {}
        if part.pictures:
            fields["attached_media"] = json.dumps([{"media_fbid": photo} for photo in self._photos(part)])
        elif links := find_links(part.text):
            fields["link"] = links[0].text
        return fields

    @staticmethod
    def _photos(part: OutgoingPart) -> tuple[str, ...]:
        found = [part.handles.get(photo_name(index), "") for index in range(len(part.pictures))]
        if not all(found):
            raise Unavailable("A picture is not uploaded yet.", next_step=ANEW)
        return tuple(found)

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder.find`: our own posts since the call began; None only when all of them were seen."""
        known = {receipt.remote_id for receipt in part.receipts}
        ours = {part.handles.get(photo_name(index)) for index in range(len(part.pictures))}
        found: list[Node] = []
        alike = False
        for post in await self._since((part.since or part.first_claimed_at) - _SLACK):
            photos = photo_ids(post)
            if text(post, "id") in known:
                continue
            same_words = fingerprint(text(post, "message")) == fingerprint(part.text)
            if ours & set(photos) or (part.text.strip() and same_words):
                found.append(post)
            alike = alike or (same_words and len(photos) == len(part.pictures))
        if found:
            return receipt_of(found[-1], part=part.index, at=self.client.clock.now())
        if alike:
            raise OutcomeUnknown("A post with as many pictures and no text is there; it may be this one.")
        return None

    async def _since(self, since: datetime) -> list[Node]:
        """Newest first; `OutcomeUnknown` when the pages do not reach that far back."""
        found: list[Node] = []
        pages, params = 0, {"fields": _POST, "limit": "25"}
        async for page in self.client.pages(f"{segment(self.page_id)}/published_posts", params, pages=_PAGES):
            pages += 1
            for post in page:
                at = moment(post, "created_time")
                if at is not None and at < since:
                    return found
                found.append(post)
        if pages == _PAGES:
            raise OutcomeUnknown("The Page's posts since then could not all be read.")
        return found

    async def delete(self, receipt: Receipt) -> None:
        """See `Deleter.delete`."""
        await self.client.delete(segment(receipt.remote_id))


async def shown(client: GraphClient, remote_id: str, *, part: int) -> Receipt:
    """The receipt of what has just gone out, with its address where the network tells it at once."""
    try:
        found = await client.get(segment(remote_id), {"fields": "permalink_url,created_time"}, timeout=_LOOK_SECONDS)
    except DeskError:
        found = {}
    return receipt_of({**found, "id": remote_id}, part=part, at=client.clock.now())
