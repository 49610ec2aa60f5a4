"""Suggested times: to come, sensible on the reader's clock, and apart from what is planned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.slots import APART, HOURS, SOONEST, suggest

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"
ZONES = st.sampled_from([BERLIN, "UTC", "America/St_Johns", "Asia/Kathmandu", "Pacific/Auckland", "America/Sao_Paulo"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware at once


def local(at: datetime, zone: str = BERLIN) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %H:%M}"


def test_the_next_hours_of_the_day_are_offered() -> None:
    assert [local(at) for at in suggest(NOW, BERLIN, ())] == ["Mon 12:30", "Mon 17:00", "Tue 09:00"]


def test_what_is_planned_keeps_its_distance() -> None:
    noon = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert [local(at) for at in suggest(NOW, BERLIN, [noon])] == ["Mon 17:00", "Tue 09:00", "Tue 12:30"]


def test_an_hour_that_is_almost_over_is_not_offered() -> None:
    late = datetime(2026, 3, 2, 11, 10, tzinfo=UTC)
    assert local(suggest(late, BERLIN, ())[0]) == "Mon 17:00"


@given(MOMENTS, ZONES, st.lists(st.integers(0, 96), max_size=20))
def test_every_offer_is_to_come_and_apart(now: datetime, zone: str, hours: list[int]) -> None:
    taken = [now + timedelta(hours=h) for h in hours]
    found = suggest(now, zone, taken)
    assert len(found) == 3
    assert all(at >= now + SOONEST for at in found)
    assert all(abs(at - other) >= APART for at in found for other in taken)
    assert all(later - earlier >= APART for earlier, later in pairwise(found))
    assert {at.astimezone(ZoneInfo(zone)).time() for at in found} <= set(HOURS)
