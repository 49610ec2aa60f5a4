"""How Slack hands something to the app, and what counts as an answer, whichever way it travels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from tests.fakes.slack.basics import Json

Kind: TypeAlias = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Which repetition of an event this is, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The app's acknowledgement."""

    acked: bool
    seconds: float = 0.0
    """How long it took, by the machine's clock or the test's, whichever says more."""
    payload: Any = None
    """What came with it, if anything."""
    why: str = ""
    """Why it does not count, as Slack names reasons for a retry."""


class Carrier(Protocol):
    """A way to the app: a socket, or signed requests."""

    async def send(self, kind: Kind, payload: Json, retry: Retry | None) -> Answer:
        """Deliver and wait for the answer, three seconds at most."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
