"""A frozen post as Instagram's own fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.graph.publishing import Plan
from services.platforms.instagram.choices import FALSE, SHARE_TO_FEED, is_story
from services.videos import refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Limits
    from services.domain.media import Attachment, Picture
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
        if part.attachment is not None:
            return await self._film(part, part.attachment, story=story)
        host = self._checked(part.pictures, story=story)
        if story:
            return Plan(post={"media_type": "STORIES", "image_url": await self._address(part.pictures[0], host)})
        caption = {"caption": part.text} if part.text else {}
        shown = [await self._shown(picture, host) for picture in part.pictures]
        if len(shown) == 1:
            return Plan(post={**shown[0], **caption})
        return Plan(
            post={"media_type": "CAROUSEL", **caption},
            children=tuple({**one, "is_carousel_item": "true"} for one in shown),
        )

    async def _film(self, part: OutgoingPart, film: Attachment, *, story: bool) -> Plan:
        """A video is a reel, or a story without words; the network takes no description of either."""
        refuse_other_than_video(film, self.limits, "Instagram")
        assert self.limits.video is not None
        post = {"media_type": "STORIES"} if story else self._reel(part)
        if self.pictures is not None:
            address = await self.pictures.address(film.item, self.limits.video.types)
            return Plan(post={**post, "video_url": address})
        if not self.takes_bytes:
            raise _unreachable("videos")
        return Plan(post={**post, "upload_type": "resumable"}, sent=film.item)

    @staticmethod
    def _reel(part: OutgoingPart) -> Mapping[str, str]:
        apart = {SHARE_TO_FEED: FALSE} if part.options.get(SHARE_TO_FEED) == FALSE else {}
        return {"media_type": "REELS", **({"caption": part.text} if part.text else {}), **apart}

    def _checked(self, pictures: Sequence[Picture], *, story: bool) -> PictureHost:
        if not pictures:
            raise Refused("Instagram takes no post without a picture or a video.", fix="Add a picture or a video.")
        if self.pictures is None:
            raise _unreachable("pictures")
        most = 1 if story else self.limits.images
        if len(pictures) > most:
            raise Refused(f"{len(pictures)} pictures, Instagram takes {most}.", fix="Leave some out.")
        if self.limits.image_ratio is not None and not story:
            least, widest = self.limits.image_ratio
            if any(not least <= p.item.width / p.item.height <= widest for p in pictures):
                raise Refused("Instagram does not take a picture of this shape.", fix="Crop it: from 4:5 to 1.91:1.")
        return self.pictures

    async def _address(self, picture: Picture, host: PictureHost) -> str:
        return await host.address(picture.item, self.limits.image_types)

    async def _shown(self, picture: Picture, host: PictureHost) -> Mapping[str, str]:
        words = {"alt_text": picture.alt} if picture.alt else {}
        return {"image_url": await self._address(picture, host), **words}


def _unreachable(what: str) -> Refused:
    return Refused(
        f"Instagram fetches {what} from the desk and can't reach it.",
        fix="Set COPYDESK_PUBLIC_URL to an https address that leads here.",
    )
