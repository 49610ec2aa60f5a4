"""A frozen post as Instagram's own fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.domain.media import Attachment, Picture, attachments_of, pictures_of
from services.graph.carousels import refuse_too_many
from services.graph.publishing import Plan
from services.platforms.instagram.choices import FALSE, SHARE_TO_FEED, is_story
from services.videos import refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Limits
    from services.domain.media import Medium
    from services.ports.media import PictureHost
    from services.ports.platform import OutgoingPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Writes containers; pictures and videos by the address under which the network fetches them."""

    limits: Limits
    pictures: PictureHost | None
    takes_bytes: bool = False
    """Whether a video can be sent where the network can't fetch it."""

    async def compose(self, part: OutgoingPart) -> Plan:
        """See `ContainerPublisher.compose`."""
        story = is_story(part.options)
        self._check(part.media, story=story)
        if len(part.media) > 1:
            caption = {"caption": part.text} if part.text else {}
            items = [{**await self._item(medium), "is_carousel_item": "true"} for medium in part.media]
            return Plan(post={"media_type": "CAROUSEL", **caption}, children=tuple(items))
        (only,) = part.media
        if isinstance(only, Attachment):
            return await self._film(part, only, story=story)
        if story:
            return Plan(post={"media_type": "STORIES", "image_url": await self._address(only)})
        return Plan(post={**await self._shown(only), **({"caption": part.text} if part.text else {})})

    async def _item(self, medium: Medium) -> Mapping[str, str]:
        """One of several; a video among them is no reel."""
        if isinstance(medium, Picture):
            return await self._shown(medium)
        return {"media_type": "VIDEO", "video_url": await self._address(medium)}

    async def _film(self, part: OutgoingPart, film: Attachment, *, story: bool) -> Plan:
        """A video is a reel, or a story without words; the network takes no description of either."""
        post = {"media_type": "STORIES"} if story else self._reel(part)
        if self.pictures is None:
            return Plan(post={**post, "upload_type": "resumable"}, sent=film.item)
        return Plan(post={**post, "video_url": await self._address(film)})

    @staticmethod
    def _reel(part: OutgoingPart) -> Mapping[str, str]:
        apart = {SHARE_TO_FEED: FALSE} if part.options.get(SHARE_TO_FEED) == FALSE else {}
        return {"media_type": "REELS", **({"caption": part.text} if part.text else {}), **apart}

    def _check(self, media: Sequence[Medium], *, story: bool) -> None:
        if not media:
            raise Refused("Instagram takes no post without a picture or a video.", fix="Add a picture or a video.")
        for film in attachments_of(media):
            refuse_other_than_video(film, self.limits, "Instagram")
        pictures = pictures_of(media)
        by_bytes = self.takes_bytes and len(media) == 1 and not pictures
        if self.pictures is None and not by_bytes:
            raise _unreachable("pictures" if pictures else "videos")
        refuse_too_many(media, replace(self.limits, images=1, mixed=0) if story else self.limits, "Instagram")
        if self.limits.image_ratio is not None and not story:
            least, widest = self.limits.image_ratio
            if any(not least <= p.item.width / p.item.height <= widest for p in pictures):
                raise Refused("Instagram does not take a picture of this shape.", fix="Crop it: from 4:5 to 1.91:1.")

    async def _address(self, medium: Medium) -> str:
        """Where the network fetches it."""
        assert self.pictures is not None
        if isinstance(medium, Picture):
            return await self.pictures.address(medium.item, self.limits.image_types)
        assert self.limits.video is not None
        return await self.pictures.address(medium.item, self.limits.video.types)

    async def _shown(self, picture: Picture) -> Mapping[str, str]:
        words = {"alt_text": picture.alt} if picture.alt else {}
        return {"image_url": await self._address(picture), **words}


def _unreachable(what: str) -> Refused:
    return Refused(
        f"Instagram fetches {what} from the desk and can't reach it.",
        fix="Set COPYDESK_PUBLIC_URL to an https address that leads here.",
    )
