"""How an answer reads, judged on this machine; only English, because the word list knows no other language."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, cast

import regex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NOT_WORDS: Final = regex.compile(r"https?://\S+|[@#]\S+", regex.IGNORECASE)
_WORD: Final = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*")
_MOST: Final = 2_000
"""Characters that are looked at; a longer answer is judged by its beginning."""
_FOREIGN_LETTERS: Final = 0.1
"""The share of letters outside plain Latin from which a text is taken to be in another language."""
_EVIDENCE: Final = 0.2
"""The share of words that have to be known as English."""

_ENGLISH: Final = """
the of and to is that it for with you this be are have not but they what all we when your can there how which their if
would about get who been up out them then could should my than its now these because after just does did do our very
much only over more some any every where why really don't doesn't didn't isn't can't won't i i'm it's that's i've i'd
you're we're never always again please thanks thank yes too here first made make like know think see use using used
work works worked from by had has old said
"""
_OTHERS: Final = """
der das ist nicht und ich ein eine einen auf für von dem den sich auch aber wie wir sie es nur noch sehr schon wird sind
haben kann doch wenn warum danke schön
le la les des est et un une pas que qui pour dans avec sur vous nous je tu il elle ce cette mais très merci aux du bien
c'est j'ai
el los las y una para por muy pero como esta este gracias qué cómo mucho más está lo uma não você muito obrigado
obrigada isso foi em seu sua tem bem
gli che di sono molto grazie ma anche questo questa della nel più bene è
het een niet dat deze maar ook voor zijn goed och att det som inte jag är på mycket tack og ikke jeg meget takk tak
nie jest że się jak dla bardzo dzięki bir bu çok için teşekkürler yang itu tidak untuk
"""
ENGLISH: Final = frozenset(_ENGLISH.split())
"""Common English words that other languages written in Latin letters do not share."""
OTHERS: Final = frozenset(_OTHERS.split())
"""Common words that English does not share, of German, French, Spanish, Portuguese, Italian, Dutch and others."""
_ANYWHERE: Final = frozenset({"no", "die", "fan", "gut", "hell", "super", "top"})
"""Words of the list that other languages have as well, so that they tell nothing."""
_MISLEADING: Final = OTHERS | _ANYWHERE


class _Analyzer(Protocol):
    lexicon: Mapping[str, float]

    def polarity_scores(self, text: str) -> Mapping[str, float]:
        """Shares and the compound score."""
        ...


def read_mood(text: str) -> float | None:
    """From -1 (hostile) to 1 (warm); None for what is not clearly English: no words, or another language's.

    The score is VADER's compound (Hutto and Gilbert, 2014), made for short public posts.
    """
    plain = _NOT_WORDS.sub(" ", text[:_MOST])
    if not is_english(plain):
        return None
    return float(_analyzer().polarity_scores(plain)["compound"])


def read_moods(texts: Sequence[str]) -> list[float | None]:
    """Those of many texts, in their order; a worker's task."""
    return [read_mood(text) for text in texts]


def is_english(text: str) -> bool:
    """Whether enough of the words are known, and hardly any are known from elsewhere."""
    words = [word.replace("’", "'").lower() for word in _WORD.findall(text)]
    letters = "".join(words).replace("'", "")
    if not letters or sum(not letter.isascii() for letter in letters) > len(letters) * _FOREIGN_LETTERS:
        return False
    foreign = sum(word in OTHERS for word in words)
    known = sum(word in ENGLISH or (word in _analyzer().lexicon and word not in _MISLEADING) for word in words)
    return known > 0 and known >= 3 * foreign and known >= _EVIDENCE * len(words)


@lru_cache(maxsize=1)
def _analyzer() -> _Analyzer:
    """Reads its word list once (a tenth of a second)."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return cast("_Analyzer", SentimentIntensityAnalyzer())
