"""What another process did to deliveries and digests is told here, once, and nothing of before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.elsewhere import Elsewhere
from handlers.notifications import PLACE, SURFACE
from services.domain.delivery import DeliveryState
from services.domain.events import DeliveriesPlanned, DeliveryChanged, DigestSent
from tests.builders import NOW, a_delivery, a_draft, a_log_entry
from tests.builders_numbers import a_report
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from services.domain.delivery import Delivery
    from services.domain.events import Event
    from services.ports.storage import Transaction


class Watch:
    """A process that serves, and the hands of one that publishes."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.told: list[Event] = []
        self.elsewhere = Elsewhere(self.store, self.told.append)

    async def add(self, row: Delivery) -> None:
        def put(tx: Transaction) -> None:
            tx.drafts.add(a_draft(id=row.draft_id))
            tx.deliveries.add(row, a_log_entry(row.state))

        await self.store.write(put)

    async def step(self, row: Delivery, state: DeliveryState) -> None:
        assert await self.store.write(lambda tx: tx.deliveries.save(replace(row, state=state), fence=row.fence))

    async def news(self) -> list[Event]:
        self.told.clear()
        await self.elsewhere.look()
        return list(self.told)


def changed(row: Delivery, state: DeliveryState) -> DeliveryChanged:
    return DeliveryChanged(delivery_id=row.id, draft_id=row.draft_id, state=state)


async def test_each_step_is_told_once_until_it_is_settled() -> None:
    watch, row = Watch(), a_delivery()
    await watch.add(row)
    assert await watch.news() == []
    for state in (DeliveryState.SENDING, DeliveryState.NEEDS_HUMAN, DeliveryState.PUBLISHED):
        await watch.step(row, state)
        assert await watch.news() == [changed(row, state)]
        assert await watch.news() == []


async def test_one_that_was_settled_before_the_first_look_is_no_news() -> None:
    watch, row = Watch(), a_delivery(state=DeliveryState.PUBLISHED)
    await watch.add(row)
    assert await watch.news() == []
    assert await watch.news() == []


async def test_what_was_planned_here_and_sent_between_two_looks_is_told() -> None:
    watch, row = Watch(), a_delivery(state=DeliveryState.PUBLISHED)
    await watch.news()
    await watch.add(row)
    watch.elsewhere.hear(DeliveriesPlanned(draft_id=row.draft_id, earliest=NOW))
    assert await watch.news() == [changed(row, DeliveryState.PUBLISHED)]
    assert await watch.news() == []


async def test_a_digest_is_told_once() -> None:
    watch, day = Watch(), NOW.date()
    await watch.news()

    def made(tx: Transaction) -> None:
        assert tx.digests.claim(SURFACE, PLACE, day, now=NOW, lease_until=NOW + timedelta(minutes=5))
        tx.digests.finish(SURFACE, PLACE, day, a_report(), at=NOW)

    await watch.store.write(made)
    assert await watch.news() == [DigestSent(surface=SURFACE, place=PLACE, day=day)]
    assert await watch.news() == []
