"""One message's worth of a card: what does not fit is counted and offered in full, never dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb
from handlers.views.card import (
    MAX_VISIBLE,
    Button,
    Card,
    Checks,
    Fields,
    ImageBlock,
    Link,
    Note,
    Text,
    VariantBlock,
    short,
)
from handlers.views.instants import plain
from services.domain.ids import DraftId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from handlers.views.card import Block

_FRAME: Final = 40
"""Characters a surface adds around a text that may be cut: counts, signs, how much is left out."""
_SIGNS: Final = 16
"""The same around a fact, a check or a sentence: marks, and what parts it from the next."""
_POST: Final = 12
"""Characters a surface adds to each post of a thread: its number."""
_LEAST: Final = 160
"""Characters of a text that stay however crowded the card is."""
_NARROW: Final = 200
"""Characters a check or a fact keeps on a crowded card."""
_NARROWEST: Final = 40
"""The same of what was chosen."""
MOST_PAGES: Final = 3
"""Messages a whispered text may take; a longer one becomes a file."""
MOST_IMAGES: Final = 10
"""Pictures of one message: what Discord's gallery holds, and as many as anybody scrolls past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceLimits:
    """What one message and one form of a surface hold; plain counts."""

    text: int
    """Of all texts of a message together, as `size` measures them."""
    block_text: int
    """Of one text."""
    form_fields: int
    """Questions of a form on one page."""
    field_text: int
    """Characters of one answer."""
    menu: int
    """Buttons behind "More…"."""
    excerpt: int
    """Characters of each text on a card that has to be shortened."""
    size: Callable[[str], int] = field(default=len, repr=False)
    """How long a text is once it can't be read as markup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A text too long for messages."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A card as one message; raises `ValueError` when it would not fit, so that no surface has to cut."""

    card: Card
    limits: SurfaceLimits
    file: TextFile | None = None

    def __post_init__(self) -> None:
        """Refuse what the surface would refuse."""
        weight = weigh(self.card, self.limits)
        if weight > self.limits.text:
            msg = f"{self.card.card_id} weighs {weight} of {self.limits.text}"
            raise ValueError(msg)
        for block in self.card.blocks:
            longest = max((self.limits.size(t) for t in texts_of(block)), default=0)
            if longest > self.limits.block_text:
                msg = f"{self.card.card_id} has a text of {longest} of {self.limits.block_text}"
                raise ValueError(msg)
        if len(self.images) > MOST_IMAGES:
            msg = f"{self.card.card_id} has {len(self.images)} pictures"
            raise ValueError(msg)
        if len(self.menu) > self.limits.menu:
            msg = f"{self.card.card_id} has {len(self.menu)} buttons in its menu"
            raise ValueError(msg)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Those in sight."""
        return tuple(b for b in self.card.buttons if not b.more)

    @property
    def menu(self) -> tuple[Button, ...]:
        """Those behind "More…"."""
        return tuple(b for b in self.card.buttons if b.more)

    @property
    def images(self) -> tuple[ImageBlock, ...]:
        """Its pictures."""
        return tuple(b for b in self.card.blocks if isinstance(b, ImageBlock))


def texts_of(block: Block) -> Iterator[str]:
    """Every text of a block, each of which a surface may set by itself."""
    match block:
        case Text() | Note() | Link():
            yield block.text
        case VariantBlock():
            yield f"{block.network} {block.who}"
            yield "\n".join(block.parts) if block.parts else block.text
            yield from filter(None, (block.chosen, block.to_choose))
        case ImageBlock():
            yield block.label
        case Checks():
            yield from (c.text for c in block.items)
        case Fields():
            yield from (f"{f.name} {f.text}" for f in block.items)


def weigh(card: Card, limits: SurfaceLimits) -> int:
    """All texts of the card together, as the surface counts them, with what it sets around them."""
    posts = sum(len(b.parts) for b in card.blocks if isinstance(b, VariantBlock))
    own = sum(limits.size(t) + _SIGNS for t in (card.title, *card.audit))
    return own + sum(_weight(b, limits) for b in card.blocks) + posts * _POST


def _weight(block: Block, limits: SurfaceLimits) -> int:
    """A block's texts, with what is set around them."""
    texts = tuple(texts_of(block))
    match block:
        case VariantBlock():
            around = 2 * _FRAME
        case Text():
            around = _FRAME
        case _:
            around = len(texts) * _SIGNS
    return around + sum(map(limits.size, texts))


def sheet(card: Card, limits: SurfaceLimits) -> Sheet:
    """The card as one message: long texts are shortened with a count of what is left out and a button for all of it."""
    card = _pictured(replace(card, buttons=_buttons(card.buttons, limits)))
    if _fits(card, limits):
        return Sheet(card=card, limits=limits)
    card = _offer_all(card, limits)
    for shape in (_shortened, _crowded, _bare):
        made = shape(card, limits)
        if _fits(made, limits):
            return Sheet(card=made, limits=limits)
    return Sheet(card=replace(card, blocks=(Note(text="There is more here than fits."),), audit=()), limits=limits)


