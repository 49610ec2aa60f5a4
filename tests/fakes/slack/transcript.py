"""What went over the wire in both directions, to be read when a test fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tests.fakes.slack.basics import Clock

WIDTH: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was said; `way` is `app` for what the app asked and `slack` for what it was told."""

    at: datetime
    way: str
    what: str
    detail: str


class Transcript:
    """All of it in order, without secrets."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty."""
        self._clock = clock
        self.entries: list[Entry] = []
        self.secrets: Callable[[], Iterable[str]] = tuple
        """Asked for what to leave out."""

    def add(self, way: str, what: str, detail: object = "") -> None:
        """Write one line down."""
        text = detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False, default=str)
        for secret in self.secrets():
            text = text.replace(secret, "(secret)")
        short = text if len(text) <= WIDTH else f"{text[:WIDTH]}…"
        self.entries.append(Entry(at=self._clock.now(), way=way, what=what, detail=short))

    def named(self, what: str) -> list[Entry]:
        """Every line of one kind."""
        return [entry for entry in self.entries if entry.what == what]

    def __str__(self) -> str:
        arrows = {"app": "app → Slack", "slack": "Slack → app"}
        lines = (f"{e.at:%H:%M:%S} {arrows.get(e.way, e.way):<11} {e.what} {e.detail}".rstrip() for e in self.entries)
        return "\n".join(lines)
