"""Remembering what chat needs, as repositories in a transaction: who is who, who let us in, what was seen and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.channel import ReviewChannel
    from services.domain.identity import ChatIdentity, GroupRole, Installation, LinkCode
    from services.domain.ids import PersonId


class IdentityRepository(Protocol):
    """Chat accounts and whom they speak for, groups and their roles, and the codes that link."""

    def get(self, surface: str, team: str, user: str) -> ChatIdentity | None:
        """None for somebody who never came."""
        ...

    def of(self, person_id: PersonId) -> Sequence[ChatIdentity]:
        """In order of arrival."""
        ...

    def put(self, identity: ChatIdentity) -> None:
        """Insert or replace by surface, team and user."""
        ...

    def list(self, surface: str) -> Sequence[ChatIdentity]:
        """In order of arrival."""
        ...

    def has_admin(self, surface: str, team: str) -> bool:
        """Whether somebody of this team was made an admin by hand."""
        ...

    def groups(self, surface: str, team: str) -> Sequence[GroupRole]:
        """By name."""
        ...

    def all_groups(self) -> Sequence[GroupRole]:
        """Of every team, in order of surface and team, then by name."""
        ...

    def put_group(self, group_role: GroupRole) -> None:
        """Insert or replace by surface, team and group."""
        ...

    def remove_group(self, surface: str, team: str, group: str) -> bool:
        """False when it meant nothing."""
        ...

    def add_code(self, code: LinkCode) -> None:
        """Each person has one code at most: a new one replaces theirs."""
        ...

    def take_code(self, digest: str, *, now: datetime) -> LinkCode | None:
        """Give a live code once; expired ones are removed and never given."""
        ...

    def add_try(self, surface: str, team: str, user: str, *, at: datetime) -> None:
        """Note that this account gave a wrong code."""
        ...

    def tries(self, surface: str, team: str, user: str, *, since: datetime) -> Sequence[datetime]:
        """When this account gave wrong codes from `since` on, oldest first."""
        ...

    def forget_tries(self, *, before: datetime) -> int:
        """Remove what is older; gives how many there were."""
        ...


class InstallationRepository(Protocol):
    """Chat teams that let the desk in; tokens only as sealed bytes."""

    def get(self, surface: str, team: str) -> Installation | None:
        """None when the desk is not installed there."""
        ...

    def list(self, surface: str) -> Sequence[Installation]:
        """In order of installation."""
        ...

    def sealed(self, surface: str, team: str) -> bytes:
        """The sealed token; raises `NotFound`."""
        ...

    def put(self, installation: Installation, sealed: bytes) -> None:
        """Insert or replace by surface and team, the token with it."""
        ...

    def remove(self, surface: str, team: str) -> bool:
        """Forget it with its token; False when it was not there."""
        ...

    def add_state(self, digest: str, *, expires_at: datetime) -> None:
        """Remember that somebody was sent to agree; only the digest of the OAuth state is kept."""
        ...

    def take_state(self, digest: str, *, now: datetime) -> bool:
        """True once for a live one; expired ones are removed."""
        ...


class ChatRepository(Protocol):
    """What was handled, what was uploaded, and which channels are for what."""

    def first_seen(self, surface: str, event_id: str, *, at: datetime) -> bool:
        """True the first time: a surface may hand the same event over again."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Remove events that were seen earlier; gives how many there were."""
        ...

    def review_channels(self, surface: str | None = None) -> Sequence[ReviewChannel]:
        """In order of surface and place."""
        ...

    def route_review(self, channel: ReviewChannel) -> None:
        """Insert or replace by surface and place."""
        ...

    def unroute_review(self, surface: str, place: str) -> bool:
        """False when it was none."""
        ...

    def uploaded(self, surface: str, team: str, digest: str) -> str | None:
        """The surface's reference of a file it has already."""
        ...

    def put_upload(self, surface: str, team: str, digest: str, ref: str, *, at: datetime) -> None:
        """Insert or replace by surface, team and digest."""
        ...
