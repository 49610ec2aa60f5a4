"""A sheet as the blocks of one Slack message: pure, and valid for every sheet there can be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from handlers.slack.blocks import (
    MOST_TEXT,
    Block,
    bold,
    characters,
    context,
    escaped,
    header,
    image,
    inert,
    label,
    mrkdwn,
    named,
    plain_text,
    rich,
    said,
    section,
)
from handlers.views.card import (
    Button,
    Checks,
    Fields,
    ImageBlock,
    Link,
    Note,
    Style,
    Text,
    Tone,
    VariantBlock,
    link_of,
    short,
)
from handlers.views.instants import Instant, pieces, plain
from handlers.views.sheet import SurfaceLimits, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from handlers.slack.blocks import Element
    from handlers.views.card import Block as CardBlock
    from handlers.views.card import Card
    from handlers.views.sheet import Sheet

LIMITS: Final = SurfaceLimits(
    text=10_000,
    block_text=10_000,
    form_fields=30,
    field_text=40_000,
    menu=20,
    excerpt=1200,
    size=lambda text: len(mrkdwn(text)),
)
"""Less than the 13,200 characters at which messages were seen to be refused; modals spread long answers themselves."""
_MOST_BLOCKS: Final = 50
_MOST_CHARACTERS: Final = 13_000
_SHORT_FALLBACK: Final = 300
ASKED: Final = "asked:"
"""Stands before the id of a button whose confirmation Slack itself shows."""
_MARKS: Final = {Tone.DANGER: "To change: ", Tone.WARNING: "To check: "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the Web API takes."""

    blocks: list[Block]
    text: str
    """For notifications and screen readers, escaped."""


def message(sheet: Sheet, files: Mapping[str, str]) -> Message:
    """`files` are the ids under which Slack has the pictures, by digest; one that is missing is told in a line."""
    card = sheet.card
    shapes = (_blocks(sheet, files, dialogs=True), _blocks(sheet, files, dialogs=False), _close_set(sheet, files))
    blocks = next(found for found in map(list, shapes) if _fits(found))
    return Message(blocks=named(blocks, _stem(card)), text=fallback(card))


def _fits(blocks: list[Block]) -> bool:
    return len(blocks) <= _MOST_BLOCKS and characters(blocks) <= _MOST_CHARACTERS


def _stem(card: Card) -> str:
    return f"cd:{card.draft_id or card.card_id[:100]}:{card.revision}"


def fallback(card: Card) -> str:
    """The card in one line."""
    facts = next((b for b in card.blocks if isinstance(b, Fields) and b.headed), None)
    status = [facts.items[0].text] if facts and facts.items else []
    words = [plain(b.text) for b in card.blocks if isinstance(b, (VariantBlock, Text, Note)) and b.text.strip()]
    parts = [plain(card.title), *status, *words[:1]]
    return escaped(short(" · ".join(p for p in parts if p.strip()), _SHORT_FALLBACK)) or "Copydesk"


def digest_of(block: ImageBlock) -> str:
    """Under which digest its bytes are kept."""
    return block.url.rpartition("/")[2]


def verb_of(button_id: str) -> str:
    """The verb in a button's id, of a confirming one too."""
    parts = button_id.split(":")
    return parts[2] if len(parts) > 2 and parts[2].isidentifier() else "press"


def _blocks(sheet: Sheet, files: Mapping[str, str], *, dialogs: bool) -> Iterator[Block]:
    card = sheet.card
    if plain(card.title).strip():
        yield header(card.title)
    for block in card.blocks:
        yield from _block(block, files)
    yield from _actions(sheet, dialogs=dialogs)
    for line in card.audit:
        if line.strip():
            yield context(line)


def _block(block: CardBlock, files: Mapping[str, str]) -> Iterator[Block]:
    match block:
        case Text():
            yield from _text(block)
        case VariantBlock():
            yield from _variant(block)
        case ImageBlock():
            yield _image(block, files)
        case Checks():
            yield from _checks(block)
        case Fields():
            yield from _facts(block)
        case Note():
            yield from _note(block)
        case Link():
            yield from _link(block)
        case _:
            assert_never(block)


def _text(block: Text) -> Iterator[Block]:
    if block.text.strip():
        yield rich(said(block.text))
    yield from _left_out(block.left_out)


def _left_out(count: int) -> Iterator[Block]:
    if count:
        yield context(f"… {count:,} more characters: “Full text” has all of it.")


def _variant(block: VariantBlock) -> Iterator[Block]:
    yield context(" · ".join(_margin(block)))
    if block.chosen:
        yield context(block.chosen)
    if block.to_choose:
        yield rich([bold(_MARKS[Tone.DANGER]), *inert(block.to_choose)])
    posts = block.parts or (block.text,)
    elements: list[Element] = []
    for number, post in enumerate(posts, start=1):
        if len(posts) > 1:
            elements.append(bold(f"{number}/{len(posts)}\n"))
        elements += inert(post)
        if number < len(posts):
            elements.append({"type": "text", "text": "\n\n"})
    if any(post.strip() for post in posts):
        yield rich(elements, "rich_text_quote")
    yield from _left_out(block.left_out)


