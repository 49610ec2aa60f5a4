"""Any order of decisions, faults and drains keeps what is public equal to what the desk says."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.domain.account import Dedupe
from services.domain.delivery import DELIVERY_TRANSITIONS, DeliveryState
from services.domain.errors import Conflict
from services.domain.ids import AccountId
from services.domain.post import DraftState
from tests.fakes.clock import settle
from tests.fakes.platform import Act
from tests.services.publishing.world import ADA, LAST, World

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from services.domain.delivery import Delivery
    from services.domain.ids import DeliveryId
    from services.ports.storage import Transaction

S = DeliveryState
T = TypeVar("T")
SILENT = (S.SCHEDULED, S.PREPARING, S.HELD, S.FAILED, S.CANCELLED)
ACTS = [
    Act.REFUSED,
    Act.REQUEST_LOST,
    Act.REPLY_LOST,
    Act.LIMITED,
    Act.UNAVAILABLE,
    Act.UNREACHED,
    Act.EXPIRED,
    Act.REVOKED,
    Act.SURPRISE,
]


class Outbox(RuleBasedStateMachine):
    """People, networks and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        logging.disable(logging.CRITICAL)
        self.runner = asyncio.Runner()
        self.world = World()
        self.ids: list[DeliveryId] = []

    def run(self, doing: Coroutine[object, object, T]) -> T:
        return self.runner.run(doing)

    @initialize(dedupe=st.sampled_from([Dedupe.KEY, Dedupe.LOOKUP]))
    def begin(self, dedupe: Dedupe) -> None:
        self.world = World(accounts=2, dedupe=dedupe)
        self.worker = self.world.dispatcher

    def one_of(self, pick: int) -> DeliveryId:
        return self.ids[pick % len(self.ids)]

    def rows(self) -> list[Delivery]:
        return [self.run(self.world.row(i)) for i in self.ids]

    def public(self) -> Counter[str]:
        return Counter(text for network in self.world.networks.values() for text in network.texts)

    def frozen(self) -> bool:
        return self.run(self.world.store.read(lambda tx: tx.workspace().frozen_by)) is not None

    @rule(account=st.sampled_from(["acc1", "acc2"]), minutes=st.integers(-500, 60))
    def plan(self, account: str, minutes: int) -> None:
        due = timedelta(minutes=minutes)
        self.ids.append(self.run(self.world.plan(account=AccountId(account), due=due)))

    @rule(account=st.sampled_from(["acc1", "acc2"]), act=st.sampled_from(ACTS))
    def the_network_will(self, account: str, act: Act) -> None:
        self.world.networks[AccountId(account)].sends.append(act)

    @rule()
    def drain(self) -> None:
        before, frozen = self.public(), self.frozen()
        self.run(self.worker.drain())
        assert not frozen or self.public() == before

    @rule(minutes=st.sampled_from([0.1, 1, 2, 20, 400]))
    def time_passes(self, minutes: float) -> None:
        self.world.clock.set(self.world.clock.now() + timedelta(minutes=minutes))

    @rule(account=st.sampled_from(["acc1", "acc2"]))
    def the_desk_is_stopped_in_the_middle(self, account: str) -> None:
        sends = self.world.networks[AccountId(account)].sends
        sends.appendleft(Act.HANG)
        self.run(self.interrupted())
        if sends and sends[0] is Act.HANG:
            sends.popleft()
        self.worker = self.world.new_dispatcher()

    async def interrupted(self) -> None:
        drain = asyncio.create_task(self.worker.drain())
        await settle()
        drain.cancel()
        await asyncio.gather(drain, return_exceptions=True)

    @rule()
    def freeze(self) -> None:
        self.run(self.world.control.freeze(ADA))

    @rule()
    def thaw(self) -> None:
        self.run(self.world.control.thaw(ADA))

    @precondition(lambda self: self.ids)
    @rule(pick=st.integers(0, 50))
    def undo(self, pick: int) -> None:
        """Cancelling works exactly while nothing was handed over."""
        delivery_id = self.one_of(pick)
        before = self.run(self.world.state(delivery_id))
        try:
            self.run(self.world.control.cancel(ADA, delivery_id))
        except Conflict:
            assert S.CANCELLED not in DELIVERY_TRANSITIONS[before]
        else:
            assert before in {S.SCHEDULED, S.PREPARING, S.HELD, S.NEEDS_HUMAN}

    @precondition(lambda self: self.ids)
    @rule(pick=st.integers(0, 50))
    def edit(self, pick: int) -> None:
        """An edit voids the approval and cancels what was not handed over."""
        row = self.run(self.world.row(self.one_of(pick)))

        def fn(tx: Transaction) -> None:
            draft = tx.drafts.lock(row.draft_id)
            assert draft is not None
            tx.drafts.save(replace(draft, state=DraftState.DRAFT, approval=None))

        self.run(self.world.store.write(fn))
        self.undo(pick)

    @precondition(lambda self: self.ids)
    @rule(pick=st.integers(0, 50), verb=st.sampled_from(["retry", "release", "confirm_absent"]))
    def decide(self, pick: int, verb: str) -> None:
        delivery_id = self.one_of(pick)
        if verb == "confirm_absent" and self.run(self.world.state(delivery_id)) is S.NEEDS_HUMAN:
            return  # Here it would be a lie: in this world everything can be found.
        try:
            self.run(getattr(self.world.control, verb)(ADA, delivery_id))
        except Conflict:
            return

    @rule()
    def reconnect(self) -> None:
        self.run(self.world.control.resume_ready())

    @invariant()
    def what_is_public_is_what_the_desk_says(self) -> None:
        public = self.public()
        for row in self.rows():
            seen = public[row.variant.text]
            assert seen <= 1
            if row.state in SILENT:
                assert seen == 0
            if row.state is S.PUBLISHED:
                assert seen == 1
                assert len(row.receipts) == 1

    @invariant()
    def every_step_is_in_the_table_and_none_is_missing(self) -> None:
        for delivery_id in self.ids:
            log = self.run(self.world.log(delivery_id))
            for earlier, entry in itertools.pairwise(log):
                assert entry.from_state is earlier.to_state
                remark = entry.from_state is entry.to_state
                assert remark or entry.to_state in DELIVERY_TRANSITIONS[earlier.to_state]
            assert log[-1].to_state is self.run(self.world.state(delivery_id))

    def teardown(self) -> None:
        """Left alone, everything comes to rest."""
        self.run(self.world.control.thaw(ADA))
        self.run(self.world.finish(self.worker))
        assert {row.state for row in self.rows()} <= LAST
        assert all(row.lease_until is None for row in self.rows())
        self.what_is_public_is_what_the_desk_says()
        self.runner.close()
        logging.disable(logging.NOTSET)


Outbox.TestCase.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestOutbox = Outbox.TestCase
