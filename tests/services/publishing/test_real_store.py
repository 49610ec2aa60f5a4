"""The same dispatcher on the store that people use."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from services.domain.account import Dedupe
from services.domain.delivery import DeliveryState
from services.domain.ids import AccountId
from services.publishing.change import Change, write_change
from services.publishing.settings import DispatchSettings
from storage.store import SqlStore
from tests.builders import a_media_item, a_picture
from tests.databases import fresh_database
from tests.fakes.platform import Act, script
from tests.services.publishing.world import ADA, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

S = DeliveryState


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with SqlStore.open(fresh_database(tmp_path)) as opened:
        yield opened


async def test_a_thread_with_a_picture_goes_out_and_is_remembered(store: SqlStore) -> None:
    world = World(store=store)
    await store.write(lambda tx: tx.media.put(a_media_item(), at=world.clock.now()))
    delivery_id = await world.plan("One.", "Two.", pictures=(a_picture(),))
    await world.finish()
    row = await world.row(delivery_id)
    assert (row.state, row.attempts, row.lease_until, row.handles) == (S.PUBLISHED, 2, None, {})
    assert [r.remote_id for r in row.receipts] == ["p1", "p2"]
    part = ["SCHEDULED", "PREPARING", "SENDING"]
    assert await world.path(delivery_id) == [*part, *part, "PUBLISHED"]


@pytest.mark.parametrize("dedupe", [Dedupe.KEY, Dedupe.LOOKUP])
@pytest.mark.parametrize("fault", [Act.REQUEST_LOST, Act.REPLY_LOST, Act.LIMITED, Act.UNAVAILABLE, Act.EXPIRED])
async def test_every_fault_ends_in_one_post(store: SqlStore, fault: Act, dedupe: Dedupe) -> None:
    world = World(store=store, dedupe=dedupe)
    delivery_id = await world.plan()
    world.network.sends = script([fault, fault])
    await world.finish()
    assert (await world.state(delivery_id)) is (S.HELD if fault is Act.EXPIRED else S.PUBLISHED)
    assert world.network.texts == ([] if fault is Act.EXPIRED else ["Post 1."])


async def test_freeze_thaw_and_cancel(store: SqlStore) -> None:
    world = World(store=store, accounts=2)
    first, second = await world.plan(), await world.plan(account=AccountId("acc2"))
    assert (await world.control.freeze(ADA)).held == 2
    assert await world.dispatcher.drain() is None
    assert await world.control.thaw(ADA) == 2
    await world.control.cancel(ADA, second)
    await world.finish()
    assert [await world.state(i) for i in (first, second)] == [S.PUBLISHED, S.CANCELLED]


async def test_two_dispatchers_publish_each_row_once(store: SqlStore) -> None:
    world = World(store=store, accounts=5)
    ids = [await world.plan(account=AccountId(f"acc{n % 5 + 1}")) for n in range(25)]
    workers = [world.new_dispatcher(settings=DispatchSettings(owner=f"desk-{n}", slots=2)) for n in (1, 2)]
    for _ in range(200):
        looks = [look for look in await asyncio.gather(*(w.drain() for w in workers)) if look is not None]
        if not looks:
            break
        world.clock.set(max(min(looks), world.clock.now()))
    assert [await world.state(i) for i in ids] == [S.PUBLISHED] * 25
    everything = [text for network in world.networks.values() for text in network.texts]
    assert sorted(everything) == sorted(f"Post {n + 1}." for n in range(25))


async def test_a_late_mark_is_refused(store: SqlStore) -> None:
    world = World(store=store)
    delivery_id = await world.plan()
    known = await world.row(delivery_id)
    await world.finish()
    late = Change.of(known).to(S.HELD, at=world.clock.now(), note="late")
    assert await store.write(lambda tx: write_change(tx, late)) is False
    assert await world.state(delivery_id) is S.PUBLISHED
