"""Pure helpers for text that several networks share: counting, finding links, cutting, reading HTML, comparing."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_GRAPHEME: Final = regex.compile(r"\X")
_NOT_IN_LINKS: Final = r"\s<>\"“”「」『』\u200b"
# No ending mixes the letters of ASCII with another script: what follows one without a space is no part of the host.
_LINK: Final = regex.compile(
    r"(?i)(?<![a-z0-9@＠#＃$])https?://"
    rf"(?:[^{_NOT_IN_LINKS}/?#]*\.[a-z]{{2,}}+(?::[0-9]++)?+(?![\x00-\x7f\p{{Latin}}\p{{M}}])"
    rf"(?=[^{_NOT_IN_LINKS}/?#.]++(?:[{_NOT_IN_LINKS}/?#]|\Z))|[^{_NOT_IN_LINKS}]+)"
)
_BARE: Final = regex.compile(
    r"(?i)(?<![\w@＠#＃$/.:-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.(?=[a-z0-9]))++"
    r"(?:com|org|net|edu|gov|io|dev|app|ai|co|info|news|blog|social|eu|de|fr|uk|nl|es|it|ch|at|us|ca|jp|xyz)"
    r"(?![\w@-]|\.\w)(?:/[^\s<>\"]*)?"
)
_MENTION: Final = regex.compile(
    r"(?<![\w/=])@([A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+)@([.-]*+\w(?:[.-]*+\w)++)(?![@＠]|://)"
)
# The signs that make an emoji (\ufe0e, \ufe0f, \u20e3) count as marks, but they end no word and are no letter in a tag.
_TAG: Final = regex.compile(
    r"(?V1)(?:(?<![\w&/#＃])|(?<=[\ufe0e\ufe0f]))[#＃](?![\ufe0f\u20e3])"
    r"([\w·]*[[\p{L}\p{M}_·]--[\ufe0e\ufe0f\u20e3]][\w·]*)"
)
_TRAILING: Final = frozenset(".,;:!?'’‘…»›*_~|。、，！？；：")
_PAIRS: Final = {")": "(", "]": "[", "}": "{", "）": "（"}


def nfc(text: str) -> str:
    """The composed form in which every network counts."""
    return unicodedata.normalize("NFC", text)


def graphemes(text: str) -> list[str]:
    """What people see as single characters, after composing."""
    found: list[str] = _GRAPHEME.findall(nfc(text))
    return found


def count_graphemes(text: str) -> int:
    """How many characters people see."""
    return len(graphemes(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A found piece of a text; `start` and `end` are code point offsets into the text as given."""

    start: int
    end: int
    text: str


def find_links(text: str) -> tuple[Span, ...]:
    """The http and https links with a host, without the punctuation that closes a sentence or bracket around them."""
    found = []
    for match in _LINK.finditer(text):
        url = _trim(match.group())
        if url.partition("://")[2].strip("/?#:."):
            found.append(Span(start=match.start(), end=match.start() + len(url), text=url))
    return tuple(found)


