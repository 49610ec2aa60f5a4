"""Posting to a Page in two phases, photos unseen and then one call; and reading the Page after a lost answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, OutcomeUnknown, Refused, Unavailable
from services.graph.client import moment, node, nodes, segment, text
from services.graph.errors import ANEW, Repeated
from services.platforms.facebook.choices import REEL, STORY, shared_as
from services.platforms.facebook.receipts import full_id, receipt_of, shown
from services.platforms.facebook.videos import VIDEO
from services.ports.http import Effect, Upload
from services.text import find_links, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from services.domain.account import Limits
    from services.domain.delivery import Receipt
    from services.domain.media import Picture
    from services.graph.client import GraphClient, Node
    from services.platforms.facebook.videos import PageVideos
    from services.ports.platform import MediaReader, OutgoingPart

_SLACK: Final = timedelta(minutes=2)
"""How far the network's clock may be behind ours."""
_PAGES: Final = 10
_POST: Final = "id,message,created_time,permalink_url,attachments{target,subattachments{target}}"


def photo_name(index: int) -> str:
    """Under what a photo's id is kept between preparing and sending; `index` counts pictures from 0."""
    return f"photo.{index}"


def photo_ids(post: Node) -> tuple[str, ...]:
    """The photos a post shows."""
    found: list[str] = []
    for attached in nodes(node(post.get("attachments")).get("data")):
        several = nodes(node(attached.get("subattachments")).get("data"))
        found += [text(node(one.get("target")), "id") for one in several or (attached,)]
    return tuple(one for one in found if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePublisher:
    """`Publisher`, `Watcher`, `Finder` and `Deleter` of one Page."""

    client: GraphClient
    page_id: str
    limits: Limits
    videos: PageVideos

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`: photos and videos, unless they are up already."""
        if part.attachment is not None:
            return VIDEO not in part.handles
        return any(photo_name(index) not in part.handles for index in range(len(part.pictures)))

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher.prepare`: each photo goes up unpublished; after a fault those that went up are taken away."""
        if not self.needs_preparing(part):
            return dict(part.handles)
        if part.attachment is not None:
            return await self.videos.prepare(part, part.attachment)
        self._check(part)
        made: dict[str, str] = {}
        try:
            for index, picture in enumerate(part.pictures):
                made[photo_name(index)] = await self._upload(picture, await read_media(picture))
        except Exception:
            await self._take_away(made.values())
            raise
        return made

    def _check(self, part: OutgoingPart) -> None:
        pictures, chosen = part.pictures, shared_as(part.options)
        if chosen == REEL:
            raise Refused("A reel is a video.", fix="Add a video, or share it as a post.")
        if chosen == STORY and len(pictures) != 1:
            raise Refused("A story shows one picture.", fix="Leave one, or share it as a post.")
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
        if part.attachment is not None:
            return await self.videos.send(part)
        story = shared_as(part.options) == STORY
        edge, fields = ("photo_stories", self._story(part)) if story else ("feed", self._fields(part))
        try:
            answer = await self.client.post(f"{segment(self.page_id)}/{edge}", fields, effect=Effect.IRREVERSIBLE)
        except Repeated:
            found = await self.find(part)
            if found is None:
                raise
            return found
        remote_id = text(answer, "post_id") if story else text(answer, "id")
        if not remote_id:
            raise OutcomeUnknown("Facebook answered without naming the post.")
        return await shown(self.client, full_id(self.page_id, remote_id), part=part.index)

    def _story(self, part: OutgoingPart) -> dict[str, str]:
        """A story shows its photo and none of the words."""
        photos = self._photos(part)
        if len(photos) != 1:
            raise Refused("A story shows one picture.", fix="Add a picture, or share it as a post.")
        return {"photo_id": photos[0]}

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
        if part.attachment is not None:
            return await self.videos.find(part)
        if shared_as(part.options) == STORY:
            return await self._find_story(part)
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

    async def _find_story(self, part: OutgoingPart) -> Receipt:
        """The story that shows our photo; a Page that keeps no archive lists none, so that absence proves nothing."""
        (photo,) = self._photos(part)
        path, params = f"{segment(self.page_id)}/stories", {"fields": "post_id,media_id,url", "limit": "25"}
        async for page in self.client.pages(path, params, pages=_PAGES):
            for story in page:
                if text(story, "media_id") == photo:
                    return await shown(self.client, full_id(self.page_id, text(story, "post_id")), part=part.index)
        raise OutcomeUnknown("The Page's stories do not show it, which proves nothing while its archive is off.")

    async def watch(self, part: OutgoingPart) -> Receipt | None:
        """See `Watcher.watch`: only videos are worked on."""
        return await self.videos.watch(part)

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
