"""Deciding about deliveries takes the right to publish, whoever asks, and leaves a line on the draft."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.domain.actor import Role
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, Forbidden, InvalidInput
from services.domain.ids import PersonId
from services.domain.post import DraftState
from tests.builders import a_person, a_revision
from tests.contracts.stores import put_all
from tests.services.publishing.world import ACCOUNT, ADA, BO, World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.domain.actor import Person
    from services.domain.ids import DeliveryId
    from services.domain.post import AuditEntry
    from services.ports.storage import Transaction
    from services.publishing.control import Control

    Decision = Callable[[Control, Person, DeliveryId], Awaitable[object]]

S = DeliveryState
LINK = "https://social.test/@desk/4711"
DECISIONS: dict[str, tuple[DeliveryState, Decision]] = {
    "found": (S.NEEDS_HUMAN, lambda control, actor, id_: control.confirm_live(actor, id_, LINK)),
    "did not find": (S.NEEDS_HUMAN, lambda control, actor, id_: control.confirm_absent(actor, id_)),
    "retried": (S.FAILED, lambda control, actor, id_: control.retry(actor, id_)),
    "released": (S.HELD, lambda control, actor, id_: control.release(actor, id_)),
    "cancelled": (S.SCHEDULED, lambda control, actor, id_: control.cancel(actor, id_)),
}
EVERYTHING: dict[str, tuple[DeliveryState, Decision]] = {
    **DECISIONS,
    "froze": (S.SCHEDULED, lambda control, actor, _: control.freeze(actor)),
    "thawed": (S.HELD, lambda control, actor, _: control.thaw(actor)),
}


async def planned(state: DeliveryState) -> tuple[World, DeliveryId]:
    """A delivery in `state`, and the people the desk knows."""
    world = World()
    delivery_id = await world.plan()
    row = replace(await world.row(delivery_id), state=state)
    assert await world.store.write(lambda tx: tx.deliveries.save(row, fence=row.fence))
    await world.store.write(lambda tx: put_all(tx.people.add, ADA, BO))
    return world, delivery_id


async def audit(world: World, delivery_id: DeliveryId) -> list[AuditEntry]:
    """The lines of the delivery's draft."""
    row = await world.row(delivery_id)
    return list(await world.store.read(lambda tx: tx.drafts.audit(row.draft_id)))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR])
@pytest.mark.parametrize("verb", EVERYTHING)
async def test_who_may_not_publish_changes_nothing(verb: str, role: Role) -> None:
    state, decide = EVERYTHING[verb]
    world, delivery_id = await planned(state)
    before = await world.row(delivery_id)
    with pytest.raises(Forbidden) as caught:
        await decide(world.control, a_person(id=PersonId("cy"), name="Cy", role=role), delivery_id)
    assert caught.value.message == f"Your role here is {role.value}; to publish it takes an approver."
    assert caught.value.next_step == "Ask Ada or Bo."
    assert await world.row(delivery_id) == before
    assert await audit(world, delivery_id) == []
    assert await world.store.read(lambda tx: tx.workspace().frozen_by) is None
    assert world.bus.events == []


@pytest.mark.parametrize("verb", DECISIONS)
async def test_the_draft_tells_who_decided(verb: str) -> None:
    state, decide = DECISIONS[verb]
    world, delivery_id = await planned(state)
    await decide(world.control, BO, delivery_id)
    [line] = await audit(world, delivery_id)
    assert (line.by, line.by_name, line.at, line.revision) == (BO.id, "Bo", world.clock.now(), 1)
    assert line.verb == f"{verb} the delivery to @driftseas@social.test"


async def test_the_line_names_the_version_that_was_sent_not_the_newest() -> None:
    world, delivery_id = await planned(S.HELD)
    row = await world.row(delivery_id)

    def edit(tx: Transaction) -> None:
        draft = tx.drafts.lock(row.draft_id)
        assert draft is not None
        newer = a_revision(number=2)
        tx.drafts.add_revision(draft.id, newer)
        tx.drafts.save(replace(draft, state=DraftState.DRAFT, approval=None, revision=newer))

    await world.store.write(edit)
    await world.control.cancel(ADA, delivery_id)
    assert [line.revision for line in await audit(world, delivery_id)] == [1]


async def test_an_account_that_is_gone_is_told_without_a_name() -> None:
    world, delivery_id = await planned(S.HELD)
    await world.store.write(lambda tx: tx.accounts.remove(ACCOUNT))
    await world.control.cancel(ADA, delivery_id)
    [line] = await audit(world, delivery_id)
    assert line.verb == "cancelled the delivery to an account that was removed"


async def test_a_decision_that_was_refused_leaves_no_line() -> None:
    world, delivery_id = await planned(S.PUBLISHED)
    with pytest.raises(Conflict):
        await world.control.cancel(ADA, delivery_id)
    assert await audit(world, delivery_id) == []


async def test_the_right_is_asked_before_the_link_is_read() -> None:
    world, delivery_id = await planned(S.NEEDS_HUMAN)
    with pytest.raises(Forbidden):
        await world.control.confirm_live(a_person(id=PersonId("cy"), role=Role.AUTHOR), delivery_id, "no link")
    with pytest.raises(InvalidInput):
        await world.control.confirm_live(BO, delivery_id, "no link")
    assert await audit(world, delivery_id) == []


async def test_with_its_last_delivery_cancelled_a_draft_has_no_time_any_more() -> None:
    world, delivery_id = await planned(S.SCHEDULED)
    row = await world.row(delivery_id)
    draft = await world.store.read(lambda tx: tx.drafts.get(row.draft_id))
    assert draft is not None
    await world.store.write(lambda tx: tx.drafts.save(replace(draft, planned_at=row.due_at)))

    await world.control.cancel(ADA, delivery_id)

    after = await world.store.read(lambda tx: tx.drafts.get(row.draft_id))
    assert after is not None
    assert after.planned_at is None
