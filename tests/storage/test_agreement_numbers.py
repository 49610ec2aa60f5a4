"""Whatever is measured in whatever order, the store in memory and the one on SQLite answer alike."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.domain.errors import DeskError
from services.domain.ids import AccountId, PlatformSlug, PostId
from services.domain.insight import Subscription
from services.domain.metrics import AccountMetrics, post_id
from storage.store import SqlStore
from tests.builders import NOW
from tests.builders_numbers import a_comment, a_measured_post, a_report, a_stored_comment, some_metrics
from tests.databases import fresh_database
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.ports.storage import Store, Transaction
    from tests.builders_numbers import CounterFields

NETWORKS = {AccountId("a"): PlatformSlug("mastodon"), AccountId("b"): PlatformSlug("bluesky")}
accounts = st.sampled_from(list(NETWORKS))
remotes = st.sampled_from(["1", "2"])
ids = st.builds(post_id, accounts, remotes)
instants = st.integers(0, 12).map(lambda steps: NOW + timedelta(minutes=25 * steps))
counts = st.none() | st.integers(0, 3)
counters = st.fixed_dictionaries(dict.fromkeys(("impressions", "likes", "comments", "reach"), counts))
places = st.sampled_from([("web", "desk"), ("slack", "C1")])
days = st.sampled_from([date(2026, 3, 2), date(2026, 3, 3)])
platforms = st.sampled_from(["", "mastodon", "bluesky"])


def contents(tx: Transaction) -> list[object]:
    """Everything that the port lets one see of numbers."""
    since, until = NOW - timedelta(days=1), NOW + timedelta(days=1)
    posts = tx.metrics.posts(since=since)
    return [
        list(posts),
        [list(tx.metrics.snapshots(post.id)) for post in posts],
        [tx.comments.latest(post.id) for post in posts],
        list(tx.metrics.hours(since=since, until=until)),
        list(tx.metrics.slots(since=since, until=until)),
        list(tx.metrics.top(since=since, until=until, limit=99)),
        [list(tx.metrics.account_history(id_, since=since)) for id_ in NETWORKS],
        list(tx.comments.list(since=since)),
        tx.comments.moods(since=since, until=until),
        list(tx.digests.subscriptions()),
        tx.digests.newest(),
    ]


class NumbersAgree(RuleBasedStateMachine):
    """Does the same to both and compares what they say."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()
        self._memory = MemoryStore()
        self._sql = SqlStore(fresh_database(Path(self._folder.name)))
        self._runner.run(self._sql.start())

    def teardown(self) -> None:
        self._runner.run(self._sql.close())
        self._runner.close()
        self._folder.cleanup()

    def _both(self, fn: Callable[[Transaction], object]) -> None:
        assert self._runner.run(_outcome(self._memory, fn)) == self._runner.run(_outcome(self._sql, fn))

    @invariant()
    def hold_the_same(self) -> None:
        """After each step."""
        self._both(contents)

    @rule(account=accounts, remote=remotes, at=instants, seen=st.none() | counters)
    def follow(self, account: AccountId, remote: str, at: datetime, seen: CounterFields | None) -> None:
        """Follow a post, with counters or without."""
        latest = None if seen is None else replace(some_metrics(**seen), remote_id=remote, at=at)
        post = a_measured_post(
            account_id=account, platform=NETWORKS[account], remote_id=remote, published_at=at, latest=latest
        )
        self._both(lambda tx: tx.metrics.add(post))

    @rule(id_=ids, at=instants, seen=counters)
    def measure(self, id_: PostId, at: datetime, seen: CounterFields) -> None:
        """Record a sample."""
        self._both(lambda tx: tx.metrics.record(id_, replace(some_metrics(**seen), at=at)))

    @rule(now=instants, lease=instants, limit=st.integers(1, 3))
    def claim(self, now: datetime, lease: datetime, limit: int) -> None:
        """Take what is due."""
        self._both(lambda tx: list(tx.metrics.claim_due(now=now, owner="me", lease_until=lease, limit=limit)))

    @rule(id_=ids, at=st.none() | instants, taken=st.integers(0, 5))
    def reschedule(self, id_: PostId, at: datetime | None, taken: int) -> None:
        """Plan the next look."""
        self._both(lambda tx: tx.metrics.reschedule(id_, next_at=at, taken=taken, attempts=taken, gap="why"))

    @rule(account=accounts, at=instants, followers=counts)
    def standing(self, account: AccountId, at: datetime, followers: int | None) -> None:
        """Record an account's standing."""
        self._both(lambda tx: tx.metrics.record_account(account, AccountMetrics(at=at, followers=followers)))

    @rule(
        account=accounts,
        remote=remotes,
        post=ids,
        at=instants,
        mood=st.sampled_from([None, -0.21, -0.2, 0.0, 0.2, 0.21]),
    )
    def answer(self, *, account: AccountId, remote: str, post: PostId, at: datetime, mood: float | None) -> None:
        """Keep somebody's words."""
        kept = a_stored_comment(
            account_id=account,
            platform=NETWORKS[account],
            post_id=post,
            comment=a_comment(remote_id=remote, at=at),
            mood=mood,
        )
        self._both(lambda tx: tx.comments.add(kept))

    @rule(since=instants, until=instants, platform=platforms, limit=st.integers(1, 3))
    def ask(self, since: datetime, until: datetime, platform: str, limit: int) -> None:
        """Read a part of it."""
        self._both(lambda tx: list(tx.metrics.posts(since=since, until=until, platform=platform, limit=limit)))
        self._both(lambda tx: list(tx.metrics.top(since=since, until=until, platform=platform, limit=limit)))
        self._both(lambda tx: list(tx.metrics.hours(since=since, until=until, platform=platform)))
        self._both(lambda tx: list(tx.metrics.slots(since=since, until=until, platform=platform)))
        self._both(lambda tx: list(tx.comments.list(since=since, platform=platform, limit=limit)))
        self._both(lambda tx: tx.comments.moods(since=since, until=until, platform=platform))

    @rule(place=places, at=instants, join=st.booleans())
    def subscription(self, *, place: tuple[str, str], at: datetime, join: bool) -> None:
        """Begin or end one."""
        wish = Subscription(surface=place[0], place=place[1], at=time(9), zone="UTC", since=at)
        self._both(lambda tx: tx.digests.subscribe(wish) if join else tx.digests.unsubscribe(*place))

    @rule(place=places, day=days, now=instants, lease=instants, send=st.booleans())
    def digest(self, *, place: tuple[str, str], day: date, now: datetime, lease: datetime, send: bool) -> None:
        """Take the making of one, and perhaps send it."""
        self._both(lambda tx: tx.digests.claim(*place, day, now=now, lease_until=lease))
        if send:
            self._both(lambda tx: tx.digests.finish(*place, day, a_report(), at=now))
        self._both(lambda tx: tx.digests.get(*place, day))
        self._both(lambda tx: tx.digests.newest(surface=place[0]))
        self._both(lambda tx: tx.digests.newest(place=place[1]))


async def _outcome(store: Store, fn: Callable[[Transaction], object]) -> tuple[str, object]:
    """The result, or what kind of error."""
    try:
        return ("result", await store.write(fn))
    except DeskError as error:
        return ("error", type(error).__name__)


NumbersAgree.TestCase.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestNumbersAgree = NumbersAgree.TestCase
