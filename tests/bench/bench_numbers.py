"""Storing what is measured, and reading a digest from it."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import insert

from services.domain.ids import AccountId
from services.domain.metrics import COUNTERS, PostMetrics
from storage.engine import sqlite_path
from storage.prepared import Prepared
from storage.store import SqlStore, SqlTransaction
from storage.tables import snapshots
from tests.bench.harness import Pair, bench, bound, child, timed
from tests.bench.numbers import END, WINDOW, digest_reads, measured_desk
from tests.builders import NOW
from tests.builders_numbers import a_measured_post
from tests.databases import fresh_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.domain.metrics import MeasuredPost
    from services.ports.storage import Transaction

TOGETHER: Final = 20
"""Snapshots a transaction carries, as the collector writes them."""
WRITES: Final = 100
"""Transactions a sample, eight of them waiting at any time."""
GROWTH_LIMIT_MB: Final = 20.0
_SINCE: Final = (END - WINDOW).timestamp() * 1e6
_MINUTE: Final = timedelta(minutes=1)


@bench(name="snapshot_store", unit="µs", goal=3.0, better="lower")
@contextmanager
def snapshot_store() -> Iterator[Pair]:
    """A snapshot with its sums, against the bare row of the snapshot, through the same writer in the same groups."""
    with tempfile.TemporaryDirectory() as folder:
        posts = [
            a_measured_post(account_id=AccountId(f"acc{n % 8}"), remote_id=str(n)) for n in range(TOGETHER * WRITES)
        ]
        ours, bare = (fresh_database(Path(folder), name) for name in ("ours.db", "bare.db"))
        for url in (ours, bare):
            asyncio.run(_follow(url, posts))
        look = itertools.count(1)
        count = TOGETHER * WRITES
        yield Pair(
            ours=timed(lambda: _write(ours, partial(_recorded, posts, next(look))), per=count, unit="µs"),
            baseline=timed(lambda: _write(bare, partial(_inserted, posts, next(look))), per=count, unit="µs"),
        )


async def _follow(url: str, posts: list[MeasuredPost]) -> None:
    async with SqlStore.open(url) as store:
        await store.write(lambda tx: [tx.metrics.add(post) for post in posts])


async def _write(url: str, unit: Callable[[int, Transaction], None]) -> None:
    """All transactions, eight at a time."""
    store = SqlStore(url)
    store.start_writing()
    places = asyncio.Semaphore(8)

    async def one(number: int) -> None:
        async with places:
            await store.write(partial(unit, number))

    await asyncio.gather(*(one(number) for number in range(WRITES)))
    await store.close()


def _sample(post: MeasuredPost, look: int, place: int) -> PostMetrics:
    return PostMetrics(
        remote_id=post.remote_id, at=NOW + look * _MINUTE, likes=look + place, comments=look, shares=place
    )


def _recorded(posts: list[MeasuredPost], look: int, number: int, tx: Transaction) -> None:
    for place, post in enumerate(posts[number * TOGETHER : (number + 1) * TOGETHER]):
        tx.metrics.record(post.id, _sample(post, look, place))


_BARE: Final = Prepared(insert(snapshots))


def _inserted(posts: list[MeasuredPost], look: int, number: int, tx: Transaction) -> None:
    driver = cast("SqlTransaction", tx)._driver
    for place, post in enumerate(posts[number * TOGETHER : (number + 1) * TOGETHER]):
        metrics = _sample(post, look, place)
        row = {name: getattr(metrics, name) for name in COUNTERS}
        _BARE.change(driver, {"post": number * TOGETHER + place + 1, "at": metrics.at, **row})


@bench(name="digest_read", unit="ms", goal=1 / 30, better="lower")
@contextmanager
def digest_read() -> Iterator[Pair]:
    """What a digest of 28 days reads of a million snapshots, against pandas over all of them."""
    url = measured_desk()
    yield Pair(ours=partial(_digest, url), baseline=timed(partial(_pandas, sqlite_path(url))))


async def _digest(url: str) -> float:
    """Milliseconds, on a store that is open, as a desk's is."""
    store = SqlStore(url)
    await store.read(lambda tx: tx.workspace())
    started = time.perf_counter()
    await store.read(digest_reads)
    taken = time.perf_counter() - started
    await store.close()
    return taken * 1000


def _pandas(path: Path) -> None:
    """Everything into one frame, then the same questions asked of it."""
    import pandas as pd

    query = "SELECT s.*, p.account_id, p.platform, p.published_at FROM snapshots s JOIN posts p ON p.seq = s.post"
    with closing(sqlite3.connect(path)) as database:
        everything: Any = pd.read_sql(query, database)
        comments: Any = pd.read_sql("SELECT at, mood FROM comments", database)
    names = ["likes", "comments", "shares"]
    everything = everything.sort_values(["post", "at"])
    everything[names] = everything[names].astype(float)
    gained = everything.groupby("post")[names].diff().fillna(everything[names])
    hour = everything["at"] // 3_600_000_000
    hours = gained.groupby([hour, everything["account_id"]]).sum()
    latest = everything.groupby("post").last()
    recent = latest[latest["published_at"] >= _SINCE]
    slots = recent.groupby([recent["published_at"] // 3_600_000_000, "account_id"])[names].sum()
    best = recent.assign(all=recent[names].sum(axis=1)).nlargest(5, "all")
    moods = pd.cut(comments[comments["at"] >= _SINCE]["mood"], [-2, -0.2, 0.2, 2]).value_counts()
    if not all(map(len, (hours, slots, best, moods))):
        raise ValueError("The frame is empty.")


@bench(name="digest_memory", unit="MB", goal=1.0, better="lower")
@contextmanager
def digest_memory() -> Iterator[Pair]:
    """By how much the main process grows over it."""
    command = [sys.executable, "-m", "tests.bench.numbers", measured_desk()]
    yield Pair(ours=child(command), baseline=bound(GROWTH_LIMIT_MB))
