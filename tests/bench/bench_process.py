"""The process as its owner feels it: how soon it is ready, how long a click takes, how much memory it holds idle."""

from __future__ import annotations

import multiprocessing
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import psutil

from tests.bench.harness import Pair, bench, bound
from tests.e2e.process import RunningDesk, Script, until

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPENDENCIES: Final = (
    "aiosqlite, apscheduler.schedulers.asyncio, cryptography.hazmat.primitives.ciphers.aead, dotenv.parser, fastapi, "
    "fastapi.staticfiles, httpx, jinja2, pydantic, regex, sqlalchemy, structlog, typer, uvicorn"
)
"""What the running desk imports of others before it serves (models, charts and migrations come at first use)."""
CLICKS: Final = 60
"""Approvals per sample; the fourth slowest is the 95th percentile."""
IDLE_LIMIT_MB: Final = 130.0
FIRST_DRAFT: Final = 1.0
"""Seconds, a picture included."""


def _import_time() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {DEPENDENCIES}"], check=True)
    return time.perf_counter() - started


def _start_time(desk: RunningDesk) -> float:
    started = time.perf_counter()
    desk.start()
    seconds = time.perf_counter() - started
    desk.stop()
    return seconds


@bench(name="start_again", unit="s", goal=3.0, better="lower")
@contextmanager
def start_again() -> Iterator[Pair]:
    """From nothing to ready on a data directory that is there, against importing the same dependencies."""
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder))
        yield Pair(ours=lambda: _start_time(desk), baseline=_import_time)


@bench(name="start_first", unit="s", goal=3.0, better="lower")
@contextmanager
def start_first() -> Iterator[Pair]:
    """The very first start: schema, keys and practice history are made too."""
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder))

        def fresh() -> float:
            shutil.rmtree(desk.folder / "var", ignore_errors=True)
            return _start_time(desk)

        yield Pair(ours=fresh, baseline=_import_time)


@bench(name="idle_memory", unit="MB", goal=1.0, better="lower")
@contextmanager
def idle_memory() -> Iterator[Pair]:
    """Resident memory of the main process, ready and idle: history read, templates too, before any call to a model."""
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder))

        def resident() -> float:
            shutil.rmtree(desk.folder / "var", ignore_errors=True)
            desk.start()
            assert desk.process is not None
            process = psutil.Process(desk.process.pid)
            until(lambda: rests(process), "the desk to rest")
            found: int = process.memory_info().rss
            desk.stop()
            return found / 1e6

        yield Pair(ours=resident, baseline=bound(IDLE_LIMIT_MB))


def rests(process: psutil.Process) -> bool:
    """Whether it worked less than a tenth of the last second."""
    before = process.cpu_times()
    time.sleep(1)
    after = process.cpu_times()
    worked: float = after.user + after.system - before.user - before.system
    return worked < 0.1


@bench(name="first_draft", unit="s", goal=1.0, better="lower")
@contextmanager
def first_draft() -> Iterator[Pair]:
    """The first draft of a new desk until its card stands there with its picture; a worker starts for it."""
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder), settings={"COPYDESK_PRACTICE": "1"})

        def first() -> float:
            shutil.rmtree(desk.folder / "var", ignore_errors=True)
            desk.start()
            with desk.client as client:
                started = time.perf_counter()
                card = Script(client).command("draft We rewrote the build cache and cold start fell to 120 ms.")
                taken = time.perf_counter() - started
            desk.stop()
            assert any(block["type"] == "image" for block in card["blocks"])
            return taken

        yield Pair(ours=first, baseline=bound(FIRST_DRAFT))


@bench(name="approve_p95", unit="ms", goal=3.0, better="lower")
@contextmanager
def approve_p95() -> Iterator[Pair]:
    """A click on Approve over HTTP, against an empty FastAPI route with one indexed read and one durable commit."""
    with _approving(" for mastodon, bluesky") as pair:
        yield pair


@bench(name="approve_all_p95", unit="ms", goal=4.5, better="lower")
@contextmanager
def approve_all_p95() -> Iterator[Pair]:
    """The same for a draft that goes to all eight networks with four pictures."""
    with _approving("") as pair:
        yield pair


@contextmanager
def _approving(wanted: str) -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder, _plain_route(Path(folder) / "plain.db") as url:
        desk = RunningDesk(Path(folder), settings={"COPYDESK_PRACTICE": "1"})
        desk.start()
        try:
            with desk.client as client, httpx.Client(base_url=url, trust_env=False) as plain:
                script = Script(client)
                yield Pair(ours=lambda: _approvals(script, wanted), baseline=lambda: _plain_clicks(plain))
        finally:
            desk.stop()


def _approvals(script: Script, wanted: str) -> float:
    cards = [script.command(f"draft Release {n} shortens the build to {n} seconds{wanted}") for n in range(CLICKS)]
    ids = [next(b["id"] for b in card["buttons"] if b["label"] == "Approve") for card in cards]
    return _p95([_click(script.http, "/api/action", {"id": found}) for found in ids])


def _plain_clicks(plain: httpx.Client) -> float:
    return _p95([_click(plain, "/click", {"id": str(n % 1000)}) for n in range(CLICKS)])


def _click(client: httpx.Client, path: str, body: dict[str, str]) -> float:
    started = time.perf_counter()
    client.post(path, json=body).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _p95(samples: list[float]) -> float:
    return statistics.quantiles(samples, n=20)[-1]


@contextmanager
def _plain_route(database: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=_serve_plain, args=(str(database), port), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(url, trust_env=False).status_code == 404
        except httpx.HTTPError:
            return False

    until(answers, "the plain server")
    try:
        yield url
    finally:
        server.terminate()
        server.join()


def _serve_plain(database: str, port: int) -> None:
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()
    connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"pragma {pragma}")
    connection.execute("create table rows (id text primary key, clicks integer not null)")
    connection.executemany("insert into rows values (?, 0)", [(str(n),) for n in range(1000)])

    @app.post("/click")
    async def click(body: dict[str, str]) -> dict[str, int]:
        with closing(connection.execute("select clicks from rows where id = ?", (body["id"],))) as found:
            clicks: int = found.fetchone()[0]
        connection.execute("update rows set clicks = ? where id = ?", (clicks + 1, body["id"]))
        return {"clicks": clicks + 1}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)
