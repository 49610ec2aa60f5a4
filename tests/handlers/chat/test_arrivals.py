"""Whoever waits to see that they were heard goes before whatever was asked for."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from handlers.chat.arrivals import MOMENT, Arrivals
from tests.fakes.clock import FakeClock, settle


async def test_work_waits_until_everything_that_arrived_has_its_answer() -> None:
    arrivals = Arrivals(FakeClock())
    with arrivals.arriving():
        with arrivals.arriving():
            work = asyncio.create_task(arrivals.answered())
            await settle()
        await settle()
        assert not work.done()
    await settle()
    assert work.done()
    await arrivals.answered()


async def test_work_waits_a_moment_at_most() -> None:
    clock = FakeClock()
    arrivals = Arrivals(clock)
    with arrivals.arriving():
        work = asyncio.create_task(arrivals.answered())
        await clock.advance(MOMENT - 0.01)
        assert not work.done()
        await clock.advance(0.01)
        assert work.done()
    assert clock.sleepers == 0


async def test_an_answer_that_fails_is_waited_for_no_longer() -> None:
    arrivals = Arrivals(FakeClock())
    with suppress(OSError), arrivals.arriving():
        raise OSError
    await arrivals.answered()
