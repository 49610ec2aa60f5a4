"""Reads the page behind a link for its card; a card is a nicety, so whatever fails only leaves it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError
from services.preview import picture_type, read_preview

if TYPE_CHECKING:
    from services.ports.http import Answer, Http
    from services.preview import Preview

PAGE_SECONDS: Final = 3.0


async def read_page(http: Http, link: str) -> Preview | None:
    """What a link's page says about itself; None when it can't be read in time."""
    page = await _fetched(http, link)
    if page is None:
        return None
    return read_preview(page.body, url=link, content_type=page.headers.get("content-type", ""))


async def read_picture(http: Http, address: str, *, most: int) -> tuple[bytes, str] | None:
    """A page's picture and its MIME type; None when it can't be read in time, is none or has more than `most` bytes."""
    picture = await _fetched(http, address, max_bytes=most + 1)
    if picture is None or len(picture.body) > most:
        return None
    mime = picture_type(picture.body)
    return None if mime is None else (picture.body, mime)


async def _fetched(http: Http, url: str, *, max_bytes: int = 512_000) -> Answer | None:
    try:
        answer = await http.fetch_page(url, timeout=PAGE_SECONDS, max_bytes=max_bytes)
    except (DeskError, OSError, ValueError):  # a link is a person's text: ports and host names in it may be nonsense
        return None
    return answer if answer.ok else None
