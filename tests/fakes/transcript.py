"""What went over the wire in both directions, to be read when a test fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pytest

from tests.fakes.real_clock import Clock

WIDTH: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was said; `way` is `app` for what the app asked, else it was told."""

    at: datetime
    way: str
    what: str
    detail: str


class Transcript:
    """All of it in order, without secrets."""

    def __init__(self, clock: Clock, service: str) -> None:
        """Begin empty."""
        self._clock = clock
        self._service = service
        self.entries: list[Entry] = []
        self.secrets: Callable[[], Iterable[str]] = tuple
        """Asked for what to leave out."""

    @property
    def title(self) -> str:
        """What it is called in a report."""
        return f"what went between {self._service} and the app"

    def add(self, way: str, what: str, detail: object = "") -> None:
        """Write one line down."""
        text = detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False, default=str)
        for secret in self.secrets():
            text, what = text.replace(secret, "(secret)"), what.replace(secret, "(secret)")
        short = text if len(text) <= WIDTH else f"{text[:WIDTH]}…"
        self.entries.append(Entry(at=self._clock.now(), way=way, what=what, detail=short))

    def named(self, what: str) -> list[Entry]:
        """Every line of one kind."""
        return [entry for entry in self.entries if entry.what == what]

    async def rest(self, seconds: float) -> None:
        """Wait until nothing was said for so long, by the clock."""
        said = -1
        while said != len(self.entries):
            said = len(self.entries)
            await self._clock.sleep(seconds)

    def __str__(self) -> str:
        ways = {True: f"app → {self._service}", False: f"{self._service} → app"}
        lines = (f"{e.at:%H:%M:%S} {ways[e.way == 'app']} {e.what} {e.detail}".rstrip() for e in self.entries)
        return "\n".join(lines)


class Attach:
    """A plugin for one test that puts the transcript into its report when it fails."""

    def __init__(self, transcript: Transcript, node: pytest.Item) -> None:
        """Watch this test."""
        self._transcript = transcript
        self._node = node

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add it."""
        report = yield
        if item is self._node and report.failed:
            report.sections.append((self._transcript.title, str(self._transcript)))
        return report
