"""The card as a value that every surface renders; a card that breaks a surface's limits can't be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handlers.views.galley import Line
    from services.domain.post import Problem

MAX_LABEL: Final = 75
"""Characters of a button's label: Slack's limit, the narrowest of the surfaces."""
MAX_ID: Final = 100
"""Bytes of a button's id: Discord's limit."""
MAX_TITLE: Final = 150
"""Characters of a card's title: Slack's header."""
MAX_VISIBLE: Final = 5
"""Buttons shown at once; the others go into the overflow."""


class Tone(StrEnum):
    """How a card or a note is set; never the only carrier of a meaning."""

    QUIET = "quiet"
    WAITING = "waiting"
    """Somebody has to decide."""
    GOOD = "good"
    WARNING = "warning"
    DANGER = "danger"


class Style(StrEnum):
    """How a button is set."""

    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """What a person is asked before the button acts."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something this person may do now."""

    id: str
    """Stateless, see `handlers.views.actions`."""
    label: str
    style: Style = Style.PLAIN
    confirm: Confirm | None = None
    form: str | None = None
    """The name of the form it opens."""
    more: bool = False
    """True where a narrow surface hides it in an overflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Plain words; line breaks count."""

    text: str
    left_out: int = 0
    """Characters that a narrow surface had to leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was chosen for a post on its network, or has to be."""

    name: str
    title: str
    value: str
    text: str
    """The value as people read it, in one line."""
    open: bool = False
    """Nothing goes out before somebody chooses."""

    @property
    def words(self) -> str:
        """Both in a line: "Who can see it: Followers only"."""
        return f"{self.title}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantBlock:
    """What one account will say, with its count."""

    account_id: str
    platform: str
    network: str
    """Its name as people write it."""
    who: str
    """The account there."""
    text: str
    parts: tuple[str, ...]
    """The posts of a thread; empty for a single post."""
    length: int
    limit: int
    unit: str
    valid: bool
    problems: tuple[Problem, ...]
    lines: tuple[Line, ...] = ()
    """Each post as its network would set it, for surfaces that can; empty when that is not known."""
    options: tuple[Chosen, ...] = ()
    left_out: int = 0
    """Characters that a narrow surface had to leave out."""

    @property
    def chosen(self) -> str:
        """What is settled about it, in one line; empty when there is nothing to tell."""
        return " · ".join(o.words for o in self.options if not o.open)

    @property
    def to_choose(self) -> str:
        """What somebody has to choose, in one line; empty when nothing is open."""
        return " · ".join(o.words for o in self.options if o.open)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBlock:
    """A stored picture; width and height in pixels."""

    url: str
    alt: str
    width: int
    height: int
    label: str = "Picture"
    """What it is, which one, and for whom where that differs; beside it, as the note."""
    note: str = ""
    """How it came to be, for surfaces that set it beside the picture; a line of facts says it elsewhere."""
    video: str = ""
    """Where the video is that this picture stands for, for surfaces that can play it; empty for a picture."""
    number: int = 0
    """Its place among several that are shown one after the other; 0 where nothing follows an order."""

    @property
    def caption(self) -> str:
        """The label where it says more than everybody sees: that this is a picture."""
        return "" if self.label == "Picture" else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: fine, or what is wrong and how to mend it."""

    name: str
    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What was looked at, in words."""

    items: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A named fact."""

    name: str
    text: str
    link: str = ""
    """Where the fact can be seen, an http(s) address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Named facts in a row."""

    items: tuple[Field, ...]
    headed: bool = False
    """True for those that the card's head or a picture's margin says too, on surfaces that draw one."""

    @property
    def apart(self) -> bool:
        """Whether each needs a line of its own: several of them are lists themselves."""
        return sum(" · " in f.text for f in self.items) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence set apart."""

    text: str
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way out of the card, set as a button that opens an address."""

    text: str
    url: str
    """http(s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody typed to get this card."""

    by: str
    at: str
    """The time on the reader's clock."""
    command: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The same facts as the first block's, as a surface with room for type sets them above the card."""

    topic: str
    status: str
    facts: tuple[str, ...]
    """One quiet line."""
    at: str
    """When this was said, on the reader's clock."""
    asked: Asked | None = None
    """None for what the desk says by itself."""


Block = Text | VariantBlock | ImageBlock | Checks | Fields | Note | Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything a surface needs to draw one message; raises `ValueError` when it would not fit."""

    card_id: str
    draft_id: str | None = None
    """None for a notice about no draft."""
    revision: int = 0
    state: str
    """A word of the state tables, or the kind of notice."""
    title: str
    tone: Tone = Tone.QUIET
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    audit: tuple[str, ...] = field(default=())
    working: bool = False
    """True while something on it is being written or made: it changes by itself."""
    head: Head | None = None
    """For surfaces that set cards in type; the blocks alone say everything."""
    story: tuple[str, ...] = ()
    """The audit lines for a narrow margin: "Bo rejected v2 14:05 “too salesy”"."""

    def __post_init__(self) -> None:
        """Refuse what some surface could not show."""
        if len(self.title) > MAX_TITLE:
            msg = f"title of {len(self.title)} characters"
            raise ValueError(msg)
        if sum(not b.more for b in self.buttons) > MAX_VISIBLE:
            msg = "more than five visible buttons"
            raise ValueError(msg)
        ids = [b.id for b in self.buttons]
        if len(set(ids)) != len(ids):
            msg = f"two buttons with the same id: {ids}"
            raise ValueError(msg)
        for button in self.buttons:
            if not 0 < len(button.label) <= MAX_LABEL or len(button.id.encode()) > MAX_ID:
                msg = f"button too long: {button.id}"
                raise ValueError(msg)


def link_of(url: str | None) -> str:
    """An address that people may follow; empty for anything but http(s), wherever it came from."""
    return url if url and url.startswith(("https://", "http://")) else ""


def short(text: str, limit: int) -> str:
    """The beginning of a text on one line, cut at a word, with a mark that it goes on."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) > limit // 2 else cut}…"
