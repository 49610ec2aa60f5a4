"""The channel as its reader waits for it: a page of a hundred cards against the same cards as JSON."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from tests.bench.harness import Pair, bench
from tests.e2e.process import ROOT, RunningDesk, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

CARDS: Final = 100


@bench(name="page_100", unit="ms", goal=3.0, better="lower")
@contextmanager
def page_100() -> Iterator[Pair]:
    """Packed as a browser gets it; the JSON side reads, checks and makes the very same cards."""
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder), settings={"COPYDESK_PRACTICE": "1"})
        desk.start()
        try:
            with desk.client as client, _signed_in(desk) as browser:
                script = Script(client)
                for n in range(CARDS):
                    script.command(f"draft Release {n} halves the build to {n} s: https://example.com/{n} #Build{n}")
                assert browser.get("/", params={"n": CARDS}).text.count("<article") == CARDS
                yield Pair(
                    ours=lambda: _taken(browser, "/", {"n": CARDS}),
                    baseline=lambda: _taken(client, "/api/cards", {"limit": CARDS}),
                )
        finally:
            desk.stop()


def _taken(client: httpx.Client, path: str, params: dict[str, int]) -> float:
    """The median of a few, because one request is soon disturbed."""
    found = []
    for _ in range(3):
        started = time.perf_counter()
        client.get(path, params=params).raise_for_status()
        found.append((time.perf_counter() - started) * 1000)
    return sorted(found)[1]


@contextmanager
def _signed_in(desk: RunningDesk) -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "bot", "signin"]
    made = subprocess.run(command, cwd=ROOT, env=desk.environment, capture_output=True, text=True, check=True)
    base = f"http://127.0.0.1:{desk.port}"
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as browser:
        browser.get(made.stdout.strip())
        yield browser
