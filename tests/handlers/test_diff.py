"""The word diff: what it says is true for any two texts, and reads well for ordinary ones."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from handlers.views.diff import Kind, Piece, changed, word_diff

WORDS = st.lists(
    st.sampled_from(["a", "the", "sea", "don't", ".", "“", " ", "\n", "  ", "\n---\n", "é", "👩‍🚀"]), max_size=40
)
TEXTS = st.one_of(st.text(max_size=60), WORDS.map("".join))


def said(pieces: tuple[Piece, ...], *kinds: Kind) -> str:
    return "".join(p.text for p in pieces if p.kind in kinds)


def short(old: str, new: str) -> list[tuple[str, str]]:
    return [(p.kind.value, p.text) for p in word_diff(old, new)]


@given(TEXTS, TEXTS)
def test_kept_and_added_are_the_new_text_and_kept_and_removed_the_old(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert said(pieces, Kind.KEPT, Kind.ADDED) == new
    assert said(pieces, Kind.KEPT, Kind.REMOVED) == old
    assert changed(pieces) == (old != new)


@given(TEXTS, TEXTS)
def test_pieces_are_whole(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert all(p.text for p in pieces)
    kinds = [p.kind for p in pieces]
    assert all(one is not other for one, other in pairwise(kinds))
    assert (Kind.ADDED, Kind.REMOVED) not in set(pairwise(kinds))


@given(TEXTS)
def test_the_same_text_is_kept(text: str) -> None:
    assert word_diff(text, text) == ((Piece(kind=Kind.KEPT, text=text),) if text else ())


def test_a_word_is_changed_as_a_word() -> None:
    assert short("We ship on Monday.", "We ship on Tuesday.") == [
        ("kept", "We ship on "),
        ("removed", "Monday"),
        ("added", "Tuesday"),
        ("kept", "."),
    ]


def test_the_space_behind_a_changed_word_stays() -> None:
    assert short("In 3 days", "In 4 days") == [("kept", "In "), ("removed", "3"), ("added", "4"), ("kept", " days")]


def test_a_sentence_behind_the_last_is_only_added() -> None:
    assert short("We ship.", "We ship. Come and see.") == [("kept", "We ship."), ("added", " Come and see.")]


def test_a_mark_between_two_changes_goes_with_them() -> None:
    assert short("red, big", "blue, small") == [("removed", "red, big"), ("added", "blue, small")]


def test_a_line_break_stays_between_two_changes() -> None:
    kinds = [p.kind for p in word_diff("one\n\ntwo three", "four\n\nfive three")]
    assert kinds[0] is Kind.REMOVED
    assert said(word_diff("one\n\ntwo three", "four\n\nfive three"), Kind.KEPT).endswith("three")


def test_a_long_text_of_one_word_takes_no_time() -> None:
    old, new = "the " * 10_000, "the " * 9_999 + "end"
    pieces = word_diff(old, new)
    assert said(pieces, Kind.KEPT, Kind.ADDED) == new
    assert said(pieces, Kind.KEPT, Kind.REMOVED) == old
