"""What every store must do with numbers, answers and digests."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.actor import PictureMode, Workspace
from services.domain.errors import Conflict, NotFound
from services.domain.ids import AccountId, PersonId, PlatformSlug, PostId
from services.domain.insight import Digest, DigestState, Finding, Subscription
from services.domain.media import PictureOrigin, PictureStyle, PictureWish
from services.domain.metrics import COUNTERS, AccountMetrics, HourSum, Moods, SlotSum
from services.domain.post import Brief, PictureJob
from services.ports.storage import WriteInRead
from tests.builders import NOW, a_draft, a_picture, a_revision, a_shown_card, a_variant
from tests.builders_numbers import a_comment, a_measured_post, a_report, a_stored_comment, some_metrics
from tests.contracts.stores import KINDS, MINUTE, ONE, empty_store, put_all, put_draft

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from services.domain.metrics import MeasuredPost, PostMetrics
    from services.ports.storage import Store, Transaction
    from tests.builders_numbers import CounterFields

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
POST = PostId("acc1|1001")
OTHER = AccountId("acc2")
BLUE = PlatformSlug("bluesky")


class Span(TypedDict):
    """A time to ask for."""

    since: datetime
    until: datetime


class Plan(TypedDict):
    """What is said about the next look."""

    next_at: datetime
    taken: int
    attempts: int
    gap: str


EVER: Span = {"since": NOW - 999 * DAY, "until": NOW + 999 * DAY}


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each of the stores, empty."""
    async with empty_store(request.param, tmp_path) as opened:
        yield opened


def recorded(*samples: PostMetrics, of: PostId = POST) -> Callable[[Transaction], None]:
    """Those samples, one after the other."""
    return lambda tx: put_all(lambda one: tx.metrics.record(of, one), *samples)


async def follow(store: Store, *posts: MeasuredPost) -> list[bool]:
    """Each of them."""
    return await store.write(lambda tx: [tx.metrics.add(post) for post in posts])


class TestDesk:
    """What pictures and digests added to rows that were there."""

    async def test_a_draft_keeps_what_is_asked_for_and_the_picture_being_made(self, store: Store) -> None:
        job = PictureJob(
            id="p1", wish=PictureWish(prompt="a pier", style=PictureStyle.MINIMAL, take=2), by=PersonId("bo"), at=NOW
        )
        draft = a_draft(brief=Brief(text="a thread", parts=5, source="Ships today."), picturing=job)
        await store.write(lambda tx: put_draft(tx, draft))
        assert await store.read(lambda tx: tx.drafts.get(ONE)) == draft
        plain = replace(draft, picturing=replace(job, wish=PictureWish()))
        await store.write(lambda tx: tx.drafts.save(plain))
        assert await store.read(lambda tx: tx.drafts.get(ONE)) == plain
        done = replace(draft, picturing=None, problem="The picture could not be made.")
        await store.write(lambda tx: tx.drafts.save(done))
        assert await store.read(lambda tx: tx.drafts.get(ONE)) == done

    async def test_a_picture_keeps_how_it_came_to_be(self, store: Store) -> None:
        origin = PictureOrigin(made_with="offline", style=PictureStyle.ARTISTIC, prompt="", take=1, contrast=7.25)
        made = replace(a_picture(), origin=origin)
        draft = a_draft(revision=a_revision(variants=(a_variant(media=(made, a_picture())),)))
        await store.write(lambda tx: put_draft(tx, draft))
        assert await store.read(lambda tx: tx.drafts.get(ONE)) == draft

    async def test_the_switch_for_pictures_is_kept(self, store: Store) -> None:
        assert (await store.read(lambda tx: tx.workspace())).pictures is PictureMode.EACH_DRAFT
        asked = Workspace(pictures=PictureMode.ON_REQUEST)
        await store.write(lambda tx: tx.save_workspace(asked))
        assert await store.read(lambda tx: tx.workspace()) == asked

    async def test_a_card_may_belong_to_no_draft(self, store: Store) -> None:
        card = a_shown_card(card_id="digest-1", kind="digest", draft_id=None)
        await store.write(lambda tx: put_all(tx.cards.put, card, a_shown_card()))
        assert list(await store.read(lambda tx: tx.cards.list(surface="web"))) == [a_shown_card(), card]
        assert list(await store.read(lambda tx: tx.cards.places(ONE))) == [a_shown_card()]


