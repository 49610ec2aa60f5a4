"""Reports drawn in the worker beside people who click."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench.harness import Pair, bench
from tests.e2e.process import RunningDesk, Script, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

CLICKS: Final = 80
"""Approvals per sample; the fourth slowest is the 95th percentile."""
PAUSE: Final = 0.02
"""Seconds between two clicks, so that a sample lasts longer than a report takes to draw."""
_DAYS: Final = range(3, 60)
"""A period nobody asked for lately is read and drawn anew."""


@bench(name="digest_beside_action", unit="ms", goal=1.2, better="lower")
@contextmanager
def digest_beside_action() -> Iterator[Pair]:
    """The p95 of a click on Approve while reports are drawn one after the other, against the same without."""
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder), settings={"COPYDESK_PRACTICE": "1"})
        desk.start()
        try:
            with desk.client as client, desk.client as reader:
                script, reports = Script(client), Script(reader)
                script.command("settings pictures off")
                days = itertools.cycle(_DAYS)
                until(lambda: _pictured(reports, 7), "a report with charts")
                yield Pair(
                    ours=lambda: _beside(script, reports, days),
                    baseline=lambda: _approvals(script, _asked(script)),
                )
        finally:
            desk.stop()


def _pictured(reports: Script, days: int) -> bool:
    card = reports.command(f"report {days}d")
    return any(block["type"] == "image" for block in card["blocks"])


def _beside(script: Script, reports: Script, days: Iterator[int]) -> float:
    """The sample counts only when charts were drawn from its beginning to its end."""
    asked, over, drawn = _asked(script), threading.Event(), 0

    def draw() -> None:
        nonlocal drawn
        while not over.is_set():
            drawn += _pictured(reports, next(days))

    drawing = threading.Thread(target=draw)
    drawing.start()
    try:
        return _approvals(script, asked)
    finally:
        over.set()
        drawing.join()
        assert drawn >= 1, "no charts were drawn"


def _asked(script: Script) -> list[str]:
    """The Approve buttons of fresh drafts."""
    cards = [
        script.command(f"draft Release {n} shortens the build to {n} seconds for mastodon, bluesky")
        for n in range(CLICKS)
    ]
    return [next(b["id"] for b in card["buttons"] if b["label"] == "Approve") for card in cards]


def _approvals(script: Script, ids: list[str]) -> float:
    return statistics.quantiles([_click(script.http, found) for found in ids], n=20)[-1]


def _click(client: httpx.Client, found: str) -> float:
    time.sleep(PAUSE)
    started = time.perf_counter()
    client.post("/api/action", json={"id": found}).raise_for_status()
    return (time.perf_counter() - started) * 1000
