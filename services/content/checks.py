"""Judges a text before a person does: what would embarrass blocks approval, what needs a look warns."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import regex

from services.content.patterns import (
    CAPITALS,
    CHAT_MENTION,
    HASHTAG,
    MARKUP,
    PLACEHOLDER,
    SAME_WORD,
    URL,
    banned_pattern,
)
from services.content.sentences import same, sentences
from services.domain.media import called
from services.domain.post import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from services.domain.brand import Brand
    from services.domain.media import Medium

ADVISED_HASHTAGS: Final = 3
_INVISIBLE: Final = regex.compile("[\u00ad\u200b\u200c\u2060\ufeff]")
_SHOWN: Final = 40
_pattern: Callable[[str], regex.Pattern[str]] = cache(banned_pattern)


def check(
    text: str,
    brand: Brand,
    *,
    claims: Sequence[str] = (),
    media: Sequence[Medium] = (),
    advised_hashtags: int = ADVISED_HASHTAGS,
) -> tuple[Problem, ...]:
    """Every problem of one part's text, those that block first; `claims` are the statements still to be verified."""
    return (
        *_blocking(text, brand, bare=not media),
        *_warnings(text, claims, called(media[0]) if media else "", advised_hashtags),
        *_undescribed(media),
    )


def blocking(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that keep a draft from being approved."""
    return tuple(p for p in problems if p.severity is Severity.BLOCK)


def _blocking(text: str, brand: Brand, *, bare: bool) -> Iterator[Problem]:
    plain = _INVISIBLE.sub("", text)
    if not plain.strip() and bare:
        yield _block("no_text", "There is no text.", "Write something, or attach a picture.")
    if found := banned_words(plain, brand):
        yield _block("banned_word", f"The brand does not use {_listed(found)}.", "Say it in other words.")
    if found := _found(MARKUP, plain):
        yield _block("markup", f"Markup would show as typed: {_listed(found)}.", "Remove the marks, keep the words.")
    if found := _found(PLACEHOLDER, plain):
        yield _block("placeholder", f"A placeholder is left: {_listed(found)}.", "Fill it in, or remove it.")
    if found := _repeated(plain):
        yield _block("repetition", f"This is said twice: {_listed(found)}.", "Keep it once.")
    if found := _found(CHAT_MENTION, plain):
        yield _block("chat_mention", f"A mention from chat is left: {_listed(found)}.", "Remove it.")


def _warnings(text: str, claims: Sequence[str], shown: str, advised: int) -> Iterator[Problem]:
    if not text.strip() and shown:
        yield _warn("no_text", f"There is a {shown} but no text.", "Add a sentence, or leave it if that is meant.")
    if claims:
        count = f"{len(claims)} statements need" if len(claims) > 1 else "One statement needs"
        yield _warn("claims", f"{count} a check: {_listed(claims)}.", "Verify before approving.")
    tags = HASHTAG.findall(URL.sub("", text))
    if len(tags) > advised:
        yield _warn(
            "hashtags", f"There are {len(tags)} hashtags; {advised} are enough.", f"Remove {len(tags) - advised}."
        )
    if shouted := [m for m in CAPITALS.findall(text) if any(len(word) > 4 for word in m.split())]:
        yield _warn("all_caps", f"This is all in capitals: {_listed(shouted)}.", "Write it in normal case.")


def _undescribed(media: Sequence[Medium]) -> Iterator[Problem]:
    bare = [called(medium) for medium in media if not medium.alt.strip()]
    for what in dict.fromkeys(bare):
        count = bare.count(what)
        if what == "document":
            yield _warn("alt_text", "The document has no title.", "Give it one as its description.")
        elif count > 1:
            yield _warn("alt_text", f"{count} {what}s have no words for those who can't see them.", "Describe each.")
        else:
            one = "The video" if what == "video" and len(media) == 1 else f"A {what}"
            yield _warn("alt_text", f"{one} has no words for those who can't see it.", "Describe what it shows.")


def banned_words(text: str, brand: Brand) -> tuple[str, ...]:
    """The brand's banned words that occur, as they stand in the text; hashtags are read word by word too."""
    spaced = regex.sub(r"(?<=\p{Ll})(?=\p{Lu})", " ", " ".join(HASHTAG.findall(text)))
    found = [m[0] for phrase in brand.banned_words if (m := _pattern(phrase).search(f"{text}\n{spaced}"))]
    return tuple(dict.fromkeys(found))


def _found(patterns: Iterable[regex.Pattern[str]], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].strip() for pattern in patterns for match in pattern.finditer(text)))


def _repeated(text: str) -> tuple[str, ...]:
    seen: set[str] = set()
    twice: list[str] = [match[0] for match in SAME_WORD.finditer(text)]
    for line in text.splitlines():
        here = {same(line): line.strip()} if line.strip() else {}
        here |= {same(sentence): sentence for sentence in sentences(line) if same(sentence) not in here}
        counted = [same(sentence) for sentence in sentences(line)]
        for form, shown in here.items():
            if (form in seen or counted.count(form) > 1) and _says_something(form):
                twice.append(shown)
        seen |= set(here)
    return tuple(dict.fromkeys(twice))


def _says_something(form: str) -> bool:
    """Short exclamations may come twice on purpose."""
    return len(form.split()) >= 3 or len(form) >= 20


def _listed(found: Sequence[str]) -> str:
    shown = [f'"{item if len(item) <= _SHOWN else item[:_SHOWN].rsplit(" ", 1)[0] + " …"}"' for item in found[:3]]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(shown) + more


def _block(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)


def _warn(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.WARN, message=message, fix=fix)
