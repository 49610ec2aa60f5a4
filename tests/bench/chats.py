"""A chat full of people, and an app in it: the whole desk, or the least that acknowledges."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.e2e.chats import ChatProcess, chat
from tests.e2e.process import ROOT, RunningDesk

CROWD: Final = 50
"""How many do something at the same moment."""
QUIET: Final = 0.5
"""Seconds without a word after which the chat is at rest."""
_KEPT: Final = frozenset({"PATH", "HOME", "LANG", "PYTHONPATH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the chats, and how its people say things."""

    name: str
    module: str
    args: tuple[str, ...] = ()
    join: dict[str, Any]
    """What makes somebody an admin."""
    approved: str
    """What a card says once it is."""

    def typed(self, word: str, brief: str, account: str) -> dict[str, Any]:
        """The arguments of the verb `slash`; a draft gets no picture, and is for every account unless one is named."""
        if self.name == "slack":
            words = [brief, "picture=no", f"for @{account}" if account else ""] if brief else []
            return {"text": " ".join(["/desk", word, *words]).rstrip()}
        options = {"brief": brief, "picture": "no"} if brief else {}
        return {"command": f"desk {word}", "options": options | ({"networks": f"@{account}"} if account else {})}


SLACK: Final = Kind(
    name="slack",
    module="tests.fakes.slack",
    args=("--manifest", "manifest.yml"),
    join={"is_admin": True},
    approved="Status: Approved",
)
DISCORD: Final = Kind(
    name="discord", module="tests.fakes.discord", join={"roles": ["manager"]}, approved="**Approved**"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Fifty admins, each in a room of their own with the app, so that no room's pace is measured."""

    kind: Kind
    chat: ChatProcess

    def gather(self) -> None:
        """Let them in."""
        for number in range(1, CROWD + 1):
            self.chat.do("join", user=f"one {number}", **self.kind.join)
            members = {"members": [f"one {number}"]} if self.kind.name == "slack" else {}
            self.chat.do("channel", channel=f"room-{number}", **members)

    def types(self, word: str, brief: str = "", account: str = "") -> list[float]:
        """All type it at once: milliseconds until each was acknowledged."""
        return self._do("slash", self.kind.typed(word, brief, account))

    def clicks(self, what: str) -> list[float]:
        """All press the button on the newest card in their rooms."""
        return self._do("click", {"what": what})

    def cards(self, word: str) -> int:
        """How many messages in all rooms have this word."""
        rooms: dict[str, list[dict[str, Any]]] = self.chat.do("state")["channels"]
        return sum(word in json.dumps(message, ensure_ascii=False) for room in rooms.values() for message in room)

    def rest(self) -> None:
        """Wait until all is done that followed."""
        self.chat.do("rest", seconds=QUIET)

    def _do(self, verb: str, args: dict[str, Any]) -> list[float]:
        own = {"user": "one {n}", "channel": "room-{n}", **args}
        told: list[float] = self.chat.do("crowd", verb=verb, count=CROWD, args=own)
        return [seconds * 1000 for seconds in told]


def p95(samples: list[float]) -> float:
    """One in twenty is slower."""
    return statistics.quantiles(samples, n=20)[-1]


@contextmanager
def crowded(kind: Kind) -> Iterator[Crowd]:
    """The chat as a process, its people gathered, and no app yet."""
    with chat(kind.module, *kind.args) as started:
        started.settings.pop("SLACK_SIGNING_SECRET", None)
        crowd = Crowd(kind=kind, chat=started)
        crowd.gather()
        yield crowd


@contextmanager
def at_the_desk(kind: Kind) -> Iterator[Crowd]:
    """The whole process in practice, known to everybody in the crowd and at rest."""
    with tempfile.TemporaryDirectory() as folder, crowded(kind) as crowd:
        settings = {"COPYDESK_PRACTICE": "1", **crowd.chat.settings}
        desk = RunningDesk(Path(folder), settings=settings)
        desk.start()
        try:
            crowd.chat.connected()
            crowd.types("help")
            crowd.rest()
            yield crowd
        finally:
            desk.stop()


@contextmanager
def at_a_bare_app(kind: Kind) -> Iterator[Crowd]:
    """The library alone."""
    with crowded(kind) as crowd:
        own = {name: value for name, value in os.environ.items() if name in _KEPT}
        command = [sys.executable, "-m", f"tests.bench.bare_{kind.name}"]
        process = subprocess.Popen(command, cwd=ROOT, env=own | crowd.chat.settings)
        try:
            crowd.chat.connected()
            crowd.types("card")
            crowd.rest()
            yield crowd
        finally:
            process.terminate()
            process.wait()
