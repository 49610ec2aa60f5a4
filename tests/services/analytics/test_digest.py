"""One digest per channel and day: at its local hour, after downtime, after a crash, over changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.digest import LEASE, NEVER, Digests, hour_of
from services.domain.errors import Forbidden, Unavailable
from services.domain.events import DigestSent
from services.domain.insight import DigestState, Subscription, digest_card_id, digest_day
from tests.desk import ADA, BO, make_desk

if TYPE_CHECKING:
    from tests.desk import Desk

ZONE: Final = "Europe/Berlin"
HERE: Final = ("web", "desk")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def desk_at(text: str, *, hour: time = time(8), zone: str = ZONE) -> Desk:
    """A desk whose channel asked for its digest at this instant (UTC)."""
    desk = await make_desk()
    desk.clock.set(at(text))
    await desk.services.digests.subscribe(ADA, *HERE, at=hour, zone=zone)
    return desk


async def run_at(desk: Desk, text: str) -> int:
    desk.clock.set(at(text))
    return await desk.services.digests.run_due()


async def days(desk: Desk) -> list[date]:
    """The days whose card is up, oldest first."""
    cards = await desk.store.read(lambda tx: tx.cards.list(surface="web"))
    return [day for c in reversed(cards) if (day := digest_day(c.card_id))]


def sent(desk: Desk) -> list[date]:
    return [e.day for e in desk.events if isinstance(e, DigestSent)]


async def test_it_comes_once_when_its_local_hour_has_come() -> None:
    desk = await desk_at("2026-03-02T05:00")
    assert await run_at(desk, "2026-03-02T06:59:59") == 0
    assert await run_at(desk, "2026-03-02T07:00") == 1
    assert await run_at(desk, "2026-03-02T07:01") == 0
    assert await run_at(desk, "2026-03-02T22:59") == 0
    assert sent(desk) == await days(desk) == [date(2026, 3, 2)]
    kept = await desk.store.read(lambda tx: tx.digests.get(*HERE, date(2026, 3, 2)))
    assert kept is not None
    assert (kept.state, kept.sent_at, kept.attempts) == (DigestState.SENT, at("2026-03-02T07:00"), 1)
    assert kept.report is not None
    assert kept.report.zone == ZONE


async def test_asked_for_after_its_hour_it_begins_tomorrow() -> None:
    desk = await desk_at("2026-03-02T09:00")
    assert await run_at(desk, "2026-03-02T22:00") == 0
    assert await run_at(desk, "2026-03-03T07:00") == 1
    assert sent(desk) == [date(2026, 3, 3)]


async def test_after_days_of_downtime_only_todays_is_made() -> None:
    desk = await desk_at("2026-03-02T05:00")
    assert await run_at(desk, "2026-03-02T07:00") == 1
    assert await run_at(desk, "2026-03-06T15:30") == 1
    assert sent(desk) == [date(2026, 3, 2), date(2026, 3, 6)]


async def test_one_for_late_in_the_evening_is_not_lost_at_midnight() -> None:
    desk = await desk_at("2026-03-02T05:00", hour=time(23, 59))
    assert await run_at(desk, "2026-03-02T22:58:30") == 0
    assert await run_at(desk, "2026-03-02T23:00:30") == 1
    assert sent(desk) == [date(2026, 3, 2)]
    assert await run_at(desk, "2026-03-03T05:00") == 0


async def test_a_crash_between_claim_and_sending_is_made_good_by_the_next_lease() -> None:
    desk = await desk_at("2026-03-02T05:00")
    now, day = at("2026-03-02T07:00"), date(2026, 3, 2)
    assert await desk.store.write(lambda tx: tx.digests.claim(*HERE, day, now=now, lease_until=now + LEASE))
    assert await run_at(desk, "2026-03-02T07:04:59") == 0
    assert await run_at(desk, "2026-03-02T07:05") == 1
    assert await run_at(desk, "2026-03-02T07:20") == 0
    assert sent(desk) == await days(desk) == [day]


async def test_who_was_overtaken_sends_nothing() -> None:
    desk = await desk_at("2026-03-02T05:00")
    desk.clock.set(at("2026-03-02T07:00"))
    services = desk.services
    others: list[int] = []

    class Slow(Digests):
        """Another process whose making takes longer than its lease."""

        async def _finish(self, due: object, report: object) -> bool:
            desk.clock.set(desk.clock.now() + LEASE)
            others.append(await services.digests.run_due())
            return await super()._finish(due, report)  # type: ignore[arg-type]  # handed on as they came

    slow = Slow(desk.store, services.reports, desk.drafts._bus, desk.clock, ZONE)
    assert await slow.run_due() == 0
    assert others == [1]
    assert sent(desk) == await days(desk) == [date(2026, 3, 2)]


async def test_a_worker_that_fails_leaves_the_next_try_to_the_lease_and_at_last_goes_without_charts() -> None:
    desk = await desk_at("2026-03-02T05:00")
    desk.workers.fail = Unavailable("It took longer than 30 seconds.")
    for minute in (0, 1, 5, 10):
        assert await run_at(desk, f"2026-03-02T07:{minute:02}") == 0
    assert await run_at(desk, "2026-03-02T07:15") == 1
    kept = await desk.store.read(lambda tx: tx.digests.get(*HERE, date(2026, 3, 2)))
    assert kept is not None
    assert kept.report is not None
    assert kept.attempts == 4
    assert kept.report.sentences == (
        "The numbers could not be read this time; what is planned and what waits is below.",
    )


async def test_one_channel_that_fails_keeps_none_of_the_others_waiting() -> None:
    desk = await desk_at("2026-03-02T05:00")
    bad = Subscription(surface="slack", place="C1", at=time(8), zone=ZONE, since=at("2026-03-02T05:00"))
    await desk.store.write(lambda tx: tx.digests.subscribe(bad))

    class Fussy(Digests):
        """A bug in one channel's making."""

        async def _finish(self, due: object, report: object) -> bool:
            if due.subscription.surface == "slack":  # type: ignore[attr-defined]  # what it is handed
                raise RuntimeError("broken")
            return await super()._finish(due, report)  # type: ignore[arg-type]  # handed on as they came

    digests = Fussy(desk.store, desk.services.reports, desk.drafts._bus, desk.clock, ZONE)
    desk.clock.set(at("2026-03-02T07:00"))
    assert await digests.run_due() == 1
    assert sent(desk) == [date(2026, 3, 2)]


