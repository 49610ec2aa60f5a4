"""Reads a brief as people paste it, into sentences that can be published and facts about them; invents nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import regex

from services.content.checks import blocking, check
from services.content.patterns import CHAT_MENTION, HASHTAG, URL
from services.content.sentences import same, sentences, words
from services.content.words import ASIDES, FRAMES, IMPERATIVE, LABELS, LEAD_IN, LINK_LABEL, PROSE_LABEL, SUPERLATIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.domain.brand import Brand
    from services.domain.post import Brief

MAX_READ: Final = 60_000
"""Characters of a brief that are read."""
MAX_SENTENCE: Final = 2000
"""Characters of a sentence; what is longer is none, and no network would take it."""
MAX_UNITS: Final = 60
"""Sentences that are weighed against each other; the rest of a very long brief is too weak to matter."""
_FENCE: Final = regex.compile(r"^(```|~~~)[^\n]*\n(.*?)(?:^\1[ \t]*$|\Z)", regex.MULTILINE | regex.DOTALL)
_BULLET: Final = regex.compile(r"^\s*(?:[-*•·–]|\d{1,2}[.)]|\[[ x]?\])\s+", regex.IGNORECASE)
_HEADING: Final = regex.compile(r"^\s{0,3}#{1,6}\s+")
_RULE: Final = regex.compile(r"^[\s\-*_=]{3,}$")
_CHAT_LINK: Final = regex.compile(r"<(https?://[^>|\s]{1,2000})(?:\|([^>\n]{0,300}))?>")
_MARKDOWN_LINK: Final = regex.compile(r"!?\[([^\]\n]{0,300})\]\((https?://[^)\s]{1,2000})\)")
_STRESS: Final = regex.compile(r"(?<![\w*])(\*\*|\*)(?=[^\s*])([^*\n]{1,500}?)(?<=\S)\1(?![\w*])")
_UNDERLINE: Final = regex.compile(r"(?<!\w)__(?=[^\s_])([^\n]{1,500}?)(?<=\S)__(?!\w)")
_LINK_MARK: Final = regex.compile(r"\uE000(\d+)\uE001")
_DANGLING: Final = regex.compile(r"\s*(?:[\s(:–-]|\b(?:at|on|here|via|see|under|unter|hier|auf))*$", regex.IGNORECASE)
_FINITE: Final = regex.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|does|do|did|now|we|ist|sind|hat|haben|wird|werden|kann|wir)\b",
    regex.IGNORECASE,
)
_TELLS: Final = regex.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|does|do|did|ist|sind|hat|haben|wird|werden|kann)\b", regex.IGNORECASE
)
"""What makes a sentence of "How we did it is told below", which else is a headline."""
_WRITE: Final = FRAMES[2]
_ASKED: Final = regex.compile(r"^(?:can|could) you\b", regex.IGNORECASE)
_NUMBERED: Final = regex.compile(r"(?:^|\s)\(?[1-9]\d?\)\s+")
_THAT: Final = regex.compile(r"\b(?:that|dass)\W*$", regex.IGNORECASE)
_ASKS_WHY: Final = regex.compile(r"^(?:why|how|what|when|where|warum|wie)\b[^?]*$", regex.IGNORECASE)
_ARTICLE: Final = regex.compile(
    r"^(?:our|a|an|the|unser[em]?|unseren?|ein|eine[mnr]?|der|die|das)\s+(?=\S)", regex.IGNORECASE
)
_SHORT: Final = 30
_NUMBER: Final = regex.compile(r"\d")
MEASURED: Final = regex.compile(
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
    heads: bool = False
    """Names what follows, rather than saying something about it."""
    verbatim: bool = False
    """Code: set as it is."""

    @property
    def is_claim(self) -> bool:
        """Whether a person should verify it: it holds a number or a superlative."""
        return not self.verbatim and is_claim(self.text)

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
            (2.5 if MEASURED.search(self.text) else 1.5 if _NUMBER.search(self.text) else 0.0)
            + (1.0 if SUPERLATIVE.search(self.text) else 0.0)
            + (0.5 if regex.search(r"[\"“„«]", self.text) else 0.0)
            + (1.0 if 5 <= size <= 22 else -1.0 if size > 35 else 0.0)
            + (2.0 if self.order == 0 else 0.0)
            - (0.5 if self.listed else 0.0)
            - (1.5 if self.noted else 0.0)
            - (1.5 if self.heads else 0.0)
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


def is_claim(text: str) -> bool:
    """Whether a person should verify it: it holds a number or a superlative."""
    return bool(_NUMBER.search(text) or SUPERLATIVE.search(text))


def read_material(brief: Brief, brand: Brand) -> Material:
    """Sort a brief and its notes; sentences that would be blocked are left out while others remain."""
    reader = _Reader()
    reader.read(brief.text[:MAX_READ], noted=False)
    reader.read(brief.notes[:MAX_READ], noted=True)
    units = _usable(_distinct(reader.units), brand)
    calls = (*reader.calls, *(u.text for u in units if u.is_call))
    questions = tuple(u.text for u in units if u.is_question)
    plain = tuple(u for u in units if not u.is_call and not u.is_question)
    if not plain:
        plain, calls, questions = units, tuple(reader.calls), ()
    title = reader.title
    if not title and len(plain) > 1 and (plain[0].heads or _names_the_notes(plain)):
        title, plain = plain[0].text.rstrip(".:"), plain[1:]
    links = tuple(dict.fromkeys(reader.links))
    if not plain and not title and links:
        title = title_of(links[0])
    return Material(
        title=title,
        units=plain,
        calls=tuple(dict.fromkeys(calls)),
        questions=questions,
        links=links,
        tags=tuple(dict.fromkeys(reader.tags)),
    )


def _names_the_notes(units: tuple[Unit, ...]) -> bool:
    """Whether the brief is a bare topic and the notes say all there is to say about it."""
    topic, *rest = units
    bare = topic.text[-1:].isalnum() and not _FINITE.search(topic.text)
    return bare and not topic.noted and all(unit.noted for unit in rest)


def _usable(found: tuple[Unit, ...], brand: Brand) -> tuple[Unit, ...]:
    """The strongest in their order, without those that would be blocked while others remain."""
    strongest = sorted(sorted(found, key=lambda u: -u.weight)[:MAX_UNITS], key=lambda u: u.order)
    clean = tuple(u for u in strongest if not blocking(check(u.text, brand)))
    return clean or tuple(strongest)


def title_of(url: str) -> str:
    """The words of a link's last path segment, which its author chose; empty when it has none."""
    segments = [s for s in unquote(urlsplit(url).path).split("/") if s]
    stem = regex.sub(r"\.\w{1,5}$", "", segments[-1]) if segments else ""
    spaced = regex.sub(r"[-_+\s]+", " ", stem).strip()
    said = [word for word in spaced.split() if not word.isdigit()]
    return sentence_case(" ".join(said)) if sum(c.isalpha() for c in spaced) >= 3 and len(said) >= 2 else ""


