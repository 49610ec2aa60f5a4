"""What has a place in time is found by its span, the same in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.domain.delivery import DeliveryState
from services.domain.ids import DeliveryId, DraftId
from tests.builders import NOW, a_delivery, a_draft, a_log_entry
from tests.contracts.stores import KINDS, empty_store, put_draft

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from services.domain.delivery import Delivery
    from services.domain.post import Draft
    from services.ports.storage import Store, Transaction

DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each of the stores, empty."""
    async with empty_store(request.param, tmp_path) as opened:
        yield opened


async def fill(store: Store, drafts: list[Draft], rows: list[Delivery]) -> None:
    def work(tx: Transaction) -> None:
        for draft in drafts:
            put_draft(tx, draft)
        for row in rows:
            tx.deliveries.add(row, a_log_entry(row.state))

    await store.write(work)


async def placed(store: Store, since: datetime, until: datetime, limit: int = 1000) -> list[str]:
    found = await store.read(lambda tx: tx.drafts.placed(since=since, until=until, limit=limit))
    return [str(d.id) for d in found]


async def test_found_by_plan_and_by_delivery(store: Store) -> None:
    drafts = [replace(a_draft(id=DraftId(str(n))), planned_at=None) for n in range(1, 6)]
    drafts[0] = replace(drafts[0], planned_at=NOW)
    drafts[3] = replace(drafts[3], planned_at=NOW + DAY)
    rows = [
        a_delivery(draft_id=DraftId("2"), due_at=NOW + DAY / 2),
        a_delivery(draft_id=DraftId("3"), due_at=NOW + DAY / 2, state=DeliveryState.CANCELLED),
        a_delivery(draft_id=DraftId("4"), due_at=NOW + DAY / 2, state=DeliveryState.PUBLISHED),
    ]
    await fill(store, drafts, rows)
    assert await placed(store, NOW, NOW + DAY) == ["4", "2", "1"]
    assert await placed(store, NOW + timedelta(microseconds=1), NOW + DAY) == ["4", "2"]
    assert await placed(store, NOW + DAY, NOW + 2 * DAY) == ["4"]
    assert await placed(store, NOW, NOW + DAY, limit=2) == ["4", "2"]
    assert await placed(store, NOW - DAY, NOW) == []


async def test_comes_with_its_text(store: Store) -> None:
    draft = a_draft(planned_at=NOW)
    await fill(store, [draft], [a_delivery(id=DeliveryId("d-1"), due_at=NOW)])
    (found,) = await store.read(lambda tx: tx.drafts.placed(since=NOW, until=NOW + DAY))
    assert found == draft
