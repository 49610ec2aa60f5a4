"""The part of the store in memory that remembers who is who in chat, who let us in, and what was handled."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from services.domain.actor import Role
from services.domain.errors import Conflict, NotFound
from services.ports.storage import WriteInRead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.domain.actor import Person
    from services.domain.channel import ReviewChannel
    from services.domain.identity import ChatIdentity, GroupRole, Installation, LinkCode
    from services.domain.ids import PersonId
    from services.domain.signin import Passage, Stage


@dataclass(slots=True)
class Talk:
    """Everything about chat; copied before each write."""

    identities: dict[tuple[str, str, str], ChatIdentity] = field(default_factory=dict)
    groups: dict[tuple[str, str, str], GroupRole] = field(default_factory=dict)
    codes: dict[str, LinkCode] = field(default_factory=dict)
    tries: tuple[tuple[str, str, str, datetime], ...] = ()
    installations: dict[tuple[str, str], tuple[Installation, bytes]] = field(default_factory=dict)
    states: dict[str, datetime] = field(default_factory=dict)
    events: dict[tuple[str, str], datetime] = field(default_factory=dict)
    channels: dict[tuple[str, str], ReviewChannel] = field(default_factory=dict)
    uploads: dict[tuple[str, str, str], str] = field(default_factory=dict)
    passages: dict[str, tuple[Passage, bytes]] = field(default_factory=dict)

    def twin(self) -> Talk:
        """One level deep: the values themselves never change."""
        twin = copy(self)
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            setattr(twin, name, dict(value) if isinstance(value, dict) else value)
        return twin

    def speaks_for(self, person_id: PersonId) -> bool:
        """Whether a chat account stands for this person."""
        return any(i.person_id == person_id for i in self.identities.values())


class _Book:
    def __init__(self, talk: Talk, *, writable: bool) -> None:
        self._all = talk
        self._writable = writable

    @property
    def _own(self) -> Talk:
        if not self._writable:
            msg = "A read can't write."
            raise WriteInRead(msg)
        return self._all


def _arrival(identity: ChatIdentity) -> tuple[datetime, str, str, str]:
    return (identity.created_at, identity.surface, identity.team, identity.user)


class MemoryIdentities(_Book):
    """Implements the port's `IdentityRepository`."""

    def __init__(self, talk: Talk, people: Mapping[PersonId, Person], *, writable: bool) -> None:
        """`people` are those whom a chat account can speak for."""
        super().__init__(talk, writable=writable)
        self._people = people

    def get(self, surface: str, team: str, user: str) -> ChatIdentity | None:
        """By the surface's own ids."""
        return self._all.identities.get((surface, team, user))

    def of(self, person_id: PersonId) -> Sequence[ChatIdentity]:
        """In order of arrival."""
        return sorted((i for i in self._all.identities.values() if i.person_id == person_id), key=_arrival)

    def put(self, identity: ChatIdentity) -> None:
        """Insert or replace."""
        own = self._own
        if identity.person_id not in self._people:
            msg = "What this chat account belongs to is not here."
            raise NotFound(msg)
        own.identities[(identity.surface, identity.team, identity.user)] = identity

    def list(self, surface: str) -> Sequence[ChatIdentity]:
        """In order of arrival."""
        return sorted((i for i in self._all.identities.values() if i.surface == surface), key=_arrival)

    def has_admin(self, surface: str, team: str) -> bool:
        """Whether somebody of this team was made an admin by hand."""
        there = [self._people[i.person_id] for i in self.list(surface) if i.team == team]
        return any(p.assigned and p.role is Role.ADMIN for p in there)

    def groups(self, surface: str, team: str) -> Sequence[GroupRole]:
        """By name."""
        found = (g for g in self._all.groups.values() if (g.surface, g.team) == (surface, team))
        return sorted(found, key=lambda g: (g.name, g.group))

    def all_groups(self) -> Sequence[GroupRole]:
        """Of every team."""
        return sorted(self._all.groups.values(), key=lambda g: (g.surface, g.team, g.name, g.group))

    def put_group(self, group_role: GroupRole) -> None:
        """Insert or replace."""
        self._own.groups[(group_role.surface, group_role.team, group_role.group)] = group_role

    def remove_group(self, surface: str, team: str, group: str) -> bool:
        """False when it meant nothing."""
        return self._own.groups.pop((surface, team, group), None) is not None

    def add_code(self, code: LinkCode) -> None:
        """In place of the person's earlier one."""
        own = self._own
        for digest in [d for d, c in own.codes.items() if c.person_id == code.person_id]:
            del own.codes[digest]
        if code.digest in own.codes:
            msg = "This code is here already."
            raise Conflict(msg)
        own.codes[code.digest] = code

    def take_code(self, digest: str, *, now: datetime) -> LinkCode | None:
        """Once."""
        own = self._own
        for expired in [d for d, c in own.codes.items() if c.expires_at <= now]:
            del own.codes[expired]
        return own.codes.pop(digest, None)

    def add_try(self, surface: str, team: str, user: str, *, at: datetime) -> None:
        """Note a wrong code."""
        self._own.tries += ((surface, team, user, at),)

    def tries(self, surface: str, team: str, user: str, *, since: datetime) -> Sequence[datetime]:
        """Oldest first."""
        return sorted(at for *who, at in self._all.tries if who == [surface, team, user] and at >= since)

    def forget_tries(self, *, before: datetime) -> int:
        """Of everybody."""
        own = self._own
        kept = tuple(row for row in own.tries if row[3] >= before)
        gone, own.tries = len(own.tries) - len(kept), kept
        return gone


