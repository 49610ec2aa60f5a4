"""Speaking HTTP to networks, with one idea of what is certain after a failure."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from services.domain.errors import DeskError, OutcomeUnknown, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence


class Effect(StrEnum):
    """What a request does when it gets through, which decides what its loss means."""

    READ = "read"
    """Nothing changes."""
    REPEATABLE = "repeatable"
    """Something changes that may be done again without harm (uploads, sessions, deleting)."""
    IRREVERSIBLE = "irreversible"
    """A second time would be seen by the public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A body too large to be held: read while it is sent, from its beginning each time."""

    size: int
    """Bytes, which the pieces add up to."""
    read: Callable[[], AsyncIterator[bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file of a multipart form."""

    name: str
    filename: str
    mime: str
    data: bytes | Stream = field(repr=False)

    @property
    def length(self) -> int:
        """Bytes of the file."""
        return self.data.size if isinstance(self.data, Stream) else len(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One call; at most one of `json`, `form` (with or without `uploads`) and `content`."""

    method: str
    url: str
    effect: Effect
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Sequence[tuple[str, str]] = field(default=(), repr=False)
    json: object = field(default=None, repr=False)
    form: Sequence[tuple[str, str]] = field(default=(), repr=False)
    uploads: Sequence[Upload] = ()
    content: bytes | Stream | None = field(default=None, repr=False)
    timeout: float = 30.0
    """Seconds for the whole call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer below 500 that is not a 429; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    effect: Effect

    @property
    def ok(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status < 300

    def data(self) -> dict[str, object]:
        """The body as a JSON object; what else comes on a 2xx leaves the outcome as unknown as the effect makes it."""
        value = self.value()
        if not isinstance(value, dict):
            raise self.unreadable()
        return value

    def value(self) -> object:
        """The body as any JSON value, with the same care."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise self.unreadable() from None

    def unreadable(self) -> DeskError:
        """The error for an answer that can't be understood."""
        message = f"The server answered {self.status} with something that is not the expected JSON."
        if self.effect is Effect.IRREVERSIBLE and self.ok:
            return OutcomeUnknown(message)
        return Unavailable(message, next_step="It is tried again by itself.")


class Http(Protocol):
    """Sends a request once.

    Raises `Unavailable` (never sent, or a lost or 5xx answer to what may be repeated), `OutcomeUnknown` (the same for
    something irreversible), `RateLimited` (429, with the reset in any of the networks' dialects).
    """

    async def send(self, request: HttpRequest) -> Answer:
        """No redirects are followed and nothing is retried."""
        ...

    async def fetch_page(self, url: str, *, timeout: float = 3.0, max_bytes: int = 512_000) -> Answer:
        """GET a public page named by a person, through the guard that keeps private addresses unreachable."""
        ...


Keep = Callable[[bytes], Awaitable[None]]
"""Takes the next piece of a file."""


class Downloads(Protocol):
    """Reads files that people name by their address."""

    async def fetch_file(self, url: str, keep: Keep, *, timeout: float) -> None:
        """GET a public file piece by piece, through the same guard as `Http.fetch_page`; `timeout` is for all of it.

        Raises `Refused` for what must not be fetched or is not handed out, `Unavailable` for what can't be reached, and
        whatever `keep` raises.
        """
        ...
