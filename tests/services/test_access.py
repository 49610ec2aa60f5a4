"""Who may do what, enforced where everything passes, with words that name who could."""

from __future__ import annotations

import pytest

from services.access import LEAST_ROLE, OWNER, People, Permission, may, may_approve, require, require_approval_right
from services.domain.actor import Person, Role
from services.domain.errors import Forbidden
from services.domain.ids import PersonId
from services.ports.storage import Transaction
from tests.builders import a_draft, a_person, a_revision, a_workspace
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
            await store.read(lambda tx, d=draft: require_approval_right(tx, BO, d))
        assert not may_approve(BO, draft, a_workspace(four_eyes=True))
        assert may_approve(BO, draft, a_workspace())
    await store.read(lambda tx: require_approval_right(tx, BO, not_bos))


async def test_owner_is_the_admin_and_a_new_name_becomes_an_approver_in_the_desks_zone(store: MemoryStore) -> None:
    people = People(store, FakeClock(), "Asia/Tokyo")

    owner = await people.actor("owner")
    newcomer = await people.actor(" Cleo ")
    again = await people.actor("cleo")

    assert (owner.id, owner.role) == (OWNER, Role.ADMIN)
    assert (newcomer.name, newcomer.role, newcomer.zone) == ("Cleo", Role.APPROVER, "Asia/Tokyo")
    assert again == newcomer
    assert await people.actor("ANA") == ANA


async def test_an_empty_name_speaks_for_the_owner(store: MemoryStore) -> None:
    found: Person = await People(store, FakeClock(), "UTC").actor("  ")

    assert found.id == OWNER
