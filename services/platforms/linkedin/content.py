"""What a post shows beside its text, as LinkedIn takes it: exactly one thing, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Unavailable
from services.platforms.linkedin.cards import article_of, link_of
from services.platforms.linkedin.errors import AGAIN
from services.platforms.linkedin.littletext import visible
from services.platforms.linkedin.lookup import uploads_of
from services.platforms.linkedin.polls import poll_for

if TYPE_CHECKING:
    from services.domain.account import Limits
    from services.domain.media import Attachment
    from services.ports.platform import OutgoingPart

_TITLE: Final = 100
"""Characters of a video's or document's title; LinkedIn names no limit and shows about sixty."""


def content_of(part: OutgoingPart, limits: Limits) -> dict[str, object] | None:
    """The poll, the video or document, the pictures, the card of the first link, or None for bare text."""
    poll = poll_for(part, limits)
    if poll is not None:
        return {"poll": poll}
    if part.attachment is not None:
        return {"media": _attached(part, part.attachment)}
    if part.pictures:
        return _pictures(part)
    article = article_of(part.handles, link_of(part))
    return None if article is None else {"article": article}


def _attached(part: OutgoingPart, attachment: Attachment) -> dict[str, str]:
    urns = uploads_of(part)
    if not urns:
        raise Unavailable("What the post shows is not uploaded yet.", next_step=AGAIN)
    described = {"altText": attachment.alt} if attachment.alt and attachment.moves else {}
    return {"id": urns[0], "title": title_of(part.text, attachment), **described}


def title_of(text: str, attachment: Attachment) -> str:
    """What a video or document is called: its own words, else the first line of the post."""
    lines = (line.strip() for line in (*attachment.alt.splitlines(), *visible(text).splitlines()))
    title = next((line for line in lines if line), "Video" if attachment.moves else "Document")
    return title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…"


def _pictures(part: OutgoingPart) -> dict[str, object]:
    urns = uploads_of(part)
    if len(urns) < len(part.pictures):
        raise Unavailable("A picture is not uploaded yet.", next_step=AGAIN)
    images = [
        {"id": urn, **({"altText": picture.alt} if picture.alt else {})}
        for urn, picture in zip(urns, part.pictures, strict=True)
    ]
    return {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}
