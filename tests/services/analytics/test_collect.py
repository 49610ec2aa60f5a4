"""What is read when, and what stays readable when something is not."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.analytics.collect import ANSWERS_OF_HISTORY, HISTORY, Collector
from services.analytics.keeping import LEASE, POSTS_PER_ROUND, UNUSED_FOR
from services.analytics.schedule import DISCONNECTED, GONE, NO_NUMBERS, TRIES, after_sample, behind
from services.domain.account import PracticeMode
from services.domain.errors import NeedsOperator, NeedsReauth, RateLimited, Refused, Unavailable
from services.domain.events import NumbersChanged
from services.domain.ids import AccountId, PostId
from services.domain.metrics import SAMPLE_AGES, AccountMetrics, PastPost, PostMetrics, PostOrigin, post_id
from services.engagement.replies import Replies
from tests.builders import NOW, an_account
from tests.builders_numbers import a_comment, a_measured_post
from tests.contracts.stores import put_all
from tests.fakes.audience import FakeAudience, FakeReadings
from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.workers import InlineWorkers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.account import Account
    from services.domain.errors import DeskError
    from services.domain.metrics import MeasuredPost, StoredComment
    from services.ports.storage import Transaction

ONE, TWO = AccountId("acc1"), AccountId("acc2")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POST = PostId("acc1|1001")


@dataclass(slots=True)
class Desk:
    """A collector with everything around it."""

    clock: FakeClock
    store: MemoryStore
    bus: FakeBus
    audiences: dict[AccountId, FakeAudience]
    collector: Collector

    @property
    def audience(self) -> FakeAudience:
        """The first account's."""
        return self.audiences[ONE]

    async def follow(self, *posts: MeasuredPost) -> None:
        """Have the desk know these posts, all of them liked seven times."""
        for post in posts:
            self.audiences[post.account_id].likes[post.remote_id] = 7
        await self.store.write(lambda tx: [tx.metrics.add(post) for post in posts])

    async def at(self, after: timedelta) -> int:
        """A round so long after the start."""
        self.clock.set(NOW + after)
        return await self.collector.round()

    async def post(self, id_: PostId = POST) -> MeasuredPost:
        """As it is stored."""
        found = await self.store.read(lambda tx: tx.metrics.get(id_))
        assert found is not None
        return found

    async def samples(self, id_: PostId = POST) -> list[timedelta]:
        """How long after the start each was taken."""
        return [s.at - NOW for s in await self.store.read(lambda tx: tx.metrics.snapshots(id_))]

    async def comments(self) -> Sequence[StoredComment]:
        """All of them."""
        return await self.store.read(lambda tx: tx.comments.list(since=NOW - 99 * DAY))


async def a_desk(*accounts: Account, practice: PracticeMode = PracticeMode.AUTO, seen: bool = True) -> Desk:
    """With these accounts connected, by default already imported and counted today and every day of the test."""
    clock, store, bus = FakeClock(), MemoryStore(), FakeBus()
    connected = accounts or (an_account(),)
    await store.write(lambda tx: put_all(lambda a: _connect(tx, a, days=60 if seen else 0), *connected))
    audiences = {account.id: FakeAudience(clock=clock) for account in connected}
    collector = Collector(store, FakeReadings(audiences), Replies(store, InlineWorkers(), clock), bus, clock, practice)
    return Desk(clock=clock, store=store, bus=bus, audiences=audiences, collector=collector)


def _connect(tx: Transaction, account: Account, *, days: int) -> None:
    tx.accounts.add(account, b"sealed")
    for day in range(days):
        tx.metrics.record_account(account.id, AccountMetrics(at=NOW + day * DAY - MINUTE, followers=1))


@pytest.fixture
async def desk() -> Desk:
    """One account."""
    return await a_desk()


