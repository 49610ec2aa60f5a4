"""What a text for X is told before anybody approves it: length, cashtags, cost, and how it will look."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.post import Variant
from services.marks import MarkKind
from services.platforms import x
from services.platforms.x import SPEC
from services.platforms.x.counting import weigh
from services.platforms.x.prices import LINKED, POST, PRICES, READ_ON, cost_of, price_of
from services.platforms.x.rules import LIMITS, XRules
from tests.builders import a_picture, a_variant

RULES = XRules()


def codes(text: str) -> list[tuple[str, str]]:
    return [(p.code, p.severity.value) for p in RULES.measure(text, LIMITS).problems]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a" * 280, []),
        ("a" * 281, [("too_long", "block")]),
        ("日" * 140, []),
        ("日" * 140 + "a", [("too_long", "block")]),
        ("", []),
        ("a\ufeffb", [("bad_character", "block")]),
        ("up 3% $DRFT", []),
        ("$DRFT and $OTHR, $2 and US$5", [("too_many_cashtags", "block")]),
        ("read example.com", [("paid_link", "warn")]),
    ],
)
def test_what_blocks_and_what_warns(text: str, found: list[tuple[str, str]]) -> None:
    assert codes(text) == found
    measure = RULES.measure(text, LIMITS)
    assert measure.valid is not any(severity == "block" for _, severity in found)
    assert (measure.limit, measure.unit, measure.also) == (280, "characters", None)


def test_the_fix_says_how_much_to_cut() -> None:
    [problem] = RULES.measure("a" * 300, LIMITS).problems
    assert (problem.message, problem.fix) == ("300 of 280 characters.", "Shorten by 20.")


def test_an_account_that_pays_may_write_more() -> None:
    long = replace(LIMITS, text=25_000)
    assert RULES.measure("a" * 25_000, long).valid
    assert RULES.split("a " * 200, long) == (("a " * 200).strip(),)


@given(st.text(alphabet="ab .\n日👋", min_size=1, max_size=900))
def test_a_thread_loses_nothing_and_each_part_fits(text: str) -> None:
    parts = RULES.split(text, LIMITS)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(weigh(part) <= LIMITS.text for part in parts)


def test_a_link_is_never_cut() -> None:
    link = "https://example.com/" + "a" * 100
    parts = RULES.split(f"{'word ' * 52}{link} and more words", LIMITS)
    assert len(parts) == 2
    assert link in parts[1]


def test_the_price_of_a_post_is_dated_data() -> None:
    assert price_of("words") is POST
    assert price_of("see https://example.com") is price_of("see example.com") is LINKED
    assert (POST.dollars, LINKED.dollars) == (Decimal("0.015"), Decimal("0.20"))
    assert all(price.since <= READ_ON for price in PRICES)
    page = (Path(str(x.__file__)).parent / "README.md").read_text(encoding="utf-8")
    assert [price.what for price in PRICES if f"| {price.what} | ${price.dollars} |" not in page] == []
    assert READ_ON.isoformat() in page


def test_the_card_says_what_a_link_costs() -> None:
    [problem] = RULES.measure("see https://example.com", LIMITS).problems
    assert problem.message == "With a link X charges $0.20 for this post instead of $0.015."


def test_marks_are_what_x_makes_clickable() -> None:
    text = "@driftseas: example.com and https://www.example.com/a/very/long/path/indeed, #ships $DRFT; a@b.example"
    found = [(mark.kind, mark.shown, mark.href) for mark in SPEC.marks(text)]
    assert found == [
        (MarkKind.MENTION, "@driftseas", ""),
        (MarkKind.LINK, "example.com", "https://example.com"),
        (MarkKind.LINK, "example.com/a/very/long/pa…", "https://www.example.com/a/very/long/path/indeed"),
        (MarkKind.TAG, "#ships", ""),
        (MarkKind.TAG, "$DRFT", ""),
    ]
    assert all(text[m.start : m.end] for m in SPEC.marks(text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (".@ann hides from nobody", ["@ann"]),
        ("(@ann) “@bob” 日本@cho RT@dan: @eve/list.", ["@ann", "@bob", "@cho", "@dan", "@eve/list"]),
        ("@annä @ann@b @ann://x mail@ann.example @ann.example", ["@ann"]),
        ("$@ann a_@ann !@ann &@ann", []),
        ("@" + "a" * 21, ["@" + "a" * 20]),
    ],
)
def test_names_are_marked_where_x_finds_them(text: str, names: list[str]) -> None:
    assert [mark.shown for mark in SPEC.marks(text) if mark.kind is MarkKind.MENTION] == names


def test_the_networks_own_defaults_come_first() -> None:
    assert {option.name: option.default for option in SPEC.options} == {
        "reply_settings": "everyone",
        "made_with_ai": "",
        "paid_partnership": "",
        "poll": "",
        "poll_minutes": "1440",
    }


@pytest.mark.parametrize(
    ("variant", "dollars"),
    [
        (a_variant(parts=("words",)), "$0.015"),
        (a_variant(parts=("see example.com",)), "$0.20"),
        (a_variant(parts=("one", "two", "see example.com")), "$0.23"),
        (a_variant(parts=("look",), media=(a_picture(alt="A tide"), a_picture(alt=""))), "$0.02"),
    ],
)
def test_a_variant_costs_its_posts_and_the_descriptions_of_its_pictures(variant: Variant, dollars: str) -> None:
    assert (cost_of(variant).sum, cost_of(variant).read_on) == (dollars, READ_ON)
