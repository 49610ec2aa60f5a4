"""Things that go wrong on purpose, and Discord's pace limits for those who ask for them."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tests.fakes.discord.basics import ApiError, Refused
from tests.fakes.real_clock import Clock

BURST: Final = 5
"""Messages to one channel in five seconds."""
GLOBAL: Final = 50
"""Calls a second, those of interactions not counted."""
_ROUTE: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE|\*) (/\S*)")


@dataclass(kw_only=True)
class Fault:
    """What a call does instead of its work, `times` times."""

    status: int = 200
    code: int = 0
    message: str = ""
    retry_after: float = 1.0
    everywhere: bool = False
    """Whether a 429 holds for every route."""
    via: bool = True
    """Whether it came from Discord; without, it came from the guard before it, which bans."""
    slow: float = 0.0
    after: bool = False
    """Whether the work is done first, so that only the answer is lost."""
    times: int = 1

    def raise_it(self) -> None:
        """Answer with it."""
        if self.status == 429:
            raise limited(self.retry_after, everywhere=self.everywhere, via=self.via)
        if self.status != 200:
            raise ApiError(self.status, self.code, self.message or f"{self.status}: injected")


def limited(retry_after: float, *, everywhere: bool = False, via: bool = True) -> ApiError:
    """429 with everything a client reads of it."""
    headers = {"Retry-After": str(max(1, round(retry_after))), "X-RateLimit-Scope": "global" if everywhere else "user"}
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    if not via:
        headers["Via"] = ""
    told = {"retry_after": retry_after, "global": everywhere}
    return ApiError(429, 0, "You are being rate limited.", headers=headers, **told)


def pattern(route: str) -> re.Pattern[str]:
    """`POST /channels/*/messages` as something to match a call with; a part in braces is like the star."""
    match = _ROUTE.fullmatch(route)
    if match is None:
        raise Refused(f"{route!r} is no route. One is written like this: POST /channels/*/messages")
    method, path = match.groups()
    parts = [r"[^/]+" if part == "*" or part.startswith("{") else re.escape(part) for part in path.split("/")]
    return re.compile(f"{r'[A-Z]+' if method == '*' else method} {'/'.join(parts)}")


@dataclass(kw_only=True)
class Faults:
    """The faults that wait, in order, and the limiter."""

    clock: Clock
    strict_rate: bool = False
    waiting: list[tuple[re.Pattern[str], Fault]] = field(default_factory=list)
    _calls: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def add(self, route: str, fault: Fault) -> None:
        """Let it wait for a call of this route."""
        self.waiting.append((pattern(route), fault))

    def take(self, call: str) -> Fault | None:
        """The fault this call meets."""
        for number, (route, fault) in enumerate(self.waiting):
            if route.fullmatch(call):
                fault.times -= 1
                if fault.times <= 0:
                    del self.waiting[number]
                return fault
        return None

    def pace(self, call: str) -> None:
        """Raise 429 when the app is too fast."""
        if not self.strict_rate or " /interactions/" in call or " /webhooks/" in call:
            return
        self._hold("everything", GLOBAL, timedelta(seconds=1), everywhere=True)
        if re.fullmatch(r"POST /channels/\d+/messages", call):
            self._hold(call, BURST, timedelta(seconds=5))

    def _hold(self, key: str, most: int, within: timedelta, *, everywhere: bool = False) -> None:
        now, calls = self.clock.now(), self._calls[key]
        while calls and now - calls[0] >= within:
            calls.popleft()
        if len(calls) >= most:
            raise limited((within - (now - calls[0])).total_seconds(), everywhere=everywhere)
        calls.append(now)
