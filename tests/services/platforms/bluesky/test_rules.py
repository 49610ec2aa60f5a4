"""Counting as the server counts, and cutting so that nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.post import Severity
from services.platforms.bluesky import SPEC
from services.platforms.bluesky.rules import BlueskyRules
from tests.services.platforms.bluesky.test_facets import TEXTS

RULES = BlueskyRules()
LIMITS = SPEC.default_limits
FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "graphemes", "size"),
    [
        ("", 0, 0),
        (FAMILY, 1, 25),
        ("日本語テスト", 6, 18),
        ("cafe\u0301", 4, 6),
        ("https://driftseas.com/a", 23, 23),
        ("a\r\nb", 3, 4),
    ],
)
def test_vectors(text: str, graphemes: int, size: int) -> None:
    measure = RULES.measure(text, LIMITS)
    assert measure.also is not None
    assert (measure.length, measure.unit, measure.limit) == (graphemes, "graphemes", 300)
    assert (measure.also.length, measure.also.unit, measure.also.limit) == (size, "bytes", 3000)
    assert measure.valid


def test_too_long_says_how_much_to_cut() -> None:
    assert RULES.measure("a" * 300, LIMITS).valid
    measure = RULES.measure("a" * 301, LIMITS)
    assert not measure.valid
    assert [(p.code, p.severity, p.message, p.fix) for p in measure.problems] == [
        ("too_long", Severity.BLOCK, "301 of 300 graphemes.", "Shorten by 1 graphemes.")
    ]


def test_bytes_are_a_limit_of_their_own() -> None:
    measure = RULES.measure(FAMILY * 121, LIMITS)
    assert (measure.length, measure.valid) == (121, False)
    assert [(p.message, p.fix) for p in measure.problems] == [("3025 of 3000 bytes.", "Shorten by 25 bytes.")]
    assert RULES.measure(FAMILY * 120, LIMITS).valid


def test_an_account_may_have_other_limits() -> None:
    measure = RULES.measure("a" * 301, replace(LIMITS, text=500, text_bytes=None))
    assert (measure.limit, measure.valid) == (500, True)
    assert measure.also is not None
    assert measure.also.limit == 3000


def test_half_a_character_is_a_problem_and_no_crash() -> None:
    measure = RULES.measure("broken \ud83d emoji", LIMITS)
    assert ([p.code for p in measure.problems], measure.valid) == (["bad_character"], False)


def test_a_bare_domain_is_only_a_warning() -> None:
    measure = RULES.measure("See driftseas.com today", LIMITS)
    assert [(p.code, p.severity) for p in measure.problems] == [("link_without_scheme", Severity.WARN)]
    assert "https://driftseas.com" in measure.problems[0].fix
    assert measure.valid


_WORDS = st.lists(
    st.sampled_from(["Tide", "rises.", "海", FAMILY, "slowly,", "https://a.example/x", "\n\n", "ok!"]), max_size=200
)


@given(st.one_of(_WORDS.map(" ".join), TEXTS), st.integers(min_value=5, max_value=60))
def test_splitting_loses_nothing_and_every_part_fits(text: str, limit: int) -> None:
    limits = replace(LIMITS, text=limit)
    parts = RULES.split(text, limits)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(not any(p.severity is Severity.BLOCK for p in RULES.measure(part, limits).problems) for part in parts)


def test_splitting_respects_bytes() -> None:
    parts = RULES.split(FAMILY * 250, LIMITS)
    assert "".join(parts) == FAMILY * 250
    assert len(parts) == 3
