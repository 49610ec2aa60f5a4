"""Words in boxes: nothing is clipped, lines are even, and nothing is left out that could be set."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fonts import BOLD, HEAD, TEXT
from services.images.lettering import Box, cleaned, place, set_in, settable

ROOM = Box(x0=100, y0=80, x1=1300, y1=700)
letters = st.sampled_from("abcdefghijklmnopqrstuvwxyzäßéÅ0123456789%.,?’-")
words = st.lists(st.text(letters, min_size=1, max_size=14), min_size=1, max_size=14)


@given(words=words, wide=st.integers(200, 1400), high=st.integers(80, 900), face=st.sampled_from([HEAD, TEXT, BOLD]))
@settings(max_examples=80, deadline=None)
def test_nothing_leaves_its_box(words: list[str], wide: int, high: int, face: object) -> None:
    box = Box(x0=50, y0=40, x1=50 + wide, y1=40 + high)
    chosen = next(f for f in (HEAD, TEXT, BOLD) if f == face)

    setting = set_in(" ".join(words), box, chosen, largest=150, smallest=10)
    runs = place(setting, box.x0, box.y0, (0, 0, 0), accent=(255, 0, 0))

    for run in runs:
        assert run.box.x0 >= box.x0 - 1
        assert run.box.x1 <= box.x1 + 2
        assert run.box.y0 >= box.y0 - 1
        assert run.box.y1 <= box.y1 + 2


def test_all_words_are_there_in_their_order() -> None:
    text = "Why we moved forty services to one database and what it cost us"

    setting = set_in(text, ROOM, HEAD, largest=150, smallest=20)
    runs = place(setting, ROOM.x0, ROOM.y0, (0, 0, 0), accent=(1, 1, 1))

    assert " ".join(setting.lines) == text
    assert " ".join(run.text for run in runs) == text


def test_lines_are_even_and_do_not_end_in_weak_words() -> None:
    setting = set_in("The quiet cost of the one thing nobody wants to own", ROOM, HEAD, largest=150, smallest=20)

    lengths = [len(line) for line in setting.lines]
    assert len(lengths) > 1
    assert max(lengths) - min(lengths) <= 8
    assert not any(line.split()[-1] in {"the", "of", "to"} for line in setting.lines[:-1])


def test_the_last_words_take_the_accent() -> None:
    setting = set_in("Ship less, learn more", Box(x0=0, y0=0, x1=4000, y1=200), HEAD, largest=100, smallest=20)
    runs = place(setting, 0, 0, (0, 0, 0), accent=(9, 9, 9))

    assert [(run.text, run.fill) for run in runs] == [("Ship less,", (0, 0, 0)), ("learn more", (9, 9, 9))]


def test_one_word_takes_no_accent() -> None:
    setting = set_in("Hello", ROOM, HEAD, largest=100, smallest=20)

    assert [run.fill for run in place(setting, 0, 0, (0, 0, 0), accent=(9, 9, 9))] == [(0, 0, 0)]


def test_a_short_text_is_as_large_as_allowed() -> None:
    assert set_in("Hi", ROOM, HEAD, largest=150, smallest=20).size == 150


def test_only_what_never_fits_ends_in_an_ellipsis() -> None:
    small = Box(x0=0, y0=0, x1=300, y1=60)

    cut = set_in("word " * 40, small, TEXT, largest=40, smallest=20)

    assert cut.lines[-1].endswith("word…")
    assert cut.size >= 20
    assert "…" not in " ".join(set_in("word " * 10, ROOM, TEXT, largest=40, smallest=20).lines)


def test_a_word_longer_than_the_line_is_cut_in_two() -> None:
    setting = set_in("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen", ROOM, HEAD, largest=150, smallest=20)

    assert setting.lines[0].endswith("-")
    assert "".join(line.removesuffix("-") for line in setting.lines) == (
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Größer, höher – “weiter”", ("Größer, höher – “weiter”", True)),
        ("Launch day 🚀 is here", ("Launch day is here", True)),
        ("Step 1️⃣ done ✓", ("Step 1 done", True)),
        ("Old → new", ("Old – new", True)),
        ("数据库迁移", ("", False)),
        ("مرحبا", ("", False)),
        ("Postgres 数据库", ("", False)),
        ("Привет", ("", False)),
        ("🚀🚀", ("", True)),
        ("", ("", True)),
    ],
)
def test_what_the_faces_lack_is_known_before_it_is_set(text: str, expected: tuple[str, bool]) -> None:
    assert settable(text) == expected


def test_controls_and_turned_directions_are_gone() -> None:
    assert cleaned("one\x00\n two\u202e three\u200b") == "one two three"
