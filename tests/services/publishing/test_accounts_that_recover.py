"""Posts held for an account go on when it works again, and a call that went through is proof that it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.domain.account import Dedupe, Health
from services.domain.delivery import DeliveryState
from services.domain.errors import DeskError
from services.domain.events import DeliveriesPlanned
from services.domain.ids import AccountId
from tests.builders import a_picture
from tests.fakes.platform import Act, FakeConnections, script
from tests.services.publishing.world import ACCOUNT, ADA, World

if TYPE_CHECKING:
    from services.domain.ids import DeliveryId
    from services.ports.storage import Transaction

S = DeliveryState
OTHER = AccountId("acc2")


async def set_health(world: World, health: Health, account_id: AccountId = ACCOUNT) -> None:
    def fn(tx: Transaction) -> None:
        account = tx.accounts.get(account_id)
        assert account is not None
        tx.accounts.save(replace(account, health=health))

    await world.store.write(fn)


async def held(world: World, account_id: AccountId = ACCOUNT, act: Act = Act.REVOKED) -> DeliveryId:
    """A delivery held for its account, whose health says so."""
    delivery_id = await world.plan(account=account_id)
    world.networks[account_id].sends = script([act])
    await world.dispatcher.drain()
    assert await world.state(delivery_id) is S.HELD
    await set_health(world, Health.NEEDS_REAUTH, account_id)
    return delivery_id


@pytest.mark.parametrize("act", [Act.REVOKED, Act.OPERATOR])
async def test_they_wait_while_the_account_is_unwell_and_go_on_when_it_is_well(act: Act) -> None:
    world = World()
    delivery_id = await held(world, act=act)
    assert await world.control.resume_ready() == 0
    assert await world.state(delivery_id) is S.HELD
    await set_health(world, Health.OK)
    world.bus.events.clear()
    assert await world.control.resume_ready() == 1
    row = await world.row(delivery_id)
    assert (row.state, row.next_at, row.problem) == (S.SCHEDULED, world.clock.now(), "")
    assert (await world.log(delivery_id))[-1].note == "The account works again."
    assert world.bus.of(DeliveriesPlanned) == [DeliveriesPlanned(draft_id=row.draft_id, earliest=row.next_at)]
    await world.finish()
    assert (await world.state(delivery_id), world.network.texts) == (S.PUBLISHED, ["Post 1."])


async def test_only_the_well_accounts_posts_go_on() -> None:
    world = World(accounts=2)
    well, unwell = await held(world), await held(world, OTHER)
    await set_health(world, Health.OK)
    assert await world.control.resume_ready() == 1
    assert [await world.state(i) for i in (well, unwell)] == [S.SCHEDULED, S.HELD]


async def test_what_was_held_for_another_reason_stays_held() -> None:
    world = World()
    late = await world.plan(due=timedelta(hours=-9))
    await world.dispatcher.drain()
    assert await world.control.resume_ready() == 0
    assert await world.state(late) is S.HELD


async def test_a_freeze_is_waited_out() -> None:
    world = World()
    delivery_id = await held(world)
    await set_health(world, Health.OK)
    await world.control.freeze(ADA)
    assert await world.control.resume_ready() == 0
    assert await world.control.thaw(ADA) == 0
    assert await world.control.resume_ready() == 1
    assert await world.state(delivery_id) is S.SCHEDULED


async def test_what_became_too_late_asks_once_and_is_then_left_alone() -> None:
    world = World()
    delivery_id = await held(world)
    await set_health(world, Health.OK)
    world.clock.set(world.clock.now() + timedelta(days=3))
    assert await world.control.resume_ready() == 0
    assert (await world.row(delivery_id)).problem.startswith("Too late: ")
    log = await world.log(delivery_id)
    assert await world.control.resume_ready() == 0
    assert await world.log(delivery_id) == log


async def test_a_round_with_nothing_to_do_writes_nothing() -> None:
    world = World()
    await held(world)
    before = await contents(world)
    assert await world.control.resume_ready() == 0
    assert await contents(world) == before


async def contents(world: World) -> object:
    return await world.store.read(lambda tx: [(row, list(tx.deliveries.log(row.id))) for row in tx.deliveries.list()])


async def test_a_post_that_goes_out_proves_that_the_account_works() -> None:
    world = World()
    delivery_id = await world.plan("One.", "Two.")
    await set_health(world, Health.NEEDS_REAUTH)
    await world.dispatcher.drain()
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.connections.reported == [(ACCOUNT, None)]


async def test_nothing_is_reported_about_an_account_that_was_well() -> None:
    world = World()
    await world.plan()
    await world.dispatcher.drain()
    assert world.network.texts == ["Post 1."]
    assert world.connections.reported == []


@pytest.mark.parametrize("act", [Act.REQUEST_LOST, Act.UNAVAILABLE, Act.REFUSED, Act.LIMITED])
async def test_a_call_without_a_receipt_proves_nothing(act: Act) -> None:
    world = World()
    await world.plan()
    await set_health(world, Health.NEEDS_OPERATOR)
    world.network.sends = script([act])
    await world.dispatcher.drain()
    assert world.connections.reported == []


class Deaf(FakeConnections):
    """Accounts whose health can't be written."""

    async def report(self, account_id: AccountId, error: DeskError | None) -> None:
        """Fail."""
        await super().report(account_id, error)
        raise RuntimeError


async def test_health_that_can_not_be_noted_costs_no_receipt() -> None:
    world = World()
    world.connections = Deaf(world.networks)
    delivery_id = await world.plan()
    await set_health(world, Health.NEEDS_REAUTH)
    await world.new_dispatcher().drain()
    assert world.connections.reported == [(ACCOUNT, None)]
    assert (await world.row(delivery_id)).remote_id == "p1"
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_what_an_operator_had_to_cure_is_prepared_anew() -> None:
    """What a network could not fetch stays a failure there, however well the desk can be reached by now."""
    world = World()
    delivery_id = await world.plan("Look.", pictures=(a_picture(),))
    world.network.preparations = script([Act.HALFWAY, Act.OPERATOR])
    await world.finish()
    assert (await world.state(delivery_id), (await world.row(delivery_id)).handles) == (S.HELD, {})
    assert await world.control.resume_ready() == 1
    await world.finish()
    assert world.network.posts[0].media == ("upload3",)


@pytest.mark.parametrize(("sends", "times"), [([Act.OPERATOR], 2), ([Act.REQUEST_LOST, Act.OPERATOR], 1)])
async def test_what_an_earlier_call_was_made_with_is_kept(sends: list[Act], times: int) -> None:
    """Should that call land after all, it is how the network tells a repeat from a second post."""
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id = await world.plan("Look.", pictures=(a_picture(),))
    world.network.sends = script(sends)
    await world.finish()
    assert await world.state(delivery_id) is S.HELD
    assert await world.control.resume_ready() == 1
    await world.finish()
    assert (await world.state(delivery_id), len(world.network.posts)) == (S.PUBLISHED, 1)
    assert world.network.calls.count("prepare 0") == times


@pytest.mark.parametrize(("act", "times"), [(Act.UNREACHED, 1), (Act.UNAVAILABLE, 2)])
async def test_what_was_prepared_outlasts_a_connection_that_did_not_come_about(act: Act, times: int) -> None:
    world = World()
    delivery_id = await world.plan("Look.", pictures=(a_picture(),))
    world.network.sends = script([act])
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.network.calls.count("prepare 0") == times
