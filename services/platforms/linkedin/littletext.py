"""LinkedIn's little text: a post is written in it, and a sign left bare in it can cut the post off in silence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.text import find_hashtags

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED: Final = frozenset("\\|{}@[]()<>#*_~")
"""What must stand behind a backslash wherever it means itself."""
_RESERVED: Final = re.compile(r"[\\|{}@\[\]()<>#*_~]")
MENTION: Final = re.compile(r"@\[([^\[\]\n]{1,200})\]\((urn:li:(?:person|organization):[\w-]+)\)")
"""Somebody named as LinkedIn wants it, which people may write into a draft."""
_ELEMENT: Final = re.compile(
    r"\\(?P<plain>.)"
    r"|\{hashtag\|\\?#\|(?P<tag>(?:\\.|[^\\{}|])+)\}"
    r"|@\[(?P<name>(?:\\.|[^\\\[\]])+)\]\((?P<urn>urn:li:[\w:-]+)\)",
    re.DOTALL,
)


def escape_plain(text: str) -> str:
    """The text with every reserved sign meaning itself."""
    return _RESERVED.sub(r"\\\g<0>", text)


def escape(text: str) -> str:
    """A text as a post's commentary: hashtags and mentions work, all else means itself."""
    out, at = [], 0
    for start, end, element in sorted(_elements(text)):
        if start < at:
            continue
        out += [escape_plain(text[at:start]), element]
        at = end
    return "".join([*out, escape_plain(text[at:])])


def _elements(text: str) -> Iterator[tuple[int, int, str]]:
    for match in MENTION.finditer(text):
        yield match.start(), match.end(), f"@[{escape_plain(match[1])}]({match[2]})"
    for tag in find_hashtags(text):
        if tag.text[0] != "#":
            continue  # the wide sign is not reserved: left as it is, it works and stays wide
        yield tag.start, tag.end, rf"{{hashtag|\#|{escape_plain(tag.text[1:])}}}"


def unescape(commentary: str) -> str:
    """A post's commentary as people wrote it."""
    return _ELEMENT.sub(_meant, commentary)


def _meant(match: re.Match[str]) -> str:
    if match["plain"] is not None:
        return match["plain"]
    if match["tag"] is not None:
        return f"#{unescape(match['tag'])}"
    return f"@[{unescape(match['name'])}]({match['urn']})"


def visible(text: str) -> str:
    """What readers see of a text: of a mention only the name."""
    return MENTION.sub(r"\1", text)
