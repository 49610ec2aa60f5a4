"""What is made clickable, and that no range can ever be off."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.platforms.bluesky.facets import Kind, facets, first_link, handles, spans

_PIECES = st.sampled_from(
    [
        "https://driftseas.com/a(b)",
        "http://x.de?q=1,2.",
        "HTTPS://Ä.example/ß",
        "https://",
        "driftseas.com",
        "@bob.bsky.social",
        "@bob",
        "@a@b.social",
        "me@mail.example",
        "#tag",
        "#1",
        "#日本語",
        "#a#b",
        "＃全角",
        "👩‍👩‍👧‍👦",
        "e\u0301",
        "日",
        " ",
        "\n",
        ".",
        ")",
        "(",
        "…",
        "\u200b",
    ]
)
TEXTS = st.one_of(st.lists(_PIECES, max_size=20).map("".join), st.text(max_size=80))


class AnyHandle(dict[str, str]):
    """Finds everybody."""

    def get(self, key: str, default: Any = None) -> str:
        return f"did:web:{key}"


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(span.kind.value, span.value) for span in spans(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://driftseas.com/a?b=c#d.", [("link", "https://driftseas.com/a?b=c#d")]),
        ("(https://en.wikipedia.org/wiki/Drift_(sea))", [("link", "https://en.wikipedia.org/wiki/Drift_(sea)")]),
        ("“https://a.example”, http://b.example!", [("link", "https://a.example"), ("link", "http://b.example")]),
        ("driftseas.com and www.driftseas.com", []),
        ("ftp://a.example https:// http://?", []),
        ("hi @bob.bsky.social, @Ann.Example.com!", [("mention", "bob.bsky.social"), ("mention", "Ann.Example.com")]),
        ("(@bob.bsky.social) mail@bob.bsky.social @bob @bob@social.example", [("mention", "bob.bsky.social")]),
        ("end @bob.bsky.social.", [("mention", "bob.bsky.social")]),
        ("#one #Two, (#three) #2026 #4x a#no ##", [("tag", "one"), ("tag", "Two"), ("tag", "three"), ("tag", "4x")]),
        ("#日本語、 #tag!? #", [("tag", "日本語"), ("tag", "tag")]),
        ("https://a.example/#frag/@bob.bsky.social", [("link", "https://a.example/#frag/@bob.bsky.social")]),
        (f"#{'x' * 64} #{'y' * 65}", [("tag", "x" * 64)]),
    ],
)
def test_what_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert _pairs(text) == found


def test_offsets_are_utf8_bytes() -> None:
    text = "👩‍👩‍👧‍👦 café https://driftseas.com/ä #日本 @bob.example"
    found = facets(text, {"bob.example": "did:plc:bob"})
    raw = text.encode()
    shown = []
    for facet in found:
        index, features = facet["index"], facet["features"]
        assert isinstance(index, dict)
        shown.append((raw[index["byteStart"] : index["byteEnd"]].decode(), features))
    assert shown == [
        (
            "https://driftseas.com/ä",
            [{"$type": "app.bsky.richtext.facet#link", "uri": "https://driftseas.com/ä"}],
        ),
        ("#日本", [{"$type": "app.bsky.richtext.facet#tag", "tag": "日本"}]),
        ("@bob.example", [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:bob"}]),
    ]


def test_unknown_handles_stay_plain_text() -> None:
    assert facets("hi @bob.example and @ann.example", {"ann.example": "did:plc:ann"}) == [
        {
            "index": {"byteStart": 20, "byteEnd": 32},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ann"}],
        }
    ]


def test_handles_and_first_link() -> None:
    text = "@Bob.example @bob.example https://a.example https://b.example @ann.example"
    assert handles(text) == ("bob.example", "ann.example")
    assert first_link(text) == "https://a.example"
    assert first_link("none") is None


@given(TEXTS)
def test_every_range_is_the_thing_itself(text: str) -> None:
    raw = text.encode()
    for span, facet in zip(spans(text), facets(text, AnyHandle()), strict=True):
        index = facet["index"]
        assert isinstance(index, dict)
        shown = raw[index["byteStart"] : index["byteEnd"]].decode()  # fails inside a character
        assert shown == text[span.start : span.end]
        assert shown[0 if span.kind is Kind.LINK else 1 :] == span.value
        assert span.value


@given(TEXTS)
def test_ranges_never_touch_each_other(text: str) -> None:
    found = spans(text)
    assert all(one.start < one.end <= other.start for one, other in pairwise(found))
