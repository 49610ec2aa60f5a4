"""Who may do what: one table of permissions and the approval policy, enforced in the use cases whoever asks."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

import structlog

from services.domain.actor import Person, Role
from services.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.domain.events import PolicyChanged
from services.domain.ids import PersonId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.actor import PictureMode, Workspace
    from services.domain.post import Draft
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

_log = structlog.get_logger(__name__)
LONGEST_NAME: Final = 80
MOST_LATE: Final = 7 * 24 * 60
"""Minutes: what is later than a week is asked about whatever the workspace says."""
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
    return person.is_known_as(draft.author) or (draft.revision is not None and person.is_known_as(draft.revision.by))


def require(tx: Transaction, person: Person, permission: Permission) -> None:
    """Raise `Forbidden` naming who could; the role counts as it is now, not as it was when the request came in."""
    person = tx.people.get(person.id) or person
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


def keep_role(tx: Transaction, actor: Person) -> None:
    """Let the role that somebody acts with be theirs by hand: naming admins ends that of admins by their surface."""
    person = tx.people.get(actor.id) or actor
    if not person.assigned:
        tx.people.save(replace(person, assigned=True))


def require_other_admin(tx: Transaction, person: Person) -> None:
    """Raise `Conflict` when this is the owner or the only admin."""
    if person.id == OWNER:
        raise Conflict("The owner stays an admin.", next_step="Give somebody else another role.")
    if person.role is Role.ADMIN and not any(p.role is Role.ADMIN and p.id != person.id for p in tx.people.list()):
        msg = f"{person.name} is the only admin."
        raise Conflict(msg, next_step="Make somebody else an admin first.")


class People:
    """Finds the person behind a name; the door in front has proved that the caller may speak for it."""

    def __init__(self, store: Store, bus: EventBus, clock: Clock, zone: str) -> None:
        """`zone` is the IANA name newcomers get."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._zone = zone

    async def actor(self, name: str) -> Person:
        """The person called `name`; a new name becomes an approver, "owner" the admin."""
        wanted = " ".join(name.split()) or OWNER
        if len(wanted) > LONGEST_NAME or not wanted.isprintable():
            msg = f"A name has at most {LONGEST_NAME} characters, all of them visible."
            raise InvalidInput(msg, next_step="Give a shorter name.", field="as")

        def known(tx: Transaction) -> Person | None:
            return tx.people.by_name(wanted)

        found = await self._store.read(known)
        if found is not None:
            return found

        def welcomed(tx: Transaction) -> Person:
            return tx.people.by_name(wanted) or self._welcome(tx, wanted)

        return await self._store.write(welcomed)

    async def set_role(self, actor: Person, name: str, role: Role) -> Person:
        """Give somebody known a role; the owner and the last admin stay admins, so that nobody locks everybody out."""

        def work(tx: Transaction) -> Person:
            require(tx, actor, Permission.OPERATE)
            person = tx.people.by_name(name)
            if person is None:
                there = ", ".join(p.name for p in tx.people.list()) or "nobody yet"
                msg = f"I don't know anybody called “{name}”."
                raise NotFound(msg, next_step=f"Known are: {there}.")
            if role is not Role.ADMIN:
                require_other_admin(tx, person)
            changed = replace(person, role=role, assigned=True)
            tx.people.save(changed)
            if role is Role.ADMIN:
                keep_role(tx, actor)
            return changed

        person = await self._store.write(work)
        _log.info("a role was set", by=actor.name, person=person.name, role=role.value)
        return person

    async def set_zone(self, actor: Person, zone: str) -> Person:
        """Read and show this person's times in an IANA zone; raises `InvalidInput` (field "zone")."""
        wanted = _zone(zone)

        def work(tx: Transaction) -> Person:
            changed = replace(tx.people.get(actor.id) or actor, zone=wanted, zone_chosen=True)
            tx.people.save(changed)
            return changed

        return await self._store.write(work)

    async def set_policy(
        self,
        actor: Person,
        *,
        four_eyes: bool | None = None,
        submit_required: bool | None = None,
        late_minutes: int | None = None,
        pictures: PictureMode | None = None,
    ) -> Workspace:
        """Set the workspace's switches; None leaves one as it is. Raises `InvalidInput` (field "late_minutes")."""
        if late_minutes is not None and not 1 <= late_minutes <= MOST_LATE:
            msg = f"{late_minutes} minutes can't be the most a post may be late."
            raise InvalidInput(msg, next_step=f"Give a number from 1 to {MOST_LATE}.", field="late_minutes")

        def work(tx: Transaction) -> tuple[Workspace, Workspace]:
            require(tx, actor, Permission.OPERATE)
            before = tx.workspace()
            after = replace(
                before,
                four_eyes=before.four_eyes if four_eyes is None else four_eyes,
                submit_required=before.submit_required if submit_required is None else submit_required,
                late_minutes=before.late_minutes if late_minutes is None else late_minutes,
                pictures=pictures or before.pictures,
            )
            if after != before:
                tx.save_workspace(after)
            return before, after

        before, after = await self._store.write(work)
        if after != before:
            _log.info(
                "the policy was changed",
                by=actor.name,
                four_eyes=after.four_eyes,
                submit_required=after.submit_required,
                late_minutes=after.late_minutes,
                pictures=after.pictures.value,
            )
            self._bus.publish(PolicyChanged())
        return after

    def _welcome(self, tx: Transaction, name: str) -> Person:
        owner = name.casefold() == OWNER
        person = Person(
            id=OWNER if owner else PersonId(f"p-{name.casefold()}"),
            name=name,
            role=Role.ADMIN if owner else Role.APPROVER,
            zone=self._zone,
            created_at=self._clock.now(),
            assigned=True,
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
