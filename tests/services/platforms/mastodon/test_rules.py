"""Counting as Mastodon does, and cutting long texts into parts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.post import Severity
from services.platforms.mastodon import SPEC
from services.platforms.mastodon.rules import length_of

LIMITS = SPEC.default_limits
RULES = SPEC.rules


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("see https://example.com/very/long ok", 30),
        ("https://example.com", 23),
        ("http://a.co", 23),
        ("(https://example.com/a), b", 1 + 23 + 4),
        ("example.com is bare", 19),
        ("https://example.com/a https://example.com/b", 47),
        ("👨‍👩‍👧‍👦", 1),
        ("日本語テスト", 6),
        ("cafe\u0301", 4),
        ("hi @ann@other.example!", 8),
        ("hi @ann", 7),
        ("http://localhost/some/where", 27),
        ("https://social.example/@ann@other.example", 23),
        ("https://example.comをご覧", 26),
        ("http://192.0.2.1/some/where", 27),
        ("?by=@ann@other.example", 22),
        ("@ann@other", 4),
    ],
)
def test_counts_as_the_server_does(text: str, length: int) -> None:
    assert RULES.measure(text, LIMITS).length == length


def test_the_servers_own_link_length_is_used() -> None:
    assert RULES.measure("https://example.com/x", replace(LIMITS, url_length=25)).length == 25
    assert RULES.measure("https://example.com/x", replace(LIMITS, url_length=None)).length == 21


def test_over_length_blocks_and_says_how_much() -> None:
    measure = RULES.measure("a" * 512, LIMITS)
    assert (measure.length, measure.limit, measure.unit, measure.valid) == (512, 500, "characters", False)
    [problem] = measure.problems
    assert (problem.code, problem.severity) == ("too_long", Severity.BLOCK)
    assert (problem.message, problem.fix) == ("512 of 500 characters.", "Shorten by 12.")
    assert RULES.measure("a" * 500, LIMITS).valid


def test_a_bare_domain_is_a_warning_with_its_fix() -> None:
    measure = RULES.measure("Read example.com/news, or example.com/news. https://example.com is fine.", LIMITS)
    [problem] = measure.problems
    assert (problem.code, problem.severity) == ("link_without_scheme", Severity.WARN)
    assert problem.fix == "Write https://example.com/news."
    assert measure.valid


PIECES = st.sampled_from(
    [
        "One",
        "two.",
        "\n\n",
        "👩🏽‍🚀",
        "日本語。",
        "https://example.com/" + "p" * 40,
        "@ann@other.example",
        "#Tag",
        "x" * 70,
    ]
)


@given(st.lists(PIECES, max_size=60).map(" ".join), st.integers(min_value=30, max_value=120))
def test_splitting_loses_nothing_and_every_part_fits(text: str, limit: int) -> None:
    limits = replace(LIMITS, text=limit)
    parts = RULES.split(text, limits)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(RULES.measure(p, limits).length <= limit for p in parts)
    assert all(text.count(link) == sum(p.count(link) for p in parts) for link in ["https://example.com/" + "p" * 40])


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_splitting_any_text_fits(text: str, limit: int) -> None:
    limits = replace(LIMITS, text=limit, url_length=None)
    parts = RULES.split(text, limits)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(length_of(p, limits) <= limit for p in parts)


@given(
    st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), max_size=50),
    st.from_regex(r"[a-z0-9/]{0,80}", fullmatch=True),
)
def test_a_link_weighs_the_same_whatever_its_length(text: str, path: str) -> None:
    assert length_of(f"{text} https://example.com/{path}", LIMITS) == length_of(f"{text} ", LIMITS) + 23


@given(st.text())
def test_measuring_never_fails_and_never_counts_more_than_is_there(text: str) -> None:
    assert length_of(text, replace(LIMITS, url_length=None)) <= len(text)