class TestSamples:
    """Counters, at the ages that matter."""

    async def test_a_post_is_read_at_each_age_once(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        for hours in (*range(24 * 9), *range(24 * 29, 24 * 32)):
            await desk.at(hours * HOUR)
        assert await desk.samples() == list(SAMPLE_AGES)
        post = await desk.post()
        assert (post.next_at, post.taken, post.gap) == (None, len(SAMPLE_AGES), "")
        assert post.latest == PostMetrics(remote_id="1001", at=NOW + 30 * DAY, likes=7, comments=0)

    async def test_samples_missed_while_the_desk_was_down_are_taken_once(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        assert await desk.at(4 * DAY) == 1
        assert await desk.at(4 * DAY + MINUTE) == 0
        post = await desk.post()
        assert (post.taken, post.next_at) == (4, NOW + 7 * DAY)
        assert await desk.at(40 * DAY) == 1
        assert (await desk.post()).next_at is None
        assert await desk.samples() == [4 * DAY, 40 * DAY]

    async def test_nothing_due_asks_nobody(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        assert await desk.at(59 * MINUTE) == 0
        assert desk.audience.calls == []
        assert desk.bus.events == []

    async def test_posts_share_calls_and_a_round_is_bounded(self, desk: Desk) -> None:
        posts = [a_measured_post(remote_id=f"{n:03}") for n in range(POSTS_PER_ROUND + 5)]
        await desk.follow(*posts)
        assert await desk.at(HOUR) == POSTS_PER_ROUND
        counts = [call for call in desk.audience.calls if call.startswith("count")]
        assert [len(call.split(",")) for call in counts] == [20, 20]
        assert await desk.at(HOUR + MINUTE) == 5
        assert desk.bus.of(NumbersChanged) == [NumbersChanged(account_id=ONE)] * 2

    async def test_two_rounds_at_once_read_each_post_once(self, desk: Desk) -> None:
        await desk.follow(*(a_measured_post(remote_id=f"{n}") for n in range(30)))
        desk.clock.set(NOW + HOUR)
        assert sorted(await asyncio.gather(desk.collector.round(), desk.collector.round())) == [0, 30]

    async def test_what_a_killed_round_held_is_read_after_its_lease(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        until = NOW + HOUR + LEASE
        await desk.store.write(lambda tx: tx.metrics.claim_due(now=NOW + HOUR, owner="x", lease_until=until, limit=9))
        assert await desk.at(HOUR + LEASE - MINUTE) == 0
        assert await desk.at(HOUR + LEASE) == 1


class TestFailures:
    """A gap with a reason, never a zero; and never somebody else's."""

    @pytest.mark.parametrize(
        ("error", "wait"),
        [
            (RateLimited("It asks to slow down.", until=NOW + HOUR + timedelta(seconds=777)), timedelta(seconds=777)),
            (Unavailable("It can't be reached."), MINUTE),
            (Refused("It says no."), MINUTE),
            (NeedsReauth("The token was taken back."), HOUR),
            (NeedsOperator("The app awaits review."), HOUR),
        ],
        ids=lambda value: type(value).__name__,
    )
    async def test_the_reason_is_kept_until_it_works_again(self, desk: Desk, error: DeskError, wait: timedelta) -> None:
        await desk.follow(a_measured_post())
        desk.audience.counting.append(error)
        await desk.at(HOUR)
        post = await desk.post()
        assert (post.latest, post.gap, post.taken) == (None, error.message, 0)
        assert post.next_at == NOW + HOUR + wait
        assert desk.bus.of(NumbersChanged) == []
        assert await desk.at(HOUR + wait - timedelta(seconds=1)) == 0
        assert await desk.at(HOUR + wait) == 1
        post = await desk.post()
        assert (post.gap, post.taken, post.attempts) == ("", 1, 0)

    async def test_waits_grow_to_an_hour_and_end_with_the_next_sample(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        desk.audience.counting = deque([Unavailable("It can't be reached.")] * TRIES)
        waits = []
        now = NOW + HOUR
        for _ in range(TRIES - 1):
            desk.clock.set(now)
            await desk.collector.round()
            found = (await desk.post()).next_at
            assert found is not None
            waits.append((found - now) // MINUTE)
            now = found
        assert waits == [1, 2, 4, 8, 16, 32, *[60] * (TRIES - 7)]
        desk.clock.set(now)
        await desk.collector.round()
        post = await desk.post()
        assert (post.taken, post.attempts, post.gap) == (2, 0, "It can't be reached.")
        assert post.next_at == NOW + DAY

    async def test_a_failed_account_hides_no_other(self) -> None:
        desk = await a_desk(an_account(id=ONE), an_account(id=TWO))
        await desk.follow(a_measured_post(), a_measured_post(account_id=TWO, remote_id="b"))
        desk.audience.counting.append(ZeroDivisionError("nobody foresaw this"))
        await desk.at(HOUR)
        assert (await desk.post(post_id(TWO, "b"))).latest is not None
        lost = await desk.post()
        assert lost.latest is None
        assert "unforeseen" in lost.gap
        assert lost.next_at == NOW + HOUR + MINUTE
        assert desk.bus.of(NumbersChanged) == [NumbersChanged(account_id=TWO)]

    async def test_an_account_whose_own_numbers_fail_still_has_those_of_its_posts(self) -> None:
        desk = await a_desk(seen=False)
        await desk.at(timedelta())
        await desk.follow(a_measured_post(next_at=NOW + 2 * DAY))
        desk.audience.standing.append(ZeroDivisionError("nobody foresaw this"))
        await desk.at(2 * DAY)
        assert await desk.samples() == [2 * DAY]

    @pytest.mark.parametrize("impossible", [-1, 2**63])
    async def test_a_counter_that_can_not_be_is_unknown(self, impossible: int) -> None:
        desk = await a_desk(seen=False)
        desk.audience.followers = impossible
        desk.audience.past = [past(DAY, "1", likes=impossible)]
        await desk.follow(a_measured_post())
        desk.audience.likes["1001"] = impossible
        await desk.at(HOUR)
        for id_ in (POST, post_id(ONE, "1")):
            latest = (await desk.post(id_)).latest
            assert latest is not None
            assert latest.likes is None
        (standing,) = await desk.store.read(lambda tx: tx.metrics.account_history(ONE, since=NOW))
        assert standing.followers is None

    async def test_what_was_read_before_a_failure_is_kept(self, desk: Desk) -> None:
        posts = [a_measured_post(remote_id=f"{n:02}") for n in range(25)]
        await desk.follow(*posts)
        desk.audience.counting = deque([None, Unavailable("It can't be reached.")])
        await desk.at(HOUR)
        found = [(await desk.post(post.id)).latest is not None for post in posts]
        assert found == [True] * 20 + [False] * 5

    async def test_a_token_that_is_only_too_old_is_renewed(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        desk.audience.counting.append(NeedsReauth("The token is too old.", refreshable=True))
        await desk.at(HOUR)
        assert desk.audience.calls == ["open", "count 1001", "refresh", "open", "count 1001"]
        assert (await desk.post()).latest is not None

    async def test_an_account_that_can_not_be_opened_has_a_gap(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        desk.audience.opening.append(NeedsReauth("Connect it again."))
        await desk.at(HOUR)
        assert (await desk.post()).gap == "Connect it again."

    async def test_a_post_that_is_gone_is_left_alone(self, desk: Desk) -> None:
        await desk.follow(a_measured_post(), a_measured_post(remote_id="kept"))
        del desk.audience.likes["1001"]
        await desk.at(HOUR)
        post = await desk.post()
        assert (post.gap, post.next_at, post.latest) == (GONE, None, None)
        assert (await desk.post(post_id(ONE, "kept"))).taken == 1

    async def test_a_network_without_numbers_is_not_asked_again(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        desk.audience.measures = False
        await desk.at(HOUR)
        assert ((await desk.post()).gap, (await desk.post()).next_at) == (NO_NUMBERS, None)

    async def test_posts_of_a_removed_account_end(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        await desk.store.write(lambda tx: tx.accounts.remove(ONE))
        await desk.at(HOUR)
        assert ((await desk.post()).gap, (await desk.post()).next_at) == (DISCONNECTED, None)

    async def test_practice_rests_while_a_real_account_is_connected(self) -> None:
        desk = await a_desk(an_account(id=ONE, practice=True), an_account(id=TWO))
        await desk.follow(a_measured_post())
        await desk.at(HOUR)
        post = await desk.post()
        assert (post.next_at, post.taken, post.gap) == (NOW + HOUR + UNUSED_FOR, 0, "")
        assert desk.audience.calls == []


class TestAnswers:
    """What people said, while a post is young."""

    async def test_answers_come_with_each_sample_and_are_kept_once(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        first = a_comment(remote_id="c1", text="Love this.\x00", at=NOW + MINUTE)
        desk.audience.said["1001"] = [first]
        await desk.at(HOUR)
        desk.audience.said["1001"].append(a_comment(remote_id="c2", text="これはいい", at=NOW + 2 * HOUR))
        await desk.at(6 * HOUR)
        found = await desk.comments()
        assert [(c.comment.text, c.mood is None, c.seen_at - NOW) for c in found] == [
            ("これはいい", True, 6 * HOUR),
            ("Love this.", False, HOUR),
        ]
        assert {(c.account_id, c.platform, c.post_id) for c in found} == {(ONE, "mastodon", POST)}

    async def test_answers_that_arrive_late_are_kept_too(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        desk.audience.said["1001"] = [a_comment(remote_id="c1", at=NOW + 50 * MINUTE)]
        await desk.at(HOUR)
        desk.audience.said["1001"].append(a_comment(remote_id="c2", at=NOW + 10 * MINUTE))  # its server was down
        await desk.at(6 * HOUR)
        assert [c.comment.remote_id for c in await desk.comments()] == ["c1", "c2"]

    async def test_an_answer_from_the_future_hides_no_later_one(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        desk.audience.said["1001"] = [a_comment(remote_id="c1", at=NOW + 9999 * DAY)]
        await desk.at(HOUR)
        desk.audience.said["1001"].append(a_comment(remote_id="c2", at=NOW + 2 * HOUR))
        await desk.at(6 * HOUR)
        assert [c.comment.remote_id for c in await desk.comments()] == ["c1", "c2"]

    async def test_a_post_without_answers_costs_no_call(self, desk: Desk) -> None:
        await desk.follow(a_measured_post())
        await desk.at(HOUR)
        assert desk.audience.calls == ["open", "count 1001"]

    async def test_an_old_post_is_not_listened_to(self, desk: Desk) -> None:
        await desk.follow(a_measured_post(taken=4, next_at=NOW + 7 * DAY))
        desk.audience.said["1001"] = [a_comment()]
        await desk.at(7 * DAY)
        assert (await desk.post()).taken == 5
        assert await desk.comments() == []

    async def test_a_post_whose_answers_are_refused_hides_no_others(self, desk: Desk) -> None:
        await desk.follow(a_measured_post(), a_measured_post(remote_id="1002"))
        desk.audience.said = {"1001": [a_comment()], "1002": [a_comment(remote_id="c2")]}
        desk.audience.listening.append(Refused("A story has no answers to read."))
        await desk.at(HOUR)
        assert [c.comment.remote_id for c in await desk.comments()] == ["c2"]

    async def test_answers_that_fail_leave_the_counters(self, desk: Desk) -> None:
        await desk.follow(a_measured_post(), a_measured_post(remote_id="1002"))
        desk.audience.said = {"1001": [a_comment()], "1002": [a_comment(remote_id="c2")]}
        desk.audience.listening.append(Unavailable("It can't be reached."))
        await desk.at(HOUR)
        assert ((await desk.post()).taken, (await desk.post()).gap) == (1, "")
        assert await desk.comments() == []
        assert [call for call in desk.audience.calls if call.startswith("answers")] == ["answers 1001"]
        await desk.at(6 * HOUR)
        assert {c.comment.remote_id for c in await desk.comments()} == {"2001", "c2"}


def past(age: timedelta, remote_id: str, *, likes: int = 3, comments: int = 0) -> PastPost:
    """Something said before the desk came, as it was counted now."""
    return PastPost(
        remote_id=remote_id,
        url=f"https://social.test/{remote_id}",
        text="Long ago.",
        pictures=1,
        at=NOW - age,
        extra={"cid": "x"},
        metrics=PostMetrics(remote_id=remote_id, at=NOW, likes=likes, comments=comments),
    )


class TestHistory:
    """What the account said before, once."""

    async def test_the_last_weeks_are_followed_with_their_numbers(self) -> None:
        desk = await a_desk(seen=False)
        desk.audience.past = [past(2 * DAY, "new"), past(30 * DAY, "old"), past(HISTORY + DAY, "too old")]
        assert await desk.collector.import_history(ONE) == 2
        new, old = await desk.store.read(lambda tx: tx.metrics.posts(since=NOW - 99 * DAY))
        assert (new.origin, new.taken, new.next_at) == (PostOrigin.HISTORY, 3, NOW + DAY)
        assert (new.text, new.pictures, dict(new.extra)) == ("Long ago.", 1, {"cid": "x"})
        assert new.latest == PostMetrics(remote_id="new", at=NOW, likes=3, comments=0)
        assert (old.taken, old.next_at) == (6, None)
        assert await desk.store.read(lambda tx: list(tx.metrics.account_history(ONE, since=NOW))) == [
            AccountMetrics(at=NOW, followers=100)
        ]
        assert desk.bus.of(NumbersChanged) == [NumbersChanged(account_id=ONE)]

    async def test_it_is_done_once_also_by_rounds_and_at_the_same_time(self) -> None:
        desk = await a_desk(seen=False)
        desk.audience.past = [past(2 * DAY, "new")]
        got = await asyncio.gather(*(desk.collector.import_history(ONE) for _ in range(3)), desk.collector.round())
        assert sorted(got) == [0, 0, 0, 1]
        assert await desk.collector.import_history(AccountId("nobody")) == 0
        assert desk.audience.calls.count("past") == 1

    async def test_a_round_does_it_for_an_account_another_process_added(self) -> None:
        desk = await a_desk(seen=False)
        desk.audience.past = [past(DAY, "new")]
        await desk.at(timedelta())
        assert (await desk.post(post_id(ONE, "new"))).origin is PostOrigin.HISTORY

    async def test_what_the_desk_published_stays_the_desks(self) -> None:
        desk = await a_desk(seen=False)
        await desk.follow(a_measured_post())
        desk.audience.past = [past(timedelta(), "1001")]
        assert await desk.collector.import_history(ONE) == 0
        assert await desk.post() == a_measured_post()

    async def test_a_failure_is_tried_again_after_an_hour(self) -> None:
        desk = await a_desk(seen=False)
        desk.audience.remembering.append(Unavailable("It can't be reached."))
        assert await desk.collector.import_history(ONE) == 0
        await desk.at(59 * MINUTE)
        assert desk.audience.calls.count("past") == 1
        desk.audience.past = [past(DAY, "new")]
        await desk.at(HOUR)
        assert (await desk.post(post_id(ONE, "new"))).taken == 3

    @pytest.mark.parametrize("refused", [True, False])
    async def test_a_network_that_shows_no_past_is_asked_once(self, *, refused: bool) -> None:
        desk = await a_desk(seen=False)
        desk.audience.remembers = refused
        desk.audience.remembering.append(Refused("Not here."))
        assert await desk.collector.import_history(ONE) == 0
        await desk.at(MINUTE)
        assert desk.audience.calls.count("past") == int(refused)

    async def test_answers_to_the_youngest_are_read_at_once(self) -> None:
        desk = await a_desk(seen=False)
        young = [past(DAY + n * MINUTE, f"{n:02}", comments=1) for n in range(ANSWERS_OF_HISTORY + 2)]
        desk.audience.past = [*young, past(8 * DAY, "old", comments=1), past(HOUR, "silent")]
        desk.audience.said = {p.remote_id: [a_comment(remote_id=f"c{p.remote_id}")] for p in desk.audience.past}
        await desk.collector.import_history(ONE)
        assert sorted(c.comment.remote_id for c in await desk.comments()) == [f"c{n:02}" for n in range(20)]


class TestStanding:
    """The account's own numbers."""

    async def test_it_is_taken_once_a_day(self) -> None:
        desk = await a_desk(seen=False)
        for hours in range(49):
            await desk.at(hours * HOUR)
        history = await desk.store.read(lambda tx: tx.metrics.account_history(ONE, since=NOW))
        assert [m.at - NOW for m in history] == [timedelta(), 25 * HOUR]

    async def test_a_failure_rests_for_an_hour_or_as_long_as_asked(self) -> None:
        desk = await a_desk(seen=False)
        await desk.at(timedelta())
        later = 2 * DAY
        desk.audience.standing.append(RateLimited("Slow down.", until=NOW + later + 2 * HOUR))
        await desk.at(later)
        await desk.at(later + HOUR)
        assert desk.audience.calls.count("account") == 2
        await desk.at(later + 2 * HOUR)
        history = await desk.store.read(lambda tx: tx.metrics.account_history(ONE, since=NOW))
        assert [m.at - NOW for m in history] == [timedelta(), later + 2 * HOUR]


@pytest.mark.parametrize("age", range(len(SAMPLE_AGES)))
def test_a_sample_is_behind_from_its_very_instant(age: int) -> None:
    assert behind(NOW, NOW + SAMPLE_AGES[age]) == age + 1
    assert behind(NOW, NOW + SAMPLE_AGES[age] - timedelta(microseconds=1)) == age


def test_the_plan_of_a_post_from_another_clock_moves_on() -> None:
    """A network whose clock is ahead would otherwise have one sample taken for ever."""
    ahead = replace(a_measured_post(published_at=NOW + DAY), next_at=NOW)
    assert after_sample(ahead, NOW).taken == 1
