"""Writes what a picture is to show from the post it belongs to, or from what a person asked for."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

import regex

from services.content.patterns import URL
from services.content.sentences import same, sentences
from services.content.words import STOP
from services.domain.media import PictureStyle
from services.images.scenes import is_cliche, scene_about
from services.ports.models import PictureTask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.domain.brand import Brand
    from services.domain.media import PictureSize, PictureWish
    from services.domain.post import Outline

HEADLINE_WORDS: Final = 9
POINT_WORDS: Final = 11
MAX_POINTS: Final = 4
MAX_SCENE: Final = 600
"""Characters of a scene that are used; more would only blur it."""
_HEADLINE_LETTERS: Final = 90
_POINT_LETTERS: Final = 80
_MARKUP: Final = regex.compile(r"<[^<>\n]{0,300}>|[`*_~#>|{}\[\]\\]+")
_TAG: Final = regex.compile(r"(?<!\w)[#＃][\w]+")
_MENTION: Final = regex.compile(r"(?<![\w.])@[\w.@-]+")
_ITEM: Final = regex.compile(r"^\s*(?:[-*•·–—▪►✓✔]|\(?\d{1,2}[.)]|[a-d]\))\s+(.{3,})$", regex.MULTILINE)
_SERIES: Final = regex.compile(r"^[^:;]{3,80}:\s+([^;]+(?:;[^;]+)+)$")
_JOINTS: Final = frozenset(
    [
        *(
            "by",
            "with",
            "for",
            "from",
            "so",
            "because",
            "after",
            "before",
            "while",
            "and",
            "that",
            "which",
            "when",
            "but",
        ),
        *("mit", "für", "von", "und", "dass", "weil", "nachdem", "bevor", "während", "damit"),
    ]
)
"""Words that begin another part of a sentence."""
_CLAUSE: Final = regex.compile(r"\s[–—-]\s|[:;]\s|,\s(?=\p{L})|\s\(")
_QUOTED: Final = regex.compile(r"[“\"„«]([^“”\"„«»\n]{3,90})[”\"“»]")


def picture_task(
    *, brand: Brand, outline: Outline, texts: Sequence[str], wish: PictureWish, size: PictureSize
) -> PictureTask:
    """The task for a painter; `texts` are the variants' texts, the longest tells most. Pure.

    A person's prompt decides the scene, and words it has in quotation marks become the headline.
    """
    fullest = max(texts, key=len, default="")
    headline = _asked_headline(wish.prompt) or _headline(outline, fullest)
    return PictureTask(
        scene=_scene(outline, fullest, wish.prompt),
        headline=headline,
        points=tuple(_points(outline, fullest, headline)),
        signature=_plain(brand.name)[:40].strip(),
        style=wish.style or PictureStyle.PROFESSIONAL,
        size=size,
        palette=brand.palette,
        take=wish.take,
    )


def _scene(outline: Outline, fullest: str, prompt: str) -> str:
    asked = _plain(_QUOTED.sub(" ", prompt)) or _plain(prompt)
    if asked:
        return asked[:MAX_SCENE].strip()
    idea = _plain(outline.image_idea)
    # The offline composer gives the topic again, which is no scene; a worn one is replaced too.
    if idea and same(idea) != same(outline.topic) and len(idea.split()) > 2 and not is_cliche(idea):
        return idea[:MAX_SCENE].strip()
    return scene_about(f"{outline.topic} {outline.hook} {fullest}")


def _asked_headline(prompt: str) -> str:
    found = _QUOTED.search(prompt)
    return _plain(found[1]) if found else ""


def _headline(outline: Outline, fullest: str) -> str:
    """The first of hook, topic and opening that is short enough whole; else the hook's beginning, cut at a clause."""
    openings = [_plain(s) for source in (outline.hook, outline.topic, fullest) for s in _first_sentence(source)]
    candidates = [_bare_end(text) for text in openings if text]
    for text in candidates:
        if 2 <= len(text.split()) <= HEADLINE_WORDS and len(text) <= _HEADLINE_LETTERS:
            return text
    return _cut(candidates[0], HEADLINE_WORDS, _HEADLINE_LETTERS) if candidates else ""


def _first_sentence(source: str) -> tuple[str, ...]:
    lines = [line for line in source.splitlines() if _plain(line)]
    return sentences(_plain(lines[0]))[:1] if lines else ()


def _points(outline: Outline, fullest: str, headline: str) -> Iterator[str]:
    """Items of a list in the text, else sentences of the body; each short, none twice, none that is the headline."""
    known = {same(headline)}
    listed = [_plain(m[1]) for m in _ITEM.finditer(fullest)]
    if len(listed) < 2:
        listed = [s for line in (outline.body or fullest).splitlines() for s in sentences(_plain(line))]
    # "Three lessons: one; two; three" is a better list than the sentences around it.
    items = next((series for item in listed if len(series := _series(item)) > 1), listed)
    count = 0
    for item in items:
        point = _cut(_bare_end(item), POINT_WORDS, _POINT_LETTERS)
        if len(point.split()) < 2 or same(point) in known or point.endswith("?"):
            continue
        known.add(same(point))
        yield point
        count += 1
        if count == MAX_POINTS:
            return


def _series(sentence: str) -> list[str]:
    """The parts of "Three lessons: one; two; three", or the sentence."""
    found = _SERIES.match(sentence)
    return [part[:1].upper() + part[1:] for part in map(str.strip, found[1].split(";"))] if found else [sentence]


def _cut(text: str, most_words: int, most_letters: int) -> str:
    """The text if it is short enough, else its first clause, else its first words without a weak end."""
    if len(text.split()) <= most_words and len(text) <= most_letters:
        return text
    clause = _CLAUSE.split(text, maxsplit=1)[0].strip()
    if 2 <= len(clause.split()) <= most_words and len(clause) <= most_letters:
        return _bare_end(clause)
    kept = text.split()[:most_words]
    while len(kept) > 1 and (len(" ".join(kept)) > most_letters or kept[-1].casefold().strip(",.;:") in STOP):
        kept.pop()
    # Better a shorter head than one that stops in the middle of a phrase.
    joints = [n for n, word in enumerate(kept) if n >= 3 and word.casefold() in _JOINTS]
    kept = kept[: joints[-1]] if joints else kept
    return _bare_end(" ".join(kept))[:most_letters].strip()


def _bare_end(text: str) -> str:
    """Without the full stop or comma that a poster does not carry; question marks stay."""
    return text.rstrip(" .,;:–—-!")


def _plain(text: str) -> str:
    """One line of words: no links, tags, mentions, markup or characters that can't be seen."""
    shown = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in unicodedata.normalize("NFC", text)
    )
    shown = "".join(c for c in shown if unicodedata.category(c) not in {"Co", "Cs", "Cn"} and c not in _INVISIBLE)
    for pattern in (URL, _TAG, _MENTION, _MARKUP):
        shown = pattern.sub(" ", shown)
    return " ".join(shown.split())


_INVISIBLE: Final = frozenset("\u200b\u200c\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that hide or turn what stands beside them."""
