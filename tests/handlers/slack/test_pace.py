"""Three messages at once in a channel, then one a second."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from handlers.slack.pace import Pace
from tests.fakes.clock import START, FakeClock


async def sent(pace: Pace, clock: FakeClock, channel: str, at: list[float]) -> None:
    await pace.turn(channel)
    at.append((clock.now() - START).total_seconds())


async def test_a_burst_goes_through_and_the_rest_waits_its_turn() -> None:
    clock = FakeClock()
    pace, at = Pace(clock), list[float]()
    tasks = [asyncio.create_task(sent(pace, clock, "T/C", at)) for _ in range(6)]
    await clock.advance(10)
    await asyncio.gather(*tasks)

    assert at == [0, 0, 0, 1, 2, 3]


async def test_each_channel_has_its_own_pace() -> None:
    clock = FakeClock()
    pace, at = Pace(clock), list[float]()
    for channel in ("T/A", "T/B", "T/A", "T/B", "T/A", "T/B"):
        await sent(pace, clock, channel, at)

    assert at == [0] * 6


async def test_a_quiet_second_gives_one_place_back() -> None:
    clock = FakeClock()
    pace, at = Pace(clock), list[float]()
    for _ in range(3):
        await sent(pace, clock, "T/C", at)
    clock.set(START + timedelta(seconds=1))
    await sent(pace, clock, "T/C", at)
    waiting = asyncio.create_task(sent(pace, clock, "T/C", at))
    await clock.advance(5)
    await waiting

    assert at == [0, 0, 0, 1, 2]


async def test_channels_that_have_been_quiet_are_forgotten() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    for number in range(1001):
        await pace.turn(f"T/{number}")
    clock.set(START + timedelta(seconds=2))
    await pace.turn("T/new")

    assert list(pace._free) == ["T/new"]