async def test_the_web_channel_is_subscribed_once_and_stays_off_when_turned_off() -> None:
    desk = await make_desk()
    digests = desk.services.digests
    await digests.subscribe_default(*HERE)
    first = await digests.subscription(*HERE)
    assert first == Subscription(surface="web", place="desk", at=time(8), zone=ZONE, since=desk.clock.now())
    await desk.clock.advance(3600)
    await digests.subscribe_default(*HERE)
    assert await digests.subscription(*HERE) == first
    assert await digests.unsubscribe(ADA, *HERE)
    assert not await digests.unsubscribe(ADA, *HERE)
    await digests.subscribe_default(*HERE)
    assert await digests.subscription(*HERE) is None
    assert await run_at(desk, "2026-03-05T12:00") == 0
    await digests.subscribe(ADA, *HERE, at=time(9), zone="UTC")
    assert await run_at(desk, "2026-03-06T09:00") == 1


async def test_only_an_admin_decides_about_it() -> None:
    desk = await make_desk()
    with pytest.raises(Forbidden):
        await desk.services.digests.subscribe(BO, *HERE, at=time(9), zone=ZONE)
    with pytest.raises(Forbidden):
        await desk.services.digests.unsubscribe(BO, *HERE)
    assert await desk.store.read(lambda tx: tx.digests.subscriptions()) == []


async def test_a_new_hour_the_same_day_brings_no_second_one() -> None:
    desk = await desk_at("2026-03-02T05:00")
    assert await run_at(desk, "2026-03-02T07:00") == 1
    await desk.services.digests.subscribe(ADA, *HERE, at=time(12), zone=ZONE)
    assert await run_at(desk, "2026-03-02T11:00") == 0
    assert await run_at(desk, "2026-03-03T11:00") == 1


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-28", "2026-03-28T01:30"),
        ("2026-03-29", "2026-03-29T01:30"),  # 02:30 is left out: it comes at 03:30 on the wall
        ("2026-03-30", "2026-03-30T00:30"),
        ("2026-10-25", "2026-10-25T00:30"),  # 02:30 comes twice: the first counts
        ("2026-10-26", "2026-10-26T01:30"),
    ],
)
async def test_days_on_which_the_clocks_change_have_one_too(day: str, expected: str) -> None:
    wanted = Subscription(surface="web", place="desk", at=time(2, 30), zone=ZONE, since=at("2026-01-01"))
    assert hour_of(wanted, date.fromisoformat(day)) == at(expected)
    desk = await desk_at("2026-01-01T00:00", hour=time(2, 30))
    before = at(expected) - timedelta(seconds=1)
    desk.clock.set(before)
    earlier = await desk.services.digests.run_due()
    assert date.fromisoformat(day) not in sent(desk)
    assert earlier in {0, 1}
    desk.clock.set(at(expected))
    assert await desk.services.digests.run_due() == 1
    desk.clock.set(at(expected) + timedelta(hours=1))
    assert await desk.services.digests.run_due() == 0


@settings(max_examples=25)
@given(st.lists(st.integers(min_value=1, max_value=36 * 60), min_size=1, max_size=30), st.integers(0, 1439))
async def test_whenever_the_round_runs_a_day_has_at_most_one_and_each_full_day_seen_has_one(
    steps: list[int], minute: int
) -> None:
    desk = await desk_at("2026-03-26T03:00", hour=time(minute // 60, minute % 60))
    wanted = await desk.services.digests.subscription(*HERE)
    assert wanted is not None
    for step in steps:
        desk.clock.set(desk.clock.now() + timedelta(minutes=step))
        await desk.services.digests.run_due()
        today = desk.clock.now().astimezone(ZoneInfo(ZONE)).date()
        if wanted.since <= hour_of(wanted, today) <= desk.clock.now():
            assert sent(desk)[-1:] == [today]
    assert len(set(sent(desk))) == len(sent(desk))
    assert sorted(sent(desk)) == await days(desk)


def test_cards_of_different_channels_and_days_have_different_ids() -> None:
    day = date(2026, 3, 2)
    ids = {digest_card_id(s, p, d) for s in ("web", "slack") for p in ("a", "b") for d in (day, date(2026, 3, 3))}
    assert len(ids) == 8
    assert {digest_day(i) for i in ids} == {day, date(2026, 3, 3)}
    assert [digest_day(i) for i in ("draft-1", "digest-", "digest-2026-13-40-x", "digest")] == [None] * 4
    assert datetime(2999, 1, 1, tzinfo=UTC) < NEVER
