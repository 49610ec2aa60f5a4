"""The life of a delivery as the dispatcher runs it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest

from services.domain.account import Dedupe
from services.domain.delivery import DeliveryState
from services.domain.errors import Busy, NeedsReauth, NotFound, Unavailable
from services.domain.events import DeliveryChanged, DraftChanged
from services.domain.ids import AccountId, DraftId
from services.domain.post import DraftState
from services.publishing.change import Change, write_change
from services.publishing.grip import Grip, Lost
from services.publishing.parts import next_part
from services.publishing.settings import DispatchSettings
from tests.builders import a_picture
from tests.fakes.clock import settle
from tests.fakes.platform import WAIT, Act, FakeConnections, FakeNetwork, script
from tests.services.publishing.world import ACCOUNT, ADA, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.domain.media import Picture
    from services.ports.platform import Roles
    from services.ports.storage import Store, Transaction
    from tests.fakes.clock import FakeClock

S = DeliveryState
T = TypeVar("T")


async def test_a_due_post_goes_out_once_and_its_log_tells_why() -> None:
    world = World()
    delivery_id = await world.plan("Ships today.")
    assert await world.dispatcher.drain() is None
    row = await world.row(delivery_id)
    assert (row.state, row.attempts, row.problem, row.lease_owner, row.lease_until) == (S.PUBLISHED, 1, "", "", None)
    assert (row.remote_id, row.url) == ("p1", "https://social.test/p1")
    assert world.network.texts == ["Ships today."]
    assert [(e.to_state, e.note) for e in await world.log(delivery_id)] == [
        (S.SCHEDULED, "planned"),
        (S.PREPARING, "Claimed by desk-1."),
        (S.SENDING, "Sending to Mastodon."),
        (S.PUBLISHED, "Mastodon published it: https://social.test/p1"),
    ]


async def test_nothing_to_prepare_on_a_known_account_is_one_commit_less() -> None:
    world = World()
    await world.plan()
    await world.dispatcher.drain()
    second = await world.plan()
    await world.dispatcher.drain()
    assert await world.path(second) == ["SCHEDULED", "SENDING", "PUBLISHED"]


async def test_each_committed_step_is_told_and_the_draft_with_it() -> None:
    world = World()
    delivery_id = await world.plan()
    await world.dispatcher.drain()
    changed = world.bus.of(DeliveryChanged)
    assert [(e.delivery_id, e.state) for e in changed] == [
        (delivery_id, S.PREPARING),
        (delivery_id, S.SENDING),
        (delivery_id, S.PUBLISHED),
    ]
    assert world.bus.of(DraftChanged) == [DraftChanged(draft_id=DraftId("1"))] * 3


async def test_a_later_post_waits_and_the_drain_says_until_when() -> None:
    world = World()
    delivery_id = await world.plan(due=timedelta(hours=1))
    assert await world.dispatcher.drain() == world.clock.now() + timedelta(hours=1)
    assert await world.state(delivery_id) is S.SCHEDULED
    assert world.network.calls == []


async def test_pictures_are_prepared_first_and_their_handles_saved_with_sending() -> None:
    world = World()
    delivery_id = await world.plan("Look.", pictures=(a_picture(),))
    world.network.sends = script([Act.LIMITED])
    await world.dispatcher.drain()
    assert dict((await world.row(delivery_id)).handles) == {"media.0": "upload1"}
    await world.finish()
    assert world.network.calls == ["prepare 0", "send 0", "send 0"]
    assert world.network.posts[0].media == ("upload1",)
    assert dict((await world.row(delivery_id)).handles) == {}


async def test_an_upload_is_made_anew_when_sending_was_turned_away() -> None:
    world = World()
    await world.plan("Look.", pictures=(a_picture(),))
    world.network.sends = script([Act.UNAVAILABLE])
    await world.finish()
    assert world.network.calls == ["prepare 0", "send 0", "prepare 0", "send 0"]
    assert world.network.posts[0].media == ("upload3",)


@pytest.mark.parametrize("first", [Act.HALFWAY, Act.SLOWED])
async def test_preparing_goes_on_from_what_it_left_and_no_network_sees_the_mark(first: Act) -> None:
    world = World()
    delivery_id = await world.plan("Look.", pictures=(a_picture(),))
    world.network.preparations = script([first, Act.LIMITED])
    await world.dispatcher.drain()
    row = await world.row(delivery_id)
    assert (row.state, row.prepared, row.handles["media.0"]) == (S.SCHEDULED, False, "upload1")
    assert dict(next_part(row).handles) == {"media.0": "upload1"}
    await world.finish()
    assert world.network.calls == ["prepare 0", "prepare 0", "prepare 0", "send 0"]
    assert world.network.posts[0].media == ("upload1",)


async def test_a_thread_goes_out_part_by_part_each_written_down_before_its_call() -> None:
    world = World()
    delivery_id = await world.plan("One.", "Two.", "Three.")
    await world.finish()
    posts = [(post.text, post.reply_to) for post in world.network.posts]
    assert posts == [("One.", None), ("Two.", "p1"), ("Three.", "p2")]
    assert len({post.key for post in world.network.posts}) == 3
    part = ["SCHEDULED", "PREPARING", "SENDING"]
    assert await world.path(delivery_id) == [*part, *part, *part, "PUBLISHED"]
    assert (await world.row(delivery_id)).attempts == 3


async def test_a_freeze_stops_a_thread_between_its_parts() -> None:
    world = World()
    delivery_id = await world.plan("One.", "Two.")
    world.network.gate = asyncio.Event()
    drain = asyncio.create_task(world.dispatcher.drain())
    await settle()
    frozen = await world.control.freeze(ADA)
    assert (frozen.held, frozen.sending) == (0, 1)
    world.network.gate.set()
    assert await drain is None
    row = await world.row(delivery_id)
    assert (row.state, row.problem, len(row.receipts)) == (S.HELD, "Frozen by Ada.", 1)
    assert (await world.log(delivery_id))[-1].note == "Frozen by Ada. 1 of 2 parts are live; it goes on with part 2."
    assert await world.control.thaw(ADA) == 1
    await world.finish()
    assert world.network.texts == ["One.", "Two."]


@pytest.mark.parametrize(
    ("act", "state", "problem"),
    [
        (Act.REFUSED, S.FAILED, "It says no to this text. Change the text."),
        (Act.UNAVAILABLE, S.SCHEDULED, "It can't be reached."),
        (Act.LIMITED, S.SCHEDULED, "It asks to slow down."),
        (
            Act.REVOKED,
            S.HELD,
            "The account can't post now: The token was taken back. Connect the account again with /desk connect.",
        ),
        (Act.OPERATOR, S.HELD, "The account can't post now: The app awaits review. Finish the review."),
        (Act.REPLY_LOST, S.UNCERTAIN, "It is not known yet whether this went out; the desk is finding out."),
        (Act.SURPRISE, S.UNCERTAIN, "It is not known yet whether this went out; the desk is finding out."),
    ],
)
async def test_what_a_person_sees_after_each_kind_of_answer(act: Act, state: S, problem: str) -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([act])
    await world.dispatcher.drain()
    row = await world.row(delivery_id)
    assert (row.state, row.problem, row.attempts, row.lease_until) == (state, problem, 1, None)


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (Act.REFUSED, S.FAILED),
        (Act.UNAVAILABLE, S.SCHEDULED),
        (Act.LIMITED, S.SCHEDULED),
        (Act.SURPRISE, S.SCHEDULED),
        (Act.REPLY_LOST, S.SCHEDULED),
        (Act.REVOKED, S.HELD),
    ],
)
async def test_nothing_is_in_doubt_while_preparing(act: Act, state: S) -> None:
    world = World()
    delivery_id = await world.plan(pictures=(a_picture(),))
    world.network.preparations = script([act])
    await world.dispatcher.drain()
    row = await world.row(delivery_id)
    assert (row.state, row.attempts, row.lease_until) == (state, 0, None)
    assert row.next_at > world.clock.now() or state is not S.SCHEDULED
    assert world.network.posts == []


async def test_a_network_that_is_down_for_two_days_ends_in_failed() -> None:
    world = World()
    start = world.clock.now()
    delivery_id = await world.plan()
    world.network.sends = script([Act.UNAVAILABLE] * 500)
    await world.finish()
    row = await world.row(delivery_id)
    assert row.state is S.FAILED
    assert row.problem == "Given up after 24 hours of trying. The last answer: It can't be reached."
    assert timedelta(hours=24) <= world.clock.now() - start < timedelta(hours=26)
    assert row.due_at == start


async def test_an_expired_token_is_refreshed_once_and_the_post_goes_out() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([Act.EXPIRED])
    assert await world.dispatcher.drain() is None
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.connections.refreshed == [ACCOUNT]
    assert world.connections.reported == []
    assert (await world.row(delivery_id)).attempts == 2
    assert await world.path(delivery_id) == ["SCHEDULED", "PREPARING", "SENDING", "SCHEDULED", "SENDING", "PUBLISHED"]


async def test_a_token_that_a_refresh_does_not_cure_holds_the_post_and_tells_the_account() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([Act.EXPIRED, Act.EXPIRED])
    assert await world.dispatcher.drain() is None
    assert await world.state(delivery_id) is S.HELD
    assert world.connections.refreshed == [ACCOUNT]
    assert [account for account, _ in world.connections.reported] == [ACCOUNT]


async def test_a_refresh_that_fails_for_a_moment_disconnects_nobody() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([Act.EXPIRED])
    world.connections.refreshing.append(Unavailable("The token server is down."))
    await world.dispatcher.drain()
    assert await world.state(delivery_id) is S.SCHEDULED
    assert world.connections.reported == []
    await world.finish()
    assert world.network.texts == ["Post 1."]


async def test_an_account_whose_opening_needs_a_person_is_reported_once_and_held() -> None:
    world = World()
    delivery_id = await world.plan()
    world.connections.opening.append(NeedsReauth("No token."))
    await world.dispatcher.drain()
    assert await world.path(delivery_id) == ["SCHEDULED", "PREPARING", "HELD"]
    assert len(world.connections.reported) == 1


async def test_an_account_removed_meanwhile_cancels_its_posts() -> None:
    world = World()
    delivery_id = await world.plan()
    await world.store.write(lambda tx: tx.accounts.remove(ACCOUNT))
    await world.finish()
    row = await world.row(delivery_id)
    assert (row.state, row.problem) == (S.CANCELLED, "The account was removed from the desk.")


async def test_credentials_missing_for_a_moment_are_only_a_delay() -> None:
    world = World()
    delivery_id = await world.plan()
    world.connections.opening.append(NotFound("No credentials."))
    await world.finish()
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_no_answer_in_time_is_in_doubt_not_failed() -> None:
    world = World(settings=DispatchSettings(owner="desk-1", send_timeout=0.01))
    delivery_id = await world.plan()
    world.network.sends = script([Act.HANG])
    await world.dispatcher.drain()
    assert await world.state(delivery_id) is S.UNCERTAIN
    assert (await world.log(delivery_id))[-1].note == "Mastodon: No answer within 0.01 seconds."
    await world.finish()
    assert world.network.texts == ["Post 1."]


async def void_approval(world: World) -> None:
    def fn(tx: Transaction) -> None:
        draft = tx.drafts.lock(DraftId("1"))
        assert draft is not None
        tx.drafts.save(replace(draft, state=DraftState.DRAFT, approval=None))

    await world.store.write(fn)


async def test_a_post_whose_approval_is_gone_is_cancelled_whoever_asked_for_it() -> None:
    world = World()
    delivery_id = await world.plan()
    await void_approval(world)
    assert await world.dispatcher.drain() is None
    row = await world.row(delivery_id)
    assert (row.state, row.problem) == (S.CANCELLED, "The draft was changed after this version was approved.")
    assert world.network.calls == []


async def test_a_cancel_while_preparing_wins_over_the_commit_of_sending() -> None:
    world = World()
    delivery_id = await world.plan(pictures=(a_picture(),))

    async def cancel_meanwhile(_: Picture) -> bytes:
        await world.control.cancel(ADA, delivery_id)
        return b"picture"

    worker = world.new_dispatcher(read_media=cancel_meanwhile)
    assert await worker.drain() is None
    assert await world.path(delivery_id) == ["SCHEDULED", "PREPARING", "CANCELLED"]
    assert world.network.calls == ["prepare 0"]


async def test_a_frozen_desk_holds_what_falls_due() -> None:
    world = World()
    await world.switch(lambda w: replace(w, frozen_by="Bo", frozen_at=world.clock.now()))
    delivery_id = await world.plan()
    assert await world.dispatcher.drain() is None
    row = await world.row(delivery_id)
    assert (row.state, row.problem) == (S.HELD, "Frozen by Bo.")


async def test_what_is_too_late_is_held_and_asked_about() -> None:
    world = World()
    delivery_id = await world.plan(due=timedelta(hours=-7))
    on_time = await world.plan(due=timedelta(hours=-6))
    await world.finish()
    row = await world.row(delivery_id)
    assert row.state is S.HELD
    assert row.problem == "Too late: it was due at 02 Mar 2026 02:00 UTC, 420 minutes ago; at most 360 are allowed."
    assert await world.state(on_time) is S.PUBLISHED


async def test_after_downtime_everything_due_is_caught_up_with() -> None:
    world = World(accounts=3)
    ids = [await world.plan(account=AccountId(f"acc{n % 3 + 1}"), due=timedelta(minutes=-n)) for n in range(30)]
    await world.finish()
    assert [await world.state(i) for i in ids] == [S.PUBLISHED] * 30
    assert [len(network.posts) for network in world.networks.values()] == [10, 10, 10]


async def test_one_account_never_has_two_posts_on_their_way() -> None:
    world = World(accounts=2)
    first = [await world.plan() for _ in range(3)]
    other = await world.plan(account=AccountId("acc2"))
    world.network.gate = asyncio.Event()
    drain = asyncio.create_task(world.dispatcher.drain())
    await settle()
    states = [await world.state(i) for i in first]
    assert states == [S.SENDING, S.SCHEDULED, S.SCHEDULED]
    assert await world.state(other) is S.PUBLISHED
    later = [(await world.row(i)).next_at - world.clock.now() for i in first[1:]]
    assert later == [timedelta(seconds=1), timedelta(seconds=2)]
    world.network.gate.set()
    await drain
    await world.finish()
    assert world.network.texts == ["Post 1.", "Post 2.", "Post 3."]


async def test_no_more_than_the_slots_are_ever_sending() -> None:
    world = World(accounts=12)
    ids = [await world.plan(account=account) for account in world.networks]
    gate = asyncio.Event()
    for network in world.networks.values():
        network.gate = gate
    drain = asyncio.create_task(world.dispatcher.drain())
    await settle()
    states = [await world.state(i) for i in ids]
    assert (states.count(S.SENDING), states.count(S.SCHEDULED)) == (8, 4)
    gate.set()
    await drain
    assert [await world.state(i) for i in ids] == [S.PUBLISHED] * 12


async def test_a_post_planned_while_another_is_on_its_way_does_not_wait_for_it() -> None:
    world = World(accounts=2)
    slow = await world.plan()
    world.network.gate = asyncio.Event()
    drain = asyncio.create_task(world.dispatcher.drain())
    await settle()
    quick = await world.plan(account=AccountId("acc2"))
    await world.clock.advance(1)
    assert await world.state(quick) is S.PUBLISHED
    assert await world.state(slow) is S.SENDING
    world.network.gate.set()
    await drain


async def test_a_limit_counts_for_every_due_post_of_the_account() -> None:
    world = World(accounts=2)
    ids = [await world.plan() for _ in range(3)]
    other = await world.plan(account=AccountId("acc2"))
    world.network.sends = script([Act.LIMITED])
    until = world.clock.now() + WAIT
    await world.finish(until=until - timedelta(seconds=1))
    rows = [await world.row(i) for i in ids]
    assert [(row.state, row.next_at) for row in rows] == [(S.SCHEDULED, until)] * 3
    assert world.network.calls == ["send 0"]
    assert await world.state(other) is S.PUBLISHED
    await world.finish()
    assert world.network.texts == ["Post 1.", "Post 2.", "Post 3."]


async def test_a_long_upload_keeps_its_lease() -> None:
    world = World()
    delivery_id = await world.plan(pictures=(a_picture(),))
    world.network.preparations = script([Act.HANG])
    drain = asyncio.create_task(world.dispatcher.drain())
    await world.clock.advance(400)
    row = await world.row(delivery_id)
    assert (row.state, row.fence) == (S.PREPARING, 1)
    assert row.lease_until is not None
    assert row.lease_until > world.clock.now()
    drain.cancel()
    await asyncio.gather(drain, return_exceptions=True)
    assert (await world.log(delivery_id))[-1].note == "The desk was stopped. Nothing was sent."
    assert await world.state(delivery_id) is S.SCHEDULED


async def test_a_send_that_is_cancelled_is_in_doubt_and_then_found() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.sends = script([Act.HANG])
    drain = asyncio.create_task(world.dispatcher.drain())
    await settle()
    drain.cancel()
    await asyncio.gather(drain, return_exceptions=True)
    assert await world.state(delivery_id) is S.UNCERTAIN
    await world.finish(world.new_dispatcher())
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.network.texts == ["Post 1."]


async def test_a_quiet_dispatcher_finishes_what_is_on_its_way_and_takes_nothing_new() -> None:
    world = World(accounts=2)
    first = await world.plan()
    world.network.gate = asyncio.Event()
    drain = asyncio.create_task(world.dispatcher.drain())
    await settle()
    second = await world.plan(account=AccountId("acc2"))
    world.dispatcher.quiesce()
    world.network.gate.set()
    assert await drain is None
    assert [await world.state(i) for i in (first, second)] == [S.PUBLISHED, S.SCHEDULED]


async def test_two_dispatchers_on_one_store_publish_each_row_once() -> None:
    world = World(accounts=5)
    ids = [await world.plan(account=AccountId(f"acc{n % 5 + 1}")) for n in range(40)]
    one = world.new_dispatcher(settings=DispatchSettings(owner="desk-1", slots=2))
    two = world.new_dispatcher(settings=DispatchSettings(owner="desk-2", slots=2))
    for _ in range(200):
        looks = await asyncio.gather(one.drain(), two.drain())
        waiting = [look for look in looks if look is not None]
        if not waiting:
            break
        world.clock.set(max(min(waiting), world.clock.now()))
    assert [await world.state(i) for i in ids] == [S.PUBLISHED] * 40
    assert [(await world.row(i)).attempts for i in ids] == [1] * 40
    everything = [text for network in world.networks.values() for text in network.texts]
    assert sorted(everything) == sorted({f"Post {n + 1}." for n in range(40)})
    owners = {e.note for i in ids for e in await world.log(i) if e.note.startswith("Claimed")}
    assert owners == {"Claimed by desk-1.", "Claimed by desk-2."}


async def test_a_zombies_late_mark_is_refused_and_its_post_found_by_the_other() -> None:
    world = World()
    delivery_id = await world.plan()
    world.network.gate = asyncio.Event()
    zombie = asyncio.create_task(world.dispatcher.drain())
    await settle()
    known = await world.row(delivery_id)
    assert (known.state, known.fence) == (S.SENDING, 1)
    world.clock.set(world.clock.now() + timedelta(seconds=91))
    other = world.new_dispatcher(settings=DispatchSettings(owner="desk-2"))
    world.network.gate.set()
    gate, world.network.gate = world.network.gate, None
    assert gate.is_set()
    swept = await other.drain()
    assert swept is None
    await zombie
    row = await world.row(delivery_id)
    assert (row.state, row.remote_id) == (S.PUBLISHED, "p1")
    assert world.network.texts == ["Post 1."]
    late = Change.of(known).to(S.FAILED, at=world.clock.now(), note="late")
    assert await world.store.write(lambda tx: write_change(tx, late)) is False
    assert (await world.row(delivery_id)).state is S.PUBLISHED


class HiccupStore:
    """Refuses some writes as a full queue would."""

    def __init__(self, store: Store, refuse: set[int]) -> None:
        self._store = store
        self._refuse = refuse
        self.writes = 0
        self.read = store.read

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        self.writes += 1
        if self.writes in self._refuse:
            raise Busy("The desk is busy.")
        return await self._store.write(fn)


@pytest.mark.parametrize("nth", range(1, 9))
async def test_a_store_that_is_busy_for_a_moment_costs_only_that_moment(nth: int) -> None:
    world = World()
    delivery_id = await world.plan("One.", "Two.")
    worker = world.new_dispatcher(store=HiccupStore(world.store, {nth, nth + 1}))
    drain = asyncio.create_task(worker.drain())
    await world.clock.advance(5)
    assert await drain is None
    assert await world.state(delivery_id) is S.PUBLISHED
    assert world.network.texts == ["One.", "Two."]
    assert world.network.calls == ["send 0", "send 1"]


class FailingStore:
    """Fails once, or stops answering, at the write that would commit the receipt of a thread's first part."""

    def __init__(self, store: Store, network: FakeNetwork, *, hang: bool) -> None:
        self._store = store
        self._network = network
        self._hang = hang
        self._done = False
        self.read = store.read

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        if self._network.posts and not self._done:
            self._done = True
            if self._hang:
                await asyncio.Event().wait()
            raise OSError("the disk is full")
        return await self._store.write(fn)


