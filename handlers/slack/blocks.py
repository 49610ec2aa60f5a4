"""The pieces of Block Kit that the desk uses; words of people and models go only where nothing in them comes alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from handlers.views.card import short
from handlers.views.instants import Instant, Precision, pieces, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Block = dict[str, Any]
Element = dict[str, Any]

MOST_TEXT: Final = 3000
"""Characters of a text object (docs.slack.dev, Block Kit reference, 2026-08)."""
MOST_ALT: Final = 2000
MOST_ELEMENTS: Final = 10
"""Of a context block."""
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_FORMATS: Final = {
    Precision.MOMENT: "{date_long} at {time}",
    Precision.SHORT: "{date_short_pretty} at {time}",
}


def escaped(text: str) -> str:
    """Words for a place that reads Slack's markup: no mention, link or channel in them comes alive."""
    return text.translate(_ESCAPED)


def mrkdwn(text: str) -> str:
    """The words escaped and each instant as the token that every reader sees on their own clock."""
    return "".join(_token(p) if isinstance(p, Instant) else escaped(p) for p in pieces(text))


def _token(instant: Instant) -> str:
    fallback = escaped(instant.text.replace("|", "/"))
    return f"<!date^{instant.unix}^{_FORMATS[instant.precision]}|{fallback}>"


def plain_text(text: str, most: int = MOST_TEXT) -> Element:
    """A text object in which nothing is markup, not even an emoji's name; cut only where Slack would refuse it."""
    return {"type": "plain_text", "text": text if len(text) <= most else f"{text[: most - 1]}…", "emoji": False}


def label(text: str, most: int) -> Element:
    """The same for one line that must not be empty."""
    return plain_text(short(plain(text), most) or "–", most)


def header(text: str) -> Block:
    """A headline."""
    return {"type": "header", "text": label(text, 150)}


def section(text: str) -> Block:
    """A plain paragraph."""
    return {"type": "section", "text": plain_text(plain(text))}


def bold(text: str) -> Element:
    """A few of our own words that lead a line."""
    return {"type": "text", "text": text, "style": {"bold": True}}


def inert(text: str) -> Iterator[Element]:
    """Somebody's words as rich text, in elements no longer than any text object may be and parted between words."""
    while text:
        space = max(text.rfind(" ", 0, MOST_TEXT), text.rfind("\n", 0, MOST_TEXT)) + 1
        end = space if space and len(text) > MOST_TEXT else MOST_TEXT
        yield {"type": "text", "text": text[:end]}
        text = text[end:]


def said(text: str) -> Iterator[Element]:
    """Words of a card as rich text, with its instants on the reader's clock."""
    for piece in pieces(text):
        if isinstance(piece, Instant):
            form = _FORMATS[piece.precision]
            yield {"type": "date", "timestamp": piece.unix, "format": form, "fallback": piece.text}
        else:
            yield from inert(piece)


def rich(elements: Iterable[Element], kind: str = "rich_text_section") -> Block:
    """One rich text; `kind` may set it apart as a quote."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def context(text: str) -> Block:
    """A quiet line: words as they are and instants as tokens; one that is too long for it is set as rich text."""
    found = [p for p in pieces(text) if isinstance(p, Instant) or p.strip()]
    if len(found) > MOST_ELEMENTS or any(len(plain(p) if isinstance(p, str) else p.text) > MOST_TEXT for p in found):
        return rich(said(text))
    return {"type": "context", "elements": [_quiet(p) for p in found]}


def _quiet(piece: str | Instant) -> Element:
    if isinstance(piece, Instant):
        return {"type": "mrkdwn", "text": _token(piece), "verbatim": True}
    return plain_text(piece.strip())


def image(file_id: str, alt: str, title: str = "") -> Block:
    """A picture that was uploaded to Slack."""
    told: Block = {"type": "image", "slack_file": {"id": file_id}, "alt_text": plain_text(alt, MOST_ALT)["text"]}
    return {**told, "title": label(title, MOST_ALT)} if title else told


def named(blocks: Sequence[Block], stem: str) -> list[Block]:
    """The blocks with ids that are new with every revision, so that no client keeps what was chosen in an old one."""
    return [{**block, "block_id": block.get("block_id") or f"{stem}:{n}"} for n, block in enumerate(blocks)]


def characters(node: object) -> int:
    """All the characters a reader sees, as Slack adds them up for a message."""
    if isinstance(node, dict):
        own = len(node["text"]) if isinstance(node.get("text"), str) else 0
        return own + sum(characters(value) for value in node.values())
    return sum(map(characters, node)) if isinstance(node, list) else 0
