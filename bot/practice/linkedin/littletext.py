"""Reads little text as LinkedIn does: a reserved sign left bare ends the post there, without a word."""

from __future__ import annotations

import re

from bot.practice.text import HASHTAG, links

RESERVED = frozenset("\\|{}@[]()<>#*_~")
HASHTAG_ELEMENT = re.compile(r"\{hashtag\|\\?#\|((?:\\.|[^\\{}|])+)\}")
MENTION_ELEMENT = re.compile(r"@\[((?:\\.|[^\\\[\]])+)\]\((urn:li:(?:person|organization):[\w-]+)\)")
RAW_HASHTAG = re.compile(r"#(\w*[^\W\d_]\w*)")


def read(commentary: str) -> tuple[str, list[str]]:
    """Answer what a post says, cut off at the first bare sign, and the URNs it mentions."""
    said, named, at = [], [], 0
    while at < len(commentary):
        letter = commentary[at]
        if letter == "\\" and at + 1 < len(commentary):
            said.append(commentary[at + 1])
            at += 2
            continue
        if letter not in RESERVED:
            said.append(letter)
            at += 1
            continue
        found = _element(commentary, at)
        if found is None:
            break
        words, urn, at = found
        said.append(words)
        named += [urn] if urn else []
    return "".join(said), named


def _element(commentary: str, at: int) -> tuple[str, str, int] | None:
    tag = HASHTAG_ELEMENT.match(commentary, at)
    if tag is not None:
        return f"#{_bare(tag[1])}", "", tag.end()
    mention = MENTION_ELEMENT.match(commentary, at)
    if mention is not None:
        return f"@[{_bare(mention[1])}]({mention[2]})", mention[2], mention.end()
    raw = RAW_HASHTAG.match(commentary, at)
    return None if raw is None or "_" in raw[1] else (raw.group(), "", raw.end())


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def written(text: str) -> str:
    """Write plain text as a careful client does, for the posts of the seeded history."""
    inside = [range(start, end) for start, end in links(text)]
    pieces, at = [], 0
    for tag in HASHTAG.finditer(text):
        if not any(tag.start() in span for span in inside):
            pieces += [_escaped(text[at : tag.start()]), rf"{{hashtag|\#|{_escaped(tag[1])}}}"]
            at = tag.end()
    return "".join([*pieces, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in RESERVED else letter for letter in text)


def visible(said: str) -> str:
    """What readers see: of a mention only the name."""
    return MENTION_ELEMENT.sub(r"\1", said)
