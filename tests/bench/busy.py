"""A desk with its hands full: a thousand posts fall due at one moment while report after report is drawn."""

from __future__ import annotations

import asyncio
import atexit
import itertools
import shutil
import sqlite3
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from bot import bootstrap, config
from services.domain.ids import AccountId
from tests.bench.bench_process import rests
from tests.e2e.process import RunningDesk, Script, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.domain.account import Account

POSTS: Final = 1000
TWO: Final = "mastodon, bluesky"
"""Networks of each draft: a thousand posts are five hundred drafts."""
ACCOUNTS: Final = 40
"""Many, because a desk spaces the posts of one account."""
PRACTICE: Final = {"COPYDESK_PRACTICE": "1"}
_NETWORK: Final = "mastodon"
_LATER: Final = timedelta(days=30)
_DAYS: Final = itertools.cycle(range(3, 60))
"""A period nobody asked for lately is read and drawn anew."""


class WaitingDesk(RunningDesk):
    """It can be set back to before anything went out."""

    handle: str = ""
    """The account for which drafts are written meanwhile."""

    def restore(self) -> None:
        """As it was prepared."""
        shutil.rmtree(self.folder / "var", ignore_errors=True)
        shutil.copytree(self.folder / "before", self.folder / "var")

    @property
    def database(self) -> Path:
        """The rows."""
        return self.folder / "var" / "copydesk.db"

    def out(self) -> int:
        """How many of the posts are live."""
        with closing(sqlite3.connect(self.database)) as database:
            found = database.execute("SELECT count(*) FROM deliveries WHERE state = 'PUBLISHED'")
            count: int = found.fetchone()[0]
        return count

    def let_go(self) -> None:
        """Every post is due now."""
        now = time.time_ns() // 1000
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute("UPDATE deliveries SET due_at = ?, next_at = ? WHERE state = 'SCHEDULED'", (now, now))


@cache
def waiting_desk() -> WaitingDesk:
    """Prepared once a run, taken away at its end: its posts are approved and wait."""
    folder = Path(tempfile.mkdtemp(prefix="copydesk-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    desk = WaitingDesk(folder, settings=PRACTICE)
    desk.start()
    when = (datetime.now(UTC) + _LATER).isoformat()
    with desk.client as client:
        script = Script(client)
        for number in range(POSTS // 2):
            card = script.command(f"draft Release {number} shortens the build to {number} seconds for {TWO} picture=no")
            script.press(script.press(card, "Approve"), "Schedule", {"when": when})
    desk.stop()
    asyncio.run(_spread(desk))
    desk.start()
    until(lambda: _rests(desk), "the new accounts to be read")
    desk.stop()
    (folder / "var").rename(folder / "before")
    return desk


async def _spread(desk: WaitingDesk) -> None:
    """Give each account its share of the posts."""
    settings = config.load(desk.environment, desk.folder)
    vault = bootstrap.vault(settings)
    async with bootstrap.storage(settings) as store:
        known = await store.read(lambda tx: next(a for a in tx.accounts.list() if a.platform == _NETWORK))
        credentials = vault.open(known.id, await store.read(lambda tx: tx.accounts.sealed(known.id)))
        desk.handle = known.handle
        for number in range(ACCOUNTS):
            account = _twin(known, number)
            sealed = vault.seal(account.id, credentials)
            await store.write(lambda tx, a=account, s=sealed: tx.accounts.add(a, s))  # type: ignore[misc]
    with closing(sqlite3.connect(desk.database)) as database, database:
        found = database.execute("SELECT id FROM deliveries").fetchall()
        assert len(found) == POSTS
        database.executemany(
            "UPDATE deliveries SET account_id = ?1, platform = ?2,"
            " variant = json_set(variant, '$.account_id', ?1, '$.platform', ?2) WHERE id = ?3",
            [(f"busy-{number % ACCOUNTS}", _NETWORK, row[0]) for number, row in enumerate(found)],
        )


def _twin(known: Account, number: int) -> Account:
    name = f"busy-{number}"
    return replace(known, id=AccountId(name), handle=f"{name}@social.test", name=name, remote_id=name)


def _rests(desk: RunningDesk) -> bool:
    assert desk.process is not None
    return rests(psutil.Process(desk.process.pid))


@contextmanager
def at_work(desk: WaitingDesk) -> Iterator[None]:
    """While the block lasts posts go out and charts are drawn, or it does not count."""
    over, drawn = threading.Event(), 0

    def draw() -> None:
        nonlocal drawn
        with desk.client as client:
            script = Script(client)
            while not over.is_set():
                card = script.command(f"report {next(_DAYS)}d")
                drawn += any(block["type"] == "image" for block in card["blocks"])

    drawing = threading.Thread(target=draw)
    drawing.start()
    try:
        until(lambda: drawn > 0, "charts")
        desk.let_go()
        until(lambda: desk.out() > 0, "posts to go out")
        charts = drawn
        yield
        assert desk.out() < POSTS, "all posts were out before the end"
    finally:
        over.set()
        drawing.join()
    assert drawn > charts, "no charts were drawn meanwhile"
