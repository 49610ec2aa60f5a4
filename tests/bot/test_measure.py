"""The verb that counts: every text in its place, one clear sentence for anything else."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.measure import measure
from bot.problems import StartProblem
from bot.registry import platforms

KEYS = ["length", "limit", "unit", "also", "valid", "problems"]


def test_one_object_a_text_in_input_order_and_in_the_fixed_shape() -> None:
    found = measure(platforms(), "Mastodon", json.dumps({"texts": ["Hello", "x" * 501, ""]}))

    assert [one["length"] for one in found] == [5, 501, 0]
    assert [list(one) for one in found] == [KEYS] * 3
    assert [one["valid"] for one in found][:2] == [True, False]
    assert found[0]["limit"] == 500
    assert json.loads(json.dumps(found)) == found


def test_a_second_count_has_the_same_shape() -> None:
    (found,) = measure(platforms(), "bluesky", '{"texts": ["\\ud83d\\udc4b\\ud83c\\udffd"]}')

    also = found["also"]
    assert isinstance(also, dict)
    assert (found["length"], also["length"], also["also"]) == (1, 8, None)
    assert list(also) == KEYS


def test_an_emoji_counts_its_bytes_where_the_network_says_so() -> None:
    texts = {"texts": ["👋", "👨‍👩‍👧‍👦", "日", " ".join(f"https://e.example/{n}" for n in range(6))]}
    found = measure(platforms(), "threads", json.dumps(texts))
    assert [(one["length"], one["valid"]) for one in found] == [(4, True), (25, True), (1, True), (119, False)]


def test_input_is_utf_8_whatever_the_terminal_speaks() -> None:
    given = b'\xef\xbb\xbf{"texts": ["caf\xc3\xa9"]}'
    answer = CliRunner(charset="latin-1").invoke(app, ["measure", "bluesky", "--json", "-"], input=given)
    assert [one["length"] for one in json.loads(answer.stdout)] == [4]


def test_input_that_is_no_text_is_one_sentence() -> None:
    answer = CliRunner().invoke(app, ["measure", "x"], input=b'{"texts": ["\xff"]}')
    told = "Standard input can't be read (it is not UTF-8 text). Give a file with the JSON, or - for stdin."
    assert str(answer.exception) == told


def test_no_texts_are_no_measures() -> None:
    assert measure(platforms(), "mastodon", '{"texts": []}') == []


@pytest.mark.parametrize(
    ("platform", "document", "lines"),
    [
        ("mastadon", '{"texts": []}', ("I don't know a network called “mastadon”.", "Did you mean mastodon?")),
        ("qqq", "{}", ("I don't know a network called “qqq”.", f"It can be {', '.join(sorted(platforms()))}.")),
        ("mastodon", "{", ("The input is not JSON.",)),
        ("mastodon", "[" * 100_000, ("The input is not JSON.",)),
        ("mastodon", "[]", ("The input has no list of texts.",)),
        ("mastodon", '{"texts": "Hello"}', ("The input has no list of texts.",)),
        ("mastodon", '{"texts": ["a", 1]}', ("The input has no list of texts.",)),
        ("mastodon", '{"texts": ["a", "\\ud800"]}', ("Text 2 holds half a character (a lone surrogate).",)),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(platform: str, document: str, lines: tuple[str, ...]) -> None:
    with pytest.raises(StartProblem) as caught:
        measure(platforms(), platform, document)

    assert caught.value.lines[: len(lines)] == lines
    assert len(caught.value.lines) == 2