async def test_a_receipt_that_could_not_be_committed_at_once_is_not_forgotten() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id = await world.plan("One.", "Two.")
    await world.finish(world.new_dispatcher(store=FailingStore(world.store, world.network, hang=False)))
    assert world.network.texts == ["One.", "Two."]
    assert world.network.calls == ["send 0", "send 1"]
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_a_stop_between_the_answer_and_its_commit_keeps_the_receipt() -> None:
    world = World(dedupe=Dedupe.LOOKUP)
    delivery_id = await world.plan("One.", "Two.")
    worker = world.new_dispatcher(store=FailingStore(world.store, world.network, hang=True))
    drain = asyncio.create_task(worker.drain())
    await settle()
    assert world.network.calls == ["send 0"]
    drain.cancel()
    await asyncio.gather(drain, return_exceptions=True)
    row = await world.row(delivery_id)
    assert (row.state, len(row.receipts)) == (S.SCHEDULED, 1)
    await world.finish(world.new_dispatcher())
    assert world.network.calls == ["send 0", "send 1"]


async def test_a_worker_with_an_old_number_can_not_go_on_with_the_row() -> None:
    world = World()
    delivery_id = await world.plan()
    mine = replace(await world.row(delivery_id), state=S.SENDING, fence=1)
    theirs = replace(mine, fence=2, lease_owner="desk-2")
    await world.store.write(lambda tx: tx.deliveries.save(theirs, fence=0))
    zombie = Grip(world.dispatcher._tools, mine)
    with pytest.raises(Lost):
        await zombie.commit(lambda _, row: Change.of(row).problem("mine"))
    with pytest.raises(Lost):
        await zombie.renew()
    assert await world.row(delivery_id) == theirs


