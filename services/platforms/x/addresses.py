"""Finds what X turns into a link of its own: addresses with a scheme, and bare names under an ending it knows.

The classes and the endings are those of twitter-text's published conformance data (2018), which X still counts by.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 4096
"""Characters of an address, its scheme included, beyond which X leaves it as text."""
LONGEST_SHORT: Final = 40
"""Characters of what follows in an address that X shortened itself."""
_HERE: Final = Path(__file__).parent


def listed(name: str) -> list[str]:
    """The lines of a bundled list, below its notice."""
    text = (_HERE / name).read_text(encoding="utf-8")
    return text.partition("\n\n")[2].split("\n")[:-1]


@cache
def _endings() -> tuple[frozenset[str], frozenset[str], tuple[int, ...]]:
    """Those of ASCII letters, the others, and the lengths of these, longest first."""
    known = listed("tlds.txt")
    wide = frozenset(name for name in known if not name.isascii())
    return frozenset(known) - wide, wide, tuple(sorted({len(name) for name in wide}, reverse=True))


# Before the search each dot with a known ending behind it becomes a sign of its own, so that the pattern needs no list:
# the first for ASCII letters, the second for punycode, and then one for each length of the other endings.
_PLAIN_DOT: Final = "\ue000"
_PUNY_DOT: Final = "\ue001"
_WIDE_DOT: Final = 0xE002
_WIDEST: Final = 24
_SIGNS: Final = re.compile(r"[\ue000-\ue01f]")
_STAND_IN: Final = "\ue0ff"
_LETTERS_RUN: Final = re.compile(r"[a-zA-Z]*")
_BARS: Final = re.compile(r"[0-9a-zA-Z@+\-]")
_PUNYCODE: Final = re.compile(r"[xX][nN]--[\-0-9a-zA-Z]")

_MARKS: Final = r"\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_SPACES: Final = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_DOTS: Final = r"\.\ue000-\ue01f"
_NOT_IN_NAMES: Final = r"!'#%&()*+,\\\-/:;<=>?@\[\]\^_{|}~$" + _DOTS + _SPACES + r"\uFFFE\uFEFF\uFFFF" + _MARKS
LATIN: Final = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\xFF\u0100-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289"
    r"\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
"""Accented letters of the West, for within a class of characters."""
# Whatever is the same letter as one of these or as a Cyrillic one, large and small taken together, as X does.
_LETTERS: Final = (
    LATIN + r"\u0260\u0269\u0275\u0280\u0283\u0288\u028A\u028C\u0292\u0399\u03B9\u1FBE\u2C65\u2C66\u2C7E\u2C7F"
)
_LONGEST_LABEL: Final = 300
"""Far more than a name can have between two dots; it keeps a text without dots from being read again and again."""
_WIDE_ENDINGS: Final = "|".join(rf"{chr(_WIDE_DOT + n)}.{{{n}}}" for n in range(1, _WIDEST + 1))
_ENDING: Final = rf"(?:{_PLAIN_DOT}[a-zA-Z]++|{_PUNY_DOT}[xX][nN]--[\-0-9a-zA-Z]++|{_WIDE_ENDINGS})"
_LABEL: Final = rf"[^{_NOT_IN_NAMES}](?:[^{_NOT_IN_NAMES}]|[_\-]){{0,{_LONGEST_LABEL}}}+(?<![_\-])"
_LAST_LABEL: Final = rf"[^{_NOT_IN_NAMES}](?:[^{_NOT_IN_NAMES}]|-){{0,{_LONGEST_LABEL}}}+(?<!-)"
_INSIDE: Final = r"!*';:,$%\[\]\u2013~@|&" + _DOTS
_CLOSING: Final = r"+\-=_#/a-zA-Z0-9\u0400-\u04FF\u1C80-\u1C87" + _LETTERS
_PART: Final = rf"[{_INSIDE}{_CLOSING}]"
_BRACKETS: Final = rf"\((?:{_PART}++|{_PART}*+\({_PART}++\){_PART}*+)\)"
_PATH: Final = rf"/(?:[{_INSIDE}]*+(?:[{_CLOSING}]|{_BRACKETS}))*+"
_QUERY: Final = rf"\?(?:[!?*'@();:+$%\[\],~|{_DOTS}]*+[a-zA-Z0-9\-_&=#/])++"
_ADDRESS: Final = re.compile(
    r"(?P<before>[^A-Za-z0-9@＠$#＃\uFFFE\uFEFF\uFFFF]|^)"
    r"(?P<whole>(?P<scheme>[hH][tT][tT][pP][sS]?://)?"
    rf"(?P<name>(?:{_LABEL}[{_DOTS}])*{_LAST_LABEL}{_ENDING})(?::[0-9]+)?(?P<path>{_PATH})?(?:{_QUERY})?)"
)
_PLAIN_NAME: Final = re.compile(rf"[\-a-zA-Z0-9{_LETTERS}]++(?:[{_DOTS}][\-a-zA-Z0-9{_LETTERS}]++)*{_ENDING}")
_SHORTENED: Final = re.compile(rf"[hH][tT][tT][pP][sS]?://[tT][{_DOTS}][cC][oO]/([a-zA-Z0-9]+)(?:{_QUERY})?")
_GLUE: Final = frozenset("-_./")


def find_addresses(text: str) -> tuple[Span, ...]:
    """Every link of a text in reading order; the text is taken as it is, so compose it first."""
    signed = _signed(text)
    if signed is None:
        return ()
    return tuple(
        Span(start=start, end=end, text=text[start:end])
        for match in _ADDRESS.finditer(signed)
        for start, end in _links_of(match)
    )


def _signed(text: str) -> str | None:
    """The text with a sign for each dot that has a known ending behind it; None when there is none."""
    signs = []
    dot = text.find(".")
    while dot != -1:
        sign = _sign(text, dot + 1)
        if sign:
            signs.append((dot, sign))
        dot = text.find(".", dot + 1)
    if not signs:
        return None
    letters = list(_SIGNS.sub(_STAND_IN, text))
    for at, sign in signs:
        letters[at] = sign
    return "".join(letters)


def _sign(text: str, at: int) -> str:
    """What the dot before `at` becomes; empty when no known ending begins there."""
    run = _LETTERS_RUN.match(text, at)
    end = run.end() if run else at
    after = text[end : end + 1]
    plain, wide, lengths = _endings()
    if after > "\x7f":
        for length in lengths:
            name = text[at : at + length]
            if len(name) == length and name.lower() in wide and not _BARS.match(text, at + length):
                return chr(_WIDE_DOT + length)
    if end > at and text[at:end].lower() in plain and not _BARS.match(after):
        return _PLAIN_DOT
    return _PUNY_DOT if after == "-" and _PUNYCODE.match(text, at) else ""


def _links_of(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    scheme, start = match.group("scheme"), match.start("whole")
    if not _sendable(match.group("whole"), scheme or "https://", match.group("name")):
        return
    if scheme is None:
        yield from _bare(match)
        return
    short = _SHORTENED.match(match.group("whole"))
    if short is None:
        yield start, match.end()
    elif len(short.group(1)) <= LONGEST_SHORT:
        yield start, start + short.end()


def _bare(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The Latin names within one without a scheme; the last takes the path along, but never a query alone.

    Where other letters stand between that name and the path, it takes as many characters as the path has.
    """
    if match.group("before") in _GLUE or _SIGNS.fullmatch(match.group("before")):
        return
    start = match.start("name")
    found = [(start + m.start(), start + m.end()) for m in _PLAIN_NAME.finditer(match.group("name"))]
    if found and match.group("path"):
        first, last = found[-1]
        found[-1] = (first, last + match.end() - match.end("name"))
    yield from found


def _sendable(whole: str, scheme: str, name: str) -> bool:
    """Whether the name can be looked up and the address is not too long with it."""
    plain = _SIGNS.sub(".", name)
    try:
        encoded = plain.encode("ascii" if plain.isascii() and _short(plain) else "idna")
    except UnicodeError:
        return False
    return len(scheme) + len(whole) + len(encoded) - len(name) <= LONGEST


def _short(name: str) -> bool:
    return all(0 < len(label) < 64 for label in name.split("."))
