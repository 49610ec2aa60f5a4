"""What each network marks in a text, and how it shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marks import Mark, MarkKind, plain_marks
from services.platforms.bluesky import SPEC as BLUESKY
from services.platforms.mastodon import SPEC as MASTODON
from services.text import apart

K = MarkKind
LONG = "https://www.example.com/blog/why-most-systems-fail?from=desk"
TEXT = st.text(alphabet=st.sampled_from("ab .#@/:?\n–é" + "https://a.co/x"), max_size=60)


def shown(marks: tuple[Mark, ...]) -> list[tuple[str, str]]:
    return [(m.kind.value, m.shown) for m in marks]


def test_as_written_where_nothing_is_known() -> None:
    text = f"See {LONG}, ask @ada@social.test about #Builds"
    marks = plain_marks(text)
    assert shown(marks) == [("link", LONG), ("mention", "@ada@social.test"), ("tag", "#Builds")]
    assert [text[m.start : m.end] for m in marks] == [m.shown for m in marks]
    assert [m.href for m in marks] == [LONG, "", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LONG, [("link", "example.com/blog/why-most-syst…")]),
        ("https://example.com/a", [("link", "example.com/a")]),
        ("hello @ada@social.test #Rust", [("mention", "@ada"), ("tag", "#Rust")]),
        ("@ada alone and #1", []),
        ("https://a.test/#part is one link", [("link", "a.test/#part")]),
        ("http://localhost/a and http://192.0.2.1/b", []),
        ("https://a.testをご覧 ❤️#love", [("link", "a.test"), ("tag", "#love")]),
    ],
)
def test_mastodon(text: str, expected: list[tuple[str, str]]) -> None:
    assert shown(MASTODON.marks(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LONG, [("link", "example.com/blog/why-mos...")]),
        ("https://example.com/", [("link", "example.com")]),
        ("https://example.com/exactly-15-chr", [("link", "example.com/exactly-15-chr")]),
        ("https://example.com/exactly-16-chrs", [("link", "example.com/exactly-16-c...")]),
        ("hello @ada.test #Rust!", [("mention", "@ada.test"), ("tag", "#Rust")]),
        ("@ada@social.test means nobody here", []),
    ],
)
def test_bluesky(text: str, expected: list[tuple[str, str]]) -> None:
    assert shown(BLUESKY.marks(text)) == expected


@given(TEXT)
def test_marks_lie_in_the_text_in_order_and_apart(text: str) -> None:
    for marker in (plain_marks, MASTODON.marks, BLUESKY.marks):
        at = 0
        for mark in marker(text):
            assert at <= mark.start < mark.end <= len(text)
            assert mark.href in {"", text[mark.start : mark.end]}
            at = mark.end


def test_of_two_that_overlap_the_first_given_stays() -> None:
    def mark(start: int, end: int) -> Mark:
        return Mark(start=start, end=end, kind=K.TAG, shown="")

    assert apart([mark(4, 8), mark(0, 5), mark(8, 9)]) == (mark(4, 8), mark(8, 9))
