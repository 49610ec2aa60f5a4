"""Who may do what: one table of permissions and the approval policy, enforced in the use cases whoever asks."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from services.domain.actor import Person, Role
from services.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.domain.ids import PersonId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.actor import Workspace
    from services.domain.post import Draft
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

OWNER: Final = PersonId("owner")
"""Whoever installed the desk; the admin that the bearer token speaks for."""


class Permission(StrEnum):
    """Kinds of action, each needing at least one role."""

    VIEW = "look at drafts"
    WRITE = "write and edit drafts"
    PLAN = "plan posts"
    APPROVE = "approve"
    PUBLISH = "publish"
    OPERATE = "run the desk"


LEAST_ROLE: Final[Mapping[Permission, Role]] = {
    Permission.VIEW: Role.VIEWER,
    Permission.WRITE: Role.AUTHOR,
    Permission.PLAN: Role.AUTHOR,
    Permission.APPROVE: Role.APPROVER,
    Permission.PUBLISH: Role.APPROVER,
    Permission.OPERATE: Role.ADMIN,
}


def may(person: Person, permission: Permission) -> bool:
    """Whether the person's role is enough."""
    return person.role.rank >= LEAST_ROLE[permission].rank


def may_approve(person: Person, draft: Draft, workspace: Workspace) -> bool:
    """Role and the four-eyes rule together."""
    return may(person, Permission.APPROVE) and not (workspace.four_eyes and _own_words(person, draft))


def _own_words(person: Person, draft: Draft) -> bool:
    return person.id == draft.author or (draft.revision is not None and draft.revision.by == person.id)


def require(tx: Transaction, person: Person, permission: Permission) -> None:
    """Raise `Forbidden` naming who could."""
    if may(person, permission):
        return
    least = LEAST_ROLE[permission]
    able = [p.name for p in tx.people.list() if p.role.rank >= least.rank]
    ask = f"Ask {_either(able[:3])}." if able else "Ask whoever runs the desk."
    msg = f"Your role here is {person.role.value}; to {permission.value} it takes {_article(least)}."
    raise Forbidden(msg, next_step=ask)


def require_approval_right(tx: Transaction, person: Person, draft: Draft) -> None:
    """Raise `Forbidden` when the role or the four-eyes rule stands against it."""
    require(tx, person, Permission.APPROVE)
    if tx.workspace().four_eyes and _own_words(person, draft):
        others = [p.name for p in tx.people.list() if may(p, Permission.APPROVE) and p.id != person.id]
        ask = f"Ask {_either(others[:3])}." if others else "Give somebody else the approver role."
        msg = "Four eyes are asked for here: you wrote this version, so somebody else approves it."
        raise Forbidden(msg, next_step=ask)


def _article(role: Role) -> str:
    return f"an {role.value}" if role.value[0] in "aeiou" else f"a {role.value}"


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


class People:
    """Finds the person behind a name; the door in front has proved that the caller may speak for it."""

    def __init__(self, store: Store, clock: Clock, zone: str) -> None:
        """`zone` is the IANA name newcomers get."""
        self._store = store
        self._clock = clock
        self._zone = zone

    async def actor(self, name: str) -> Person:
        """The person called `name`; a new name becomes an approver, "owner" the admin."""
        wanted = name.strip() or OWNER

        def known(tx: Transaction) -> Person | None:
            return tx.people.by_name(wanted)

        found = await self._store.read(known)
        if found is not None:
            return found

        def welcomed(tx: Transaction) -> Person:
            return tx.people.by_name(wanted) or self._welcome(tx, wanted)

        return await self._store.write(welcomed)

    async def set_role(self, actor: Person, name: str, role: Role) -> Person:
        """Give somebody known a role; the owner stays admin, so that nobody locks everybody out."""

        def work(tx: Transaction) -> Person:
            require(tx, actor, Permission.OPERATE)
            person = tx.people.by_name(name)
            if person is None:
                there = ", ".join(p.name for p in tx.people.list()) or "nobody yet"
                msg = f"I don't know anybody called “{name}”."
                raise NotFound(msg, next_step=f"Known are: {there}.")
            if person.id == OWNER and role is not Role.ADMIN:
                raise Conflict("The owner stays an admin.", next_step="Give somebody else another role.")
            changed = replace(person, role=role)
            tx.people.save(changed)
            return changed

        return await self._store.write(work)

    async def set_zone(self, actor: Person, zone: str) -> Person:
        """Read and show this person's times in an IANA zone; raises `InvalidInput` (field "zone")."""
        wanted = _zone(zone)

        def work(tx: Transaction) -> Person:
            changed = replace(tx.people.get(actor.id) or actor, zone=wanted)
            tx.people.save(changed)
            return changed

        return await self._store.write(work)

    async def set_four_eyes(self, actor: Person, *, on: bool) -> Workspace:
        """Ask for somebody else's approval, or no longer."""

        def work(tx: Transaction) -> Workspace:
            require(tx, actor, Permission.OPERATE)
            changed = replace(tx.workspace(), four_eyes=on)
            tx.save_workspace(changed)
            return changed

        return await self._store.write(work)

    def _welcome(self, tx: Transaction, name: str) -> Person:
        owner = name.casefold() == OWNER
        person = Person(
            id=OWNER if owner else PersonId(f"p-{name.casefold()}"),
            name=name,
            role=Role.ADMIN if owner else Role.APPROVER,
            zone=self._zone,
            created_at=self._clock.now(),
        )
        tx.people.add(person)
        return person


def _zone(name: str) -> str:
    """The zone as its database spells it."""
    wanted = name.strip().replace(" ", "_").casefold()
    found = next((z for z in available_timezones() if z.casefold() == wanted), None)
    if found is None:
        msg = f"There is no time zone “{name.strip()[:60]}”."
        raise InvalidInput(msg, next_step="Write it like Europe/Berlin or America/New_York.", field="zone")
    return str(ZoneInfo(found))