def _trim(url: str) -> str:
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _PAIRS.items()}
    end = len(url)
    while end and (url[end - 1] in _TRAILING or surplus.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in surplus:
            surplus[url[end]] -= 1
    return url[:end]


def find_bare_domains(text: str) -> tuple[Span, ...]:
    """Addresses written without http(s) under a well-known ending, which some networks leave as plain text."""
    taken = apart((*find_links(text), *find_mentions(text)))
    return tuple(
        Span(start=span.start, end=span.start + len(url), text=url)
        for span in _outside(taken, _BARE.finditer(text))
        if (url := _trim(span.text))
    )


def find_mentions(text: str) -> tuple[Span, ...]:
    """Mentions that name a host: @user@host, outside links."""
    return tuple(_outside(find_links(text), _MENTION.finditer(text)))


def find_hashtags(text: str) -> tuple[Span, ...]:
    """Hashtags with their sign, outside links; a number alone is none."""
    return tuple(_outside(find_links(text), _TAG.finditer(text)))


def _outside(taken: tuple[Span, ...], matches: Iterable[regex.Match[str]]) -> Iterator[Span]:
    """The matches that touch nothing taken; both come in reading order, so that one walk is enough."""
    at = 0
    for match in matches:
        while at < len(taken) and taken[at].end <= match.start():
            at += 1
        if at == len(taken) or match.end() <= taken[at].start:
            yield Span(start=match.start(), end=match.end(), text=match.group())


class _Ranged(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


_R = TypeVar("_R", bound=_Ranged)


def apart(found: Iterable[_R]) -> tuple[_R, ...]:
    """Pieces of a text in reading order; of two that overlap the earlier given one stays."""
    kept: list[_R] = []
    for one in found:
        at = bisect_left(kept, one.start, key=lambda k: k.start)
        if (at == 0 or kept[at - 1].end <= one.start) and (at == len(kept) or one.end <= kept[at].start):
            kept.insert(at, one)
    return tuple(kept)


def replace_spans(text: str, replacements: Iterable[tuple[Span, str]]) -> str:
    """Put other words in the place of spans that do not overlap."""
    out, at = [], 0
    for span, new in sorted(replacements, key=lambda pair: pair[0].start):
        out += [text[at : span.start], new]
        at = span.end
    return "".join([*out, text[at:]])


_PARAGRAPH: Final = regex.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE: Final = regex.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+\s++(?!\p{Ll})|[。！？]+[」』）]*\s*|\n\s*")
_WORD: Final = regex.compile(r"\s+")
_WORTH: Final = 0.4
"""A softer cut is taken when it still fills this share of what would fit."""
_SEEN: Final = 512
_AHEAD: Final = 4
"""How far beyond the first size that does not fit a cut is looked for, as a longer text may fit where a link ends."""


def split_text(text: str, fits: Callable[[str], bool]) -> tuple[str, ...]:
    """Cut at paragraph ends, else sentence ends, else spaces, else between characters, so that each part fits.

    Only white space at the cuts is dropped. A link is cut only when it does not fit by itself. A single character that
    does not fit is a part all the same, so that the end is always reached.
    """
    parts = []
    rest = text.strip()
    while rest:
        near = _near(rest, fits)
        cut = len(rest) if len(near) == len(rest) and fits(rest) else _best_cut(near, fits)
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return tuple(parts)


def _near(text: str, fits: Callable[[str], bool]) -> str:
    """As much of a text as the next cut depends on, so that a long one is not read again for each part."""
    size = _SEEN
    while size < len(text) and fits(text[:size].strip()):
        size *= 2
    return text[: size * _AHEAD]


def _best_cut(text: str, fits: Callable[[str], bool]) -> int:
    reach = _last_fitting(text, [m.end() for m in _GRAPHEME.finditer(text)], fits) or len(_GRAPHEME.match(text).group())
    links = find_links(text)
    for pattern in (_PARAGRAPH, _SENTENCE, _WORD):
        ends = [m.end() for m in pattern.finditer(text) if m.end() < len(text)]
        ends = [end for end in ends if not any(s.start < end < s.end for s in links)]
        cut = _last_fitting(text, ends, fits)
        if cut and (cut >= reach * _WORTH or pattern is _WORD):
            return cut
    inside = [s.start for s in links if 0 < s.start < reach < s.end]
    return inside[0] if inside else reach


def _last_fitting(text: str, ends: list[int], fits: Callable[[str], bool]) -> int:
    """The furthest of the ascending `ends` whose text fits, 0 when none does; what fits is taken to shrink again."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if fits(text[: ends[middle]].strip()):
            low = middle + 1
        else:
            high = middle
    return ends[low - 1] if low else 0


_GAP: Final = regex.compile(r"\n{3,}")


class _TextOfHtml(HTMLParser):
    """Collects the text of a post's HTML, with a link's target instead of its shortened display."""

    def __init__(self, *, targets: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._targets = targets
        self._href: str | None = None
        self._inside: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._skip += 1
        elif tag == "br":
            self._add("\n")
        elif tag == "li":
            self._add("\n- ")
        elif tag == "a":
            self._close_link()
            self._href = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._skip = max(0, self._skip - 1)
        elif tag == "a":
            self._close_link()
        elif tag in {"p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3"}:
            self._add("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self._add(data)

    def close(self) -> None:
        super().close()
        self._close_link()

    def _add(self, text: str) -> None:
        (self.out if self._href is None else self._inside).append(text)

    def _close_link(self) -> None:
        if self._href is None:
            return
        shown, href = "".join(self._inside), self._href
        self._href, self._inside = None, []
        named = shown.lstrip()[:1] in {"@", "#", "＃"}
        self.out.append(href if self._targets and href.startswith("http") and not named else shown)


def html_to_text(html: str, *, link_targets: bool = True) -> str:
    """A post's HTML as plain text: paragraphs kept, links as their targets, mentions and hashtags as shown."""
    parser = _TextOfHtml(targets=link_targets)
    parser.feed(html)
    parser.close()
    text: str = _GAP.sub("\n\n", "".join(parser.out))
    return text.strip()


def fingerprint(text: str) -> str:
    """What survives a rendering of a text, for finding it again: composed, unspaced, mentions without host."""
    composed = nfc(text)
    short = replace_spans(composed, ((m, m.text.rpartition("@")[0]) for m in find_mentions(composed)))
    return "".join(short.split())


def tidy_sentence(text: str, limit: int = 300) -> str:
    """A stranger's words made safe to repeat on one line: no control characters, at most `limit` characters."""
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Co", "Cs"} else c for c in text)
    line = " ".join(plain.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
