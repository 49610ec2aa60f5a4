"""A desk as its own process, spoken to over the HTTP face only, like a stranger's script would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds until a wait for the process counts as failed; far above what it takes."""
NETWORKS = ("mastodon", "bluesky", "x", "linkedin", "threads", "facebook", "instagram", "tiktok")
"""Those a desk in practice has an account on, in order of connection."""
T = TypeVar("T")


def free_port() -> int:
    """A port whose neighbour is free too, for the practice networks."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def until(look: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
    """Look again and again until there is something."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    msg = f"waited in vain for {what}"
    raise AssertionError(msg)


@dataclass
class RunningDesk:
    """A process on a data directory; it can be killed and started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    part: str = "--all"
    """Or --surfaces, or --worker, which has no page to wait for."""
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of ours from outside, no proxies, and a short time to undo."""
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "PYTHONPATH"}}
        own = {"COPYDESK_DATA_DIR": str(self.folder / "var"), "COPYDESK_PORT": str(self.port)}
        return {**kept, **own, "COPYDESK_UNDO_SECONDS": "1", **self.settings}

    def start(self) -> None:
        """Run `python -m bot run` until it is ready."""
        log = (self.folder / "log.txt").open("a")
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()
        if self.part != "--worker":
            until(self._ready, "the desk to be ready")

    @property
    def command(self) -> list[str]:
        """What an operator types."""
        return [sys.executable, "-m", "bot", "run", self.part]

    def refused(self) -> tuple[int, str, str]:
        """Run it expecting that it ends by itself; gives exit code, stdout and stderr."""
        done = subprocess.run(
            self.command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return done.returncode, done.stdout, done.stderr

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log.txt").read_text()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """As if the plug were pulled."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self._close()

    def stop(self) -> int:
        """As an operator stops it; gives the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self._close()
        return code

    def _close(self) -> None:
        assert self.process is not None
        if self.process.stdout is not None:
            self.process.stdout.close()

    @property
    def log(self) -> str:
        """What the process wrote to stderr."""
        return (self.folder / "log.txt").read_text()

    @property
    def client(self) -> httpx.Client:
        """A client with the bearer token."""
        token = (self.folder / "var" / "token").read_text()
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=70,
            trust_env=False,
        )


@dataclass
class Script:
    """The HTTP face as a script uses it."""

    http: httpx.Client

    def command(self, text: str, who: str = "owner", expect: int = 200) -> dict[str, Any]:
        """Type something; gives the first card or form."""
        return self._first(self.http.post("/api/command", json={"text": text, "as": who}), expect)

    def press(
        self,
        card: dict[str, Any],
        label: str,
        fields: dict[str, str] | None = None,
        who: str = "owner",
        expect: int = 200,
    ) -> dict[str, Any]:
        """Press the button with this label."""
        [button] = [b for b in card["buttons"] if b["label"] == label]
        body: dict[str, Any] = {"id": button["id"], "as": who}
        if fields is not None:
            body["fields"] = fields
        return self._first(self.http.post("/api/action", json=body), expect)

    def _first(self, answer: httpx.Response, expect: int) -> dict[str, Any]:
        assert answer.status_code == expect, answer.text
        body: dict[str, Any] = answer.json()
        if expect >= 400:
            return body
        reply = body["replies"][0]
        found: dict[str, Any] = reply["card"] or reply["form"] or reply
        return found

    def draft(self, draft_id: str) -> dict[str, Any]:
        """The draft as the API shows it."""
        found: dict[str, Any] = self.http.get(f"/api/drafts/{draft_id}").json()
        return found

    def deliveries(self, draft_id: str) -> list[dict[str, Any]]:
        """Those of one draft."""
        every = self.http.get("/api/deliveries").json()["deliveries"]
        return [d for d in every if d["draft_id"] == draft_id]

    def published(self, draft_id: str, count: int = 0) -> list[dict[str, Any]]:
        """Wait until so many deliveries are live, or else one for each text of the draft."""
        count = count or len(self.draft(draft_id)["variants"])

        def look() -> list[dict[str, Any]] | None:
            live = [d for d in self.deliveries(draft_id) if d["state"] == "PUBLISHED"]
            return live if len(live) == count else None

        return until(look, f"{count} published deliveries")

    def networks(self) -> Practice:
        """The practice networks' own view of what is live."""
        base = self.http.get("/api/accounts").json()["accounts"][0]["base_url"]
        return Practice(base.rsplit("/", 1)[0])


@dataclass
class Practice:
    """What the stand-ins say became public."""

    url: str

    def posts(self, network: str) -> list[dict[str, Any]]:
        """Those that came from the desk, oldest first."""
        answer = httpx.get(f"{self.url}/_practice/posts", params={"network": network}, trust_env=False)
        return [p for p in answer.json()["posts"] if p["origin"] == "desk"]

    def fault(self, **fault: object) -> None:
        """Script a fault."""
        httpx.post(f"{self.url}/_practice/faults", json=fault, trust_env=False).raise_for_status()


@contextmanager
def running(
    folder: Path, settings: Mapping[str, str] | None = None, *, part: str = "--all", port: int | None = None
) -> Iterator[RunningDesk]:
    """A started desk, stopped in the end."""
    desk = RunningDesk(folder, port=port or free_port(), settings=settings or {}, part=part)
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()
