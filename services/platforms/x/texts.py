"""What X makes of a text, undone: its own links traded for the addresses they stand for, signs unescaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.text import fingerprint

if TYPE_CHECKING:
    from services.platforms.x.models import WirePost

_OWN_MEDIA: Final = re.compile(r"https?://[^/\s]+/(?:i|\w+)(?:/web)?/status/\d+/(?:photo|video)/\d+/?")
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_SIGNS: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def written(post: WirePost) -> str:
    """A post's text as its author wrote it."""
    text, entities = (post.long.text, post.long.entities) if post.long.text else (post.text, post.entities)
    for link in (*entities.urls, *post.entities.urls):
        if not link.url:
            continue
        if link.media_key or _OWN_MEDIA.fullmatch(link.expanded):
            text = re.sub(rf"\s*{re.escape(link.url)}", "", text)
        elif link.expanded:
            text = text.replace(link.url, link.expanded)
    for sign, meant in _SIGNS:
        text = text.replace(sign, meant)
    return text


def likeness(text: str) -> str:
    """What stays of a text whatever X made of its links: no spaces, no schemes, no slash that ends an address."""
    return _SCHEME.sub("", fingerprint(re.sub(r"/(?=\s|$)", "", text)))