def sheets(card: Card, limits: SurfaceLimits) -> tuple[Sheet, ...]:
    """The whole card over as many messages as it takes; past a few it becomes one message with a file."""
    whole = _pictured(replace(card, buttons=_buttons(card.buttons, limits)))
    if _fits(whole, limits):
        return (Sheet(card=whole, limits=limits),)
    cards = _numbered(whole, _paged(whole, limits))
    if len(cards) > MOST_PAGES or not all(_fits(c, limits) for c in cards):
        note = Note(text="This is too long for a message; the file has all of it.")
        file = TextFile(name=f"{card.card_id}.txt", text=as_text(card))
        return (Sheet(card=replace(whole, blocks=(note,), audit=()), limits=limits, file=file),)
    return tuple(Sheet(card=c, limits=limits) for c in cards)


def _numbered(card: Card, pages: Sequence[tuple[Block, ...]]) -> tuple[Card, ...]:
    """A card for each page; the last one says what may be done, and who did what."""
    return tuple(
        replace(
            card,
            card_id=f"{card.card_id}-{number}" if number > 1 else card.card_id,
            title=short(card.title, 130) + (f" ({number}/{len(pages)})" if len(pages) > 1 else ""),
            blocks=blocks,
            buttons=card.buttons if number == len(pages) else (),
            audit=card.audit if number == len(pages) else (),
        )
        for number, blocks in enumerate(pages, start=1)
    )


def as_text(card: Card) -> str:
    """The card in plain words, for a file or a reader that sets no blocks."""
    said = [card.title]
    for block in card.blocks:
        match block:
            case VariantBlock():
                posts = block.parts or (block.text,)
                said.append(f"{block.network} · {block.who} · {block.length}/{block.limit} {block.unit}")
                said += filter(None, (block.chosen, block.to_choose))
                said += posts
            case Checks():
                said += [c.text for c in block.items]
            case Fields():
                said += [f"{f.name}: {f.text}" for f in block.items]
            case ImageBlock():
                said.append(f"{block.label}: {block.alt}")
            case Text() | Note():
                said.append(block.text)
            case Link():
                said.append(f"{block.text}: {block.url}")
    return plain("\n\n".join((*said, *card.audit))) + "\n"


def _fits(card: Card, limits: SurfaceLimits) -> bool:
    return weigh(card, limits) <= limits.text and all(
        limits.size(t) <= limits.block_text for b in card.blocks for t in texts_of(b)
    )


def _pictured(card: Card) -> Card:
    """With as many pictures as a message takes; the others are counted, and what is said of them is on the page too."""
    images = [b for b in card.blocks if isinstance(b, ImageBlock)]
    shown, rest = images[:MOST_IMAGES], images[MOST_IMAGES:]
    if not rest:
        return card
    untold = {b.label for b in rest} - {b.label for b in shown}
    blocks: list[Block] = []
    left = len(shown)
    for block in card.blocks:
        match block:
            case ImageBlock() if left == 0:
                continue
            case ImageBlock():
                left -= 1
                blocks += [block] if left else [block, Note(text=f"{len(rest)} more on the page.")]
            case Fields():
                blocks.append(replace(block, items=tuple(f for f in block.items if f.name not in untold)))
            case _:
                blocks.append(block)
    return replace(card, blocks=tuple(blocks))


def _buttons(buttons: tuple[Button, ...], limits: SurfaceLimits) -> tuple[Button, ...]:
    """What the menu can't hold is left to the command that lists it."""
    menu = [b for b in buttons if b.more][: limits.menu]
    return tuple(b for b in buttons if not b.more or b in menu)


def _offer_all(card: Card, limits: SurfaceLimits) -> Card:
    """With the button that tells everything, in sight where there is room for it."""
    if card.draft_id is None:
        return card
    button = Button(id=Action(verb=Verb.FULL_TEXT, draft_id=DraftId(card.draft_id)).encode(), label="Full text")
    if any(b.id == button.id for b in card.buttons):
        return card
    seen = sum(not b.more for b in card.buttons)
    menu = [b for b in card.buttons if b.more]
    kept = tuple(b for b in card.buttons if not b.more or b in menu[: limits.menu - 1])
    return replace(card, buttons=(*kept, replace(button, more=seen >= MAX_VISIBLE)))


def _shortened(card: Card, limits: SurfaceLimits) -> Card:
    """Every long text cut to an equal share of what the rest leaves; short ones keep all of theirs."""
    long = [limits.size(_body(b)) for b in card.blocks if isinstance(b, (VariantBlock, Text))]
    room = limits.text - (weigh(card, limits) - sum(long))
    share = min(_share(long, room), limits.block_text - _FRAME, limits.excerpt)
    return replace(card, blocks=tuple(_cut(b, max(share, _LEAST), limits) for b in card.blocks))