class TestPosts:
    """Which posts are followed."""

    async def test_a_post_is_followed_once_and_comes_back_as_it_was(self, store: Store) -> None:
        post = a_measured_post(extra={"cid": "bafy"}, draft_id=ONE, pictures=2, parts=3, gap="The server is down.")
        assert await follow(store, post, replace(post, text="another")) == [True, False]
        assert await store.read(lambda tx: tx.metrics.get(POST)) == post
        assert await store.read(lambda tx: tx.metrics.get(PostId("acc1|x"))) is None
        assert list(await store.read(lambda tx: tx.metrics.snapshots(POST))) == []

    async def test_a_first_look_counts_in_the_hour_of_publication(self, store: Store) -> None:
        seen = some_metrics(at=NOW, likes=7)
        post = a_measured_post(published_at=NOW - 9 * DAY - MINUTE, latest=seen)
        assert await follow(store, post, replace(post, latest=some_metrics(at=NOW + HOUR, likes=9))) == [True, False]
        assert await store.read(lambda tx: tx.metrics.get(POST)) == post
        assert list(await store.read(lambda tx: tx.metrics.snapshots(POST))) == [seen]
        (hour,) = await store.read(lambda tx: tx.metrics.hours(**EVER))
        assert (hour.hour, hour.samples, hour.likes) == (NOW - 9 * DAY - HOUR, 1, 7)

    async def test_come_newest_first_within_a_time_and_for_a_network(self, store: Store) -> None:
        old, mid, new = (a_measured_post(remote_id=f"r{n}", published_at=NOW + n * HOUR) for n in range(3))
        blue = a_measured_post(account_id=OTHER, platform=BLUE, published_at=NOW + HOUR)
        await follow(store, mid, blue, new, old)
        read = store.read
        assert list(await read(lambda tx: tx.metrics.posts(since=NOW))) == [new, blue, mid, old]
        assert list(await read(lambda tx: tx.metrics.posts(since=NOW, until=NOW + 2 * HOUR))) == [blue, mid, old]
        assert list(await read(lambda tx: tx.metrics.posts(since=NOW + MINUTE, limit=1))) == [new]
        assert list(await read(lambda tx: tx.metrics.posts(since=NOW, platform="bluesky"))) == [blue]

    async def test_the_best_are_those_with_most_answers_of_all_kinds(self, store: Store) -> None:
        counts: list[CounterFields] = [{"likes": 5}, {"likes": 1, "shares": 9}, {"comments": 5}, {"impressions": 99}]
        posts = [
            a_measured_post(
                remote_id=f"r{n}",
                latest=replace(some_metrics(**count), remote_id=f"r{n}"),
                published_at=NOW + n * MINUTE,
            )
            for n, count in enumerate(counts)
        ]
        blue = a_measured_post(account_id=OTHER, platform=BLUE, latest=some_metrics(likes=0))
        await follow(store, *posts, blue, a_measured_post(remote_id="unmeasured"))
        likes, shares, comments, _ = posts
        assert list(await store.read(lambda tx: tx.metrics.top(**EVER))) == [shares, comments, likes, blue]
        assert list(await store.read(lambda tx: tx.metrics.top(**EVER, limit=1))) == [shares]
        assert list(await store.read(lambda tx: tx.metrics.top(since=NOW, until=NOW + MINUTE))) == [likes, blue]
        assert list(await store.read(lambda tx: tx.metrics.top(**EVER, platform="bluesky"))) == [blue]