class MemoryInstallations(_Book):
    """Implements the port's `InstallationRepository`."""

    def get(self, surface: str, team: str) -> Installation | None:
        """Without its token."""
        found = self._all.installations.get((surface, team))
        return None if found is None else found[0]

    def list(self, surface: str) -> Sequence[Installation]:
        """In order of installation."""
        there = (i for i, _ in self._all.installations.values() if i.surface == surface)
        return sorted(there, key=lambda i: (i.at, i.team))

    def sealed(self, surface: str, team: str) -> bytes:
        """Raises `NotFound`."""
        found = self._all.installations.get((surface, team))
        if found is None:
            msg = f"The desk is not installed in {team}."
            raise NotFound(msg)
        return found[1]

    def put(self, installation: Installation, sealed: bytes) -> None:
        """Insert or replace."""
        self._own.installations[(installation.surface, installation.team)] = (installation, sealed)

    def remove(self, surface: str, team: str) -> bool:
        """False when it was not there."""
        return self._own.installations.pop((surface, team), None) is not None

    def add_state(self, digest: str, *, expires_at: datetime) -> None:
        """Raises `Conflict` when it was given out already."""
        if digest in self._own.states:
            msg = "This state is here already."
            raise Conflict(msg)
        self._own.states[digest] = expires_at

    def take_state(self, digest: str, *, now: datetime) -> bool:
        """Once."""
        own = self._own
        for expired in [d for d, at in own.states.items() if at <= now]:
            del own.states[expired]
        return own.states.pop(digest, None) is not None


class MemoryPassages(_Book):
    """Implements the port's `PassageRepository`."""

    def add(self, passage: Passage, sealed: bytes) -> None:
        """Raises `Conflict` when its word was given out already."""
        own = self._own.passages
        if passage.digest in own:
            msg = "This link is here already."
            raise Conflict(msg)
        own[passage.digest] = (passage, sealed)

    def get(self, digest: str, stage: Stage, *, now: datetime) -> Passage | None:
        """Without using it up."""
        found = self._all.passages.get(digest)
        return found[0] if found and found[0].stage is stage and found[0].expires_at > now else None

    def take(self, digest: str, stage: Stage, *, now: datetime) -> tuple[Passage, bytes] | None:
        """Once."""
        own = self._own.passages
        for expired in [d for d, (p, _) in own.items() if p.expires_at <= now]:
            del own[expired]
        found = own.get(digest)
        return own.pop(digest) if found and found[0].stage is stage else None

    def list(self, stage: Stage, *, now: datetime) -> Sequence[Passage]:
        """Oldest first."""
        found = [p for p, _ in self._all.passages.values() if p.stage is stage and p.expires_at > now]
        return sorted(found, key=lambda p: (p.expires_at, p.digest))


class MemoryChat(_Book):
    """Implements the port's `ChatRepository`."""

    def first_seen(self, surface: str, event_id: str, *, at: datetime) -> bool:
        """The first time only; when that was stays."""
        own = self._own.events
        if (surface, event_id) in own:
            return False
        own[(surface, event_id)] = at
        return True

    def forget(self, *, before: datetime) -> int:
        """On every surface."""
        own = self._own.events
        gone = [key for key, at in own.items() if at < before]
        for key in gone:
            del own[key]
        return len(gone)

    def review_channels(self, surface: str | None = None) -> Sequence[ReviewChannel]:
        """In order of surface and place."""
        found = (c for c in self._all.channels.values() if surface is None or c.surface == surface)
        return sorted(found, key=lambda c: (c.surface, c.place))

    def route_review(self, channel: ReviewChannel) -> None:
        """Insert or replace."""
        self._own.channels[(channel.surface, channel.place)] = channel

    def unroute_review(self, surface: str, place: str) -> bool:
        """False when it was none."""
        return self._own.channels.pop((surface, place), None) is not None

    def uploaded(self, surface: str, team: str, digest: str) -> str | None:
        """The reference of the latest upload."""
        return self._all.uploads.get((surface, team, digest))

    def put_upload(self, surface: str, team: str, digest: str, ref: str, *, at: datetime) -> None:
        """Insert or replace."""
        del at
        self._own.uploads[(surface, team, digest)] = ref
