"""Finds what a reader may click in a text; the network detects nothing itself and wants ranges in UTF-8 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import regex

from services.text import apart, find_links

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TAG_GRAPHEMES: Final = 64
TAG_BYTES: Final = 640
"""Longest tag the record schema takes, without its #."""

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MENTION: Final = regex.compile(
    rf"(?<![\w@/.#-])@((?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)(?![\w@-])", regex.IGNORECASE
)
_TAG: Final = regex.compile(r"(?<![^\s(\[{「『（])[#＃](?!\ufe0f)([^\s#＃@\p{C}\u00ad\u2060\u200a-\u200d\u20e2]+)")
_TAG_END: Final = regex.compile(r"\p{P}+\Z")
_HAS_LETTER: Final = regex.compile(r"[^\d\p{P}\p{M}]")


class Kind(StrEnum):
    """What a range of text leads to."""

    LINK = "link"
    MENTION = "mention"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A range of the text in characters, end exclusive; `value` is the address, handle, or tag without #."""

    kind: Kind
    start: int
    end: int
    value: str


def spans(text: str) -> tuple[Span, ...]:
    """Everything to click, in reading order and never overlapping: links first, then what stands outside of them."""
    return apart((*_links(text), *_mentions(text), *_tags(text)))


def handles(text: str) -> tuple[str, ...]:
    """The handles mentioned, lower case, each once."""
    return tuple(dict.fromkeys(s.value.lower() for s in spans(text) if s.kind is Kind.MENTION))


def first_link(text: str) -> str | None:
    """The address that gets the preview."""
    return next((s.value for s in spans(text) if s.kind is Kind.LINK), None)


def facets(text: str, dids: Mapping[str, str]) -> list[dict[str, object]]:
    """The record's `facets`; `dids` by lower-case handle, and those it lacks stay plain text."""
    offsets = _byte_offsets(text)
    return [
        {"index": {"byteStart": offsets[s.start], "byteEnd": offsets[s.end]}, "features": [feature]}
        for s in spans(text)
        if (feature := _feature(s, dids)) is not None
    ]


def _feature(span: Span, dids: Mapping[str, str]) -> dict[str, object] | None:
    if span.kind is Kind.LINK:
        return {"$type": "app.bsky.richtext.facet#link", "uri": span.value}
    if span.kind is Kind.TAG:
        return {"$type": "app.bsky.richtext.facet#tag", "tag": span.value}
    did = dids.get(span.value.lower())
    return {"$type": "app.bsky.richtext.facet#mention", "did": did} if did else None


def _byte_offsets(text: str) -> list[int]:
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + len(character.encode("utf-8", "surrogatepass")))
    return offsets


def _links(text: str) -> Iterator[Span]:
    for link in find_links(text):
        yield Span(kind=Kind.LINK, start=link.start, end=link.end, value=link.text)


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text):
        yield Span(kind=Kind.MENTION, start=match.start(), end=match.end(), value=match.group(1))


def _tags(text: str) -> Iterator[Span]:
    for match in _TAG.finditer(text):
        tag = _TAG_END.sub("", match.group(1))
        if not _HAS_LETTER.search(tag) or len(tag.encode()) > TAG_BYTES:
            continue
        if len(regex.findall(r"\X", tag)) <= TAG_GRAPHEMES:
            yield Span(kind=Kind.TAG, start=match.start(), end=match.start() + 1 + len(tag), value=tag)