class TestSamples:
    """Snapshots and the sums kept with them."""

    async def test_what_was_gained_counts_in_the_hour_of_the_look(self, store: Store) -> None:
        await follow(store, a_measured_post())
        first, second = some_metrics(at=NOW + MINUTE, likes=4), some_metrics(at=NOW + HOUR, likes=3, shares=2)
        await store.write(recorded(first, second))
        assert list(await store.read(lambda tx: tx.metrics.snapshots(POST))) == [first, second]
        post = await store.read(lambda tx: tx.metrics.get(POST))
        assert post == a_measured_post(latest=second)
        hour = HourSum(account_id=AccountId("acc1"), platform=PlatformSlug("mastodon"), hour=NOW, samples=1, likes=4)
        later = replace(hour, hour=NOW + HOUR, likes=-1, shares=2)
        assert list(await store.read(lambda tx: tx.metrics.hours(**EVER))) == [hour, later]

    async def test_accounts_are_apart_and_posts_of_one_account_together(self, store: Store) -> None:
        blue = a_measured_post(account_id=OTHER, platform=BLUE)
        second = a_measured_post(remote_id="1002")
        await follow(store, a_measured_post(), second, blue)
        await store.write(recorded(some_metrics(likes=1), of=blue.id))
        await store.write(recorded(some_metrics(likes=2), of=second.id))
        await store.write(recorded(some_metrics(likes=3, impressions=5)))
        found = await store.read(lambda tx: tx.metrics.hours(**EVER))
        assert [(h.account_id, h.samples, h.likes, h.impressions) for h in found] == [
            ("acc1", 2, 5, 5),
            (OTHER, 1, 1, None),
        ]
        (only,) = await store.read(lambda tx: tx.metrics.hours(**EVER, platform="bluesky"))
        assert only.account_id == OTHER
        assert not await store.read(lambda tx: tx.metrics.hours(since=NOW + MINUTE, until=NOW + DAY))
        assert not await store.read(lambda tx: tx.metrics.hours(since=NOW - DAY, until=NOW))

    async def test_an_older_or_equal_look_changes_nothing(self, store: Store) -> None:
        await follow(store, a_measured_post())
        await store.write(recorded(some_metrics(likes=4)))

        def everything(tx: Transaction) -> tuple[object, ...]:
            return tx.metrics.get(POST), list(tx.metrics.snapshots(POST)), list(tx.metrics.hours(**EVER))

        before = await store.read(everything)
        await store.write(recorded(some_metrics(likes=9), some_metrics(likes=9, at=NOW - MINUTE)))
        assert await store.read(everything) == before

    async def test_a_counter_left_out_once_keeps_its_last_number(self, store: Store) -> None:
        await follow(store, a_measured_post())
        gone = some_metrics(at=NOW + MINUTE, shares=1)
        await store.write(recorded(some_metrics(likes=4), gone))
        post = await store.read(lambda tx: tx.metrics.get(POST))
        assert post == a_measured_post(latest=replace(gone, likes=4))
        assert (await store.read(lambda tx: tx.metrics.snapshots(POST)))[-1] == gone

    async def test_a_post_nobody_follows_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFound):
            await store.write(recorded(some_metrics(likes=1)))
        with pytest.raises(NotFound):
            await store.write(lambda tx: tx.metrics.reschedule(POST, next_at=None, taken=1))
        assert not await store.read(lambda tx: tx.metrics.hours(**EVER))

    async def test_a_read_can_not_measure(self, store: Store) -> None:
        await follow(store, a_measured_post())
        for fn in (
            recorded(some_metrics(likes=1)),
            lambda tx: tx.metrics.claim_due(now=NOW, owner="me", lease_until=NOW, limit=1),
            lambda tx: tx.digests.claim("web", "desk", date(2026, 3, 2), now=NOW, lease_until=NOW),
            lambda tx: tx.comments.add(a_stored_comment()),
        ):
            with pytest.raises(WriteInRead):
                await store.read(fn)

    async def test_slots_sum_the_posts_of_an_hour_of_publication(self, store: Store) -> None:
        late = NOW + 59 * MINUTE
        one = a_measured_post(remote_id="a", published_at=NOW, latest=some_metrics(remote_id="a", likes=3))
        two = a_measured_post(remote_id="b", published_at=late, latest=some_metrics(remote_id="b", likes=4, shares=1))
        unseen = a_measured_post(remote_id="c", published_at=late)
        blue = a_measured_post(account_id=OTHER, platform=BLUE, published_at=NOW + HOUR)
        await follow(store, blue, one, two, unseen)
        slot = SlotSum(
            account_id=AccountId("acc1"), platform=PlatformSlug("mastodon"), hour=NOW, posts=3, likes=7, shares=1
        )
        there = SlotSum(account_id=OTHER, platform=BLUE, hour=NOW + HOUR, posts=1)
        assert list(await store.read(lambda tx: tx.metrics.slots(**EVER))) == [slot, there]
        assert list(await store.read(lambda tx: tx.metrics.slots(**EVER, platform="bluesky"))) == [there]
        assert list(await store.read(lambda tx: tx.metrics.slots(since=NOW, until=late))) == [
            replace(slot, posts=1, likes=3, shares=None)
        ]

    async def test_standings_come_oldest_first_and_once_per_instant(self, store: Store) -> None:
        id_ = AccountId("acc1")
        now, later = AccountMetrics(at=NOW, followers=10), AccountMetrics(at=NOW + DAY, followers=9, posts=3)
        known = (later, now, replace(now, followers=99))
        await store.write(lambda tx: put_all(lambda one: tx.metrics.record_account(id_, one), *known))
        assert list(await store.read(lambda tx: tx.metrics.account_history(id_, since=NOW))) == [now, later]
        assert list(await store.read(lambda tx: tx.metrics.account_history(id_, since=NOW + DAY))) == [later]
        assert not await store.read(lambda tx: tx.metrics.account_history(OTHER, since=NOW))


