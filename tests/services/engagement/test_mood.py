"""How answers read, and which of them are not judged."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.practice.voices import REMARKS
from services.domain.metrics import CRITICAL, WARM
from services.engagement.mood import read_mood


@pytest.mark.parametrize(
    "text",
    [
        "Love this",
        "Nice.",
        "Thanks, the new error messages are great!",
        "@bo thanks!",
        "This is the best release yet 🎉",
    ],
)
def test_kind_words_are_warm(text: str) -> None:
    mood = read_mood(text)
    assert mood is not None
    assert mood > WARM


@pytest.mark.parametrize("text", ["This broke our build again. Not happy.", "Terrible update, I hate it."])
def test_hard_words_are_critical(text: str) -> None:
    mood = read_mood(text)
    assert mood is not None
    assert mood < CRITICAL


@pytest.mark.parametrize("text", ["Does this work with self-hosted runners?", "It ships on Thursday with the docs."])
def test_plain_words_are_neither(text: str) -> None:
    assert read_mood(text) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "👍👍",
        "...!!!",
        "12345",
        "https://example.com/love-this",
        "@mirasol@social.test #great",
        "Das ist die beste Idee",
        "Super",
        "No me gusta nada",
        "C'est nul",
        "Non mi piace per niente questa cosa",
        "これはいい",
        "Это ужасно",
        "Bra jobbat!",
        "Lo usamos desde ayer y va muy bien.",
        "Endlich verständliche Fehlermeldungen, danke dafür!",
    ],
)
def test_what_is_not_clearly_english_is_not_judged(text: str) -> None:
    assert read_mood(text) is None


@pytest.mark.parametrize("remark", REMARKS, ids=lambda remark: remark.text[:20])
def test_every_practice_remark_is_judged_when_and_only_when_it_is_english(remark: object) -> None:
    text, language = getattr(remark, "text", ""), getattr(remark, "language", "")
    assert (read_mood(text) is not None) == (language == "en")


def test_a_very_long_answer_is_judged_by_its_beginning() -> None:
    assert read_mood("This is great. " + "awful " * 100_000) == read_mood("This is great. " + "awful " * 500)


def test_the_word_list_is_loaded_at_first_use_only() -> None:
    code = "import sys, services.engagement.replies; print('vaderSentiment' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
