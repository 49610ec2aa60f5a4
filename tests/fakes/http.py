"""A scripted `Http`: each expected call is written down before it is made, and any other call fails the test."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services.domain.errors import DeskError, OutcomeUnknown, RateLimited, Unavailable
from services.ports.http import Answer, Effect, HttpRequest
from services.transport import calls_left

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class UnexpectedRequest(AssertionError):
    """The code under test made a call that the script does not know."""


@dataclass(kw_only=True)
class Step:
    """One expected call and its answer."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    lost: bool
    error: DeskError | None


@dataclass
class FakeHttp:
    """`Http` by script. A step matches on the method and the end of the URL's path; equal ones are used in order."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    """What a 429 without a reset counts from: one hour later."""
    requests: list[HttpRequest] = field(default_factory=list)
    """Every call made through `send`, in order."""
    pages: list[str] = field(default_factory=list)
    """Every URL asked of `fetch_page`, in order."""
    _steps: list[Step] = field(default_factory=list)

    def on(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        json_body: object = None,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        lost: bool = False,
        error: DeskError | None = None,
    ) -> FakeHttp:
        """Expect one call; `lost`: its answer does not arrive; `error`: raised as it is. `body` beats `json_body`."""
        raw = json.dumps(json_body) if body is None else body
        data = raw.encode() if isinstance(raw, str) else raw
        known = {name.lower(): value for name, value in (headers or {}).items()}
        self._steps.append(
            Step(method=method, path=path, status=status, headers=known, body=data, lost=lost, error=error)
        )
        return self

    async def send(self, request: HttpRequest) -> Answer:
        """Play the first step that fits; 429, 5xx and lost answers raise as the real transport does."""
        self.requests.append(request)
        return self._play(request.method, request.url, request.effect)

    async def fetch_page(self, url: str, *, timeout: float = 3.0, max_bytes: int = 512_000) -> Answer:
        """A scripted GET, matched like any other."""
        self.pages.append(url)
        answer = self._play("GET", url, Effect.READ)
        return Answer(status=answer.status, headers=answer.headers, body=answer.body[:max_bytes], effect=answer.effect)

    def finish(self) -> None:
        """Fail when a call that was expected has not been made."""
        left = [f"{s.method} {s.path}" for s in self._steps]
        if left:
            msg = f"never called: {', '.join(left)}"
            raise AssertionError(msg)

    def calls(self) -> Sequence[str]:
        """What was called, as "METHOD /path", in order."""
        return [f"{r.method} {urlsplit(r.url).path}" for r in self.requests]

    def _play(self, method: str, url: str, effect: Effect) -> Answer:
        path = urlsplit(url).path
        for step in self._steps:
            if step.method == method and path.endswith(step.path):
                self._steps.remove(step)
                return self._answer(step, effect)
        msg = f"{method} {url} was not expected; expected next: {[(s.method, s.path) for s in self._steps]}"
        raise UnexpectedRequest(msg)

    def _answer(self, step: Step, effect: Effect) -> Answer:
        if step.error is not None:
            raise step.error
        if step.status == 429:
            until = self.now + timedelta(hours=1)
            said, left = step.body.decode(), calls_left(step.headers)
            raise RateLimited("The server asks to slow down.", until=until, said=said, dated=False, left=left)
        if step.lost or step.status >= 500:
            if effect is Effect.IRREVERSIBLE:
                raise OutcomeUnknown("The server did not say whether it worked.")
            raise Unavailable("The server did not answer.")
        return Answer(status=step.status, headers=step.headers, body=step.body, effect=effect)
