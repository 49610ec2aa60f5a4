"""What the web door is told by whoever opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from services.access import OWNER

if TYPE_CHECKING:
    from handlers.web.sources import PracticeFeed
    from services.domain.ids import PersonId


class SignIn(Protocol):
    """Links that let a browser in once."""

    def new(self, person_id: PersonId = OWNER) -> str:
        """A fresh token that signs this person in."""
        ...

    def whose(self, token: str) -> PersonId | None:
        """Whom a good token would sign in; it stays good."""
        ...

    def consume(self, token: str) -> PersonId | None:
        """Whom a good token signs in, the first time it is shown."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the desk serves, and how its parts and chat surfaces are, each in a word."""

    ready: bool
    parts: Mapping[str, str] = field(default_factory=dict)
    surfaces: Mapping[str, str] = field(default_factory=dict)


def _always() -> Readiness:
    return Readiness(ready=True)


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Where the door stands and which keys fit."""

    token: str = field(repr=False)
    """The bearer token of the API."""
    secret: bytes = field(repr=False)
    """What session cookies and form tokens are signed with; at least 16 bytes."""
    sign_in: SignIn
    host: str = "127.0.0.1"
    public_url: str | None = None
    undo: timedelta | None = None
    """How long "publish now" can be taken back, for telling people; None when it is not known here."""
    practice: Callable[[], bool] = _never
    """Whether nothing leaves this machine at the moment."""
    readiness: Callable[[], Readiness] = _always
    practice_feed: PracticeFeed | None = None
    """The practice networks as they look; None where there are none."""

    @property
    def secure(self) -> bool:
        """True when people come over https, so that cookies never travel otherwise."""
        return (self.public_url or "").startswith("https://")
