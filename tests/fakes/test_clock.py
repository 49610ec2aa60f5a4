"""The fake clock wakes sleepers in order, at their own moments, and never on its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.fakes.clock import START, FakeAlarm, FakeClock


async def test_sleepers_wake_in_order_at_their_own_moments() -> None:
    clock, woken = FakeClock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, (clock.now() - START).total_seconds()))

    tasks = [asyncio.create_task(sleep(seconds)) for seconds in (5, 1, 3)]
    await clock.advance(4)
    assert woken == [(1, 1), (3, 3)]
    assert clock.sleepers == 1
    assert clock.now() == START + timedelta(seconds=4)
    await clock.advance(1)
    assert woken[2:] == [(5, 5)]
    await asyncio.gather(*tasks)


async def test_what_a_sleeper_starts_next_is_woken_in_the_same_stretch() -> None:
    clock, ticks = FakeClock(), []

    async def tick() -> None:
        while True:
            await clock.sleep(10)
            ticks.append((clock.now() - START).total_seconds())

    task = asyncio.create_task(tick())
    await clock.advance(35)
    assert ticks == [10, 20, 30]
    task.cancel()


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(5))
    await clock.advance(1)
    task.cancel()
    await clock.advance(10)
    assert task.cancelled()
    assert clock.sleepers == 0


async def test_a_wait_of_nothing_gives_way_without_moving_time() -> None:
    clock = FakeClock()
    await clock.sleep(0)
    assert clock.now() == START
    assert clock.slept == [0]


def test_an_alarm_keeps_the_earliest() -> None:
    alarm = FakeAlarm()
    for seconds in (9, 3, 6):
        alarm.ring_at(START + timedelta(seconds=seconds))
    assert alarm.at == START + timedelta(seconds=3)
    assert len(alarm.asked) == 3
    alarm.clear()
    assert alarm.at is None
