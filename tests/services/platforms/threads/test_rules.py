"""Counting as Threads does, its five links and its one topic, and cutting long texts into parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.post import Severity
from services.platforms.threads import SPEC
from services.platforms.threads.rules import LINKS, length_of, links_of
from services.text import nfc

LIMITS = SPEC.default_limits
RULES = SPEC.rules
WORDS = st.text(st.sampled_from("ab é日👋🏽👩‍🚀🇫🇷1️⃣.!#\n/")) | st.text()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello", 5),
        ("👋", 4),
        ("👨‍👩‍👧‍👦", 25),
        ("👩🏽‍🚀", 15),
        ("🇫🇷", 8),
        ("🏽", 4),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 28),
        ("1️⃣", 7),
        ("日", 1),
        ("日本語テスト", 6),
        ("cafe\u0301", 4),
        ("12 #1 *", 7),
        ("https://example.com/a", 21),
        ("hi 👋!", 8),
    ],
)
def test_counts_as_the_network_says(text: str, length: int) -> None:
    assert RULES.measure(text, LIMITS).length == length


def test_over_length_blocks_and_says_how_much() -> None:
    measure = RULES.measure("a" * 498 + "👋", LIMITS)
    assert (measure.length, measure.limit, measure.unit, measure.valid) == (502, 500, "characters", False)
    [problem] = measure.problems
    assert (problem.code, problem.message, problem.fix) == ("too_long", "502 of 500 characters.", "Shorten by 2.")
    assert RULES.measure("a" * 496 + "👋", LIMITS).valid


def test_the_sixth_link_blocks_and_the_same_one_twice_counts_once() -> None:
    five = " ".join(f"https://example.com/{n}" for n in range(5))
    assert RULES.measure(f"{five} https://example.com/0", LIMITS).valid
    measure = RULES.measure(f"{five} https://example.com/5", LIMITS)
    assert not measure.valid
    [problem] = measure.problems
    assert (problem.code, problem.message) == ("too_many_links", "6 different links; 5 are possible.")
    assert (problem.severity, problem.fix) == (Severity.BLOCK, "Remove 1.")


def test_a_second_tag_warns_because_there_is_one_topic() -> None:
    assert RULES.measure("On #builds, and #builds again", LIMITS).problems == ()
    [problem] = RULES.measure("On #builds and #tests", LIMITS).problems
    assert (problem.code, problem.severity) == ("one_topic", Severity.WARN)
    assert problem.message == "Threads makes one topic of a post, #builds; the other tags stay plain words."


def test_an_address_without_its_scheme_warns() -> None:
    [problem] = RULES.measure("Read example.com/news", LIMITS).problems
    assert (problem.code, problem.severity, problem.fix) == (
        "link_without_scheme",
        Severity.WARN,
        "Write https://example.com/news.",
    )


@given(WORDS)
def test_the_count_is_between_characters_and_bytes_and_the_same_for_every_form(text: str) -> None:
    composed = nfc(text)
    assert len(composed) <= length_of(text) <= max(len(composed), len(composed.encode("utf-8", "surrogatepass")))
    assert length_of(text) == length_of(composed)


@given(WORDS.map(lambda text: text * 40))
def test_every_part_fits_and_nothing_is_lost(text: str) -> None:
    parts = RULES.split(text, LIMITS)
    assert all(length_of(part) <= LIMITS.text and len(links_of(part)) <= LINKS for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_part_takes_no_more_links_than_it_may() -> None:
    text = " ".join(f"https://example.com/{n}" for n in range(12))
    parts = RULES.split(text, LIMITS)
    assert [len(links_of(part)) for part in parts] == [5, 5, 2]
    assert " ".join(parts) == text


def test_what_becomes_clickable() -> None:
    text = "See https://example.com/a, #builds and @ann.b and mail@example.com #second"
    assert [(m.kind.value, m.shown) for m in SPEC.marks(text)] == [
        ("link", "https://example.com/a"),
        ("tag", "builds"),
        ("mention", "@ann.b"),
    ]
