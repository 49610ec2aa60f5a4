"""Cuts text into sentences and words without knowing its language, for the checks and the offline composer."""

from __future__ import annotations

from typing import Final

import regex

_ABBREVIATION: Final = regex.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|no|dr|mr|mrs|ms|prof|inc|ltd|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|incl|resp|fig|al|min|max|est|dept|tel|ver"
    r"|z\.\s?b|d\.\s?h|bzw|ca|usw|nr|str)|(?<![\w'’])\p{L})\.$",
    regex.IGNORECASE,
)
_END: Final = regex.compile(
    r"(?<=[.!?…。！？][\"'”’»)\]]?)\s+(?=[\"'“‘«(\[]?[\p{Lu}\p{N}\p{Lo}@#\p{Extended_Pictographic}])"
    r"|(?<=\p{Ll}{3}\.|[!?])\s+(?=\p{Ll})"  # as people type in chat
    r"|(?<=[。！？])"
)
_WORD: Final = regex.compile(r"\w+(?:[''’.+/-]\w+)*[+#]*")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a paragraph, each as written; an abbreviation's or a number's full stop ends none."""
    pieces: list[str] = []
    for piece in _END.split(text.strip()):
        if pieces and (_ABBREVIATION.search(pieces[-1]) or regex.search(r"^\W*\d+\.$", pieces[-1])):
            pieces[-1] = f"{pieces[-1]} {piece}"
        elif piece.strip():
            pieces.append(piece.strip())
    return tuple(pieces)


def words(text: str) -> tuple[str, ...]:
    """The words as written, with hyphens, dots and signs that belong to them ("C++", "v2.1", "GPT-4")."""
    return tuple(_WORD.findall(text))


def same(text: str) -> str:
    """A form in which two sentences that read the same are equal."""
    return " ".join(regex.findall(r"\w+", text.casefold()))