def _share(sizes: Sequence[int], room: int) -> int:
    """The most each may take so that all fit: what a short one leaves goes to the longer ones."""
    left, waiting = room, sorted(sizes)
    for index, size in enumerate(waiting):
        fair = left // (len(waiting) - index)
        if size > fair:
            return fair
        left -= size
    return room


def _crowded(card: Card, limits: SurfaceLimits) -> Card:
    """The same with each check, fact and text at its narrowest."""
    blocks: list[Block] = []
    for block in _shortened(card, limits).blocks:
        match block:
            case Checks():
                items = tuple(replace(c, text=short(plain(c.text), _NARROW)) for c in block.items)
                blocks.append(replace(block, items=items))
            case Fields():
                facts = tuple(replace(f, text=short(plain(f.text), _NARROW)) for f in block.items)
                blocks.append(replace(block, items=facts))
            case VariantBlock():
                told = tuple(replace(o, text=short(o.text, _NARROWEST)) for o in block.options)
                blocks.append(_cut(replace(block, options=told), _LEAST, limits))
            case _:
                blocks.append(_cut(block, _LEAST, limits))
    return replace(card, blocks=tuple(blocks))


def _bare(card: Card, limits: SurfaceLimits) -> Card:
    """As many blocks as fit, and a sentence that there are more."""
    made = replace(_crowded(card, limits), blocks=(), audit=())
    note = Note(text="There is more here than fits: “Full text” has all of it.")
    blocks: list[Block] = []
    for block in _crowded(card, limits).blocks:
        if not _fits(replace(made, blocks=(*blocks, block, note)), limits):
            break
        blocks.append(block)
    return replace(made, blocks=(*blocks, note))


def _body(block: VariantBlock | Text) -> str:
    return "\n".join(block.parts) if isinstance(block, VariantBlock) and block.parts else block.text


def _cut(block: Block, most: int, limits: SurfaceLimits) -> Block:
    """A text cut at a word, with how many characters are left out."""
    if not isinstance(block, (VariantBlock, Text)) or limits.size(_body(block)) <= most:
        return block
    if isinstance(block, Text):
        kept = _head(block.text, most, limits)
        return replace(block, text=kept, left_out=len(block.text) - len(kept))
    posts, parts, room = block.parts or (block.text,), [], most
    for post in posts:
        if room <= 0:
            break
        parts.append(_head(post, room, limits))
        room -= limits.size(post) + 1
    left_out = sum(map(len, posts)) - sum(map(len, parts))
    if not block.parts:
        return replace(block, text=parts[0], left_out=left_out, lines=())
    return replace(block, parts=tuple(parts), left_out=left_out, lines=())


def _head(text: str, most: int, limits: SurfaceLimits) -> str:
    """The longest beginning that weighs at most `most`, at the end of a word where one is near."""
    if limits.size(text) <= most:
        return text
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if limits.size(text[:middle]) <= most else (low, middle - 1)
    head = text[:low]
    word = max(head.rfind(" "), head.rfind("\n"))
    return (head[:word] if word > low // 2 else head).rstrip()


def _paged(card: Card, limits: SurfaceLimits) -> list[tuple[Block, ...]]:
    """The blocks over pages, each text whole or split at the end of a line or word."""
    frame = replace(card, blocks=(), title=short(card.title, 130) + " (99/99)")
    pages: list[tuple[Block, ...]] = []
    page: tuple[Block, ...] = ()
    for block in (piece for b in card.blocks for piece in _split(b, frame, limits)):
        if page and weigh(replace(frame, blocks=(*page, block)), limits) > limits.text:
            pages.append(page)
            page = ()
        page = (*page, block)
    return [*pages, page]


def _split(block: Block, frame: Card, limits: SurfaceLimits) -> Iterator[Block]:
    """Pieces that each fit on a page of their own."""
    room = min(limits.block_text, limits.text - weigh(frame, limits) - 3 * _FRAME - 200)
    match block:
        case Text() | Note():
            yield from (replace(block, text=t) for t in _pieces(block.text, room, limits))
        case VariantBlock():
            told, room = block.options, room - limits.size(block.chosen) - limits.size(block.to_choose)
            for number, post in enumerate(block.parts or (block.text,), start=1):
                which = f" · {number}/{len(block.parts)}" if block.parts else ""
                for text in _pieces(post, room, limits):
                    yield replace(block, who=f"{block.who}{which}", text=text, parts=(), lines=(), options=told)
                    told = ()
        case Checks():
            yield from (replace(block, items=(c,)) for c in block.items)
        case Fields():
            for item in block.items:
                for text in _pieces(item.text, room - limits.size(item.name), limits):
                    yield replace(block, items=(replace(item, text=text),))
        case ImageBlock() | Link():
            yield block


def _pieces(text: str, room: int, limits: SurfaceLimits) -> Iterator[str]:
    rest = text
    while limits.size(rest) > max(room, _LEAST):
        head = _head(rest, max(room, _LEAST), limits) or rest[:1]
        yield head
        rest = rest[len(head) :].lstrip()
    yield rest
