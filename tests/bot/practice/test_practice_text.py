"""Text is measured and marked as the networks document it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.practice.text import facets, graphemes, links, mastodon_length

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


@pytest.mark.parametrize(("text", "number"), [(FAMILY, 1), ("日本語テスト", 6), ("cafe\u0301", 4), ("", 0)])
def test_graphemes(text: str, number: int) -> None:
    assert graphemes(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("see https://example.com/very/long ok", 30),
        ("http://a.example", 23),
        ("ftp://a.example", 15),
        ("hi @user@far.example.com!", 9),
        ("hi @user!", 9),
        ("mail me@far.example.com", 23),
        (FAMILY * 3, 3),
        ("(https://example.com/a_(b)).", 26),
        ("https://", 8),
    ],
)
def test_mastodon_counts(text: str, number: int) -> None:
    assert mastodon_length(text, per_link=23) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x, and", ["https://a.example/x"]),
        ("(https://a.example/x_(y))", ["https://a.example/x_(y)"]),
        ("https://a.example/?q=1#top.", ["https://a.example/?q=1#top"]),
        ("HTTPS://A.example http://b.example", ["HTTPS://A.example", "http://b.example"]),
        ("https://... nothing", []),
        ("no link", []),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in links(text)] == found


def test_facets_use_byte_offsets() -> None:
    marked = facets("é https://a.example/#x #tag")
    assert marked == [
        {
            "index": {"byteStart": 3, "byteEnd": 23},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/#x"}],
        },
        {
            "index": {"byteStart": 24, "byteEnd": 28},
            "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "tag"}],
        },
    ]


PIECES = st.lists(
    st.sampled_from(["https://a.example/b", "http://", "@u@h.example", "#t", " ", ".", ")", "(", "é", FAMILY, "x"])
)


@given(pieces=PIECES)
def test_reading_text_never_fails_and_links_do_not_overlap(pieces: list[str]) -> None:
    text = "".join(pieces)
    spans = list(links(text))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert mastodon_length(text, per_link=23) <= graphemes(text) + 23 * len(spans)
    assert all(one["index"] for one in facets(text))
