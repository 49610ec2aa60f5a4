"""The channel as its reader waits for it: a page of a hundred cards against its JSON, and what a first view weighs."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from tests.bench.harness import Pair, bench, bound
from tests.e2e.process import ROOT, RunningDesk, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

CARDS: Final = 100
FIRST_VIEW: Final = 150_000.0
_FONT_FACE: Final = re.compile(r'@font-face \{[^}]*url\("([^"]+)"\)[^}]*unicode-range: ([^;]+);')


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


@bench(name="first_view_bytes", unit="B", goal=1.0, better="lower")
@contextmanager
def first_view_bytes() -> Iterator[Pair]:
    """Everything a browser that was never here loads for the first page, packed, with answers' heads and type."""
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder), settings={"COPYDESK_PRACTICE": "1"})
        desk.start()
        try:
            with desk.client as client, _signed_in(desk) as browser:
                Script(client).command("settings pictures off")
                Script(client).command("draft We rewrote the build cache and cold start fell to 120 ms.")
                yield Pair(ours=lambda: _first_view(browser), baseline=bound(FIRST_VIEW))
        finally:
            desk.stop()


def _first_view(browser: httpx.Client) -> float:
    page = browser.get("/")
    assert page.text.count("<article") == 1
    wanted = {unescape(found) for found in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)}
    assert not re.findall(r'src="(?!/static/)', page.text), "something else is loaded too"
    shown = {ord(character) for character in re.sub(r"<[^>]*>", "", unescape(page.text))}
    got = {address: browser.get(address) for address in wanted}
    for address, answer in tuple(got.items()):
        if ".css" in address:
            fonts = (f"/static/{name}" for name, ranges in _FONT_FACE.findall(answer.text) if _meets(ranges, shown))
            got |= {font: browser.get(font) for font in fonts if font not in got}
    assert sum(".woff2" in address for address in got) >= 2, "the type was not found"
    return float(sum(map(_weight, (page, *got.values()))))


def _meets(ranges: str, shown: set[int]) -> bool:
    """Whether a type's unicode-range holds a character of the page, so that browsers load it."""
    for found in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", ranges):
        first, last = int(found[0], 16), int(found[1] or found[0], 16)
        if any(first <= one <= last for one in shown):
            return True
    return False


def _weight(answer: httpx.Response) -> int:
    """The bytes of the body as they travelled, and of the head."""
    answer.raise_for_status()
    return answer.num_bytes_downloaded + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)


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