class SlowConnections(FakeConnections):
    """Opening takes fifty seconds."""

    def __init__(self, networks: Mapping[AccountId, FakeNetwork], clock: FakeClock) -> None:
        super().__init__(networks)
        self._clock = clock

    async def open(self, account_id: AccountId) -> Roles:
        self._clock.set(self._clock.now() + timedelta(seconds=50))
        return await super().open(account_id)


@pytest.mark.parametrize("earlier", [0, 1])
async def test_the_lease_outlasts_the_call_however_long_opening_took(earlier: int) -> None:
    world = World()
    world.connections = SlowConnections(world.networks, world.clock)
    worker = world.new_dispatcher()
    for _ in range(earlier):
        await world.plan()
        await worker.drain()
    delivery_id = await world.plan()
    world.network.gate = asyncio.Event()
    drain = asyncio.create_task(worker.drain())
    await settle()
    row = await world.row(delivery_id)
    assert row.lease_until is not None
    assert row.lease_until - world.clock.now() >= timedelta(seconds=60)
    world.network.gate.set()
    await drain
    assert await world.state(delivery_id) is S.PUBLISHED


async def test_rows_that_wait_behind_their_account_keep_no_moment_of_a_claim_that_began_nothing() -> None:
    """Two rows first claimed at one moment would derive one key for two posts, where a network's key is a time."""
    world = World()
    ids = [await world.plan() for _ in range(40)]
    await world.finish()
    claimed = [(await world.row(i)).first_claimed_at for i in ids]
    assert {await world.state(i) for i in ids} == {DeliveryState.PUBLISHED}
    assert len(set(claimed)) == len(ids)