class _Reader:
    """Walks through the lines of a text once and sorts what it finds."""

    def __init__(self) -> None:
        self.title = ""
        self.units: list[Unit] = []
        self.calls: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []

    def read(self, text: str, *, noted: bool) -> None:
        before = len(self.units)
        for line, listed in _blocks(_FENCE.sub("\n", text)):
            self._line(line, listed=listed, noted=noted)
        if len(self.units) == before and not self.title:
            code = [fence[2].strip("\n") for fence in _FENCE.finditer(text) if fence[2].strip()]
            self.units += [
                Unit(text=block, order=len(self.units) + n, noted=noted, verbatim=True) for n, block in enumerate(code)
            ]

    def _line(self, line: str, *, listed: bool, noted: bool) -> None:
        if _HEADING.match(line):
            self.title = self.title or _without_links(_unframed(self._marked(_HEADING.sub("", line))))
            return
        if label := LABELS.match(line.strip()):
            line = self._labelled(label["label"].lower(), label["rest"])
        head, *items = _NUMBERED.split(line) if len(_NUMBERED.findall(line)) > 1 else [line]
        for sentence in sentences(self._marked(head)):
            self._sentence(sentence, listed=listed, noted=noted)
        for item in items:
            self._sentence(self._marked(item), listed=True, noted=noted)

    def _labelled(self, label: str, rest: str) -> str:
        """Sort a "Label: …" line; what is left to read as prose comes back."""
        if label in {"title", "topic", "subject", "headline", "thema", "titel"}:
            self.title = self.title or _without_links(self._marked(rest))
            return ""
        if label in {"cta", "call to action"}:
            if call := self._marked(rest):
                self.calls.append(self._with_links(sentence_case(call)))
            return ""
        if label in {"hashtags", "hashtag", "tags", "tag"}:
            self.tags += [w for w in regex.findall(r"#?(\w+)", rest) if not w.isdigit()]
            return ""
        return rest

    def _marked(self, line: str) -> str:
        """The line without markup, with a mark for each link, so that no full stop in one ends a sentence."""
        line = _CHAT_LINK.sub(lambda m: f"{m[2] or ''} {m[1]}", line)
        line = _MARKDOWN_LINK.sub(lambda m: f"{m[1]} {m[2]}", line)
        line = URL.sub(self._mark, line)
        return self._tags_apart(_plain(line))

    def _mark(self, match: regex.Match[str]) -> str:
        link = match[0].rstrip(_TRAILING)
        self.links.append(link)
        return f"\ue000{len(self.links) - 1}\ue001{match[0][len(link) :]}"

    def _with_links(self, text: str) -> str:
        return str(_LINK_MARK.sub(lambda m: self.links[int(m[1])], text))

    def _tags_apart(self, line: str) -> str:
        """A run of hashtags at the end is no prose; a tag within a sentence stays a word of it."""
        spoken = line.split()
        trailing: list[str] = []
        while spoken and HASHTAG.fullmatch(spoken[-1]):
            trailing.append(spoken.pop()[1:])
        self.tags += reversed(trailing)
        line = " ".join(spoken)
        return str(HASHTAG.sub(lambda m: m[0][1:], line)).strip()

    def _sentence(self, sentence: str, *, listed: bool, noted: bool) -> None:
        if len(sentence) > MAX_SENTENCE:
            return
        sentence = PROSE_LABEL.sub("", sentence)
        said = _unframed(sentence)
        framing = sentence[: len(sentence) - len(said)]
        if _ASKED.match(framing):
            said = said.rstrip("?")
        linked = bool(_LINK_MARK.search(said))
        bare = _without_links(said)
        leads = linked and (LEAD_IN.match(bare) or LINK_LABEL.match(said))
        if leads or any(aside.search(said) for aside in ASIDES):
            return
        if linked and IMPERATIVE.match(said) and not listed:
            self.calls.append(self._with_links(said).rstrip("."))
            return
        text = self._with_links(bare)
        heads = _heads(text, framed=bool(framing), first=not self.units)
        text = _headline(text) if framing and heads and not _THAT.search(framing) else text
        text = text.rstrip(" :-–(")
        if regex.search(r"[\p{L}\p{N}\p{Extended_Pictographic}]", text):
            order = len(self.units)
            self.units.append(Unit(text=text, order=order, listed=listed, noted=noted, heads=heads and not listed))


