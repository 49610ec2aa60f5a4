"""Builds post records as plain values: the same input gives the same bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.platforms.bluesky.client import POSTS
from services.platforms.bluesky.facets import facets
from services.platforms.bluesky.keys import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.domain.delivery import Receipt
    from services.domain.media import Attachment, Picture
    from services.preview import Preview

Record = dict[str, object]
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
MOST_LANGUAGES: Final = 3
LABELS: Final = "labels"
"""Where a record says of itself what some people do not want to see; the option has the same name."""
_POST_URI: Final = re.compile(r"at://(did:[a-z]+:[^/\s]+)/app\.bsky\.feed\.post/([a-zA-Z0-9._~:-]+)")
_POST_PAGE: Final = re.compile(r"https?://\S+/profile/[^/\s]+/post/([a-zA-Z0-9._~:-]+)/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A post named so that nobody can change it afterwards."""

    uri: str
    cid: str

    def as_record(self) -> Record:
        """The shape that goes into a record."""
        return {"uri": self.uri, "cid": self.cid}


def reference(receipt: Receipt) -> Reference | None:
    """How to refer to a post of ours; None when the receipt came from a person's link and lacks the content's hash."""
    uri, cid = receipt.extra.get("uri") or receipt.remote_id, receipt.extra.get("cid", "")
    return Reference(uri=uri, cid=cid) if cid and uri.startswith("at://") else None


def locate(receipt: Receipt) -> tuple[str, str] | None:
    """The DID (empty when a web address doesn't tell) and record key of a post."""
    for text in (receipt.extra.get("uri", ""), receipt.remote_id):
        if match := _POST_URI.fullmatch(text.strip()):
            return match.group(1), match.group(2)
    for text in (receipt.remote_id, receipt.url):
        if match := _POST_PAGE.fullmatch(text.strip()):
            return "", match.group(1)
    return None


def build(
    *,
    text: str,
    created_at: datetime,
    dids: Mapping[str, str],
    embed: Record | None = None,
    thread: Sequence[Reference] = (),
    languages: Sequence[str] = (),
    label: str = "",
) -> Record:
    """A whole post record; `thread` is root and parent, or empty."""
    record: Record = {"$type": POSTS, "text": text, "createdAt": timestamp(created_at)}
    if found := facets(text, dids):
        record["facets"] = found
    if thread:
        record["reply"] = {"root": thread[0].as_record(), "parent": thread[-1].as_record()}
    if embed is not None:
        record["embed"] = embed
    if languages:
        record["langs"] = list(languages)
    if label:
        record[LABELS] = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": label}]}
    return record


def languages(option: str) -> tuple[str, ...]:
    """Language tags from a variant's `language` option: at most three, ill-formed ones left out."""
    tags = (tag.strip() for tag in option.split(","))
    return tuple(tag for tag in tags if _LANGUAGE.fullmatch(tag))[:MOST_LANGUAGES]


def images_embed(pictures: Sequence[Picture], blobs: Sequence[Mapping[str, object]]) -> Record:
    """Pictures in order, each with its alt text and, when known, its shape."""
    images: list[Record] = []
    for picture, blob in zip(pictures, blobs, strict=True):
        image: Record = {"image": dict(blob), "alt": picture.alt}
        if picture.item.width > 0 and picture.item.height > 0:
            image["aspectRatio"] = {"width": picture.item.width, "height": picture.item.height}
        images.append(image)
    return {"$type": "app.bsky.embed.images", "images": images}


def video_embed(attachment: Attachment, blob: Mapping[str, object]) -> Record:
    """A video with what it shows in words and, when known, its shape."""
    embed: Record = {"$type": "app.bsky.embed.video", "video": dict(blob)}
    if attachment.alt:
        embed["alt"] = attachment.alt
    if attachment.item.width > 0 and attachment.item.height > 0:
        embed["aspectRatio"] = {"width": attachment.item.width, "height": attachment.item.height}
    return embed


def card_embed(link: str, preview: Preview, thumb: Mapping[str, object] | None) -> Record:
    """A link with what its page says about itself."""
    external: Record = {"uri": link, "title": preview.title, "description": preview.description}
    if thumb is not None:
        external["thumb"] = dict(thumb)
    return {"$type": "app.bsky.embed.external", "external": external}


def same_post(found: Mapping[str, object], ours: Mapping[str, object]) -> bool:
    """Whether a record is this post of ours: words and creation time, which no other post shares."""
    return found.get("text") == ours["text"] and found.get("createdAt") == ours["createdAt"]
