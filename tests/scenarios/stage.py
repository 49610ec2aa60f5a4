"""A surface as the people in front of it know it: what they see, what they do, and what only they are told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from services.domain.actor import Role

Typed = Mapping[str, str | bytes | tuple[bytes, ...]]
"""What is put into a form, by the beginning of each question: words, a file, or several in their order."""
_COUNT: Final = re.compile(r"\b(\d[\d,]*)(?:/| of )(\d[\d,]*)")


class Fault(StrEnum):
    """What a chat does to the desk's next call of a kind."""

    REDRAW_REFUSED = "the next redraw is refused for a moment"
    REDRAW_LIMITED = "the next redraw is asked to wait"
    CARD_DELETED = "somebody deletes the newest card"
    CONNECTION_LOST = "the connection breaks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A card as its reader has it before them."""

    title: str
    state: str
    """The status in words; empty where the card has none."""
    words: str
    """Everything there is to read, on one line."""
    texts: tuple[str, ...] = ()
    """What each account will say, to the letter."""
    buttons: tuple[str, ...] = ()
    menu: tuple[str, ...] = ()
    """Behind "More…"."""
    pictures: tuple[str, ...] = ()
    """What those hear who can't see them."""
    captions: tuple[str, ...] = ()
    """What stands beside each of them, where anything does."""
    links: tuple[str, ...] = ()
    draft: str = ""
    """The number of the draft whose own card it is."""
    at: object = field(default=None, repr=False, compare=False)
    """Where it is, for the stage alone."""

    @property
    def offered(self) -> set[str]:
        """Every button, in sight or not."""
        return {*self.buttons, *self.menu}

    @property
    def counts(self) -> list[tuple[int, int]]:
        """Length and limit of each text."""
        return [(_number(length), _number(limit)) for length, limit in _COUNT.findall(self.words)]

    def about(self, what: str) -> bool:
        """Whether it is the card of "draft 1", or has these words."""
        number = re.fullmatch(r"draft (\d+)", what)
        return number[1] == self.draft if number else what in f"{self.title} {self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One question of a form."""

    value: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A form in front of somebody."""

    title: str
    words: str
    boxes: Mapping[str, Box]
    """By the question."""

    def box(self, question: str) -> Box:
        """The one whose question begins so."""
        found = [box for asked, box in self.boxes.items() if asked.startswith(question)]
        assert found, f"{question!r} is not asked: {list(self.boxes)}"
        return found[0]

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by question."""
        return {asked: box.error for asked, box in self.boxes.items() if box.error}


class Person(Protocol):
    """Somebody at their client."""

    name: str
    """As the desk calls them."""

    async def type(self, text: str) -> None:
        """A command, as the surface lets it be given."""
        ...

    async def card(self, of: str = "") -> Seen:
        """The newest in the channel, or the newest about something."""
        ...

    async def press(self, seen: Seen, label: str, *, sure: bool = True) -> None:
        """A button, or its twin behind "More…"; asked whether they mean it, they say so or they don't."""
        ...

    async def form(self) -> Asked | None:
        """What they are asked at the moment."""
        ...

    async def fill(self, values: Typed) -> Asked | None:
        """Answer and send it: None when it was taken, else what they are asked now."""
        ...

    async def heard(self) -> list[Seen]:
        """What only they were told since they last looked."""
        ...

    async def inbox(self) -> list[Seen]:
        """What the desk wrote to them alone, oldest first."""
        ...

    async def thread(self, of: Seen) -> list[Seen]:
        """What stands below a card, oldest first."""
        ...


class Stage(Protocol):
    """One surface over a desk."""

    @property
    def name(self) -> str:
        """Its slug."""
        ...

    @property
    def chat(self) -> bool:
        """Whether many people read the same card, in threads and with whispers."""
        ...

    async def person(self, name: str, role: Role = Role.AUTHOR, *, guest: bool = False) -> Person:
        """Somebody with a role at the desk; a guest is somebody from elsewhere."""
        ...

    async def connected(self) -> None:
        """Wait until the surface reaches its chat again."""
        ...

    async def shown(self) -> list[Seen]:
        """Everything that stands in the channel."""
        ...

    async def digest(self) -> None:
        """What stands in the channel where the digest of each morning was asked for, is due and was made."""
        ...

    async def fail(self, fault: Fault) -> None:
        """Let something go wrong."""
        ...

    def problems(self) -> list[str]:
        """What a real installation would have shown as broken."""
        ...


def files_in(value: str | bytes | tuple[bytes, ...]) -> list[tuple[str, bytes]]:
    """Files as they are called on a machine; none for words."""
    given = () if isinstance(value, str) else (value,) if isinstance(value, bytes) else value
    return [(f"own-{number}.png", content) for number, content in enumerate(given, start=1)]


def flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


def starts(question: str, asked: Mapping[str, object] | list[str]) -> str:
    """The question that begins with these words."""
    found = [name for name in asked if name.startswith(question)]
    assert found, f"{question!r} is not asked: {list(asked)}"
    return found[0]


def the_one(cards: Sequence[Seen], of: str) -> Seen:
    """The first card about something, or the first at all."""
    found = [card for card in cards if not of or card.about(of)]
    assert found, f"Nothing is about {of!r}: {[card.title for card in cards]}"
    return found[0]


def number_in(title: str) -> str:
    """The draft whose card has this title."""
    found = re.match(r"Draft (\d+) · ", title)
    return found[1] if found else ""


def _number(text: str) -> int:
    return int(text.replace(",", ""))
