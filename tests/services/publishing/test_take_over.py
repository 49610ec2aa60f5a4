"""A worker that knows it is alone goes on within seconds with what the dead one had in hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.domain.account import Dedupe
from services.domain.delivery import DeliveryState
from services.publishing.dispatch import SETTLING
from tests.fakes.platform import Act, script
from tests.services.publishing.world import World

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.ids import DeliveryId

S = DeliveryState
LEASE = timedelta(seconds=90)


async def in_hand(world: World, state: DeliveryState) -> DeliveryId:
    """A delivery as a worker killed this instant leaves it."""
    delivery_id, now = await world.plan(), world.clock.now()
    row = replace(
        await world.row(delivery_id),
        state=state,
        attempts=0 if state is S.PREPARING else 1,
        sending_at=None if state is S.PREPARING else now,
        first_claimed_at=now,
        lease_owner="desk-0",
        lease_until=now + LEASE,
    )
    assert await world.store.write(lambda tx: tx.deliveries.save(row, fence=row.fence))
    return delivery_id


async def look(world: World) -> datetime | None:
    """Drain once with a new worker's eyes."""
    return await world.dispatcher.drain()


@pytest.mark.parametrize("state", [S.PREPARING, S.SENDING, S.UNCERTAIN])
async def test_what_the_dead_had_in_hand_goes_on_after_the_settling_time(state: DeliveryState) -> None:
    world = World()
    delivery_id, start = await in_hand(world, state), world.clock.now()
    assert await world.dispatcher.take_over() == 1
    assert await look(world) == start + SETTLING
    assert (await world.state(delivery_id), world.network.calls) == (state, [])
    world.clock.set(start + SETTLING)
    assert await look(world) is None
    assert await world.state(delivery_id) is S.PUBLISHED
    assert (world.network.texts, world.network.calls) == (["Post 1."], ["send 0"])


async def test_a_post_whose_answer_died_with_the_worker_is_found_by_its_key_and_not_sent_twice() -> None:
    world = World()
    first = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.dispatcher.drain()
    row, now = await world.row(first), world.clock.now()
    killed = replace(row, state=S.SENDING, lease_owner="desk-0", lease_until=now + LEASE, next_at=row.due_at)
    assert await world.store.write(lambda tx: tx.deliveries.save(killed, fence=row.fence))
    assert await world.dispatcher.take_over() == 1
    world.clock.set(now + SETTLING)
    await look(world)
    assert await world.state(first) is S.PUBLISHED
    assert world.network.texts == ["Post 1."]
    notes = [e.note for e in await world.log(first)]
    assert "desk-0 stopped answering while sending." in notes


async def test_without_keys_it_is_looked_for_before_it_is_sent_again() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id, start = await in_hand(world, S.SENDING), world.clock.now()
    await world.dispatcher.take_over()
    world.clock.set(start + SETTLING)
    await look(world)
    assert (await world.state(delivery_id), world.network.calls) == (S.UNCERTAIN, ["find 0"])
    await world.finish()
    assert (await world.state(delivery_id), world.network.texts) == (S.PUBLISHED, ["Post 1."])
    assert world.clock.now() - start >= timedelta(seconds=80)


async def test_where_nothing_was_in_hand_nothing_is_touched() -> None:
    world = World()
    delivery_id = await world.plan(due=timedelta(hours=1))
    before = await world.row(delivery_id)
    assert await world.dispatcher.take_over() == 0
    assert await world.row(delivery_id) == before


async def test_a_lease_that_ends_sooner_is_not_made_longer_by_starting_again_and_again() -> None:
    world = World()
    delivery_id, start = await in_hand(world, S.SENDING), world.clock.now()
    assert await world.dispatcher.take_over() == 1
    world.clock.set(start + timedelta(seconds=3))
    assert await world.new_dispatcher().take_over() == 0
    assert (await world.row(delivery_id)).lease_until == start + SETTLING