def _margin(block: VariantBlock) -> Iterator[str]:
    """What stands beside a galley proof: for whom, how long, and whether that will do."""
    yield block.network
    yield block.who
    if block.parts:
        yield f"{len(block.parts)} posts"
    if block.limit:
        yield f"{block.length}/{block.limit}"
    if not block.valid:
        yield "too long" if block.length > block.limit > 0 else "needs a change"


def _image(block: ImageBlock, files: Mapping[str, str]) -> Block:
    known = files.get(digest_of(block))
    if known is None:
        return context(f"{_caption(block)} is being taken in …")
    alt = block.alt.strip() or f"{_caption(block)}, not described yet"
    return image(known, alt, short(block.caption, 80))


def _caption(block: ImageBlock) -> str:
    return short(block.label, 80) or "Picture"


def _checks(block: Checks) -> Iterator[Block]:
    """What is fine in one quiet line; what wants a person in a line of its own, with a word that says so."""
    fine = [c.text for c in block.items if c.tone not in _MARKS]
    if fine:
        yield context(f"OK: {' · '.join(fine)}")
    lines: list[Element] = []
    for check in (c for c in block.items if c.tone in _MARKS):
        lines += [bold(_MARKS[check.tone]), *said(f"{check.text}\n")]
    if lines:
        yield rich(lines)


def _facts(block: Fields) -> Iterator[Block]:
    items = [f for f in block.items if f.name.strip() or f.text.strip()]
    if not items:
        return
    if block.headed and not any(f.link for f in items):
        yield context(("\n" if block.apart else " · ").join(f"{f.name}: {f.text}" for f in items))
        return
    lines: list[Element] = []
    for fact in items:
        lines += [bold(f"{plain(fact.name)}: "), *_value(fact.text, link_of(fact.link)), {"type": "text", "text": "\n"}]
    yield rich(lines[:-1])


def _value(text: str, link: str) -> Iterator[Element]:
    """The fact, each part of it leading where it can be seen."""
    if not link or len(link) > MOST_TEXT:
        yield from said(text)
        return
    for element in said(text or link):
        yield {**element, "url": link, **({"type": "link"} if element["type"] == "text" else {})}


def _note(block: Note) -> Iterator[Block]:
    if not block.text.strip():
        return
    timed = any(isinstance(p, Instant) for p in pieces(block.text))
    if block.tone is Tone.QUIET:
        yield context(block.text)
    else:
        yield rich(said(block.text)) if timed or len(block.text) > MOST_TEXT else section(block.text)


def _link(block: Link) -> Iterator[Block]:
    """A button that opens an address; pressing it tells the desk nothing it acts on."""
    url = link_of(block.url)
    if url and len(url) <= MOST_TEXT:
        element = {"type": "button", "action_id": "cd.link", "text": label(block.text, 75), "url": url}
        yield {"type": "actions", "elements": [element]}
    elif block.text.strip():
        yield context(block.text)


def _actions(sheet: Sheet, *, dialogs: bool) -> Iterator[Block]:
    """The buttons; without `dialogs` the desk does the asking."""
    elements = [button(b, dialog=dialogs) for b in sheet.buttons]
    for number, element in enumerate(elements):
        if any(e["action_id"] == element["action_id"] for e in elements[:number]):
            element["action_id"] += f".{number}"
    if sheet.menu:
        elements.append(more(sheet.menu))
    if elements:
        # A new id whenever the choice is another one: the client goes on showing what was chosen under an old id.
        shown = hashlib.sha256("".join(b.id for b in sheet.card.buttons).encode()).hexdigest()[:8]
        yield {"type": "actions", "elements": elements, "block_id": f"{_stem(sheet.card)}:act:{shown}"}


def button(of: Button, *, dialog: bool) -> Element:
    """As an element; with `dialog` Slack itself asks first where the button wants that."""
    asks = of.confirm if dialog else None
    made: Element = {
        "type": "button",
        "action_id": f"cd.{verb_of(of.id)}",
        "text": label(of.label, 75),
        "value": f"{ASKED}{of.id}" if asks else of.id,
    }
    if of.style is not Style.PLAIN:
        made["style"] = of.style.value
    if asks:
        made["confirm"] = {
            "title": label(asks.title, 100),
            "text": plain_text(plain(asks.text) or asks.title, 300),
            "confirm": label(of.label, 30),
            "deny": label("Not now", 30),
            **({"style": of.style.value} if of.style is not Style.PLAIN else {}),
        }
    return made


def more(menu: tuple[Button, ...]) -> Element:
    """The buttons that are seldom wanted."""
    options = [{"text": label(b.label, 75), "value": b.id} for b in menu]
    return {"type": "static_select", "action_id": "cd.more", "placeholder": label("More…", 150), "options": options}


def _close_set(sheet: Sheet, files: Mapping[str, str]) -> Iterator[Block]:
    """A card with more blocks than a message takes, as one text."""
    foot = [*(_image(block, files) for block in sheet.images), *_actions(sheet, dialogs=False)]
    words = as_text(sheet.card).strip()
    room = _MOST_CHARACTERS - characters(foot) - 200
    if words:
        yield rich(inert(words[:room]))
    yield from _left_out(max(0, len(words) - room))
    yield from foot
