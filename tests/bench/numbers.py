"""A desk that measured for two years: one million snapshots of 200,000 posts, written in seconds."""

from __future__ import annotations

import asyncio
import atexit
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from services.domain.metrics import SAMPLE_AGES
from storage.store import SqlStore
from tests.databases import fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.ports.storage import Transaction

POSTS: Final = 200_000
ACCOUNTS: Final = 8
YEARS: Final = timedelta(days=730)
END: Final = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW: Final = timedelta(days=28)
COMMENTS: Final = 50_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)
_HOUR: Final = 3_600_000_000
_AGES: Final = [age // _MICRO for age in SAMPLE_AGES]
_TEXT: Final = "We rewrote the build cache. Cold start went from 900 ms to 120 ms, and the write-up says how. " * 2


@cache
def measured_desk() -> str:
    """The address of the database, made once a run and taken away at its end."""
    folder = Path(tempfile.mkdtemp(prefix="copydesk-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = fresh_database(folder)
    with closing(sqlite3.connect(folder / "copydesk.db", isolation_level=None)) as database:
        _fill(database)
    return url


def _fill(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=OFF")
    database.execute("BEGIN")
    chance = random.Random(7)
    hours: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    database.executemany(
        "INSERT INTO posts (seq, id, account_id, platform, published_at, measured_at, likes, comments, shares, next_at,"
        " lease_owner, taken, attempts, gap, remote_id, url, text, pictures, parts, origin, extra)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', 5, 0, '', ?, ?, ?, 0, 1, 'desk', '{}')",
        _posts(random.Random(7)),
    )
    database.executemany(
        "INSERT INTO snapshots (post, at, likes, comments, shares) VALUES (?, ?, ?, ?, ?)", _snapshots(chance, hours)
    )
    database.executemany(
        "INSERT INTO hours (hour, account_id, platform, samples, likes, comments, shares) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((hour, f"acc{account}", _platform(account), *sums) for (hour, account), sums in hours.items()),
    )
    database.executemany(
        "INSERT INTO comments VALUES (?, ?, ?, ?, '', 'bo', 'Nice.', ?, '', '[]', ?, ?)", _comments(chance)
    )
    database.execute("COMMIT")
    database.execute("ANALYZE")


def _platform(account: int) -> str:
    return "mastodon" if account % 2 else "bluesky"


def _published(number: int) -> int:
    return (END - YEARS - _EPOCH) // _MICRO + number * (YEARS // _MICRO) // POSTS


def _counters(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(200), chance.randrange(20), chance.randrange(40)


def _posts(chance: random.Random) -> Iterator[tuple[object, ...]]:
    for number in range(POSTS):
        account, at = number % ACCOUNTS, _published(number)
        remote, last = str(number), at + _AGES[-1]
        row = (number, f"acc{account}|{remote}", f"acc{account}", _platform(account), at, last, *_counters(chance))
        yield *row, remote, f"https://social.test/{remote}", _TEXT


def _snapshots(chance: random.Random, hours: dict[tuple[int, int], list[int]]) -> Iterator[tuple[int, ...]]:
    for number in range(POSTS):
        account, at, final = number % ACCOUNTS, _published(number), _counters(chance)
        before = (0, 0, 0)
        for step, age in enumerate(_AGES, 1):
            now = tuple(value * step // len(_AGES) for value in final)
            sums = hours[((at + age) // _HOUR * _HOUR, account)]
            sums[0] += 1
            for place in range(3):
                sums[place + 1] += now[place] - before[place]
            before = (now[0], now[1], now[2])
            yield number, at + age, *now


def _comments(chance: random.Random) -> Iterator[tuple[object, ...]]:
    for number in range(COMMENTS):
        account, at = number % ACCOUNTS, _published(number * (POSTS // COMMENTS)) + _HOUR
        mood = chance.choice([None, -0.5, 0.0, 0.5])
        yield f"acc{account}", str(number), f"acc{account}|{number}", _platform(account), at, mood, at


def digest_reads(tx: Transaction) -> int:
    """Everything a digest of 28 days asks of the store; gives how many values came back."""
    since, until = END - WINDOW, END
    found = [
        len(tx.metrics.slots(since=since, until=until)),
        len(tx.metrics.hours(since=since, until=until)),
        len(tx.metrics.top(since=since, until=until)),
        len(tx.metrics.posts(since=since, until=until, limit=1000)),
        tx.comments.moods(since=since, until=until).total,
    ]
    if not all(found):
        msg = f"A part of the digest is empty: {found}"
        raise ValueError(msg)
    return sum(found)


async def _growth(url: str) -> float:
    """By how many MB the process grows over reading a digest, the store being open and warm."""
    store = SqlStore(url)
    store.start_writing()
    await store.read(lambda tx: tx.workspace())
    before: int = psutil.Process().memory_info().rss
    await store.read(digest_reads)
    after: int = psutil.Process().memory_info().rss
    await store.close()
    return (after - before) / 1e6


if __name__ == "__main__":
    print(asyncio.run(_growth(sys.argv[1])))
