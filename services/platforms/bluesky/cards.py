"""Makes the card of a link from its page; a card is a nicety, so whatever fails only leaves it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, Refused
from services.platforms.bluesky.record import card_embed
from services.preview import picture_type, read_preview

if TYPE_CHECKING:
    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.record import Record
    from services.ports.http import Answer, Http

PAGE_SECONDS: Final = 3.0
THUMB_BYTES: Final = 1_000_000
"""Largest preview picture the record schema takes."""


async def link_card(client: Client, link: str) -> Record | None:
    """The embed for a link, its picture uploaded; None when the page can't be read in time."""
    page = await _fetched(client.http, link)
    if page is None:
        return None
    preview = read_preview(page.body, url=link, content_type=page.headers.get("content-type", ""))
    if preview is None:
        return None
    thumb = await _thumb(client, preview.image) if preview.image else None
    return card_embed(link, preview, thumb)


async def _thumb(client: Client, address: str) -> Record | None:
    picture = await _fetched(client.http, address, max_bytes=THUMB_BYTES + 1)
    if picture is None or len(picture.body) > THUMB_BYTES:
        return None
    mime = picture_type(picture.body)
    if mime is None:
        return None
    try:
        blob = await client.upload_blob(picture.body, mime)
    except Refused:
        return None
    return blob if str(blob["mimeType"]).startswith("image/") else None


async def _fetched(http: Http, url: str, *, max_bytes: int = 512_000) -> Answer | None:
    try:
        answer = await http.fetch_page(url, timeout=PAGE_SECONDS, max_bytes=max_bytes)
    except (DeskError, OSError, ValueError):  # a link is a person's text: ports and host names in it may be nonsense
        return None
    return answer if answer.ok else None
