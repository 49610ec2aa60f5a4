"""Texts set in pieces: nothing is lost, claims stand in their place, marks stay whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.views.galley import Piece, set_text
from services.marks import plain_marks

WORDS = st.lists(
    st.sampled_from(
        ["50 deployments", "in", "40 ", "seconds.", "\n", "https://a.test/x?y=1", "#Tag", "@a@b.test", "é"]
    ),
    max_size=12,
)


@given(WORDS, WORDS)
def test_the_pieces_are_the_text(words: list[str], claim: list[str]) -> None:
    text = " ".join(words)
    pieces = set_text(text, plain_marks(text), (" ".join(claim), "50 deployments"))
    assert "".join(p.full or p.text for p in pieces) == text
    assert [p.text for p in pieces if p.kind] == [m.shown for m in plain_marks(text)]


def test_a_claim_is_found_however_it_is_spaced() -> None:
    text = "Across 50\n\ndeployments  we saw it. ACROSS 50 deployments."
    found = [p.text for p in set_text(text, (), ("across 50 deployments.",)) if p.claim]
    assert found == ["Across 50\n\ndeployments", "ACROSS 50 deployments"]


def test_a_claim_that_ends_in_a_link_leaves_it_whole() -> None:
    text = "See https://a.test/faster now"
    assert set_text(text, plain_marks(text), ("see https://a.test/fast",)) == (
        Piece(text="See ", claim=True),
        Piece(text="https://a.test/faster", kind="link", href="https://a.test/faster", claim=True),
        Piece(text=" now"),
    )


def test_signs_in_a_claim_are_only_signs() -> None:
    assert [p.claim for p in set_text("costs (1.2*2) more", (), ("(1.2*2)", "", " . "))] == [False, True, False]
