"""A sheet as Discord's components: one container, its texts, its pictures, its buttons; the same for every state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

import discord

from handlers.discord.buttons import ASK, Ask, More, Press
from handlers.discord.inert import TEXT_MOST, length, spoken
from handlers.views.card import (
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
from handlers.views.instants import plain
from services.domain.ids import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from handlers.views.card import Block, Button, Field
    from handlers.views.sheet import Sheet

PARTS_MOST: Final = 40
"""Components of one message, nested ones included (docs.discord.com, 2026-08)."""
ALT_MOST: Final = 1024
"""Characters of a picture's description."""
ACCENTS: Final = {
    Tone.QUIET: None,
    Tone.WAITING: discord.Colour(0xB3261E),
    Tone.GOOD: discord.Colour(0x2F6B3C),
    Tone.WARNING: discord.Colour(0x8A5A00),
    Tone.DANGER: discord.Colour(0xB3261E),
}
"""The edge of a card; its title and facts say the same in words."""
_WORDS: Final = {
    Tone.QUIET: "",
    Tone.GOOD: "OK: ",
    Tone.WAITING: "To decide: ",
    Tone.WARNING: "To check: ",
    Tone.DANGER: "To fix: ",
}
"""What a check's tone says to those who see no colour."""
_LABEL: Final = 80
"""Characters of a button's label that Discord takes."""
_URL: Final = 512
"""The same for its address."""
_STYLES: Final = {
    Style.PRIMARY: discord.ButtonStyle.primary,
    Style.PLAIN: discord.ButtonStyle.secondary,
    Style.DANGER: discord.ButtonStyle.danger,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """How roomily a card is set; the narrowest adds no more than the sheet counted for."""

    links: bool = True
    words: bool = True
    """Whole sentences around counts and omissions."""
    rules: bool = True


_SETTINGS: Final = (
    _Setting(),
    _Setting(links=False),
    _Setting(links=False, rules=False),
    _Setting(links=False, words=False, rules=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A text with a rule above it where there is room for one."""

    text: str
    rule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Pictures side by side, by file name."""

    items: tuple[tuple[str, str], ...]
    """The attachment's name and the picture's description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A button that opens an address."""

    label: str
    url: str


_Piece = _Said | _Seen | _Way


def digest_of(image: ImageBlock) -> Digest:
    """Which stored picture it is."""
    return Digest(image.url.rpartition("/")[2])


def render(sheet: Sheet, files: Mapping[Digest, str]) -> discord.ui.LayoutView:
    """The message; `files` names the attachment of each picture that goes with it."""
    for setting in _SETTINGS[:-1]:
        pieces = _joined(tuple(_pieces(sheet, files, setting)), setting)
        if _fits(sheet, pieces):
            return _laid(sheet, pieces)
    return _laid(sheet, _joined(tuple(_pieces(sheet, files, _SETTINGS[-1])), _SETTINGS[-1]))


def _fits(sheet: Sheet, pieces: Sequence[_Piece]) -> bool:
    """Whether Discord takes so many characters and components."""
    said = [p for p in pieces if isinstance(p, _Said)]
    rules = sum(p.rule for p in said)
    rows = [len(sheet.buttons), min(len(sheet.menu), 1)]
    ways = sum(isinstance(p, _Way) for p in pieces)
    parts = 1 + len(pieces) + ways + rules + (sheet.file is not None) + sum(n + 1 for n in rows if n)
    return sum(length(p.text) for p in said) <= TEXT_MOST and parts <= PARTS_MOST


def _laid(sheet: Sheet, pieces: Sequence[_Piece]) -> discord.ui.LayoutView:
    box: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=ACCENTS[sheet.card.tone])
    for piece in pieces:
        match piece:
            case _Said():
                if piece.rule:
                    box.add_item(discord.ui.Separator())
                box.add_item(discord.ui.TextDisplay(piece.text))
            case _Seen():
                gallery: discord.ui.MediaGallery[discord.ui.LayoutView] = discord.ui.MediaGallery()
                for name, alt in piece.items:
                    gallery.add_item(media=f"attachment://{name}", description=alt or None)
                box.add_item(gallery)
            case _Way():
                box.add_item(discord.ui.ActionRow(discord.ui.Button(label=piece.label, url=piece.url)))
            case _:
                assert_never(piece)
    if sheet.file is not None:
        box.add_item(discord.ui.File(f"attachment://{sheet.file.name}"))
    if sheet.buttons:
        box.add_item(discord.ui.ActionRow(*(_button(b) for b in sheet.buttons)))
    if sheet.menu:
        box.add_item(discord.ui.ActionRow(More.of([(b.id, plain(b.label)) for b in sheet.menu])))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(box)
    return view


def _button(button: Button) -> Press | Ask:
    made = Ask if button.id.startswith(ASK) else Press
    return made.of(button.id, plain(button.label), _STYLES[button.style])


def _joined(pieces: Sequence[_Piece], setting: _Setting) -> tuple[_Piece, ...]:
    """Neighbours in one component where no rule stands between them, so that the count of components holds."""
    made: list[_Piece] = []
    for piece in pieces:
        last = made[-1] if made else None
        match piece:
            case _Said() if isinstance(last, _Said) and not (piece.rule and setting.rules):
                made[-1] = replace(last, text=f"{last.text}\n{piece.text}")
            case _Said():
                made.append(piece if setting.rules else replace(piece, rule=False))
            case _Seen() if isinstance(last, _Seen):
                made[-1] = replace(last, items=(*last.items, *piece.items))
            case _Seen() | _Way():
                made.append(piece)
            case _:
                assert_never(piece)
    return tuple(made)


def _pieces(sheet: Sheet, files: Mapping[Digest, str], setting: _Setting) -> Iterator[_Piece]:
    card = sheet.card
    yield _Said(text=f"### {spoken(card.title)}")
    for index, block in enumerate(card.blocks):
        name = files.get(digest_of(block)) if isinstance(block, ImageBlock) else None
        yield from _block(block, name, setting, first=index == 0)
    if card.audit:
        yield _Said(text="\n".join(f"-# {spoken(line)}" for line in card.audit), rule=True)


def _block(block: Block, file: str | None, setting: _Setting, *, first: bool) -> Iterator[_Piece]:
    match block:
        case Text():
            yield from _said(_body((block.text,), block.left_out, setting), rule=not first)
        case VariantBlock():
            text = _body(block.parts or (block.text,), block.left_out, setting)
            yield _Said(text=f"{_above(block, setting)}\n{text}".rstrip(), rule=True)
        case ImageBlock():
            yield _Seen(items=((file, _alt(block)),)) if file else _Said(text=_unseen(block, setting))
        case Checks():
            lines = [f"-# {_WORDS[c.tone]}{spoken(c.text)}" for c in block.items]
            yield from _said("\n".join(lines), rule=True)
        case Fields():
            yield from _said(_facts(block, setting, first=first), rule=not first and not block.headed)
        case Note():
            yield from _said(_note(block))
        case Link():
            url, label = link_of(block.url), short(plain(block.text), _LABEL)
            yield from (
                (_Way(label=label, url=url),) if url and label and len(url) <= _URL else _said(spoken(block.text))
            )
        case _:
            assert_never(block)


def _said(text: str, *, rule: bool = False) -> Iterator[_Said]:
    """Nothing where there is nothing to read: Discord refuses an empty text."""
    if text.strip():
        yield _Said(text=text, rule=rule)


def _above(block: VariantBlock, setting: _Setting) -> str:
    """Which account says it, how much of its room it takes, and what was chosen for it."""
    lines = [_measured(block, setting)]
    if block.chosen:
        lines.append(f"-# {spoken(block.chosen)}")
    if block.to_choose:
        lines.append(f"**{spoken(block.to_choose)}**")
    return "\n".join(lines)


def _measured(block: VariantBlock, setting: _Setting) -> str:
    head = f"**{spoken(block.network)}** · {spoken(block.who)}"
    if not block.limit:
        return f"{head} · not measured" if setting.words else head
    unit = f" {spoken(block.unit)}" if setting.words else ""
    wrong = (" · needs a change" if setting.words else " · too long") if not block.valid else ""
    return f"{head} · {block.length}/{block.limit}{unit}{wrong}"


def _body(posts: Sequence[str], left_out: int, setting: _Setting) -> str:
    many = len(posts) > 1
    between = "\n\n" if setting.words else "\n"
    text = between.join(
        f"**{number}/{len(posts)}** {spoken(post)}" if many else spoken(post)
        for number, post in enumerate(posts, start=1)
    )
    if not left_out:
        return text
    told = (
        f"-# … {left_out:,} more characters: “Full text” has all of it"
        if setting.words
        else f"-# … {left_out:,} more: “Full text”"
    )
    return f"{text}\n{told}"


def _facts(block: Fields, setting: _Setting, *, first: bool) -> str:
    """A card's own state in bold with its other facts small, those of its pictures small, others line by line."""
    if not block.headed:
        return "\n".join(_fact(f, setting) for f in block.items)
    state, rest = (block.items[:1], block.items[1:]) if first else ((), block.items)
    facts = [f"{spoken(f.name)}: {spoken(f.text)}" for f in rest]
    small = facts if block.apart else [" · ".join(facts)] if facts else []
    return "\n".join((*(f"**{spoken(f.text)}**" for f in state), *(f"-# {line}" for line in small)))


def _fact(field: Field, setting: _Setting) -> str:
    said = f"**{spoken(field.name)}** {spoken(field.text)}" if field.name else spoken(field.text)
    link = _address(field.link) if setting.links else ""
    return f"{said} · [Open]({link})" if link else said


def _address(url: str) -> str:
    """An address that can't leave the brackets it stands in."""
    quoted = "".join(
        c if c.isascii() and c.isprintable() and c not in ' <>()\\"`' else _quoted(c) for c in link_of(url)
    )
    return f"<{quoted}>" if quoted else ""


def _quoted(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode(errors="replace"))


def _note(note: Note) -> str:
    """Quiet sentences small, the others bold; one that has line breaks as it is."""
    text = spoken(note.text).strip()
    if "\n" in text or not text:
        return text
    return f"-# {text}" if note.tone is Tone.QUIET else f"**{text}**"


def _alt(block: ImageBlock) -> str:
    """What is to be seen, after which one it is: a gallery has no captions."""
    words = block.alt.removeprefix("Video: ") if block.video and block.caption else block.alt
    alt = ": ".join(filter(None, (block.caption, words)))
    return alt if length(alt) <= ALT_MOST else f"{alt[: ALT_MOST // 2 - 1]}…"


def _unseen(block: ImageBlock, setting: _Setting) -> str:
    """In place of a picture that is too large, or one too many."""
    why = "can't be shown in this message" if setting.words else "not shown"
    return f"-# {spoken(block.label)}: {why}"
