"""Finds what a brief is about in its own words: topic, hashtags, the claims to verify."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import regex

from services.content.material import sentence_case
from services.content.sentences import words
from services.content.words import STOP, WEAK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.content.material import Material
    from services.domain.brand import Brand

MAX_TAGS: Final = 3
_TOPIC_WORDS: Final = 12
_TOPIC_LENGTH: Final = 80
_STRONG_JOINTS: Final = frozenset(
    {"and", "but", "or", "so", "as", "than", "with", "without", "since", "until", "unless", "although", "whose"}
    | {"we", "they", "i", "und", "aber", "oder", "mit", "ohne", "wir"}
)
"""Before these a new thought begins."""
_WEAK_JOINTS: Final = frozenset(
    {"about", "for", "in", "on", "at", "from", "by", "during", "through", "via"}
    | {"für", "im", "auf", "bei", "von", "aus", "über"}
)
_LONGEST_UNCASED: Final = 8
"""Letters of a word in a script without spaces; more is a phrase."""
_NO_END: Final = STOP - {"today", "tomorrow", "yesterday", "now", "again", "here", "heute", "jetzt", "hier"}
"""Words that leave a phrase open."""
_CLAUSE: Final = regex.compile(
    r"[.!?;](?=\s|$)|,\s|:\s|\s[–—-]\s|\s\("
    r"|\s(?:that|which|because|so that|after|before|while|when|who|dass|weil|damit|nachdem)\s",
    regex.IGNORECASE,
)


def topic_of(material: Material) -> str:
    """The title, or the opening's first clause, as written; a long one ends where a reader would pause."""
    source = material.title or (material.units[0].text if material.units else "")
    source = source.splitlines()[0] if source else ""
    source = regex.sub(r"^\S+(?: \S+)?:\s+(?=\S+ \S+)", "", source)
    clause = _CLAUSE.split(source, maxsplit=1)[0].strip() or source.strip(" .!?")
    topic = _to_a_pause(clause.split()).rstrip(",;:")
    return topic if not material.title and material.units and material.units[0].verbatim else sentence_case(topic)


def _to_a_pause(said: list[str]) -> str:
    """All of it, or up to the last joint of the sentence that leaves a phrase; never up to a mere count of words."""
    if len(said) <= _TOPIC_WORDS and len(" ".join(said)) <= _TOPIC_LENGTH:
        return " ".join(said)
    for joints in (_STRONG_JOINTS, _WEAK_JOINTS):
        for place in range(min(_TOPIC_WORDS, len(said)) - 1, 2, -1):
            kept = " ".join(said[:place])
            whole = said[place - 1].lower() not in _NO_END and len(kept) <= _TOPIC_LENGTH
            if said[place].lower() in joints and whole:
                return kept
    return " ".join(said)


def hashtags_of(material: Material, brand: Brand, topic: str) -> tuple[str, ...]:
    """At most three tags: those asked for, those of the brand that fit, then the brief's most telling terms."""
    said = {word.lower() for text in _texts(material) for word in words(text)}
    fitting = [tag for tag in brand.hashtags if _parts(tag) and _parts(tag) <= said]
    invented = (_tag(term) for term in _ranked(material, topic))
    chosen: list[str] = []
    for tag in (*material.tags, *fitting, *invented):
        low = tag.lower()
        if tag and not any(low in known.lower() or known.lower() in low for known in chosen):
            chosen.append(tag)
    return tuple(chosen[:MAX_TAGS])


def _texts(material: Material) -> Iterator[str]:
    if material.title:
        yield material.title
    yield from (unit.text for unit in material.units)


def _ranked(material: Material, topic: str) -> Iterable[tuple[str, ...]]:
    """Terms that recur, are named (capitals within a sentence, digits) or stand in the topic, the best first."""
    scores: Counter[tuple[str, ...]] = Counter()
    shown: dict[tuple[str, ...], tuple[str, ...]] = {}
    in_topic = {word.lower() for word in words(topic)}
    for text in _texts(material):
        for position, term in _terms(text):
            key = tuple(word.lower() for word in term)
            shown.setdefault(key, term)
            named = sum(_is_named(word, first=position == 0 and not n) for n, word in enumerate(term))
            topical = sum(word in in_topic for word in key) / len(key)
            scores[key] += round(2 + 6 * named / len(term) + 4 * topical + (2 if len(term) > 1 else 0))
    recurring = len(scores) <= 12
    good = [key for key, score in scores.items() if score >= (5 if recurring else 8)]
    ranked = [shown[key] for key in sorted(good, key=lambda key: -scores[key])]
    whole = tuple(words(topic)) if len(list(_texts(material))) == 1 else ()
    return ranked or ([whole] if len(whole) <= 3 else [])


def _terms(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Telling words, pairs of them and names, with their place in the sentence; punctuation ends a run."""
    position = 0
    for clause in regex.split(r"[.,;:!?()\[\]\"“”„«»–—/]+(?=\s|$)|\s[–—-]\s|[\"“”„«»()]", text):
        run: list[str] = []
        start = position
        for word in (*words(clause), ""):
            if word and _telling(word):
                run.append(word)
            else:
                yield from _grams(start, run)
                run = []
                start = position + 1
            position += bool(word)


def _grams(start: int, run: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Names as one term each; of other words the last, which is the noun, and both when there are two."""
    name: list[str] = []
    for n, word in enumerate([*run, ""]):
        if word and _is_named(word, first=False):
            name.append(word)
        elif name:
            yield start + n - len(name), tuple(name[:3])
            name = []
    plain = [word for word in run if not _is_named(word, first=False)]
    if plain:
        yield start + len(run) - 1, (plain[-1],)
    if len(run) == 2 and plain:
        yield start, (run[0], run[1])


def _telling(word: str) -> bool:
    """Whether a word could name a topic: no stop word, no number, and no verb or adverb by the look of it."""
    low = _core(word).lower()
    if low in STOP or low in WEAK or len(low) < 2 or word[0].isdigit() or not regex.search(r"\p{L}", word):
        return False
    if regex.match(r"\p{Lo}", word) and len(word) > _LONGEST_UNCASED:
        return False
    return word[0].isupper() or not regex.search(r"(?:ed|ly|ing|[^sui]s)$", low)


def _core(word: str) -> str:
    return str(regex.sub(r"['’]\p{Ll}{1,2}$", "", word))


def _is_named(word: str, *, first: bool) -> bool:
    inner = any(c.isupper() for c in word[1:])
    return inner or (word[:1].isupper() and not first)


def _parts(tag: str) -> set[str]:
    return {part.lower() for part in regex.findall(r"\p{Lu}?[\p{Ll}\d]+|\p{Lu}+(?!\p{Ll})", tag)}


def _tag(term: tuple[str, ...]) -> str:
    """CamelCase, so that screen readers can tell the words apart; nothing for what would be unreadable."""
    pieces = [piece for word in term for piece in regex.split(r"[^\w]+", _core(word)) if piece]
    tag = "".join(piece if any(c.isupper() for c in piece[1:]) else piece[:1].upper() + piece[1:] for piece in pieces)
    return tag if 2 <= len(tag) <= 28 and not tag.isdigit() else ""
