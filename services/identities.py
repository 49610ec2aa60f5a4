"""Who somebody in chat is here: a person of their own, or the one that a one-time code joined them to."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import replace
from datetime import timedelta
from itertools import chain, count
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from services.access import LONGEST_NAME, OWNER, Permission, keep_role, may, require, require_other_admin
from services.domain.actor import Person, Role
from services.domain.errors import InvalidInput, NotFound, RateLimited
from services.domain.identity import ChatIdentity, GroupRole, LinkCode, Standing
from services.domain.ids import PersonId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.identity import Visitor
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of codes: nothing that could be read as something else."""
CODE_LETTERS: Final = 8
CODE_LIFE: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
"""Wrong codes from one account within `TRIES_WITHIN`; the next try waits, right or wrong."""
TRIES_WITHIN: Final = timedelta(minutes=10)
_NAMELESS: Final = "Somebody"
_log = structlog.get_logger(__name__)


class Identities:
    """Finds the person behind a chat account; the surface in front has proved that the account is theirs."""

    def __init__(self, store: Store, clock: Clock, zone: str) -> None:
        """`zone` is the IANA name of those whose surface knows none."""
        self._store = store
        self._clock = clock
        self._zone = zone

    async def actor(self, visitor: Visitor) -> Person:
        """Whoever the visitor is here, welcomed the first time; their role and zone are as the surface says now.

        A role given by hand or by linking stays, and so does a zone that was chosen.
        """
        known = await self._store.read(lambda tx: _known(tx, visitor))
        if known is not None:
            return known
        return await self._store.write(lambda tx: self._settled(tx, visitor))

    async def code(self, actor: Person) -> str:
        """A code like K7QF-29XM that joins another account to this person, once and for ten minutes."""
        text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
        code = LinkCode(digest=_digest(text), person_id=actor.id, expires_at=self._clock.now() + CODE_LIFE)
        await self._store.write(lambda tx: tx.identities.add_code(code))
        half = CODE_LETTERS // 2
        return f"{text[:half]}-{text[half:]}"

    async def link(self, actor: Person, visitor: Visitor, code: str) -> Person:
        """Let the visitor's account speak for the code's person from now on, whose role no longer follows chat.

        Raises `InvalidInput` (field "code") for a wrong, used or expired code, `RateLimited` after too many of them.
        """
        digest = _digest(code)

        def work(tx: Transaction) -> Person | None:
            now = self._clock.now()
            _require_patience(tx, visitor, now)
            found = tx.identities.take_code(digest, now=now)
            person = None if found is None else tx.people.get(found.person_id)
            if person is None:
                tx.identities.forget_tries(before=now - TRIES_WITHIN)
                tx.identities.add_try(visitor.surface, visitor.team, visitor.user, at=now)
                return None
            self._settled(tx, visitor)
            return _joined(tx, visitor, person)

        person = await self._store.write(work)
        if person is None:
            msg = "This code is not valid: it was used, it is older than ten minutes, or it was mistyped."
            raise InvalidInput(
                msg, next_step="Ask for a new one with settings link in your other account.", field="code"
            )
        _log.info("accounts were linked", surface=visitor.surface, was=actor.name, person=person.name)
        return person

    async def links(self, person: Person) -> Sequence[ChatIdentity]:
        """The chat accounts that speak for somebody, in order of arrival."""
        return await self._store.read(lambda tx: tx.identities.of(person.id))

    async def unlink(self, actor: Person, visitor: Visitor) -> Person:
        """Let the visitor's account speak for nobody else any more; raises `InvalidInput` when no code linked it."""

        def work(tx: Transaction) -> Person:
            identity = tx.identities.get(visitor.surface, visitor.team, visitor.user)
            if identity is None or not identity.linked or identity.person_id != actor.id:
                raise InvalidInput("This account is not linked to another one.", next_step="Look at settings.")
            before = tx.people.get(actor.id) or actor
            person = self._own_person(tx, visitor, aliases=(before.id, *before.aliases))
            tx.identities.put(replace(identity, person_id=person.id, linked=False))
            _left(tx, before, person)
            return person

        person = await self._store.write(work)
        _log.info("an account was unlinked", surface=visitor.surface, was=actor.name, person=person.name)
        return person

    async def map_group(
        self, actor: Person, *, surface: str, team: str, group: str, name: str, role: Role | None
    ) -> None:
        """Give a user group a role, or with None take it; raises `Forbidden`, and `NotFound` for one that has none.

        From the first group on nobody is an admin here merely for being one there; whoever acts stays one by hand.
        """
        called = clean_name(name) or group

        def work(tx: Transaction) -> None:
            require(tx, actor, Permission.OPERATE)
            if role is not None:
                row = GroupRole(surface=surface, team=team, group=group, name=called, role=role)
                tx.identities.put_group(row)
            elif not tx.identities.remove_group(surface, team, group):
                msg = f"The group “{called}” has no role here."
                raise NotFound(msg, next_step="Look at roles for those that have one.")
            keep_role(tx, actor)

        await self._store.write(work)
        _log.info("a group's role was set", by=actor.name, surface=surface, group=called, role=role and role.value)

    async def groups(self, visitor: Visitor | None) -> Sequence[GroupRole]:
        """The groups that have a role where the visitor is, by name; those of every team for somebody on the page."""
        if visitor is None:
            return await self._store.read(lambda tx: tx.identities.all_groups())
        return await self._store.read(lambda tx: tx.identities.groups(visitor.surface, visitor.team))

    async def people(self, permission: Permission) -> Sequence[tuple[Person, Sequence[ChatIdentity]]]:
        """Who may do it and can be reached in chat, each with their accounts there."""

        def work(tx: Transaction) -> list[tuple[Person, Sequence[ChatIdentity]]]:
            able = ((p, tx.identities.of(p.id)) for p in tx.people.list() if may(p, permission))
            return [(person, accounts) for person, accounts in able if accounts]

        return await self._store.read(work)

    def _settled(self, tx: Transaction, visitor: Visitor) -> Person:
        """The visitor's person as they are now, written where anything differs."""
        identity = tx.identities.get(visitor.surface, visitor.team, visitor.user)
        if identity is None:
            person = self._own_person(tx, visitor)
            tx.identities.put(
                ChatIdentity(
                    surface=visitor.surface,
                    team=visitor.team,
                    user=visitor.user,
                    person_id=person.id,
                    name=_shown_name(visitor),
                    linked=False,
                    created_at=self._clock.now(),
                )
            )
            return person
        before = _person_of(tx, identity)
        person = _as_now(tx, visitor, identity, before)
        if person != before:
            tx.people.save(person)
        if identity.name != _shown_name(visitor):
            tx.identities.put(replace(identity, name=_shown_name(visitor)))
        return person

    def _own_person(self, tx: Transaction, visitor: Visitor, *, aliases: tuple[PersonId, ...] = ()) -> Person:
        """The person that this account is by itself, added if they are not here."""
        id_ = _own_id(visitor)
        known = tx.people.get(id_)
        others = _once(*(known.aliases if known else ()), *aliases, without=id_)
        if known is not None:
            person = replace(known, aliases=others)
            tx.people.save(person)
            return person
        person = Person(
            id=id_,
            name=_free_name(tx, visitor),
            role=_role(tx, visitor),
            zone=_zone(visitor.zone) or self._zone,
            created_at=self._clock.now(),
            aliases=others,
        )
        tx.people.add(person)
        return person


