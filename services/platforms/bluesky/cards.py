"""Makes the card of a link from its page, with its picture uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.link_pages import read_page, read_picture
from services.platforms.bluesky.record import card_embed

if TYPE_CHECKING:
    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.record import Record

THUMB_BYTES: Final = 1_000_000
"""Largest preview picture the record schema takes."""


async def link_card(client: Client, link: str) -> Record | None:
    """The embed for a link, its picture uploaded; None when the page can't be read in time."""
    preview = await read_page(client.http, link)
    if preview is None:
        return None
    thumb = await _thumb(client, preview.image) if preview.image else None
    return card_embed(link, preview, thumb)


async def _thumb(client: Client, address: str) -> Record | None:
    picture = await read_picture(client.http, address, most=THUMB_BYTES)
    if picture is None:
        return None
    try:
        blob = await client.upload_blob(*picture)
    except Refused:
        return None
    return blob if str(blob["mimeType"]).startswith("image/") else None
