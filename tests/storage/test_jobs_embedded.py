"""The embedded engine: woken in time, never killed by an error, stopped with care."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.jobs_embedded import EmbeddedEngine
from tests.fakes.clock import FakeAlarm, FakeClock, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

import pytest


class Drains:
    """A drain that counts, answers what it is told, and can be held up."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.cancelled = 0
        self.answers: list[datetime | Exception | None] = []
        self.gate: asyncio.Event | None = None

    async def __call__(self) -> datetime | None:
        self.begun += 1
        answer = self.answers.pop(0) if self.answers else None
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.ended += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


class Bench:
    """An engine with everything around it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.alarm = FakeAlarm()
        self.drains = Drains()
        self.quieted = 0
        self.engine = EmbeddedEngine(drain=self.drains, alarm=self.alarm, clock=self.clock, quiesce=self.quiet)

    def quiet(self) -> None:
        self.quieted += 1


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    if bench.drains.gate is not None:
        bench.drains.gate.set()
    await bench.engine.stop(1)


async def test_a_start_drains_at_once_to_catch_up(bench: Bench) -> None:
    await bench.engine.start()
    await settle()
    assert bench.drains.ended == 1
    assert bench.alarm.asked == []
    assert bench.engine.healthy()


async def test_a_second_start_is_no_second_engine(bench: Bench) -> None:
    await bench.engine.start()
    await bench.engine.start()
    await settle()
    assert bench.drains.ended == 1


async def test_the_alarm_is_set_for_the_next_look(bench: Bench) -> None:
    at = bench.clock.now() + timedelta(minutes=3)
    bench.drains.answers = [at]
    await bench.engine.start()
    await settle()
    assert (bench.drains.ended, bench.alarm.asked) == (1, [at])
    bench.engine.wake()
    await settle()
    assert bench.drains.ended == 2


async def test_a_look_that_is_due_already_drains_again_without_the_alarm(bench: Bench) -> None:
    bench.drains.answers = [bench.clock.now(), bench.clock.now() - timedelta(seconds=1), None]
    await bench.engine.start()
    await settle()
    assert (bench.drains.ended, bench.alarm.asked) == (3, [])


async def test_waking_for_later_only_sets_the_alarm(bench: Bench) -> None:
    await bench.engine.start()
    await settle()
    at = bench.clock.now() + timedelta(hours=1)
    bench.engine.wake(at)
    await settle()
    assert (bench.drains.ended, bench.alarm.asked) == (1, [at])


async def test_many_wake_ups_are_one(bench: Bench) -> None:
    await bench.engine.start()
    await settle()
    for _ in range(50):
        bench.engine.wake()
    await settle()
    assert bench.drains.ended == 2


async def test_a_wake_up_during_a_drain_is_not_lost(bench: Bench) -> None:
    bench.drains.gate = asyncio.Event()
    await bench.engine.start()
    await settle()
    bench.engine.wake()
    bench.engine.wake()
    bench.drains.gate.set()
    await settle()
    assert (bench.drains.begun, bench.drains.ended) == (2, 2)


async def test_an_error_is_logged_and_tried_again_after_five_seconds(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.drains.answers = [RuntimeError("the disk is full")]
    await bench.engine.start()
    await settle()
    assert bench.alarm.asked == [bench.clock.now() + timedelta(seconds=5)]
    assert not bench.engine.healthy()
    assert [record.message for record in caplog.records] == ["Publishing was interrupted; it goes on in 5 s."]
    bench.engine.wake()
    await settle()
    assert bench.engine.healthy()
    assert bench.drains.ended == 2


async def test_stop_lets_the_drain_finish(bench: Bench) -> None:
    bench.drains.gate = asyncio.Event()
    await bench.engine.start()
    await settle()
    stopping = asyncio.create_task(bench.engine.stop(10))
    await bench.clock.advance(9)
    assert not stopping.done()
    assert bench.quieted == 1
    bench.drains.gate.set()
    await stopping
    assert (bench.drains.ended, bench.drains.cancelled) == (1, 0)
    assert not bench.engine.healthy()


async def test_stop_cancels_what_takes_longer_than_the_grace(bench: Bench) -> None:
    bench.drains.gate = asyncio.Event()
    await bench.engine.start()
    await settle()
    stopping = asyncio.create_task(bench.engine.stop(10))
    await bench.clock.advance(10)
    await stopping
    assert (bench.drains.ended, bench.drains.cancelled) == (0, 1)


async def test_stopping_what_never_ran_is_nothing(bench: Bench) -> None:
    await bench.engine.stop(10)
    assert bench.drains.begun == 0
    assert not bench.engine.healthy()


async def test_after_a_stop_nothing_drains_any_more(bench: Bench) -> None:
    await bench.engine.start()
    await settle()
    await bench.engine.stop(1)
    bench.engine.wake()
    await settle()
    assert bench.drains.ended == 1
