"""Reads a brief as people paste it, into sentences that can be published and facts about them; invents nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import regex

from services.content.checks import blocking, check
from services.content.patterns import CHAT_MENTION, HASHTAG, URL
from services.content.sentences import same, sentences, words
from services.content.words import ASIDES, FRAMES, IMPERATIVE, LABELS, SUPERLATIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.domain.brand import Brand
    from services.domain.post import Brief

MAX_READ: Final = 60_000
"""Characters of a brief that are read."""
_FENCE: Final = regex.compile(r"^(```|~~~)[^\n]*\n(.*?)(?:^\1[ \t]*$|\Z)", regex.MULTILINE | regex.DOTALL)
_BULLET: Final = regex.compile(r"^\s*(?:[-*•·–]|\d{1,2}[.)]|\[[ x]?\])\s+", regex.IGNORECASE)
_HEADING: Final = regex.compile(r"^\s{0,3}#{1,6}\s+")
_RULE: Final = regex.compile(r"^[\s\-*_=]{3,}$")
_CHAT_LINK: Final = regex.compile(r"<(https?://[^>|\s]+)(?:\|([^>\n]*))?>")
_MARKDOWN_LINK: Final = regex.compile(r"!?\[([^\]\n]*)\]\((https?://[^)\s]+)\)")
_STRESS: Final = regex.compile(r"(?<![\w*])(\*\*|\*)(?=[^\s*])([^*\n]+?)(?<=\S)\1(?![\w*])")
_UNDERLINE: Final = regex.compile(r"(?<!\w)__(?=[^\s_])([^\n]*?)(?<=\S)__(?!\w)")
_NUMBER: Final = regex.compile(r"\d")
_MEASURED: Final = regex.compile(
    r"\d[\d.,]*\s?(?:%|×|x\b|ms\b|s\b|GB|MB|k\b|M\b|€|percent|Prozent|times|hours?|minutes?)|[$€£]\s?\d"
)
_TRAILING: Final = ".,;:!?)]}'\"”’"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One sentence or list item, as it can be published."""

    text: str
    order: int
    listed: bool = False
    noted: bool = False
    """From the notes rather than the brief."""

    @property
    def is_claim(self) -> bool:
        """Whether a person should verify it: it holds a number or a superlative."""
        return bool(_NUMBER.search(self.text) or SUPERLATIVE.search(self.text))

    @property
    def is_question(self) -> bool:
        """Whether it asks readers something."""
        return self.text.endswith(("?", "？"))

    @property
    def is_call(self) -> bool:
        """Whether it asks readers to act."""
        return bool(IMPERATIVE.match(self.text)) and not self.listed

    @property
    def weight(self) -> float:
        """How concrete it is: what is measured, quoted or named beats what is said in general."""
        size = len(words(self.text))
        return (
            (2.5 if _MEASURED.search(self.text) else 1.5 if _NUMBER.search(self.text) else 0.0)
            + (1.0 if SUPERLATIVE.search(self.text) else 0.0)
            + (0.5 if regex.search(r"[\"“„«]", self.text) else 0.0)
            + (1.0 if 5 <= size <= 22 else -1.0 if size > 35 else 0.0)
            + (2.0 if self.order == 0 else 0.0)
            - (0.5 if self.listed else 0.0)
            - (1.5 if self.noted else 0.0)
            - (2.0 if self.is_question else 0.0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a brief holds, in its own order."""

    title: str
    units: tuple[Unit, ...]
    calls: tuple[str, ...]
    questions: tuple[str, ...]
    links: tuple[str, ...]
    tags: tuple[str, ...]


def read_material(brief: Brief, brand: Brand) -> Material:
    """Sort a brief and its notes; sentences that would be blocked are left out while others remain."""
    reader = _Reader()
    reader.read(brief.text[:MAX_READ], noted=False)
    reader.read(brief.notes[:MAX_READ], noted=True)
    found = _distinct(reader.units)
    clean = tuple(u for u in found if not blocking(check(u.text, brand)))
    units = clean or found
    calls = tuple(u.text for u in units if u.is_call)
    questions = tuple(u.text for u in units if u.is_question)
    plain = tuple(u for u in units if not u.is_call and not u.is_question)
    links = tuple(dict.fromkeys(reader.links))
    title = reader.title
    if not units and not title and links:
        title = title_of(links[0])
    return Material(
        title=title,
        units=plain or units,
        calls=(*reader.calls, *calls) if plain else tuple(reader.calls),
        questions=questions if plain else (),
        links=links,
        tags=tuple(dict.fromkeys(reader.tags)),
    )


def title_of(url: str) -> str:
    """The words of a link's last path segment, which its author chose; empty when it has none."""
    segments = [s for s in unquote(urlsplit(url).path).split("/") if s]
    stem = regex.sub(r"\.\w{1,5}$", "", segments[-1]) if segments else ""
    spaced = regex.sub(r"[-_+\s]+", " ", stem).strip()
    said = [word for word in spaced.split() if not word.isdigit()]
    return _sentence_case(" ".join(said)) if sum(c.isalpha() for c in spaced) >= 3 and len(said) >= 2 else ""


class _Reader:
    """Walks through the lines of a text once and sorts what it finds."""

    def __init__(self) -> None:
        self.title = ""
        self.units: list[Unit] = []
        self.calls: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []

    def read(self, text: str, *, noted: bool) -> None:
        prose = _FENCE.sub("\n", text)
        before = len(self.units)
        for line, listed in _blocks(prose):
            self._line(line, listed=listed, noted=noted)
        if len(self.units) == before and not self.title:
            for fence in _FENCE.finditer(text):
                for line in fence[2].splitlines():
                    self._add(line.strip(), listed=False, noted=noted)

    def _line(self, line: str, *, listed: bool, noted: bool) -> None:
        if _HEADING.match(line):
            heading = self._take(_HEADING.sub("", line))
            self.title = self.title or _unframed(heading)
            return
        if label := LABELS.match(line.strip()):
            line = self._labelled(label["label"].lower(), label["rest"])
        for sentence in sentences(self._take(line)):
            self._add(sentence, listed=listed, noted=noted)

    def _labelled(self, label: str, rest: str) -> str:
        """Sort a "Label: …" line; what is left to read as prose comes back."""
        if label in {"title", "topic", "subject", "headline", "thema", "titel"}:
            self.title = self.title or self._take(rest)
            return ""
        if label in {"cta", "call to action"}:
            if call := self._take(rest):
                self.calls.append(_sentence_case(call))
            return ""
        if label in {"hashtags", "hashtag", "tags", "tag"}:
            self.tags += [w for w in regex.findall(r"#?(\w+)", rest) if not w.isdigit()]
            return ""
        return rest

    def _take(self, line: str) -> str:
        """The line without links and marks; links are kept apart."""
        line = _CHAT_LINK.sub(lambda m: f"{m[2] or ''} {m[1]}", line)
        line = _MARKDOWN_LINK.sub(lambda m: f"{m[1]} {m[2]}", line)
        for match in URL.finditer(line):
            self.links.append(match[0].rstrip(_TRAILING))
        line = URL.sub(lambda m: m[0][len(m[0].rstrip(_TRAILING)) :], line)
        return self._tags_apart(_plain(line))

    def _tags_apart(self, line: str) -> str:
        """A run of hashtags at the end is no prose; a tag within a sentence stays a word of it."""
        trailing = regex.search(r"(?:(?:^|\s)#\w+)+\s*$", line)
        if trailing:
            self.tags += [tag[1:] for tag in HASHTAG.findall(trailing[0])]
            line = line[: trailing.start()]
        return HASHTAG.sub(lambda m: m[0][1:], line).strip()

    def _add(self, sentence: str, *, listed: bool, noted: bool) -> None:
        if any(aside.search(sentence) for aside in ASIDES):
            return
        text = _unframed(sentence)
        text = regex.sub(r"\s*[:\-–(]+$", "", text)
        if not regex.search(r"[\p{L}\p{N}\p{Extended_Pictographic}]", text):
            return
        self.units.append(Unit(text=text, order=len(self.units), listed=listed, noted=noted))


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Lines of prose joined to paragraphs, list items and headings on their own; True for a list item."""
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        alone = bool(_BULLET.match(line) or _HEADING.match(line) or LABELS.match(line.strip()))
        if alone or not line.strip() or _RULE.match(line):
            if paragraph:
                yield " ".join(paragraph), False
                paragraph = []
            if alone:
                yield _BULLET.sub("", line).strip(), bool(_BULLET.match(line))
        elif paragraph and _ends_itself(paragraph[-1], line):
            yield " ".join(paragraph), False
            paragraph = [line.strip()]
        else:
            paragraph.append(line.strip())


def _ends_itself(before: str, line: str) -> bool:
    """A short line without a full stop that is followed by a capital stands for itself; a wrapped line goes on."""
    return len(before) < 60 and line.strip()[:1].isupper() and before[-1:] not in ",;-–"


def _plain(line: str) -> str:
    for pattern in CHAT_MENTION:
        line = pattern.sub("", line)
    line = _UNDERLINE.sub(r"\1", _STRESS.sub(r"\2", line))
    line = regex.sub(r"</?[a-zA-Z][^<>\n]*>", "", line) if regex.search(r"</[a-zA-Z]+>|<br", line) else line
    line = regex.sub(r"^\s*>+\s?", "", line.replace("`", ""))
    line = regex.sub(r"\(\s*\)|\[\s*\]", "", line)
    line = regex.sub(r"\s+", " ", line)
    return regex.sub(r"\s+([.,;!?])", r"\1", line).strip()


def _unframed(sentence: str) -> str:
    for _ in range(2):
        for frame in FRAMES:
            rest = frame.sub("", sentence, count=1)
            if rest != sentence and (rest.strip() or frame is FRAMES[0]):
                sentence = rest.strip()
    return _sentence_case(sentence)


def _sentence_case(text: str) -> str:
    """A capital at the start, unless the first word is written in its own way ("iOS", "pgvector2")."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() and first.isalpha() else text


def _distinct(units: list[Unit]) -> tuple[Unit, ...]:
    seen: dict[str, Unit] = {}
    for unit in units:
        seen.setdefault(same(unit.text) or unit.text, unit)
    return tuple(seen.values())
