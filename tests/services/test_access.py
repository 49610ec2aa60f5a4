"""Who may do what, enforced where everything passes, with words that name who could."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from structlog.testing import capture_logs

from services.access import (
    LEAST_ROLE,
    LONGEST_NAME,
    MOST_LATE,
    OWNER,
    People,
    Permission,
    may,
    may_approve,
    require,
    require_approval_right,
)
from services.domain.actor import Person, Role, Workspace
from services.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.domain.events import PolicyChanged
from services.domain.ids import PersonId
from services.ports.storage import Transaction
from tests.builders import a_draft, a_person, a_revision, a_workspace
from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore

ANA = a_person(id=PersonId("ana"), name="Ana", role=Role.AUTHOR)
BO = a_person(id=PersonId("bo"), name="Bo", role=Role.APPROVER)
VIC = a_person(id=PersonId("vic"), name="Vic", role=Role.VIEWER)


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()

    def people(tx: Transaction) -> None:
        for person in (ANA, BO, VIC):
            tx.people.add(person)

    await store.write(people)
    return store


@pytest.mark.parametrize("permission", list(Permission))
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_all_that_the_lesser_ones_may(role: Role, permission: Permission) -> None:
    assert may(a_person(role=role), permission) is (list(Role).index(role) >= list(Role).index(LEAST_ROLE[permission]))


async def test_a_refusal_names_the_role_needed_and_who_has_it(store: MemoryStore) -> None:
    with pytest.raises(Forbidden) as caught:
        await store.read(lambda tx: require(tx, ANA, Permission.APPROVE))

    assert "it takes an approver" in caught.value.message
    assert caught.value.next_step == "Ask Bo."


async def test_four_eyes_keep_writers_from_approving_their_own_words(store: MemoryStore) -> None:
    await store.write(lambda tx: tx.save_workspace(a_workspace(four_eyes=True)))
    asked_by_bo = a_draft(author=BO.id)
    rewritten_by_bo = a_draft(author=ANA.id, revision=a_revision(by=BO.id))
    not_bos = a_draft(author=ANA.id, revision=a_revision(by=ANA.id))

    for draft in (asked_by_bo, rewritten_by_bo):
        with pytest.raises(Forbidden, match="Four eyes"):
            await store.read(partial(require_approval_right, person=BO, draft=draft))
        assert not may_approve(BO, draft, a_workspace(four_eyes=True))
        assert may_approve(BO, draft, a_workspace())
    await store.read(lambda tx: require_approval_right(tx, BO, not_bos))


async def test_four_eyes_know_who_wrote_under_another_id_before(store: MemoryStore) -> None:
    await store.write(lambda tx: tx.save_workspace(a_workspace(four_eyes=True)))
    linked = replace(BO, aliases=(PersonId("slack:T1:U1"),))
    for draft in (a_draft(author=linked.aliases[0]), a_draft(author=ANA.id, revision=a_revision(by=linked.aliases[0]))):
        with pytest.raises(Forbidden, match="Four eyes"):
            await store.read(partial(require_approval_right, person=linked, draft=draft))
        await store.read(partial(require_approval_right, person=BO, draft=draft))


async def test_owner_is_the_admin_and_a_new_name_becomes_an_approver_in_the_desks_zone(store: MemoryStore) -> None:
    people = People(store, FakeBus(), FakeClock(), "Asia/Tokyo")

    owner = await people.actor("owner")
    newcomer = await people.actor(" Cleo ")
    again = await people.actor("cleo")

    assert (owner.id, owner.role) == (OWNER, Role.ADMIN)
    assert (newcomer.name, newcomer.role, newcomer.zone) == ("Cleo", Role.APPROVER, "Asia/Tokyo")
    assert (owner.assigned, newcomer.assigned, newcomer.zone_chosen) == (True, True, False)
    assert again == newcomer
    assert await people.actor("ANA") == ANA


async def test_an_empty_name_speaks_for_the_owner(store: MemoryStore) -> None:
    found: Person = await People(store, FakeBus(), FakeClock(), "UTC").actor("  ")

    assert found.id == OWNER


# -- who somebody is -----------------------------------------------------------------------------------------------


@pytest.fixture
def bus() -> FakeBus:
    return FakeBus()


@pytest.fixture
def people(store: MemoryStore, bus: FakeBus) -> People:
    return People(store, bus, FakeClock(), "Asia/Tokyo")


async def test_spaces_in_a_name_don_t_make_another_person(people: People) -> None:
    first = await people.actor(" Ana  Lima\n")

    assert (first.name, await people.actor("ana lima")) == ("Ana Lima", first)


@pytest.mark.parametrize("name", ["x" * (LONGEST_NAME + 1), "a\x00b", "a\u202eb"])
async def test_what_is_no_name_makes_nobody(people: People, store: MemoryStore, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await people.actor(name)

    assert caught.value.field == "as"
    assert len(await store.read(lambda tx: tx.people.list())) == 3


async def test_a_role_is_set_by_an_admin_and_noted(people: People) -> None:
    owner = await people.actor("owner")

    with capture_logs() as lines:
        changed = await people.set_role(owner, "VIC", Role.APPROVER)

    assert (changed.id, changed.role, changed.assigned) == (VIC.id, Role.APPROVER, True)
    assert (await people.actor("vic")).role is Role.APPROVER
    assert lines == [
        {"event": "a role was set", "log_level": "info", "by": "owner", "person": "Vic", "role": "approver"}
    ]
    for actor in (ANA, BO, VIC):
        with pytest.raises(Forbidden, match="to run the desk it takes an admin"):
            await people.set_role(actor, "ana", Role.ADMIN)
    with pytest.raises(NotFound) as caught:
        await people.set_role(owner, "nobody", Role.VIEWER)
    assert caught.value.next_step == "Known are: Ana, Bo, owner, Vic."


async def test_neither_the_owner_nor_the_last_admin_is_demoted(people: People, store: MemoryStore) -> None:
    ada = a_person()
    await store.write(lambda tx: tx.people.add(ada))

    with pytest.raises(Conflict) as last:
        await people.set_role(ada, "ada", Role.AUTHOR)
    owner = await people.actor("owner")
    with pytest.raises(Conflict, match="The owner stays an admin"):
        await people.set_role(ada, "owner", Role.AUTHOR)
    demoted = await people.set_role(ada, "ada", Role.AUTHOR)

    assert (last.value.message, last.value.next_step) == (
        "Ada is the only admin.",
        "Make somebody else an admin first.",
    )
    assert (demoted.role, owner.role) == (Role.AUTHOR, Role.ADMIN)
    assert (await people.set_role(owner, "owner", Role.ADMIN)).role is Role.ADMIN


@pytest.mark.parametrize(
    ("given", "kept"),
    [("europe/berlin", "Europe/Berlin"), (" America/New York ", "America/New_York"), ("utc", "UTC")],
)
async def test_everybody_sets_their_own_zone(people: People, given: str, kept: str) -> None:
    assert (await people.set_zone(VIC, given)).zone == kept
    assert await people.actor("vic") == replace(VIC, zone=kept, zone_chosen=True)


@pytest.mark.parametrize("given", ["", "Mars/Base", "../etc/passwd", "+02:00"])
async def test_what_is_no_zone_is_refused_at_its_field(people: People, given: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await people.set_zone(VIC, given)

    assert caught.value.field == "zone"


# -- the switches --------------------------------------------------------------------------------------------------


async def test_switches_are_set_one_by_one_by_admins_and_each_change_is_noted(people: People, bus: FakeBus) -> None:
    owner = await people.actor("owner")
    with capture_logs() as lines:
        await people.set_policy(owner, submit_required=True)
        await people.set_policy(owner, four_eyes=True)
        same = await people.set_policy(owner, four_eyes=True)
        last = await people.set_policy(owner, submit_required=False, late_minutes=30)

    assert same == Workspace(four_eyes=True, submit_required=True)
    assert last == Workspace(four_eyes=True, late_minutes=30)
    assert len(bus.of(PolicyChanged)) == 3
    assert [(one["by"], one["four_eyes"], one["submit_required"], one["late_minutes"]) for one in lines] == [
        ("owner", False, True, 360),
        ("owner", True, True, 360),
        ("owner", True, False, 30),
    ]


@pytest.mark.parametrize("actor", [ANA, BO, VIC])
async def test_nobody_else_sets_a_switch(people: People, store: MemoryStore, actor: Person) -> None:
    with pytest.raises(Forbidden):
        await people.set_policy(actor, four_eyes=False)

    assert await store.read(lambda tx: tx.workspace()) == Workspace()


@pytest.mark.parametrize("minutes", [-1, 0, MOST_LATE + 1])
async def test_a_lateness_nobody_can_mean_is_refused(people: People, minutes: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        await people.set_policy(await people.actor("owner"), late_minutes=minutes)

    assert caught.value.field == "late_minutes"


async def test_a_role_taken_away_counts_at_once_also_for_a_request_that_is_running(store: MemoryStore) -> None:
    await store.write(lambda tx: tx.people.save(replace(BO, role=Role.VIEWER)))

    with pytest.raises(Forbidden, match="Your role here is viewer"):
        await store.read(lambda tx: require(tx, BO, Permission.APPROVE))
