"""The card of a link, which LinkedIn takes from us and never from the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError
from services.link_pages import read_page, read_picture
from services.platforms.linkedin.polls import asks
from services.text import find_links

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.platforms.linkedin.client import LinkedInClient
    from services.ports.platform import OutgoingPart

TITLE, TEXT = 400, 4086
"""Characters of a card's title and description."""
_THUMB_BYTES: Final = 1_000_000
_THUMB_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif"})
_SOURCE: Final = "article.source"
_FIELDS: Final = ("source", "title", "description", "thumbnail")


def link_of(part: OutgoingPart) -> str:
    """The address that gets a card: the first of a post that shows nothing else; empty when there is none."""
    if part.index or part.pictures or part.attachment is not None or asks(part.options):
        return ""
    links = find_links(part.text)
    return links[0].text if links else ""


async def read_card(client: LinkedInClient, link: str) -> dict[str, str]:
    """The card as handles, its picture uploaded; empty when the page can't be read in time."""
    preview = await read_page(client.http, link)
    if preview is None:
        return {}
    card = {_SOURCE: link, "article.title": preview.title[:TITLE], "article.description": preview.description[:TEXT]}
    thumb = await _thumb(client, preview.image) if preview.image else ""
    return {name: value for name, value in {**card, "article.thumbnail": thumb}.items() if value}


async def _thumb(client: LinkedInClient, address: str) -> str:
    picture = await read_picture(client.http, address, most=_THUMB_BYTES)
    if picture is None or picture[1] not in _THUMB_TYPES:
        return ""
    try:
        place = await client.begin_upload()
        await client.put(place.url, picture[0])
    except DeskError:
        return ""
    return place.urn


def article_of(handles: Mapping[str, str], link: str) -> dict[str, str] | None:
    """The card as a post carries it; None for one that was read for another link, or not at all."""
    if not link or handles.get(_SOURCE) != link:
        return None
    named = ((name, handles.get(f"article.{name}", "")) for name in _FIELDS)
    return {name: value for name, value in named if value}
