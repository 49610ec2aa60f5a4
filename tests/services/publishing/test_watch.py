"""A network that answers before a post is live: it is asked, not sent to again, and its silence is a doubt like any."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.account import Dedupe
from services.domain.delivery import DeliveryState
from services.domain.errors import NeedsReauth
from services.domain.ids import DeliveryId
from tests.fakes.clock import settle
from tests.fakes.platform import WAIT, Act, script
from tests.services.publishing.world import ACCOUNT, ADA, World

S = DeliveryState
WORKED_ON = ["SCHEDULED", "PREPARING", "SENDING", "PROCESSING"]


async def working(*watches: Act, work: int = 2, parts: tuple[str, ...] = ()) -> tuple[World, DeliveryId]:
    """A world whose network takes the next post and works on it."""
    world = World(dedupe=Dedupe.STATUS)
    delivery_id = await world.plan(*parts)
    world.network.sends = script([Act.WORKING])
    world.network.watches = script(watches)
    world.network.work = work
    return world, delivery_id


async def test_it_is_asked_until_it_is_live_ever_more_patiently() -> None:
    world, delivery_id = await working(work=4)
    start = world.clock.now()
    assert await world.dispatcher.drain() == start + timedelta(seconds=5)
    row = await world.row(delivery_id)
    assert (row.state, row.handles["job"], row.attempts, row.problem) == (S.PROCESSING, row.key, 1, "")
    asked = []
    while (wake := await world.dispatcher.drain()) is not None:
        asked.append(wake - start)
        world.clock.set(wake)
    assert [each.total_seconds() for each in asked] == [5, 10, 20, 40]
    assert world.network.calls == ["send 0", *["watch 0"] * 4]
    row = await world.row(delivery_id)
    assert (row.state, row.handles, row.attempts) == (S.PUBLISHED, {}, 1)
    assert await world.path(row.id) == [*WORKED_ON, "PUBLISHED"]
    notes = [entry.note for entry in await world.log(row.id)][-2:]
    assert notes == ["Mastodon took it and works on it.", "Mastodon shows it: https://social.test/p1"]


async def test_a_refusal_while_it_is_worked_on_fails_it_for_good() -> None:
    world, delivery_id = await working(Act.OK, Act.REFUSED)
    await world.finish()
    row = await world.row(delivery_id)
    assert (row.state, row.problem) == (S.FAILED, "It says no to this text. Change the text.")
    assert world.network.calls == ["send 0", "watch 0", "watch 0"]
    assert world.network.texts == []


async def test_what_the_network_gave_up_by_its_own_fault_is_made_anew() -> None:
    world, delivery_id = await working(Act.OK, Act.GIVEN_UP)
    while not world.network.calls[2:]:
        wake = await world.dispatcher.drain()
        assert wake is not None
        world.clock.set(wake)
    row = await world.row(delivery_id)
    assert row.handles == {}
    assert row.problem == "It failed by a fault of its own. It is tried again by itself."
    await world.finish()
    assert await world.path(delivery_id) == [*WORKED_ON, "UNCERTAIN", "SCHEDULED", "SENDING", "PUBLISHED"]
    assert world.network.calls == ["send 0", "watch 0", "watch 0", "send 0"]
    row = await world.row(delivery_id)
    assert (row.attempts, row.problem, world.network.texts) == (2, "", ["Post 1."])


async def test_what_it_gives_up_every_time_fails_after_three_calls() -> None:
    world, delivery_id = await working(*[Act.GIVEN_UP] * 9)
    world.network.sends = script([Act.WORKING] * 9)
    await world.finish()
    row = await world.row(delivery_id)
    assert (row.state, row.attempts) == (S.FAILED, 3)
    assert row.problem == "It failed by a fault of its own. Send it again."
    assert world.network.calls == ["send 0", "watch 0"] * 3
    assert world.network.texts == []


async def test_what_was_given_up_is_not_made_anew_against_a_freeze() -> None:
    world, delivery_id = await working(Act.GIVEN_UP)
    await world.dispatcher.drain()
    await world.control.freeze(ADA)
    await world.finish()
    assert await world.state(delivery_id) is S.HELD
    assert world.network.calls == ["send 0", "watch 0"]


async def test_what_nobody_can_tell_is_a_doubt_that_is_looked_into() -> None:
    world, delivery_id = await working(Act.REPLY_LOST, work=1)
    await world.finish()
    assert await world.path(delivery_id) == [*WORKED_ON, "UNCERTAIN", "PUBLISHED"]
    assert world.network.calls == ["send 0", "watch 0", "find 0"]
    assert world.network.texts == ["Post 1."]


@pytest.mark.parametrize("trouble", [Act.UNAVAILABLE, Act.OPERATOR, Act.REVOKED, Act.SURPRISE])
async def test_trouble_with_asking_is_no_trouble_with_the_post(trouble: Act) -> None:
    world, delivery_id = await working(trouble, trouble)
    await world.finish()
    assert await world.path(delivery_id) == [*WORKED_ON, "PUBLISHED"]
    assert world.network.calls == ["send 0", *["watch 0"] * 4]
    told = [error for _, error in world.connections.reported]
    assert len(told) == (2 if trouble in {Act.OPERATOR, Act.REVOKED} else 0)
    assert all(isinstance(error, NeedsReauth) for error in told if trouble is Act.REVOKED)


async def test_a_token_that_grew_old_meanwhile_is_renewed() -> None:
    world, delivery_id = await working(Act.EXPIRED, work=1)
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED
    assert len(world.connections.refreshed) == 1


async def test_a_limit_on_asking_is_kept_to_the_second() -> None:
    world, delivery_id = await working(Act.LIMITED)
    await world.dispatcher.drain()
    world.clock.set(world.clock.now() + timedelta(seconds=5))
    assert await world.dispatcher.drain() == world.clock.now() + WAIT
    assert await world.state(delivery_id) is S.PROCESSING
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    world, delivery_id = await working(Act.HANG)
    await world.dispatcher.drain()
    world.clock.set(world.clock.now() + timedelta(seconds=5))
    quick = world.new_dispatcher(settings=replace(world.settings, send_timeout=0.01))
    assert await quick.drain() is not None
    assert await world.state(delivery_id) is S.PROCESSING
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_a_day_of_working_is_a_doubt() -> None:
    world, delivery_id = await working(work=1000)
    await world.finish(until=world.clock.now() + timedelta(hours=24, minutes=6))
    assert (await world.path(delivery_id))[:5] == [*WORKED_ON, "UNCERTAIN"]
    assert world.network.calls.count("send 0") == 1
    watched = world.network.calls.count("watch 0")
    assert 280 < watched < 300


async def test_where_nobody_can_be_asked_it_is_a_doubt_at_once() -> None:
    world, delivery_id = await working(work=1)
    world.network.watchable = False
    await world.finish()
    assert await world.path(delivery_id) == [*WORKED_ON, "UNCERTAIN", "PUBLISHED"]
    assert world.network.calls == ["send 0", "find 0"]


async def test_an_account_that_was_removed_leaves_it_to_a_person() -> None:
    world, delivery_id = await working()
    await world.dispatcher.drain()
    await world.store.write(lambda tx: tx.accounts.remove(ACCOUNT))
    await world.finish()
    assert (await world.path(delivery_id))[-2:] == ["UNCERTAIN", "NEEDS_HUMAN"]


async def test_freezing_does_not_stop_what_the_network_works_on() -> None:
    world, delivery_id = await working()
    await world.dispatcher.drain()
    await world.store.write(lambda tx: tx.people.add(ADA))
    frozen = await world.control.freeze(ADA)
    assert (frozen.held, frozen.sending) == (0, 1)
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_a_thread_goes_on_with_the_part_after_it() -> None:
    world, delivery_id = await working(parts=("One.", "Two."))
    await world.finish()
    assert world.network.texts == ["One.", "Two."]
    assert await world.path(delivery_id) == [
        *WORKED_ON,
        "UNCERTAIN",
        "SCHEDULED",
        "SENDING",
        "PUBLISHED",
    ]
    assert [post.reply_to for post in world.network.posts] == [None, world.network.posts[0].id]


async def test_a_worker_that_is_stopped_while_asking_asks_again() -> None:
    world, delivery_id = await working(Act.HANG)
    await world.dispatcher.drain()
    world.clock.set(world.clock.now() + timedelta(seconds=5))
    drain = asyncio.ensure_future(world.dispatcher.drain())
    await settle(20)
    drain.cancel()
    await asyncio.gather(drain, return_exceptions=True)
    row = await world.row(delivery_id)
    assert (row.state, row.lease_until, row.next_at) == (S.PROCESSING, None, world.clock.now())
    await world.finish(world.new_dispatcher())
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.network.calls.count("send 0") == 1
