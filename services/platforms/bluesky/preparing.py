"""The repeatable work before a post: finding who is mentioned, uploading what it shows, reading a link's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.platforms.bluesky import facets
from services.platforms.bluesky.cards import link_card
from services.platforms.bluesky.record import images_embed
from services.platforms.bluesky.rules import TEXT_BYTES, count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Limits
    from services.domain.media import Picture
    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.record import Record
    from services.platforms.bluesky.videos import Videos
    from services.ports.platform import MediaReader, OutgoingPart

IMAGE_BYTES: Final = 2_000_000
"""What the record schema allows; a server that takes less says so itself, and pictures are made to fit it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparer:
    """Everything a record needs from the network before it can be built."""

    client: Client
    videos: Videos
    limits: Limits
    quiet: bool
    """Fetch no pages for link cards, because nothing may leave the machine."""

    async def identities(self, text: str) -> Mapping[str, str]:
        """The DID of each mentioned handle; whoever can't be found stays plain text."""
        found = {handle: await self.client.resolve_handle(handle) for handle in facets.handles(text)}
        return {handle: did for handle, did in found.items() if did}

    async def embed(self, part: OutgoingPart, read_media: MediaReader) -> Record | None:
        """The video, else the pictures, else the first link's card, else nothing."""
        if part.attachment is not None:
            return await self.videos.embed(part.attachment, part.handles)
        if part.pictures:
            return await self._pictures(part.pictures, read_media)
        link = facets.first_link(part.text)
        return None if link is None or self.quiet else await link_card(self.client, link)

    def check_length(self, text: str) -> None:
        """Refuse before anything is sent what the server would refuse."""
        length, size = count(text)
        most_bytes = self.limits.text_bytes or TEXT_BYTES
        if length > self.limits.text or size > most_bytes:
            raise Refused(
                f"The text has {length} graphemes and {size} bytes; Bluesky takes {self.limits.text} and {most_bytes}.",
                fix="Shorten the text.",
            )

    async def _pictures(self, pictures: Sequence[Picture], read_media: MediaReader) -> Record:
        most = self.limits.images
        if len(pictures) > most:
            raise Refused(f"{len(pictures)} pictures: Bluesky shows at most {most}.", fix=f"Keep {most} pictures.")
        for picture in pictures:
            self._check_size(picture.item.size)
        blobs = [await self._uploaded(picture, read_media) for picture in pictures]
        return images_embed(pictures, blobs)

    async def _uploaded(self, picture: Picture, read_media: MediaReader) -> Record:
        data = await read_media(picture)
        self._check_size(len(data))
        blob = await self.client.upload_blob(data, picture.item.mime)
        kind = str(blob["mimeType"])
        if not kind.startswith("image/"):
            raise Refused(f"Bluesky takes this file for {kind}, not for a picture.", fix="Replace the picture.")
        return blob

    @staticmethod
    def _check_size(size: int) -> None:
        if size > IMAGE_BYTES:
            msg = f"The picture has {size:,} bytes; Bluesky takes at most {IMAGE_BYTES:,}."
            raise Refused(msg, fix="Use a smaller picture.")
