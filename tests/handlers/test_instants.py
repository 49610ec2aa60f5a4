"""Times inside words: each reader's own where a chat can, the desk's where it can't, and nothing else by accident."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from handlers.views.instants import Instant, Precision, mark, pieces, plain
from tests.builders import NOW
from tests.handlers.test_actions import a_look


def test_a_mark_comes_back_as_the_instant_among_its_words() -> None:
    text = f"Live since {mark(NOW, Precision.MOMENT, 'Mon 2 Mar')}, she said"
    found = list(pieces(text))
    assert found == ["Live since ", Instant(at=NOW, precision=Precision.MOMENT, text="Mon 2 Mar"), ", she said"]
    assert plain(text) == "Live since Mon 2 Mar, she said"


@given(st.text())
def test_any_text_without_a_mark_stays_as_it_is(text: str) -> None:
    assert "".join(p if isinstance(p, str) else p.text for p in pieces(text)) == plain(text)


def test_a_card_for_many_marks_its_times_and_one_for_a_person_says_them() -> None:
    look = a_look()
    said = look.moment(NOW)
    assert plain(said) == said
    floating = replace(look, floating=True).moment(NOW)
    assert plain(floating) == said
    (instant,) = pieces(floating)
    assert isinstance(instant, Instant)
    assert instant.at == NOW


def test_a_time_of_today_has_its_day_where_nobody_knows_when_it_is_read() -> None:
    look = a_look()
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert look.clock(at) == "10:30"
    assert plain(replace(look, floating=True).clock(at)) == "2 Mar 10:30"