counts = st.none() | st.integers(0, 9)
samples = st.lists(
    st.tuples(st.integers(0, 300), st.fixed_dictionaries(dict.fromkeys(("likes", "shares", "clicks"), counts))),
    max_size=8,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(samples, st.none() | st.fixed_dictionaries({"likes": counts}))
def test_the_gains_of_all_hours_are_the_latest_counters(
    kind: str, taken: list[tuple[int, CounterFields]], first: CounterFields | None
) -> None:
    """Whatever order the samples come in, and whatever the network leaves out or takes back."""
    at_first = None if first is None else replace(some_metrics(**first), at=NOW + 50 * MINUTE)
    tried = [replace(some_metrics(**given), at=NOW + minutes * MINUTE) for minutes, given in taken]

    async def run() -> tuple[MeasuredPost | None, Sequence[PostMetrics], Sequence[HourSum]]:
        with tempfile.TemporaryDirectory() as folder:
            async with empty_store(kind, Path(folder)) as store:
                await follow(store, a_measured_post(latest=at_first))
                for one in tried:
                    await store.write(recorded(one))
                return await store.read(
                    lambda tx: (tx.metrics.get(POST), tx.metrics.snapshots(POST), tx.metrics.hours(**EVER))
                )

    post, kept, hours = asyncio.run(run())
    assert post is not None
    accepted: list[PostMetrics] = []
    for one in ([at_first] if at_first else []) + tried:
        if not accepted or one.at > accepted[-1].at:
            accepted.append(one)
    assert list(kept) == accepted
    assert sum(hour.samples for hour in hours) == len(accepted)
    for name in COUNTERS:
        given = [value for one in accepted if (value := getattr(one, name)) is not None]
        assert (getattr(post.latest, name) if post.latest else None) == (given[-1] if given else None)
    for name in ("impressions", "likes", "comments", "shares"):
        gains = [value for hour in hours if (value := getattr(hour, name)) is not None]
        latest = getattr(post.latest, name) if post.latest else None
        assert (sum(gains) if gains else None) == latest


async def claimed(store: Store, now: datetime, lease: timedelta = MINUTE, limit: int = 99) -> list[str]:
    """What a worker gets then."""
    posts = await store.write(
        lambda tx: tx.metrics.claim_due(now=now, owner="me", lease_until=now + lease, limit=limit)
    )
    return [post.remote_id for post in posts]


class TestClaims:
    """Who measures what."""

    async def test_the_longest_waiting_come_first_and_only_once_per_lease(self, store: Store) -> None:
        early, late = a_measured_post(remote_id="early"), a_measured_post(remote_id="late", next_at=NOW + 2 * HOUR)
        done = a_measured_post(remote_id="done", next_at=None)
        await follow(store, late, early, done)
        assert await claimed(store, NOW + HOUR - MINUTE) == []
        now = NOW + 3 * HOUR
        assert await claimed(store, now, limit=1) == ["early"]
        assert await claimed(store, now) == ["late"]
        assert await claimed(store, now + MINUTE / 2) == []
        assert await claimed(store, now + MINUTE) == ["early", "late"]

    async def test_two_at_once_never_get_the_same(self, store: Store) -> None:
        await follow(store, *(a_measured_post(remote_id=f"{n:02}") for n in range(20)))
        got = await asyncio.gather(*(claimed(store, NOW + HOUR, limit=7) for _ in range(4)))
        assert sorted(one for some in got for one in some) == [f"{n:02}" for n in range(20)]

    async def test_planning_the_next_look_ends_the_lease(self, store: Store) -> None:
        await follow(store, a_measured_post())
        assert await claimed(store, NOW + HOUR) == ["1001"]
        plan: Plan = {"next_at": NOW + HOUR, "taken": 1, "attempts": 2, "gap": "The server is down."}
        await store.write(lambda tx: tx.metrics.reschedule(POST, **plan))
        assert await store.read(lambda tx: tx.metrics.get(POST)) == a_measured_post(**plan)
        assert await claimed(store, NOW + HOUR) == ["1001"]
        await store.write(lambda tx: tx.metrics.reschedule(POST, next_at=None, taken=5))
        assert await store.read(lambda tx: tx.metrics.get(POST)) == a_measured_post(next_at=None, taken=5)
        assert await claimed(store, NOW + 9 * DAY) == []


class TestComments:
    """Answers."""

    async def test_are_kept_once_and_come_newest_first(self, store: Store) -> None:
        one = a_stored_comment(comment=a_comment(extra=(("cid", "bafy"), ("cid", "x"))))
        two = a_stored_comment(comment=a_comment(remote_id="2002", at=NOW + MINUTE), mood=None)
        blue = a_stored_comment(account_id=OTHER, platform=BLUE, post_id=PostId("acc2|1"), mood=-0.5)
        tried = (one, two, blue, replace(one, mood=0.0))
        assert await store.write(lambda tx: [tx.comments.add(c) for c in tried]) == [True, True, True, False]
        assert list(await store.read(lambda tx: tx.comments.list(since=NOW))) == [two, blue, one]
        assert list(await store.read(lambda tx: tx.comments.list(since=NOW, limit=1))) == [two]
        assert list(await store.read(lambda tx: tx.comments.list(since=NOW, platform="bluesky"))) == [blue]
        assert await store.read(lambda tx: tx.comments.latest(POST)) == NOW + MINUTE
        assert await store.read(lambda tx: tx.comments.latest(PostId("acc1|x"))) is None

    async def test_moods_are_counted_at_their_borders(self, store: Store) -> None:
        kept = [
            a_stored_comment(comment=a_comment(remote_id=f"c{n}", at=NOW + n * MINUTE), mood=mood)
            for n, mood in enumerate((0.21, 0.2, 0.0, -0.2, -0.21, None, 1.0))
        ]
        await store.write(lambda tx: put_all(tx.comments.add, *kept))
        all_ = await store.read(lambda tx: tx.comments.moods(**EVER))
        assert all_ == Moods(warm=2, neutral=3, critical=1, unread=1)
        some = await store.read(lambda tx: tx.comments.moods(since=NOW + MINUTE, until=NOW + 6 * MINUTE))
        assert some == Moods(warm=0, neutral=3, critical=1, unread=1)
        assert await store.read(lambda tx: tx.comments.moods(**EVER, platform="bluesky")) == Moods()


MONDAY = date(2026, 3, 2)


def newest(surface: str, place: str, tx: Transaction) -> Digest | None:
    """The last one sent there."""
    return tx.digests.newest(surface=surface, place=place)


async def take(store: Store, now: datetime, day: date = MONDAY, place: str = "C1") -> bool:
    """Claim for five minutes."""
    until = now + 5 * MINUTE
    return await store.write(lambda tx: tx.digests.claim("slack", place, day, now=now, lease_until=until))


class TestDigests:
    """Once per channel and day."""

    async def test_subscriptions_are_replaced_by_place_and_can_end(self, store: Store) -> None:
        web = Subscription(surface="web", place="desk", at=time(9), zone="UTC", since=NOW)
        slack = Subscription(surface="slack", place="C2", at=time(7, 30, 5), zone="Europe/Berlin", since=NOW)
        later = replace(web, at=time(18, 15), zone="Asia/Kolkata", since=NOW + DAY)
        await store.write(lambda tx: put_all(tx.digests.subscribe, web, slack, later))
        assert list(await store.read(lambda tx: tx.digests.subscriptions())) == [slack, later]
        assert await store.write(lambda tx: tx.digests.unsubscribe("web", "desk"))
        assert not await store.write(lambda tx: tx.digests.unsubscribe("web", "desk"))
        assert list(await store.read(lambda tx: tx.digests.subscriptions())) == [slack]

    async def test_a_digest_is_made_by_one_and_sent_once(self, store: Store) -> None:
        assert await take(store, NOW)
        assert not await take(store, NOW + MINUTE)
        assert await take(store, NOW, day=MONDAY + DAY)
        assert await take(store, NOW, place="C2")
        report = a_report(
            platform="bluesky",
            findings=(Finding(kind="hour", text="Nines earn twice.", posts=41, basis="41 posts", advice="Post at 9."),),
            planned=("9:00 one",),
            waiting=("two",),
            moods=Moods(warm=1, unread=2),
            gaps=("Mastodon: no numbers.",),
            picture=replace(a_picture(), origin=None),
        )
        await store.write(lambda tx: tx.digests.finish("slack", "C1", MONDAY, report, at=NOW + MINUTE))
        sent = Digest(
            surface="slack",
            place="C1",
            day=MONDAY,
            state=DigestState.SENT,
            lease_until=None,
            attempts=1,
            report=report,
            sent_at=NOW + MINUTE,
        )
        assert await store.read(lambda tx: tx.digests.get("slack", "C1", MONDAY)) == sent
        assert not await take(store, NOW + DAY)
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.digests.finish("slack", "C1", MONDAY, a_report(), at=NOW + DAY))
        assert await store.read(lambda tx: tx.digests.get("slack", "C1", MONDAY)) == sent

    async def test_after_a_crash_it_is_made_again_when_the_lease_has_ended(self, store: Store) -> None:
        assert await take(store, NOW)
        assert not await take(store, NOW + 5 * MINUTE - timedelta(microseconds=1))
        got = await asyncio.gather(*(take(store, NOW + 5 * MINUTE) for _ in range(5)))
        assert sorted(got) == [False] * 4 + [True]
        digest = await store.read(lambda tx: tx.digests.get("slack", "C1", MONDAY))
        assert digest is not None
        assert (digest.state, digest.attempts, digest.report) == (DigestState.CLAIMED, 2, None)
        assert digest.lease_until == NOW + 10 * MINUTE

    async def test_the_newest_is_the_one_sent_last(self, store: Store) -> None:
        def finish(tx: Transaction) -> None:
            tx.digests.finish("slack", "C1", MONDAY + DAY, a_report(posts=1), at=NOW)
            tx.digests.finish("slack", "C2", MONDAY, a_report(posts=2), at=NOW + MINUTE)
            tx.digests.finish("web", "desk", MONDAY, a_report(posts=3), at=NOW + 2 * MINUTE)

        assert await store.read(lambda tx: tx.digests.newest()) is None
        await take(store, NOW, place="C9")
        await store.write(finish)
        wanted = [("", "", 3), ("slack", "", 2), ("slack", "C1", 1), ("", "desk", 3)]
        for surface, place, posts in wanted:
            found = await store.read(partial(newest, surface, place))
            assert found is not None
            assert found.report == a_report(posts=posts)
        assert await store.read(lambda tx: tx.digests.newest(surface="slack", place="C9")) is None
        assert await store.read(lambda tx: tx.digests.get("web", "desk", MONDAY + DAY)) is None
