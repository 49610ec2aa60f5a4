"""What stands beside the channel: the day on the reader's clock, and the line under the finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.views.today import DAYS, side_of, trend
from services.domain.delivery import DeliveryState
from services.domain.ids import AccountId, DraftId, PlatformSlug
from services.domain.insight import Finding
from services.domain.metrics import HourSum
from services.domain.post import DraftState
from services.outlook import Outlook, day_of
from services.planning import PlannedPost
from tests.builders import NOW, a_delivery, a_draft
from tests.handlers.test_actions import a_look

D = DeliveryState


def hour(at: datetime, likes: int | None, comments: int | None = None) -> HourSum:
    return HourSum(
        account_id=AccountId("a"), platform=PlatformSlug("mastodon"), hour=at, samples=1, likes=likes, comments=comments
    )


def test_a_day_is_as_long_as_its_clock_says() -> None:
    def hours(day: str) -> float:
        start, end = day_of(datetime.fromisoformat(f"{day}T12:00+00:00"), "Europe/Berlin")
        return (end.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)

    assert [hours(day) for day in ("2026-03-02", "2026-03-29", "2026-10-25")] == [24, 23, 25]


def test_posts_say_where_they_stand() -> None:
    mixed = (
        a_delivery(state=D.PUBLISHED),
        a_delivery(state=D.FAILED, platform=PlatformSlug("bluesky")),
        a_delivery(state=D.PUBLISHED, platform=PlatformSlug("other")),
    )
    later = NOW + timedelta(hours=3)
    outlook = Outlook(
        posts=(
            PlannedPost(draft=a_draft(id=DraftId("7")), state=DraftState.PARTLY_PUBLISHED, deliveries=mixed),
            PlannedPost(draft=a_draft(planned_at=later), state=DraftState.DRAFT, deliveries=()),
        ),
        waiting=3,
        finding=Finding(kind="k", text="Tuesdays at 9 earn twice the replies", posts=41, basis="41 posts, 28 days"),
        hours=(),
    )
    side = side_of(outlook, replace(a_look(), labels={"mastodon": "Mastodon", "bluesky": "Bluesky"}))
    assert (side.day, side.zone, side.waiting) == ("Monday 2 March", "Europe/Berlin", 3)
    assert [(line.time, line.topic, line.words, line.place, line.asks) for line in side.lines] == [
        ("10:01", "The release", "Live on Mastodon, other · Not published on Bluesky", "draft-7", True),
        ("13:00", "The release", "Waits for approval · planned", "draft-1", False),
    ]
    assert (side.finding, side.basis, side.trend) == (
        "Tuesdays at 9 earn twice the replies",
        "41 posts, 28 days",
        None,
    )


def test_the_line_is_the_reactions_of_each_day_on_the_readers_clock() -> None:
    today = date(2026, 3, 2)
    late = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)  # already 1 March in Berlin
    hours = [hour(late, 3, 1), hour(NOW, 8), hour(NOW, None), hour(NOW - timedelta(days=40), 99), hour(late, -9, 5)]
    found = trend(hours, today, "Europe/Berlin")
    assert found is None  # the 1st lost as much as it gained, so only one day is above zero
    found = trend([*hours, hour(late, 4)], today, "Europe/Berlin")
    assert found is not None
    assert found.values == (*[0] * (DAYS - 2), 4, 8)
    assert found.points.split()[-2:] == ["92.3,15.0", "100.0,2.0"]
    assert "0, 4, 8." in found.words


@pytest.mark.parametrize("hours", [[], [hour(NOW, None)], [hour(NOW, 5)]])
def test_one_day_makes_no_line(hours: list[HourSum]) -> None:
    assert trend(hours, date(2026, 3, 2), "Europe/Berlin") is None