def clean_name(text: str) -> str:
    """A name in one plain line of at most 80 visible characters; look-alike forms of letters become the usual ones."""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in plain)
    return " ".join(seen.split())[:LONGEST_NAME].rstrip()


def _known(tx: Transaction, visitor: Visitor) -> Person | None:
    """The visitor's person; None when anything about them must be written first."""
    identity = tx.identities.get(visitor.surface, visitor.team, visitor.user)
    if identity is None or identity.name != _shown_name(visitor):
        return None
    person = _person_of(tx, identity)
    return person if _as_now(tx, visitor, identity, person) == person else None


def _person_of(tx: Transaction, identity: ChatIdentity) -> Person:
    person = tx.people.get(identity.person_id)
    if person is None:
        msg = f"Nobody is called {identity.person_id} any more."
        raise NotFound(msg)
    return person


def _as_now(tx: Transaction, visitor: Visitor, identity: ChatIdentity, person: Person) -> Person:
    """What the surface says at this moment, where nobody here said otherwise."""
    follows = not person.zone_chosen and visitor.zone != person.zone
    renamed = not identity.linked and identity.name != _shown_name(visitor)
    return replace(
        person,
        name=_free_name(tx, visitor, of=person.id) if renamed else person.name,
        role=person.role if person.assigned else _role(tx, visitor),
        zone=(_zone(visitor.zone) or person.zone) if follows else person.zone,
    )


