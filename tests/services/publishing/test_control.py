"""What people decide, and what the desk refuses to undo."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.domain.account import Dedupe
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.events import DeliveriesPlanned, DeliveryChanged
from services.domain.ids import AccountId, DeliveryId
from services.publishing.control import Frozen
from tests.fakes.clock import settle
from tests.fakes.platform import Act, script
from tests.services.publishing.world import ADA, BO, World

if TYPE_CHECKING:
    from services.domain.errors import DeskError

S = DeliveryState


async def set_state(world: World, delivery_id: DeliveryId, state: DeliveryState, problem: str = "") -> None:
    row = replace(await world.row(delivery_id), state=state, problem=problem)
    assert await world.store.write(lambda tx: tx.deliveries.save(row, fence=row.fence))


async def asked(*parts: str) -> tuple[World, DeliveryId]:
    """A delivery about which only a person can tell; its first part is live."""
    world = World(dedupe=Dedupe.LOOKUP)
    world.network.findable = False
    delivery_id = await world.plan(*parts)
    world.network.sends = script([Act.REPLY_LOST])
    await world.finish()
    assert await world.state(delivery_id) is S.NEEDS_HUMAN
    return world, delivery_id


async def test_a_freeze_holds_everything_and_tells_what_it_could_not_stop() -> None:
    world = World(accounts=2)
    sending, waiting, later = await world.plan(), await world.plan(account=AccountId("acc2")), await world.plan()
    await set_state(world, sending, S.SENDING)
    await set_state(world, waiting, S.PREPARING)
    assert await world.control.freeze(ADA) == Frozen(by="Ada", held=2, sending=1)
    assert [await world.state(i) for i in (sending, waiting, later)] == [S.SENDING, S.HELD, S.HELD]
    assert (await world.row(waiting)).problem == "Frozen by Ada."
    told = {(e.delivery_id, e.state) for e in world.bus.of(DeliveryChanged)}
    assert told == {(waiting, S.HELD), (later, S.HELD)}
    workspace = await world.store.read(lambda tx: tx.workspace())
    assert (workspace.frozen_by, workspace.frozen_at) == ("Ada", world.clock.now())


async def test_a_second_freeze_keeps_the_first_ones_name() -> None:
    world = World()
    await world.control.freeze(ADA)
    assert await world.control.freeze(BO) == Frozen(by="Ada", held=0, sending=0)


async def test_more_than_a_page_is_frozen_and_thawed() -> None:
    world = World()
    ids = [await world.plan(due=timedelta(hours=1)) for _ in range(401)]
    assert (await world.control.freeze(ADA)).held == 401
    assert await world.control.thaw(BO) == 401
    assert {await world.state(i) for i in ids} == {S.SCHEDULED}


async def test_thaw_lets_go_only_what_the_freeze_held() -> None:
    world = World()
    frozen, late = await world.plan(due=timedelta(hours=1)), await world.plan(due=timedelta(hours=-9))
    await world.dispatcher.drain()
    await world.control.freeze(ADA)
    assert await world.control.thaw(BO) == 1
    assert [await world.state(i) for i in (frozen, late)] == [S.SCHEDULED, S.HELD]
    row = await world.row(frozen)
    assert (row.problem, row.next_at) == ("", row.due_at)
    assert (await world.log(frozen))[-1].note == "Thawed by Bo."
    assert world.bus.of(DeliveriesPlanned) == [DeliveriesPlanned(draft_id=row.draft_id, earliest=row.due_at)]


async def test_what_became_too_late_in_a_freeze_asks_instead_of_going_out() -> None:
    world = World()
    delivery_id = await world.plan()
    await world.control.freeze(ADA)
    world.clock.set(world.clock.now() + timedelta(hours=7))
    assert await world.control.thaw(ADA) == 0
    row = await world.row(delivery_id)
    assert row.state is S.HELD
    assert row.problem.startswith("Too late: ")
    await world.control.release(ADA, delivery_id)
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_a_released_late_post_goes_out_now() -> None:
    world = World()
    delivery_id = await world.plan(due=timedelta(hours=-9))
    await world.dispatcher.drain()
    assert await world.state(delivery_id) is S.HELD
    released = await world.control.release(ADA, delivery_id)
    assert (released.due_at, released.next_at, released.problem) == (world.clock.now(), world.clock.now(), "")
    await world.finish()
    assert world.network.texts == ["Post 1."]


async def test_one_held_post_can_not_slip_out_of_a_freeze() -> None:
    world = World()
    delivery_id = await world.plan()
    await world.control.freeze(ADA)
    with pytest.raises(Conflict) as caught:
        await world.control.release(BO, delivery_id)
    assert (caught.value.message, caught.value.next_step) == ("Everything is frozen by Ada.", "Thaw first.")
    assert await world.state(delivery_id) is S.HELD


async def test_a_reconnected_account_gets_its_posts_moving_and_nobody_elses() -> None:
    world = World(accounts=2)
    mine, frozen_elsewhere = await world.plan(), await world.plan(account=AccountId("acc2"), due=timedelta(hours=-9))
    world.network.sends = script([Act.REVOKED])
    await world.dispatcher.drain()
    assert [await world.state(i) for i in (mine, frozen_elsewhere)] == [S.HELD, S.HELD]
    assert await world.control.resume_ready() == 1
    await world.finish()
    assert [await world.state(i) for i in (mine, frozen_elsewhere)] == [S.PUBLISHED, S.HELD]


async def test_a_post_held_for_its_account_for_days_asks_before_it_goes_out() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([Act.REVOKED])
    await world.dispatcher.drain()
    world.clock.set(world.clock.now() + timedelta(days=3))
    assert await world.control.resume_ready() == 0
    assert (await world.row(delivery_id)).problem.startswith("Too late: ")


async def test_a_person_who_found_it_settles_it() -> None:
    world, delivery_id = await asked("Ships today.")
    row = await world.control.confirm_live(ADA, delivery_id, " https://social.test/@desk/4711 ")
    assert (row.state, row.url, row.remote_id, row.problem) == (
        S.PUBLISHED,
        "https://social.test/@desk/4711",
        "4711",
        "",
    )
    assert (await world.log(delivery_id))[-1].note == "Ada found it: https://social.test/@desk/4711"
    await world.finish()
    assert world.network.texts == ["Ships today."]


async def test_a_person_who_found_the_first_part_sends_the_rest_on() -> None:
    world, delivery_id = await asked("One.", "Two.")
    row = await world.control.confirm_live(ADA, delivery_id, "https://social.test/p1")
    assert row.state is S.SCHEDULED
    await world.finish()
    assert [(p.text, p.reply_to) for p in world.network.posts] == [("One.", None), ("Two.", "p1")]
    assert await world.state(delivery_id) is S.PUBLISHED


@pytest.mark.parametrize("url", ["", "4711", "javascript:alert(1)", "https:///nowhere", "ftp://social.test/1"])
async def test_what_is_no_link_is_refused_and_changes_nothing(url: str) -> None:
    world, delivery_id = await asked("Ships today.")
    with pytest.raises(InvalidInput) as caught:
        await world.control.confirm_live(ADA, delivery_id, url)
    assert caught.value.field == "url"
    assert await world.state(delivery_id) is S.NEEDS_HUMAN


async def test_a_person_who_did_not_find_it_sends_it_again_even_a_day_later() -> None:
    world, delivery_id = await asked("Ships today.")
    world.network.posts.clear()
    world.clock.set(world.clock.now() + timedelta(days=1))
    row = await world.control.confirm_absent(ADA, delivery_id)
    assert (row.state, row.due_at, row.next_at) == (S.SCHEDULED, world.clock.now(), world.clock.now())
    await world.finish()
    assert world.network.texts == ["Ships today."]


async def test_a_failed_post_can_be_retried_with_fresh_patience() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([Act.UNAVAILABLE] * 500)
    await world.finish()
    assert await world.state(delivery_id) is S.FAILED
    world.network.sends = script([Act.UNAVAILABLE] * 3)
    row = await world.control.retry(ADA, delivery_id)
    assert (row.state, row.due_at, row.problem) == (S.SCHEDULED, world.clock.now(), "")
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_a_cancelled_post_never_goes_out() -> None:
    world = World()
    delivery_id = await world.plan()
    row = await world.control.cancel(ADA, delivery_id)
    assert row.state is S.CANCELLED
    await world.finish()
    assert world.network.calls == []
    assert (await world.log(delivery_id))[-1].note == "Cancelled by Ada."


async def test_what_the_network_has_can_not_be_cancelled() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.gate = asyncio.Event()
    drain = asyncio.create_task(world.dispatcher.drain())
    await settle()
    with pytest.raises(Conflict) as caught:
        await world.control.cancel(ADA, delivery_id)
    assert caught.value.message == "It has been handed to the network already, so it can't be stopped."
    world.network.gate.set()
    await drain
    assert await world.state(delivery_id) is S.PUBLISHED


@pytest.mark.parametrize("verb", ["retry", "release", "confirm_absent", "cancel"])
@pytest.mark.parametrize("state", [S.PUBLISHED, S.CANCELLED])
async def test_what_is_over_stays_over(verb: str, state: DeliveryState) -> None:
    world = World()
    delivery_id = await world.plan()
    await set_state(world, delivery_id, state)
    with pytest.raises(Conflict) as caught:
        await getattr(world.control, verb)(ADA, delivery_id)
    assert caught.value.message == f"This delivery is {state.lower()} now, so that can't be done."
    assert await world.state(delivery_id) is state


async def test_a_delivery_nobody_knows() -> None:
    error: type[DeskError] = NotFound
    with pytest.raises(error):
        await World().control.retry(ADA, DeliveryId("d404"))
