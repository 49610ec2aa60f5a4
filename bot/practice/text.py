"""How the stand-ins read text: graphemes, links, hashtags and the facets that mark them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import regex  # type: ignore[import-untyped, unused-ignore]  # the package ships no type hints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.practice.kinds import Json

LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
HASHTAG = re.compile(r"(?<![\w/&])#(\w*[^\W\d_]\w*)")
REMOTE_MENTION = re.compile(r"(?<![\w/@])@(\w+(?:[\w.-]*\w)?)@[\w-]+(?:\.[\w-]+)+(?::\d+)?")
GRAPHEME = regex.compile(r"\X")
TRAILING = ".,;:!?'\"*_~"


def storable(text: str) -> bool:
    """Tell whether text is real Unicode; JSON can smuggle in half a character, which no UTF-8 can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def graphemes(text: str) -> int:
    """Count what a person would call characters."""
    return len(GRAPHEME.findall(text))


def links(text: str) -> Iterator[tuple[int, int]]:
    """Answer where each http(s) address starts and ends, without the punctuation that follows it."""
    for found in LINK.finditer(text):
        address = found.group()
        while address[-1] in TRAILING or (address[-1] in ")]" and _unbalanced(address)):
            address = address[:-1]
        if len(address) > address.index("//") + 2:
            yield found.start(), found.start() + len(address)


def _unbalanced(address: str) -> bool:
    opening = "(" if address[-1] == ")" else "["
    return address.count(address[-1]) > address.count(opening)


def mastodon_length(text: str, *, per_link: int) -> int:
    """Count a status as Mastodon does: graphemes, each link a fixed size, of a remote mention only the user part."""
    pieces, at = [], 0
    total = 0
    for start, end in links(text):
        pieces.append(text[at:start])
        total += per_link
        at = end
    pieces.append(text[at:])
    return total + sum(graphemes(REMOTE_MENTION.sub(r"@\1", piece)) for piece in pieces)


def facets(text: str) -> list[Json]:
    """Mark links and hashtags with UTF-8 byte offsets, as a Bluesky client does for its own posts."""

    def index(start: int, end: int) -> Json:
        return {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}

    spans = list(links(text))
    marked: list[Json] = [
        {
            "index": index(start, end),
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": text[start:end]}],
        }
        for start, end in spans
    ]
    for tag in HASHTAG.finditer(text):
        if not any(start <= tag.start() < end for start, end in spans):
            feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag.group(1)}
            marked.append({"index": index(tag.start(), tag.end()), "features": [feature]})
    return marked


EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{RI}|\u20e3")


def threads_length(text: str) -> int:
    """Count a post as Threads does: characters, and of an emoji its bytes."""
    whole = GRAPHEME.findall(unicodedata.normalize("NFC", text))
    return sum(len(one.encode()) if EMOJI.search(one) else len(one) for one in whole)