def _heads(text: str, *, framed: bool, first: bool) -> bool:
    """Whether it names what follows: "How we cut our bill" on a line of its own, "Customer story", "Numbers:"."""
    asks = bool(_ASKS_WHY.match(text))
    if (framed and (asks or not _FINITE.search(text))) or (asks and text[-1:].isalnum()):
        return True
    if first and asks and not _TELLS.search(text):
        return True
    return text.endswith(":") or (len(text.split()) <= 3 and len(text) <= _SHORT)


def _without_links(text: str) -> str:
    """The text without the links at its end and what led to them; links within a sentence stay marks."""
    ended = regex.sub(r"(?:\s*[(\[]?\uE000\d+\uE001[)\].,;:!]*)+\s*$", "\ue000", text)
    if ended == text:
        return text
    full_stop = "." if regex.search(r"\.\s*$", text) else ""
    bare = str(_DANGLING.sub("", ended.rstrip("\ue000")))
    return bare + (full_stop if bare and bare[-1].isalnum() else "")


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
        line = pattern.sub("\ue002", line)
    line = regex.sub(r"\s*\uE002(?=\s*[:,;.!?])|\uE002", "", line)
    line = _UNDERLINE.sub(r"\1", _STRESS.sub(r"\2", line))
    line = regex.sub(r"</?[a-zA-Z][^<>\n]{0,300}>", "", line) if regex.search(r"</[a-zA-Z]{1,20}>|<br", line) else line
    line = regex.sub(r"^\s*>+\s?", "", line.replace("`", ""))
    line = regex.sub(r"(?<!\w)(?:\(\s*\)|\[\s*\])", "", line)
    line = regex.sub(r"\s+", " ", line)
    return str(regex.sub(r"\s+([.,;!?])", r"\1", line)).strip()


def _unframed(sentence: str) -> str:
    for _ in range(2):
        for frame in FRAMES:
            rest = frame.sub("", sentence, count=1)
            if rest != sentence and (rest.strip() or frame is _WRITE):
                sentence = rest.strip()
    return sentence_case(sentence)


def _headline(text: str) -> str:
    """A bare naming ("our new tracer") without its article, as headlines are set; a sentence stays whole."""
    return text if _FINITE.search(text) else sentence_case(_ARTICLE.sub("", text))


def sentence_case(text: str) -> str:
    """A capital at the start, unless the first word is written in its own way ("iOS", "index.query()")."""
    start = regex.match(r"[\p{Emoji_Presentation}\p{Extended_Pictographic}\uFE0F\u200D\s]*", text).end()
    first = text[start:].split(" ", 1)[0].rstrip(",:;.!?")
    if not regex.fullmatch(r"\p{Ll}+(?:['’-]\p{L}+)*", first):
        return text
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]


def _distinct(units: list[Unit]) -> tuple[Unit, ...]:
    seen: dict[str, Unit] = {}
    for unit in units:
        seen.setdefault(same(unit.text) or unit.text, unit)
    return tuple(seen.values())
