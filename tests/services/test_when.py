"""Times as people write them: read right, or asked back; never guessed."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import InvalidInput
from services.when import read_when

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""A Monday, 14:00 in Berlin."""


@pytest.mark.parametrize(
    ("words", "local"),
    [
        ("tomorrow 9am", "2026-11-24 09:00"),
        ("  Tomorrow   at 9:00 ", "2026-11-24 09:00"),
        ("Fri 17:30", "2026-11-27 17:30"),
        ("friday 5pm", "2026-11-27 17:00"),
        ("tonight at 8", "2026-11-23 20:00"),
        ("tonight 8:30", "2026-11-23 20:30"),
        ("in 3 hours", "2026-11-23 17:00"),
        ("in 5 minutes", "2026-11-23 14:05"),
        ("in 2 days", "2026-11-25 14:00"),
        ("Dec 3 9:00", "2026-12-03 09:00"),
        ("3 December 2026 at 9am", "2026-12-03 09:00"),
        ("31.12.2026 18:00", "2026-12-31 18:00"),
        ("tomorrow at noon", "2026-11-24 12:00"),
        ("9am", "2026-11-24 09:00"),
        ("17:30", "2026-11-23 17:30"),
        ("Thursday 12am", "2026-11-26 00:00"),
        ("2026-12-01 09:00", "2026-12-01 09:00"),
        ("tomorrow 9am PST", "2026-11-24 18:00"),
    ],
)
def test_words_are_read_in_the_persons_zone_and_want_confirming(words: str, local: str) -> None:
    found = read_when(words, now=NOW, zone=BERLIN)

    assert found.at.astimezone(ZoneInfo(BERLIN)).strftime("%Y-%m-%d %H:%M") == local
    assert found.at.tzinfo is UTC
    assert not found.exact


@pytest.mark.parametrize("text", ["2026-12-01T09:00+01:00", "2026-12-01T08:00Z", "2026-12-01t08:00:00z"])
def test_a_time_with_its_offset_is_exact(text: str) -> None:
    found = read_when(text, now=NOW, zone="America/New_York")

    assert (found.at, found.exact) == (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "When should it go out"),
        ("tomorrow", "no time of day"),
        ("next week", "no time of day"),
        ("end of month", "no time of day"),
        ("Fri 9", "morning or in the evening"),
        ("9", "morning or in the evening"),
        ("mañana a las 9", "morning or in the evening"),
        ("12/01 9am", "two different days"),
        ("today 8am", "that is past"),
        ("2020-01-01T00:00Z", "that is past"),
        ("25:99", "can't read"),
        ("blah 10:00 blub", "can't read"),
        ("2026-13-45 09:00", "not a possible one"),
        ("2027-03-28 02:30", "is skipped in Europe/Berlin"),
        ("2027-10-31 02:30", "comes twice in Europe/Berlin"),
    ],
)
def test_what_is_past_unclear_or_no_time_is_asked_back_at_the_field(words: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        read_when(words, now=NOW, zone=BERLIN)

    assert caught.value.field == "when"
    assert caught.value.next_step


@given(st.datetimes(datetime(2026, 11, 24), datetime(2028, 1, 1)), st.sampled_from(["UTC", BERLIN, "Asia/Kolkata"]))  # noqa: DTZ001 - wall times
def test_an_iso_time_without_offset_shows_the_same_on_the_persons_clock(moment: datetime, zone: str) -> None:
    wall = moment.replace(second=0, microsecond=0)
    early, late = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    text = wall.isoformat(sep=" ", timespec="minutes")
    if early != late:
        with pytest.raises(InvalidInput, match="clocks change"):
            read_when(text, now=NOW, zone=zone)
        return
    found = read_when(text, now=NOW, zone=zone)

    assert found.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


@given(st.text(max_size=40))
def test_any_text_is_read_or_asked_back(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert read_when(text, now=NOW, zone=BERLIN).at > NOW
