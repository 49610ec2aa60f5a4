"""A frozen post as Instagram's own fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.graph.publishing import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Limits
    from services.domain.media import Picture
    from services.ports.media import PictureHost
    from services.ports.platform import OutgoingPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Writes containers; pictures by the address under which the network fetches them, as JPEG."""

    limits: Limits
    pictures: PictureHost | None

    async def compose(self, part: OutgoingPart) -> Plan:
        """See `ContainerPublisher.compose`."""
        host = self._checked(part.pictures)
        caption = {"caption": part.text} if part.text else {}
        shown = [await self._shown(picture, host) for picture in part.pictures]
        if len(shown) == 1:
            return Plan(post={**shown[0], **caption})
        return Plan(
            post={"media_type": "CAROUSEL", **caption},
            children=tuple({**one, "is_carousel_item": "true"} for one in shown),
        )

    def _checked(self, pictures: Sequence[Picture]) -> PictureHost:
        if not pictures:
            raise Refused("Instagram takes no post without a picture.", fix="Add a picture.")
        if self.pictures is None:
            raise Refused(
                "Instagram fetches pictures from the desk and can't reach it.",
                fix="Set COPYDESK_PUBLIC_URL to an https address that leads here.",
            )
        if len(pictures) > self.limits.images:
            raise Refused(f"{len(pictures)} pictures, Instagram takes {self.limits.images}.", fix="Leave some out.")
        if self.limits.image_ratio is not None:
            least, most = self.limits.image_ratio
            if any(not least <= p.item.width / p.item.height <= most for p in pictures):
                raise Refused("Instagram does not take a picture of this shape.", fix="Crop it: from 4:5 to 1.91:1.")
        return self.pictures

    async def _shown(self, picture: Picture, host: PictureHost) -> Mapping[str, str]:
        address = await host.address(picture.item, self.limits.image_types)
        words = {"alt_text": picture.alt} if picture.alt else {}
        return {"image_url": address, **words}
