"""A small desk for publishing tests: a store, a clock, networks, and ways to plan, run and look."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe
from services.domain.actor import Role
from services.domain.delivery import Delivery, DeliveryState
from services.domain.ids import AccountId, DraftId, PersonId
from services.publishing.control import Control
from services.publishing.dispatch import Dispatcher
from services.publishing.settings import DispatchSettings
from tests.builders import (
    a_log_entry,
    a_person,
    a_revision,
    a_variant,
    an_account,
    an_approved_draft,
    new_delivery_id,
)
from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.platform import FakeConnections, FakeNetwork

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.domain.actor import Workspace
    from services.domain.delivery import DeliveryLogEntry
    from services.domain.ids import DeliveryId
    from services.domain.media import Picture
    from services.ports.platform import MediaReader
    from services.ports.storage import Store, Transaction

ACCOUNT: Final = AccountId("acc1")
ADA: Final = a_person()
BO: Final = a_person(id=PersonId("bo"), name="Bo", role=Role.APPROVER)
LAST: Final = frozenset(
    {
        DeliveryState.PUBLISHED,
        DeliveryState.FAILED,
        DeliveryState.NEEDS_HUMAN,
        DeliveryState.HELD,
        DeliveryState.CANCELLED,
    }
)


async def every_picture(picture: Picture) -> bytes:
    """Every picture is here."""
    return picture.item.digest.encode()


class World:
    """Everything around the dispatcher; more than one dispatcher may run on it."""

    def __init__(
        self,
        *,
        accounts: int = 1,
        dedupe: Dedupe = Dedupe.KEY,
        settings: DispatchSettings | None = None,
        store: Store | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.store: Store = store or MemoryStore()
        self.bus = FakeBus()
        self.settings = settings or DispatchSettings(owner="desk-1")
        self.dedupe = dedupe
        ids = [AccountId(f"acc{n + 1}") for n in range(accounts)]
        honours = dedupe is Dedupe.KEY
        self.networks = {id_: FakeNetwork(clock=self.clock, honours_keys=honours) for id_ in ids}
        self.connections = FakeConnections(self.networks)
        self.dispatcher = self.new_dispatcher()
        self.control = Control(store=self.store, clock=self.clock, bus=self.bus)
        self._drafts = 0
        self.crashed = False
        """Whether the first worker died on the way."""

    @property
    def network(self) -> FakeNetwork:
        """The first account's."""
        return self.networks[ACCOUNT]

    def new_dispatcher(
        self,
        *,
        store: Store | None = None,
        settings: DispatchSettings | None = None,
        read_media: MediaReader | None = None,
    ) -> Dispatcher:
        """One more worker, as after a restart."""
        return Dispatcher(
            store=store or self.store,
            connections=self.connections,
            clock=self.clock,
            bus=self.bus,
            settings=settings or self.settings,
            random=random.Random(7),
            read_media=read_media or every_picture,
        )

    async def plan(
        self,
        *parts: str,
        account: AccountId = ACCOUNT,
        due: timedelta = timedelta(),
        pictures: tuple[Picture, ...] = (),
    ) -> DeliveryId:
        """An approved draft with one delivery, due `due` from now."""
        self._drafts += 1
        draft_id = DraftId(str(self._drafts))
        variant = a_variant(account_id=account, parts=parts or (f"Post {draft_id}.",), media=pictures)
        revision = a_revision(variants=(variant,))
        draft = an_approved_draft(id=draft_id, account_ids=(account,), revision=revision)
        now = self.clock.now()
        row = Delivery(
            id=new_delivery_id(),
            draft_id=draft_id,
            revision=1,
            digest=revision.digest,
            account_id=account,
            platform=variant.platform,
            variant=variant,
            state=DeliveryState.SCHEDULED,
            due_at=now + due,
            next_at=now + due,
            created_at=now,
        )

        def fn(tx: Transaction) -> None:
            if tx.accounts.get(account) is None:
                tx.accounts.add(an_account(id=account, dedupe=self.dedupe), b"sealed")
            tx.drafts.add(draft)
            tx.drafts.add_revision(draft_id, revision)
            tx.deliveries.add(row, a_log_entry(at=now))

        await self.store.write(fn)
        return row.id

    async def row(self, delivery_id: DeliveryId) -> Delivery:
        """The delivery as stored."""
        found = await self.store.read(lambda tx: tx.deliveries.get(delivery_id))
        assert found is not None
        return found

    async def state(self, delivery_id: DeliveryId) -> DeliveryState:
        """Its state."""
        return (await self.row(delivery_id)).state

    async def log(self, delivery_id: DeliveryId) -> list[DeliveryLogEntry]:
        """Its life."""
        return list(await self.store.read(lambda tx: tx.deliveries.log(delivery_id)))

    async def path(self, delivery_id: DeliveryId) -> list[str]:
        """The states it went through, remarks left out."""
        return [e.to_state.value for e in await self.log(delivery_id) if e.from_state is not e.to_state]

    async def switch(self, change: Callable[[Workspace], Workspace]) -> None:
        """Change the workspace."""
        await self.store.write(lambda tx: tx.save_workspace(change(tx.workspace())))

    async def finish(
        self, dispatcher: Dispatcher | None = None, *, until: datetime | None = None, turns: int = 400
    ) -> None:
        """Drain again and again at the times it asks for, until nothing waits (before `until`)."""
        worker = dispatcher or self.dispatcher
        for _ in range(turns):
            next_look = await worker.drain()
            if next_look is None or (until is not None and next_look > until):
                return
            self.clock.set(max(next_look, self.clock.now()))
        raise AssertionError("It never comes to rest.")
