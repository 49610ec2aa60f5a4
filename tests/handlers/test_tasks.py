"""Background work: waited for, never lost, never silent."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from handlers.request import Request, Show
from handlers.tasks import Tasks
from tests.fakes.clock import FakeClock, settle
from tests.handlers.world import World


async def _value(gate: asyncio.Event) -> str:
    await gate.wait()
    return "done"


async def test_waiting_ends_with_the_work_or_the_time() -> None:
    clock, gate = FakeClock(), asyncio.Event()
    tasks = Tasks(clock)
    task = tasks.spawn(_value(gate), name="work")
    waiting = asyncio.ensure_future(tasks.within(task, 60))
    await clock.advance(60)
    assert await waiting is False
    assert not task.cancelled()
    gate.set()
    assert await tasks.within(task, 60) is True
    assert task.result() == "done"
    await settle()
    assert tasks.running == 0


async def test_who_waits_when_the_desk_stops_is_let_go_and_the_work_goes_on() -> None:
    clock, gate = FakeClock(), asyncio.Event()
    tasks = Tasks(clock)
    task = tasks.spawn(_value(gate), name="work")
    waiting = asyncio.ensure_future(tasks.within(task, 60))
    await settle()
    tasks.stop_waiting()
    assert await waiting is False
    assert await tasks.within(task, 60) is False
    gate.set()
    assert await task == "done"


async def test_a_caller_that_leaves_does_not_end_the_work() -> None:
    clock, gate = FakeClock(), asyncio.Event()
    tasks = Tasks(clock)
    task = tasks.spawn(_value(gate), name="work")
    waiting = asyncio.ensure_future(tasks.within(task, 60))
    await settle()
    waiting.cancel()
    await settle()
    gate.set()
    assert await task == "done"


async def test_a_failure_is_logged_with_its_name() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    tasks = Tasks(FakeClock())
    with capture_logs() as logs:
        task = tasks.spawn(fail(), name="compose-7")
        with pytest.raises(ZeroDivisionError):
            await task
        await settle()
    assert [(entry["event"], entry["task"]) for entry in logs] == [("background work failed", "compose-7")]


async def test_draining_waits_then_cancels() -> None:
    clock, gate = FakeClock(), asyncio.Event()
    tasks = Tasks(clock)
    quick = tasks.spawn(_value(gate), name="quick")
    slow = tasks.spawn(_value(asyncio.Event()), name="slow")
    draining = asyncio.ensure_future(tasks.drain(10))
    await settle()
    gate.set()
    await clock.advance(10)
    await draining
    assert quick.result() == "done"
    assert slow.cancelled()
    await tasks.drain(10)


async def test_work_that_the_stop_of_the_desk_ends_still_answers_with_the_draft(world: World) -> None:
    world.model.gate = asyncio.Event()
    asked = Request(actor=await world.actor(), text="draft Ships today")
    waiting = asyncio.ensure_future(world.door.dispatcher.handle(asked))
    await settle()
    draining = asyncio.ensure_future(world.door.tasks.drain(10))
    await settle()
    await world.clock.advance(10)
    await draining
    outcome = await waiting
    assert outcome.status == 202
    (reply,) = outcome.replies
    assert isinstance(reply, Show)
    assert reply.card.state == "drafting"
