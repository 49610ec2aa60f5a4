"""The dispatcher: fills its slots with what is due, writes what finished, and says when to look next."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.delivery import DeliveryState
from services.publishing.allowance import Allowance
from services.publishing.change import announce
from services.publishing.grip import Tools
from services.publishing.parts import next_part
from services.publishing.resolver import Resolver
from services.publishing.turn import Plan, Turn, take_turn
from services.publishing.watch import Watch
from services.publishing.worker import Result, Worker

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.delivery import Delivery
    from services.domain.ids import AccountId
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader
    from services.ports.storage import Store
    from services.publishing.change import Change
    from services.publishing.connections import Connections
    from services.publishing.retry import Random
    from services.publishing.settings import DispatchSettings
    from services.publishing.turn import Job

log = logging.getLogger(__name__)
SETTLING: Final = timedelta(seconds=5)
"""After a dead worker, so that its last calls have landed or died."""
_TURN_TRIES: Final = 4
_AFTER_TROUBLE: Final = 1.0
"""Seconds to wait when the store did not take a turn."""


class Dispatcher:
    """Publishes due deliveries from one process; any number of them may share a store."""

    def __init__(
        self,
        *,
        store: Store,
        connections: Connections,
        clock: Clock,
        bus: EventBus,
        settings: DispatchSettings,
        random: Random,
        read_media: MediaReader,
    ) -> None:
        """Everything is handed in; nothing runs until `drain`."""
        self._tools = Tools(
            store=store,
            connections=connections,
            clock=clock,
            bus=bus,
            settings=settings,
            random=random,
            read_media=read_media,
            allowance=Allowance(connections=connections),
        )
        self._limited: dict[AccountId, datetime] = {}
        """Accounts whose network asked to wait: learned again with one call after a restart."""
        self._running: dict[asyncio.Task[Result | None], AccountId] = {}
        self._marks: list[Change] = []
        self._one = asyncio.Lock()
        self._quiet = False

    def quiesce(self) -> None:
        """Claim nothing more: a running drain ends when what is on its way has ended."""
        self._quiet = True

    async def take_over(self) -> int:
        """Before the first drain of a worker that knows it is alone: every lease belongs to the dead; gives how many.

        They end after a moment in which the dead one's last calls land or die; then the sweep gives the rows back.
        """
        ends = self._tools.clock.now() + SETTLING
        ended = await self._tools.store.write(lambda tx: tx.deliveries.end_leases(at=ends))
        if ended:
            log.warning("%d deliveries were in hand when the desk stopped; they are looked into.", ended)
        return ended

    async def drain(self) -> datetime | None:
        """Publish what is due and return when to look next, None when nothing waits; calls queue up."""
        async with self._one:
            try:
                return await self._loop()
            finally:
                await self._abandon()

    async def _loop(self) -> datetime | None:
        """Turn until nothing is on its way and nothing more is due."""
        while True:
            turn = await self._turn()
            for job in turn.jobs:
                task = asyncio.create_task(self._worker(job).run())
                self._running[task] = job.delivery.account_id
            if self._running:
                if not (turn.more and self._free()):
                    await self._wait(turn.next_wake)
            elif self._quiet:
                return None
            elif not turn.more:
                return turn.next_wake

    def _worker(self, job: Job) -> Worker:
        if job.delivery.state is DeliveryState.UNCERTAIN:
            return Resolver(self._tools, job)
        if job.delivery.state is DeliveryState.PROCESSING:
            return Watch(self._tools, job)
        return Worker(self._tools, job)

    def _free(self) -> int:
        return 0 if self._quiet else self._tools.settings.slots - len(self._running)

    async def _turn(self) -> Turn:
        """One write; what finished stays with us until a turn has taken it down."""
        for tried in range(1, _TURN_TRIES + 1):
            try:
                return await self._write_turn(self._free())
            except Exception:
                if tried == _TURN_TRIES:
                    raise
                log.exception("The store did not take a turn; trying again.")
            await self._tools.clock.sleep(_AFTER_TROUBLE)
        raise AssertionError

    async def _write_turn(self, free: int) -> Turn:
        now, marks = self._tools.clock.now(), tuple(self._marks)
        self._limited = {account: until for account, until in self._limited.items() if until > now}
        plan = Plan(
            now=now,
            settings=self._tools.settings,
            marks=marks,
            free=free,
            busy=frozenset(self._running.values()),
            limited=dict(self._limited),
            needs_preparing=self._needs_preparing,
            allowance=self._tools.allowance,
        )
        turn = await self._tools.store.write(lambda tx: take_turn(tx, plan))
        del self._marks[: len(marks)]
        announce(self._tools.bus, turn.changed)
        for row in turn.refused:
            log.warning("Delivery %s was taken over by another worker; a late mark is dropped.", row.id)
        return turn

    def _needs_preparing(self, row: Delivery) -> bool:
        """Answered without a network, inside the claim: an account that was not opened yet counts as needing it."""
        publisher = self._tools.publishers.get(row.account_id)
        if publisher is None:
            return True
        try:
            return not row.prepared and publisher.needs_preparing(next_part(row))
        except Exception:
            log.exception("Whether delivery %s needs preparing could not be told.", row.id)
            return True

    async def _wait(self, next_wake: datetime | None) -> None:
        """Until something finished; with free slots at most until the next row is due or might have been planned."""
        waiting: set[asyncio.Task[Result | None] | asyncio.Task[None]] = set(self._running)
        timer: asyncio.Task[None] | None = None
        if self._free():
            clock, seconds = self._tools.clock, self._tools.settings.poll
            if next_wake is not None:
                seconds = min(seconds, max(0.0, (next_wake - clock.now()).total_seconds()))
            timer = asyncio.create_task(clock.sleep(seconds))
            waiting.add(timer)
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if timer is not None:
                timer.cancel()
        self._collect()

    def _collect(self) -> None:
        """Take the results of what has ended."""
        for task in [task for task in self._running if task.done()]:
            account_id = self._running.pop(task)
            error = None if task.cancelled() else task.exception()
            if error is not None:
                log.error("A worker died; its row is left to the sweep.", exc_info=error)
            result = None if task.cancelled() or error is not None else task.result()
            if result is None:
                continue
            self._marks.append(result.change)
            if result.limited_until is not None:
                self._limited[account_id] = result.limited_until

    async def _abandon(self) -> None:
        """Leaving early: stop what runs, and still write down what is known."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._collect()
        if not self._marks:
            return
        try:
            await self._write_turn(0)
        except Exception:
            log.exception("Results could not be written; the sweep finds them by their leases.")
            self._marks.clear()
