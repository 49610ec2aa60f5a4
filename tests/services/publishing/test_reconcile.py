"""What becomes of a call whose answer is unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.account import Dedupe
from services.domain.delivery import Delivery, DeliveryState
from services.domain.errors import NeedsReauth, Unavailable
from services.domain.ids import AccountId
from services.ports.platform import Absence
from services.publishing.reconcile import Way, choose_way, state_since
from tests.builders import NOW, a_delivery, a_log_entry
from tests.fakes.platform import WAIT, Act, script
from tests.services.publishing.test_dispatch import void_approval
from tests.services.publishing.world import ACCOUNT, ADA, World

S = DeliveryState
HOUR = timedelta(hours=1)


def way(
    *,
    dedupe: Dedupe = Dedupe.KEY,
    key_life: timedelta | None = HOUR,
    spent: timedelta = timedelta(),
    may_send: bool = True,
    has_finder: bool = True,
) -> Way:
    return choose_way(
        a_delivery(sending_at=NOW - spent),
        dedupe=dedupe,
        key_life=key_life,
        doubt_since=NOW - spent,
        now=NOW,
        margin=timedelta(minutes=1),
        may_send=may_send,
        has_finder=has_finder,
    )


def test_a_key_is_used_only_while_it_lives_for_the_whole_call() -> None:
    assert way(spent=timedelta(minutes=58, seconds=59)) is Way.RESEND
    assert way(spent=timedelta(minutes=59)) is Way.LOOK
    assert way(spent=timedelta(minutes=59), has_finder=False) is Way.ASK
    assert way(key_life=None, spent=timedelta(hours=23)) is Way.RESEND
    assert way(key_life=None, spent=timedelta(hours=24)) is Way.LOOK


def test_a_server_that_does_not_honour_keys_is_only_looked_at() -> None:
    assert way(dedupe=Dedupe.LOOKUP) is Way.LOOK
    assert way(dedupe=Dedupe.STATUS) is Way.LOOK
    assert way(dedupe=Dedupe.LOOKUP, has_finder=False) is Way.ASK


def test_what_is_no_longer_wanted_is_never_sent_again() -> None:
    assert way(may_send=False) is Way.LOOK
    assert way(may_send=False, has_finder=False) is Way.ASK


@given(
    dedupe=st.sampled_from(Dedupe),
    life=st.none() | st.timedeltas(timedelta(), timedelta(days=2)),
    spent=st.timedeltas(timedelta(), timedelta(days=3)),
    may_send=st.booleans(),
    has_finder=st.booleans(),
)
def test_sending_again_always_needs_a_living_key(
    dedupe: Dedupe, life: timedelta | None, spent: timedelta, may_send: bool, has_finder: bool
) -> None:
    found = way(dedupe=dedupe, key_life=life, spent=spent, may_send=may_send, has_finder=has_finder)
    if found is Way.RESEND:
        assert (dedupe, may_send) == (Dedupe.KEY, True)
        assert life is None or spent + timedelta(minutes=1) < life
    else:
        assert found is (Way.LOOK if has_finder else Way.ASK)


def test_doubt_begins_with_the_step_and_not_with_the_looks_after_it() -> None:
    log = [
        a_log_entry(S.SENDING, came_from=S.SCHEDULED, at=NOW),
        a_log_entry(S.UNCERTAIN, came_from=S.SENDING, at=NOW + HOUR),
        a_log_entry(S.UNCERTAIN, came_from=S.UNCERTAIN, at=NOW + 2 * HOUR),
    ]
    assert state_since(log, S.UNCERTAIN, NOW) == NOW + HOUR
    assert state_since(log[:1], S.UNCERTAIN, NOW) == NOW


async def test_a_lost_reply_is_sent_again_with_the_same_key_after_five_seconds() -> None:
    world = World(dedupe=Dedupe.KEY)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    assert await world.dispatcher.drain() == world.clock.now() + timedelta(seconds=5)
    await world.finish()
    assert world.network.calls == ["send 0", "send 0"]
    assert world.network.texts == ["Post 1."]
    row = await world.row(delivery_id)
    assert (row.state, row.attempts, row.problem, row.probes) == (S.PUBLISHED, 2, "", 0)
    assert await world.path(delivery_id) == ["SCHEDULED", "PREPARING", "SENDING", "UNCERTAIN", "PUBLISHED"]


async def test_a_lost_reply_is_found_on_the_timeline() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.finish()
    assert world.network.calls == ["send 0", "find 0"]
    assert (await world.log(delivery_id))[-1].note == "Mastodon shows it: https://social.test/p1"
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_a_lost_request_is_proved_absent_by_looks_a_minute_apart_and_then_sent() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    start = world.clock.now()
    delivery_id = await world.plan()
    world.network.sends = script([Act.REQUEST_LOST])
    await world.finish()
    assert world.network.calls == ["send 0", "find 0", "find 0", "find 0", "send 0"]
    looks = [e.at - start for e in await world.log(delivery_id) if e.from_state is S.UNCERTAIN]
    assert looks == [timedelta(seconds=5), timedelta(seconds=25), timedelta(seconds=85)]
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.network.texts == ["Post 1."]


async def test_a_network_that_shows_posts_late_is_given_its_time() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    first, *waits = (timedelta(seconds=seconds) for seconds in (30, 270, 300, 60))
    world.connections.absence = Absence(first=first, waits=tuple(waits))
    start = world.clock.now()
    delivery_id = await world.plan()
    world.network.sends = script([Act.REQUEST_LOST])
    await world.finish()
    looks = [(e.at - start).total_seconds() for e in await world.log(delivery_id) if e.from_state is S.UNCERTAIN]
    assert looks == [30, 300, 600, 660]
    assert world.network.calls == ["send 0", *["find 0"] * 4, "send 0"]
    assert world.network.texts == ["Post 1."]


async def test_one_look_that_failed_is_not_proof() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    await world.plan()
    world.network.sends = script([Act.REQUEST_LOST])
    world.network.looks = script([Act.UNAVAILABLE, Act.OK, Act.REPLY_LOST, Act.OK, Act.SURPRISE, Act.OK])
    await world.finish()
    assert world.network.calls == ["send 0", *["find 0"] * 6, "send 0"]
    assert world.network.texts == ["Post 1."]


async def test_when_nobody_can_tell_a_person_is_asked_after_the_last_look() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    start = world.clock.now()
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    world.network.looks = script([Act.REPLY_LOST] * 50)
    await world.finish()
    row = await world.row(delivery_id)
    assert row.state is S.NEEDS_HUMAN
    assert row.problem == (
        "It may be live: Mastodon: Nobody can tell. Look at the account, then say whether it is there."
    )
    assert timedelta(minutes=10) <= world.clock.now() - start < timedelta(minutes=15)
    assert world.network.texts == ["Post 1."]


async def test_a_network_that_is_down_is_asked_for_a_day_before_a_person_is() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    start = world.clock.now()
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    world.network.looks = script([Act.UNAVAILABLE] * 2000)
    await world.finish()
    assert await world.state(delivery_id) is S.NEEDS_HUMAN
    assert timedelta(hours=24) <= world.clock.now() - start < timedelta(hours=25)


@pytest.mark.parametrize("dedupe", [Dedupe.LOOKUP, Dedupe.STATUS])
async def test_without_any_way_to_look_a_person_is_asked_at_once(dedupe: Dedupe) -> None:
    world = World(dedupe=dedupe)
    world.network.findable = False
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.finish()
    assert await world.state(delivery_id) is S.NEEDS_HUMAN
    assert world.network.calls == ["send 0"]


async def test_after_the_keys_life_the_account_is_looked_at_and_not_written_to() -> None:
    world = World(dedupe=Dedupe.KEY)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.dispatcher.drain()
    world.clock.set(world.clock.now() + timedelta(minutes=59, seconds=30))
    await world.finish()
    assert world.network.calls == ["send 0", "find 0"]
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_lost_replies_for_hours_never_double_on_a_server_with_keys() -> None:
    world = World(dedupe=Dedupe.KEY)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST] * 100)
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.network.texts == ["Post 1."]


async def test_a_key_is_not_used_while_the_desk_is_frozen() -> None:
    world = World(dedupe=Dedupe.KEY)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REQUEST_LOST])
    await world.dispatcher.drain()
    await world.control.freeze(ADA)
    await world.finish()
    row = await world.row(delivery_id)
    assert (row.state, row.problem) == (S.HELD, "Frozen by Ada.")
    assert world.network.posts == []


async def test_a_key_is_not_used_for_a_text_that_was_edited_meanwhile() -> None:
    world = World(dedupe=Dedupe.KEY)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REQUEST_LOST])
    await world.dispatcher.drain()
    await void_approval(world)
    await world.finish()
    assert await world.state(delivery_id) is S.CANCELLED
    assert world.network.posts == []


async def test_a_refusal_of_the_same_call_and_its_absence_prove_that_it_never_went_out() -> None:
    world = World(dedupe=Dedupe.KEY)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REQUEST_LOST, Act.REFUSED, Act.REFUSED])
    await world.finish()
    assert world.network.calls == ["send 0", "send 0", "find 0", "send 0"]
    assert await world.state(delivery_id) is S.FAILED


async def test_a_limit_while_finding_out_is_honoured() -> None:
    world = World(dedupe=Dedupe.KEY)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST, Act.LIMITED])
    await world.dispatcher.drain()
    world.clock.set(world.clock.now() + timedelta(seconds=5))
    assert await world.dispatcher.drain() == world.clock.now() + WAIT
    assert await world.state(delivery_id) is S.UNCERTAIN
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_an_expired_token_while_finding_out_is_refreshed() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    world.network.looks = script([Act.EXPIRED])
    await world.finish()
    assert world.connections.refreshed == [ACCOUNT]
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_an_account_that_only_a_person_can_open_asks_the_person() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.dispatcher.drain()
    world.connections.opening.append(NeedsReauth("The token was taken back."))
    await world.finish()
    assert await world.state(delivery_id) is S.NEEDS_HUMAN
    assert len(world.connections.reported) == 1


async def test_opening_that_fails_for_a_moment_leaves_the_doubt_as_it_is() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.dispatcher.drain()
    world.connections.opening.append(Unavailable("Down."))
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_an_account_removed_while_in_doubt_asks_the_person() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.dispatcher.drain()
    await world.store.write(lambda tx: tx.accounts.remove(ACCOUNT))
    await world.finish()
    assert await world.state(delivery_id) is S.NEEDS_HUMAN


@pytest.mark.parametrize("dedupe", [Dedupe.KEY, Dedupe.LOOKUP])
async def test_a_thread_in_doubt_in_the_middle_goes_on_with_the_next_part(dedupe: Dedupe) -> None:
    world = World(dedupe=dedupe)
    delivery_id = await world.plan("One.", "Two.", "Three.")
    world.network.sends = script([Act.OK, Act.REPLY_LOST])
    await world.finish()
    assert world.network.texts == ["One.", "Two.", "Three."]
    assert [r.remote_id for r in (await world.row(delivery_id)).receipts] == ["p1", "p2", "p3"]
    path = await world.path(delivery_id)
    at = path.index("UNCERTAIN")
    assert path[at : at + 4] == ["UNCERTAIN", "SCHEDULED", "SENDING", "PUBLISHED"]


async def save(world: World, row: Delivery) -> bool:
    return await world.store.write(lambda tx: tx.deliveries.save(row, fence=row.fence))


async def test_lapsed_leases_go_where_the_table_sends_them() -> None:
    world = World(accounts=2)
    preparing, sending = await world.plan(), await world.plan(account=AccountId("acc2"))
    past = world.clock.now() - timedelta(seconds=1)
    for delivery_id, state in [(preparing, S.PREPARING), (sending, S.SENDING)]:
        row = await world.row(delivery_id)
        left = replace(row, state=state, lease_owner="desk-0", lease_until=past, sending_at=past)
        assert await save(world, left)
    await world.finish()
    notes = [(await world.log(i))[1] for i in (preparing, sending)]
    assert [(e.from_state, e.to_state, e.note) for e in notes] == [
        (S.PREPARING, S.SCHEDULED, "desk-0 stopped answering while preparing; nothing went out."),
        (S.SENDING, S.UNCERTAIN, "desk-0 stopped answering while sending."),
    ]
    assert [await world.state(i) for i in (preparing, sending)] == [S.PUBLISHED, S.PUBLISHED]
    assert (await world.row(sending)).fence == 2
