"""Things that go wrong on purpose, and Slack's pace limits for those who ask for them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tests.fakes.real_clock import Clock
from tests.fakes.slack.basics import ApiError
from tests.fakes.slack.scopes import TIER, TIERS

BURST: Final = 3
"""Messages to one channel that Slack lets through at once before one a second counts."""


@dataclass(kw_only=True)
class Fault:
    """What a method does instead of its work, `times` times."""

    status: int = 200
    error: str = ""
    retry_after: int | None = None
    slow: float = 0.0
    after: bool = False
    """Whether the work is done first, so that only the answer is lost."""
    times: int = 1

    def raise_it(self) -> None:
        """Answer with it."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.error or self.status != 200:
            code = self.error or ("ratelimited" if self.status == 429 else "internal_error")
            raise ApiError(code, status=self.status, headers=headers)


@dataclass(kw_only=True)
class Faults:
    """The faults that wait, by method, and the limiter."""

    clock: Clock
    strict_rate: bool = False
    waiting: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _calls: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, method: str) -> Fault | None:
        """The fault this call meets."""
        queue = self.waiting[method]
        if not queue:
            return None
        queue[0].times -= 1
        return queue[0] if queue[0].times > 0 else queue.popleft()

    def pace(self, method: str, args: Mapping[str, object]) -> None:
        """Raise 429 when the app is too fast."""
        if not self.strict_rate:
            return
        if method == "chat.postMessage":
            self._hold(f"post {args.get('channel')}", BURST, timedelta(seconds=BURST))
        elif method in TIER:
            self._hold(method, TIERS[TIER[method]], timedelta(minutes=1))

    def _hold(self, key: str, most: int, within: timedelta) -> None:
        now, calls = self.clock.now(), self._calls[key]
        while calls and now - calls[0] >= within:
            calls.popleft()
        if len(calls) >= most:
            wait = max(1, round((within - (now - calls[0])).total_seconds()))
            raise ApiError("ratelimited", status=429, headers={"Retry-After": str(wait)})
        calls.append(now)
