"""The clock's alarm keeps the earliest ring, before and after it has started, and everything runs on the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import ScheduledClock
from bot.system_clock import SystemClock
from tests.fakes.clock import settle

FAR = timedelta(hours=1)
SOON = timedelta(milliseconds=30)


@pytest.fixture
async def clock() -> AsyncIterator[ScheduledClock]:
    clock = ScheduledClock()
    yield clock
    clock.stop()


def rings(clock: ScheduledClock) -> tuple[asyncio.Event, list[int]]:
    """What was rung, and in which thread."""
    rung, threads = asyncio.Event(), list[int]()

    def ring() -> None:
        threads.append(threading.get_ident())
        rung.set()

    clock.on_ring(ring)
    return rung, threads


@pytest.mark.parametrize("started", [True, False])
@pytest.mark.parametrize("order", [(SOON, FAR), (FAR, SOON), (FAR, SOON, FAR)])
async def test_the_earliest_ring_stays(clock: ScheduledClock, started: bool, order: tuple[timedelta, ...]) -> None:
    rung, threads = rings(clock)
    now = SystemClock().now()
    if started:
        clock.start()
    for ahead in order:
        clock.ring_at(now + ahead)
    if not started:
        clock.start()

    async with asyncio.timeout(10):
        await rung.wait()

    assert threads == [threading.get_ident()]


@pytest.mark.parametrize("started", [True, False])
async def test_a_ring_that_is_past_rings_at_once(clock: ScheduledClock, started: bool) -> None:
    rung, _ = rings(clock)
    if started:
        clock.start()
    clock.ring_at(datetime(2020, 1, 1, tzinfo=UTC))
    if not started:
        clock.start()

    async with asyncio.timeout(10):
        await rung.wait()


async def test_after_a_ring_a_later_one_is_set_again(clock: ScheduledClock) -> None:
    rung, threads = rings(clock)
    clock.start()
    for _ in range(3):
        clock.ring_at(SystemClock().now() + SOON)
        async with asyncio.timeout(10):
            await rung.wait()
        rung.clear()

    assert len(threads) == 3


async def test_without_an_engine_a_ring_hurts_nobody(clock: ScheduledClock) -> None:
    done = asyncio.Event()
    clock.start()
    clock.ring_at(datetime(2020, 1, 1, tzinfo=UTC))
    clock.every(SOON, done.set, "after")

    async with asyncio.timeout(10):
        await done.wait()


async def test_rounds_run_on_the_loop_whether_they_wait_or_not(clock: ScheduledClock) -> None:
    threads, waited, plain = list[int](), asyncio.Event(), asyncio.Event()

    async def waiting() -> None:
        threads.append(threading.get_ident())
        waited.set()

    def at_once() -> None:
        threads.append(threading.get_ident())
        plain.set()

    clock.every(SOON, waiting, "waiting")
    clock.every(SOON, at_once, "at once")
    clock.start()
    async with asyncio.timeout(10):
        await waited.wait()
        await plain.wait()

    assert set(threads) == {threading.get_ident()}


async def test_stopping_twice_or_unstarted_is_fine(clock: ScheduledClock) -> None:
    clock.stop()
    clock.start()
    clock.stop()
    clock.stop()


async def test_a_round_that_a_stop_cuts_off_is_no_fault(
    clock: ScheduledClock, caplog: pytest.LogCaptureFixture
) -> None:
    begun, ended = asyncio.Event(), list[bool]()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    clock.every(SOON, work, "endless")
    clock.start()
    async with asyncio.timeout(10):
        await begun.wait()
    clock.stop()
    await settle()
    assert ended == [True]
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == []
