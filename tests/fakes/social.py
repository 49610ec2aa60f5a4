"""A network with people, tokens that age and servers that fail by script: for everything about accounts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity, Limits
from services.domain.delivery import Receipt
from services.domain.errors import NeedsReauth
from services.domain.ids import PlatformSlug
from services.ports.platform import RENEW_AHEAD, CredentialField, Measure, PlatformSpec, Roles

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from services.ports.clock import Clock
    from services.ports.options import PostOption
    from services.ports.platform import Connection, MediaReader, OutgoingPart, PictureShape

LIMITS: Final = Limits(text=60, unit="characters", images=1, thread_parts=3)


@dataclass(kw_only=True)
class FakeSocial:
    """One network; every account on it is a token."""

    clock: Clock
    slug: str = "mastodon"
    label: str = "Mastodon"
    identified: bool = False
    """Whether it asks for an identifier beside the token, as some do."""
    people: dict[str, tuple[str, str]] = field(default_factory=lambda: {"token-1": ("1001", "driftseas@social.test")})
    """Remote id and handle by token."""
    limits: Limits = LIMITS
    pulls: bool = False
    """Whether it fetches pictures from the desk, and so takes none where it can't."""
    base_url: str = ""
    """Where the identity lives; empty: where it was asked."""
    learned: Mapping[str, str] = field(default_factory=dict)
    """What a check teaches beside who it is."""
    advice: str = ""
    """What it has an operator see to."""
    options: tuple[PostOption, ...] = ()
    """What may be chosen for a post."""
    shapes: tuple[PictureShape, ...] = ()
    """Choices with a shape of their own."""
    verifying: deque[Exception] = field(default_factory=deque)
    refreshing: deque[Exception | Mapping[str, str]] = field(default_factory=deque)
    verified: list[Mapping[str, str]] = field(default_factory=list)
    """The credentials of every check."""
    refreshed: list[Mapping[str, str]] = field(default_factory=list)
    """The credentials of every refresh that was asked for."""
    renew_ahead: timedelta = RENEW_AHEAD
    gate: asyncio.Event | None = None
    """When set, a refresh waits for it."""

    def spec(self) -> PlatformSpec:
        """Its facts."""
        plain = (CredentialField(name="identifier", label="Handle", secret=False, help="Your handle."),)
        return PlatformSpec(
            slug=PlatformSlug(self.slug),
            label=self.label,
            fields=(
                *(plain if self.identified else ()),
                CredentialField(name="access_token", label="Token", secret=True, help="Make one in the settings."),
                CredentialField(name="refresh_token", label="Refresh token", secret=True, required=False),
                CredentialField(name="expires", label="End", secret=False, required=False),
            ),
            rules=_Rules(),
            default_limits=LIMITS,
            dedupe=Dedupe.KEY,
            key_life=timedelta(hours=1),
            guidance="Be short.",
            connect=lambda connection: _connect(self, connection),
            default_base_url="https://default.test",
            pulls_pictures=self.pulls,
            renew_ahead=self.renew_ahead,
            options=self.options,
            shapes=self.shapes,
        )


def _connect(social: FakeSocial, connection: Connection) -> Roles:
    seat = _Seat(social=social, connection=connection)
    return Roles(verifier=seat, publisher=seat, refresher=seat if "expires" in connection.credentials else None)


@dataclass(frozen=True)
class _Seat:
    """Speaks for one connection."""

    social: FakeSocial
    connection: Connection

    async def verify(self) -> Identity:
        credentials = dict(self.connection.credentials)
        self.social.verified.append(credentials)
        if self.social.verifying:
            raise self.social.verifying.popleft()
        known = self.social.people.get(credentials["access_token"])
        if known is None:
            raise NeedsReauth("The token is not known here.")
        hidden = self.social.pulls and self.connection.pictures is None
        return Identity(
            remote_id=known[0],
            handle=known[1],
            name="Drift Seas",
            dedupe=Dedupe.KEY,
            limits=replace(self.social.limits, images=0) if hidden else self.social.limits,
            base_url=self.social.base_url or self.connection.base_url,
            credentials=self.social.learned,
            advice=self.social.advice,
        )

    def expires_at(self) -> datetime | None:
        return datetime.fromisoformat(self.connection.credentials["expires"])

    async def refresh(self) -> Mapping[str, str]:
        self.social.refreshed.append(dict(self.connection.credentials))
        if self.social.gate is not None:
            await self.social.gate.wait()
        answer = self.social.refreshing.popleft() if self.social.refreshing else {}
        if isinstance(answer, Exception):
            raise answer
        number = len(self.social.refreshed)
        fresh = {
            "access_token": f"renewed-{number}",
            "refresh_token": f"refresh-{number}",
            "expires": (self.social.clock.now() + timedelta(hours=2)).isoformat(),
        }
        return {**fresh, **answer}

    def needs_preparing(self, part: OutgoingPart) -> bool:
        return bool(part.pictures)

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        return {}

    async def send(self, part: OutgoingPart) -> Receipt:
        return Receipt(part=part.index, remote_id="1", url="https://social.test/1", at=self.social.clock.now())


class _Rules:
    def measure(self, text: str, limits: Limits) -> Measure:
        return Measure(length=len(text), limit=limits.text, unit=limits.unit)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        return (text,)