def _role(tx: Transaction, visitor: Visitor) -> Role:
    """What their groups give; an admin there is one here while nobody said who else is, and a guest only looks on."""
    if visitor.standing is Standing.GUEST:
        return Role.VIEWER
    groups = tx.identities.groups(visitor.surface, visitor.team)
    given = [g.role for g in groups if g.group in visitor.groups]
    if given:
        return max(given, key=lambda role: role.rank)
    if groups or visitor.standing is not Standing.ADMIN or tx.identities.has_admin(visitor.surface, visitor.team):
        return Role.AUTHOR
    return Role.ADMIN


def _joined(tx: Transaction, visitor: Visitor, person: Person) -> Person:
    """Move the account over; who it spoke for goes when nobody speaks for them any more."""
    identity = tx.identities.get(visitor.surface, visitor.team, visitor.user)
    if identity is None or identity.person_id == person.id:
        msg = "This code is your own: it joins another account to this one."
        raise InvalidInput(msg, next_step="Type it in the other account, with settings link CODE.", field="code")
    before = _person_of(tx, identity)
    tx.identities.put(replace(identity, person_id=person.id, linked=True))
    _left(tx, before, person)
    aliases = _once(*person.aliases, before.id, *before.aliases, without=person.id)
    changed = replace(person, assigned=True, aliases=aliases)
    tx.people.save(changed)
    return changed


def _left(tx: Transaction, before: Person, after: Person) -> None:
    """An account moved: whoever came from chat and is not spoken for any more goes, but not the only admin."""
    surface, _, rest = before.id.partition(":")
    team, _, user = rest.partition(":")
    if tx.identities.get(surface, team, user) is None or tx.identities.of(before.id):
        return
    if before.role is Role.ADMIN and after.role is not Role.ADMIN:
        require_other_admin(tx, before)
    tx.people.remove(before.id)


def _require_patience(tx: Transaction, visitor: Visitor, now: datetime) -> None:
    tries = tx.identities.tries(visitor.surface, visitor.team, visitor.user, since=now - TRIES_WITHIN)
    if len(tries) >= MOST_TRIES:
        until = tries[-MOST_TRIES] + TRIES_WITHIN
        raise RateLimited(
            "Too many codes from this account were wrong.", until=until, next_step=f"Try again at {until:%H:%M} UTC."
        )


def _once(*ids: PersonId, without: PersonId) -> tuple[PersonId, ...]:
    return tuple(id_ for id_ in dict.fromkeys(ids) if id_ != without)


def _own_id(visitor: Visitor) -> PersonId:
    return PersonId(f"{visitor.surface}:{visitor.team}:{visitor.user}")


def _shown_name(visitor: Visitor) -> str:
    return clean_name(visitor.name) or _NAMELESS


def _free_name(tx: Transaction, visitor: Visitor, *, of: PersonId | None = None) -> str:
    """The visitor's name, or with as much added as makes it different from everybody else's."""
    name, surface = _shown_name(visitor), visitor.surface.capitalize()
    added = chain(("", f" ({surface})"), (f" ({surface} {number})" for number in count(2)))
    wanted = (f"{name[: LONGEST_NAME - len(more)].rstrip()}{more}" for more in added)
    return next(one for one in wanted if _is_free(tx, one, of))


def _is_free(tx: Transaction, name: str, of: PersonId | None) -> bool:
    if name.casefold() == OWNER:
        return False
    known = tx.people.by_name(name)
    return known is None or known.id == of


def _zone(name: str) -> str:
    """The zone, empty when there is none of this name."""
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _digest(code: str) -> str:
    """Of a code however it was typed."""
    letters = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()
