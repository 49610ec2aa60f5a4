"""The calendar's days: 23, 24 and 25 hours, and every instant in exactly one place."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.hours import FIRST, LAST, clock_time, days, midnight, monday, month, place

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",  # 5:45 ahead
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Sao_Paulo",  # changed at midnight
    "America/Havana",  # changes back at one, so that midnight comes twice
    "Africa/Casablanca",
    "Pacific/Apia",  # skipped a whole day in 2011
    "UTC",
)
DATES = st.dates(date(1985, 1, 1), date(2037, 12, 31))


@given(DATES, st.sampled_from(ZONES))
def test_laps_cover_a_week_without_gap_or_overlap(first: date, zone: str) -> None:
    shown = days(first, 7, zone)
    laps = [lap for day in shown for lap in day.laps]
    assert laps[0].start == midnight(first, zone)
    assert laps[-1].end == midnight(first + timedelta(days=7), zone)
    assert all(a.end == b.start for a, b in pairwise(laps))
    assert all(timedelta() < b.end - b.start <= timedelta(hours=1) for b in laps)


@given(DATES, st.sampled_from(ZONES), st.lists(st.integers(0, 8 * 24 * 60 - 1), min_size=1, max_size=20))
def test_every_instant_is_in_exactly_one_place(first: date, zone: str, minutes: list[int]) -> None:
    shown = days(first, 7, zone)
    begin, end = shown[0].start, shown[-1].end
    for at in (begin + timedelta(minutes=m) for m in minutes):
        homes = [
            (index, lap)
            for index, day in enumerate(shown)
            for hour in day.hours
            for lap in hour.laps
            if lap.start <= at < lap.end
        ]
        assert homes == ([place(at, shown)] if at < end else [])
        if homes:
            index, lap = homes[0]
            local = at.astimezone(ZoneInfo(zone))
            assert shown[index].date == local.date()
            assert lap.start.hour == local.hour
            assert local.utcoffset() == lap.start.utcoffset()


def test_the_clocks_go_forward() -> None:
    (day,) = days(date(2026, 3, 29), 1, "Europe/Berlin")
    assert day.end - day.start == timedelta(hours=23)
    assert [h.number for h in day.hours if not h.laps] == [2]
    assert day.hours[3].laps[0].start.isoformat() == "2026-03-29T03:00:00+02:00"


def test_the_clocks_go_back() -> None:
    (day,) = days(date(2026, 10, 25), 1, "Europe/Berlin")
    assert day.end - day.start == timedelta(hours=25)
    first, second = day.hours[2].laps
    assert (first.start.isoformat(), second.start.isoformat()) == (
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    )
    assert (first.again, second.again) == (False, True)
    assert [clock_time(lap.start, "Europe/Berlin") for lap in (first, second)] == ["02:00 CEST", "02:00 CET"]


def test_half_an_hour_back() -> None:
    (day,) = days(date(2026, 4, 5), 1, "Australia/Lord_Howe")
    assert day.end - day.start == timedelta(hours=24, minutes=30)
    assert [lap.end - lap.start for lap in day.hours[1].laps] == [timedelta(hours=1), timedelta(minutes=30)]


def test_a_day_that_begins_at_one() -> None:
    (day,) = days(date(2018, 11, 4), 1, "America/Sao_Paulo")
    assert (day.end - day.start, day.hours[0].laps) == (timedelta(hours=23), ())


def test_a_day_that_never_was() -> None:
    (day,) = days(date(2011, 12, 30), 1, "Pacific/Apia")
    assert (day.start, day.laps) == (day.end, ())


@pytest.mark.parametrize(
    ("day", "start", "count"),
    [
        (date(2026, 11, 23), date(2026, 10, 26), 42),
        (date(2027, 2, 5), date(2027, 2, 1), 28),
        (date(2026, 12, 31), date(2026, 11, 30), 35),
    ],
)
def test_a_month_in_whole_weeks(day: date, start: date, count: int) -> None:
    assert month(day) == (start, count)


@given(st.dates(FIRST, LAST))
def test_weeks_begin_on_monday(day: date) -> None:
    first = monday(day)
    assert first.weekday() == 0
    assert 0 <= (day - first).days < 7


@given(DATES, st.integers(0, 24 * 60))
def test_an_hour_later_has_another_name(day: date, minutes: int) -> None:
    zone = "Europe/Berlin"
    instant = datetime.combine(day, time(), tzinfo=UTC) + timedelta(minutes=minutes)
    later = instant + timedelta(hours=1)
    assert clock_time(instant, zone) != clock_time(later, zone)
