"""Numbers are collected for as long as the desk publishes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from inspect import isawaitable
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from bot.bus import InProcessBus
from bot.collecting import collecting
from services.domain.events import AccountChanged, NumbersChanged
from services.domain.ids import AccountId
from tests.fakes.clock import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ONE = AccountId("acc1")


class FakeRounds:
    """Rounds that a test calls."""

    def __init__(self) -> None:
        self.jobs: dict[str, tuple[timedelta, Callable[[], Awaitable[object] | object]]] = {}

    def every(self, period: timedelta, job: Callable[[], Awaitable[object] | object], name: str) -> None:
        """Remember."""
        self.jobs[name] = (period, job)

    async def call(self, name: str) -> None:
        """As when the period is over."""
        outcome = self.jobs[name][1]()
        assert isawaitable(outcome)
        await outcome


class FakeCollector:
    """Remembers what it was asked for; `gate` makes it wait, `error` makes it fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.gate: asyncio.Event | None = None
        self.error: Exception | None = None

    async def round(self) -> int:
        """Count."""
        return await self._do("round")

    async def import_history(self, account_id: AccountId) -> int:
        """Remember whose."""
        return await self._do(f"history {account_id}")

    async def learn(self) -> None:
        """Remember that what was read is looked through."""
        await self._do("learn")

    async def _do(self, what: str) -> int:
        self.calls.append(what)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.calls.append("done")
        return 0


async def test_it_reads_at_once_then_in_rounds_and_for_each_account() -> None:
    collector, bus, rounds = FakeCollector(), InProcessBus(), FakeRounds()
    async with collecting(collector, bus, rounds, collector.learn):
        await settle()
        assert collector.calls == ["round", "done", "learn", "done"]
        await rounds.call("numbers")
        bus.publish(AccountChanged(account_id=ONE), NumbersChanged(account_id=ONE))
        await settle()
        assert collector.calls[4:] == ["round", "done", "history acc1", "done"]
        assert rounds.jobs["numbers"][0] == timedelta(seconds=60)
    await rounds.call("numbers")
    bus.publish(AccountChanged(account_id=ONE))
    await settle()
    assert len(collector.calls) == 8


async def test_stopping_does_not_wait_for_a_network() -> None:
    collector, bus, rounds = FakeCollector(), InProcessBus(), FakeRounds()
    collector.gate = asyncio.Event()
    async with collecting(collector, bus, rounds, collector.learn):
        waiting = asyncio.create_task(rounds.call("numbers"))
        await settle()
    await waiting
    assert collector.calls == ["round", "round"]


async def test_a_failure_is_logged_and_the_next_round_comes() -> None:
    collector, bus, rounds = FakeCollector(), InProcessBus(), FakeRounds()
    collector.error = ZeroDivisionError("nobody foresaw this")
    with capture_logs() as logs:
        async with collecting(collector, bus, rounds, collector.learn):
            await settle()
            collector.error = None
            await rounds.call("numbers")
    assert [entry["event"] for entry in logs] == ["numbers could not be collected"]
    assert collector.calls == ["round", "round", "done"]
