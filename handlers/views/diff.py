"""Two versions of a text as what stayed, what came and what went, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WORD: Final = re.compile(r"(\w+(?:['’-]\w+)*|[^\w\s]|(?=\s))(\s*)")
"""A word or a mark, and the white space behind it; only at the very beginning is there space without a word."""
_MANY: Final = 1_000_000
"""Pairs of words up to which the best comparison is worth its time; beyond it, frequent words are not lined up."""


class Kind(StrEnum):
    """What became of a piece."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Neighbouring words with the same fate."""

    kind: Kind
    text: str


_Word = tuple[str, str]


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """The way from one text to the other: kept and added pieces are `new`, kept and removed ones are `old`."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(
        None, [w for w, _ in before], [w for w, _ in after], autojunk=len(before) * len(after) > _MANY
    )
    pieces: list[Piece] = []
    for tag, start, end, to_start, to_end in matcher.get_opcodes():
        if tag == "equal":
            pieces += _same_words(before[start:end], after[to_start:to_end])
        else:
            pieces.append(Piece(kind=Kind.REMOVED, text=_text(before[start:end])))
            pieces.append(Piece(kind=Kind.ADDED, text=_text(after[to_start:to_end])))
    return tuple(_joined(_tidy(_joined(_whole(_joined(pieces))))))


def changed(pieces: Iterable[Piece]) -> bool:
    """Whether anything came or went."""
    return any(p.kind is not Kind.KEPT for p in pieces)


def _same_words(before: Sequence[_Word], after: Sequence[_Word]) -> Iterator[Piece]:
    """The same words, whose white space may still be another one."""
    for (word, space), (_, new_space) in zip(before, after, strict=True):
        if space == new_space:
            yield Piece(kind=Kind.KEPT, text=word + space)
        else:
            yield Piece(kind=Kind.KEPT, text=word)
            yield Piece(kind=Kind.REMOVED, text=space)
            yield Piece(kind=Kind.ADDED, text=new_space)


def _whole(pieces: list[Piece]) -> Iterator[Piece]:
    """A mark that stayed between two changes reads better as a part of them."""
    for place, piece in enumerate(pieces):
        inside = 0 < place < len(pieces) - 1
        if inside and piece.kind is Kind.KEPT and not any(c.isalnum() or c == "\n" for c in piece.text):
            yield Piece(kind=Kind.REMOVED, text=piece.text)
            yield Piece(kind=Kind.ADDED, text=piece.text)
        else:
            yield piece


def _tidy(pieces: list[Piece]) -> Iterator[Piece]:
    """White space that ends both what went and what came has stayed."""
    place = 0
    while place < len(pieces):
        gone, come = pieces[place], pieces[place + 1] if place + 1 < len(pieces) else None
        if gone.kind is not Kind.REMOVED or come is None or come.kind is not Kind.ADDED:
            yield gone
            place += 1
            continue
        same = _common_space(gone.text, come.text)
        yield Piece(kind=Kind.REMOVED, text=gone.text.removesuffix(same))
        yield Piece(kind=Kind.ADDED, text=come.text.removesuffix(same))
        yield Piece(kind=Kind.KEPT, text=same)
        place += 2


def _common_space(one: str, other: str) -> str:
    """The white space both end with."""
    count = 0
    while count < min(len(one), len(other)) and one[-1 - count] == other[-1 - count] and one[-1 - count].isspace():
        count += 1
    return one[len(one) - count :]


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours of one kind as one, empty ones left out; in a run of changes what went stands before what came."""
    found: list[Piece] = []
    for is_kept, run in groupby(pieces, key=lambda p: p.kind is Kind.KEPT):
        mine = tuple(run)
        for kind in (Kind.KEPT,) if is_kept else (Kind.REMOVED, Kind.ADDED):
            text = "".join(p.text for p in mine if p.kind is kind)
            found += [Piece(kind=kind, text=text)] if text else []
    return found


def _text(words: Sequence[_Word]) -> str:
    return "".join(word + space for word, space in words)
