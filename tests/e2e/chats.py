"""The stand-ins of Slack and Discord as processes of their own, steered from outside, for a desk that is one too."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.process import PATIENCE, ROOT, until


@dataclass
class ChatProcess:
    """One chat; `settings` is what the desk's environment needs to reach it."""

    settings: dict[str, str]
    control: str
    process: subprocess.Popen[str]

    def do(self, verb: str, /, **args: object) -> Any:
        """Something a person or the chat itself does."""
        answer = httpx.post(f"{self.control}{verb}", json=args, timeout=PATIENCE, trust_env=False).json()
        assert answer["ok"], answer
        return answer["result"]

    def connected(self) -> None:
        """Wait until the desk is there."""
        until(lambda: self.do("state")["sockets"] > 0, "the desk to connect")

    def messages(self, channel: str = "desk") -> list[dict[str, Any]]:
        """What everybody in a channel sees, oldest first."""
        found: list[dict[str, Any]] = self.do("state")["channels"][channel]
        return found

    def showing(self, *words: str, channel: str = "desk") -> dict[str, Any]:
        """The newest message that has all these words, waited for."""

        def look() -> dict[str, Any] | None:
            found = [m for m in self.messages(channel) if all(w in json.dumps(m, ensure_ascii=False) for w in words)]
            return found[-1] if found else None

        return until(look, f"{words} in {channel}")

    def close(self) -> None:
        """End it; what no installation must ever see is a failure."""
        problems = self.do("check")
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        assert problems == [], problems


@contextmanager
def chat(module: str, *args: str) -> Iterator[ChatProcess]:
    """`tests.fakes.slack` or `tests.fakes.discord`, started and judged at the end."""
    command = [sys.executable, "-m", module, "--port", "0", *args]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told: dict[str, str] = json.loads(process.stdout.readline())
        settings = {name: value for name, value in told.items() if name.isupper()}
        running = ChatProcess(settings=settings, control=told["control"], process=process)
        yield running
        running.close()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
