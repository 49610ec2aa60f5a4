"""When an approved version goes out: times are bound to what was approved, and taken back as long as it can be."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.calendar import FARTHEST
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, Forbidden, InvalidInput
from services.domain.events import DeliveriesPlanned
from services.domain.post import DraftState
from tests.desk import ADA, ANA, BO, CY, UNDO, VIC, Desk, make_desk, ref, verbs

S = DeliveryState
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk() -> Desk:
    return await make_desk()


async def test_a_time_on_an_unapproved_draft_waits_for_the_approval(desk: Desk) -> None:
    planned = await desk.calendar.schedule(ANA, ref(await desk.drafted()), desk.clock.now() + HOUR)

    assert (planned.state, planned.deliveries) == (DraftState.DRAFT, ())
    assert planned.draft.planned_at == desk.clock.now() + HOUR
    assert (planned.audit[-1].verb, planned.audit[-1].note) == ("scheduled", "2026-03-02T10:00:00+00:00")


async def test_a_new_time_replaces_the_rows_and_both_bind_the_approval(desk: Desk) -> None:
    first = await desk.scheduled()
    await desk.clock.advance(1)
    desk.events.clear()

    moved = await desk.calendar.schedule(ANA, ref(first), desk.clock.now() + 3 * HOUR)
    rows = await desk.rows(moved)

    assert [r.state for r in rows] == [S.CANCELLED, S.CANCELLED, S.SCHEDULED, S.SCHEDULED]
    assert moved.draft.approval is not None
    assert {r.digest for r in rows} == {moved.draft.approval.digest}
    assert moved.deliveries[0].due_at == desk.clock.now() + 3 * HOUR
    planned = [e for e in desk.events if isinstance(e, DeliveriesPlanned)]
    assert [e.earliest for e in planned] == [desk.clock.now() + 3 * HOUR]


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (timedelta(0), "Mon 02 Mar 2026 10:00 (Europe/Berlin) is past."),
        (-HOUR, "Mon 02 Mar 2026 09:00 (Europe/Berlin) is past."),
        (FARTHEST + HOUR, "That is more than a hundred years ahead, which is probably not what you meant."),
    ],
)
async def test_a_time_that_cannot_be_meant_is_asked_back(desk: Desk, ahead: timedelta, sentence: str) -> None:
    approved = await desk.approved()

    with pytest.raises(InvalidInput) as caught:
        await desk.calendar.schedule(ANA, ref(approved), desk.clock.now() + ahead)

    assert (caught.value.message, caught.value.field) == (sentence, "when")
    assert await desk.now(approved) == approved


async def test_without_a_text_there_is_nothing_to_plan(desk: Desk) -> None:
    desk.model.then(ZeroDivisionError())

    with pytest.raises(Conflict, match="no text yet to schedule"):
        await desk.calendar.schedule(ANA, ref(await desk.drafted()), desk.clock.now() + HOUR)


async def test_publish_now_waits_out_the_undo_window_in_every_row(desk: Desk) -> None:
    leaving = await desk.calendar.publish_now(BO, ref(await desk.approved()))

    due = desk.clock.now() + UNDO
    assert leaving.state is DraftState.SCHEDULED
    assert [(d.due_at, d.undo_until) for d in leaving.deliveries] == [(due, due), (due + timedelta(seconds=1), due)]
    assert (leaving.draft.planned_at, verbs(leaving)[-1]) == (due, "published now")


async def test_publish_now_replaces_a_time_further_away(desk: Desk) -> None:
    planned = await desk.scheduled(ahead=timedelta(days=9))
    await desk.clock.advance(1)

    leaving = await desk.calendar.publish_now(BO, ref(planned))

    assert [r.state for r in await desk.rows(leaving)] == [S.CANCELLED] * 2 + [S.SCHEDULED] * 2
    assert leaving.deliveries[0].due_at == desk.clock.now() + UNDO


async def test_publish_now_twice_is_once(desk: Desk) -> None:
    approved = await desk.approved()
    outcomes = await asyncio.gather(
        desk.calendar.publish_now(BO, ref(approved)),
        desk.calendar.publish_now(CY, ref(approved)),
        return_exceptions=True,
    )

    lost = outcomes[1]
    assert isinstance(lost, Conflict)
    assert lost.message == "This is on its way out already."
    assert len(await desk.rows(approved)) == 2


async def test_what_was_not_approved_is_not_published(desk: Desk) -> None:
    done = await desk.drafted()
    submitted = await desk.review.submit(ANA, ref(await desk.drafted()))

    with pytest.raises(Conflict, match="This draft has not been approved, so it can't be published"):
        await desk.calendar.publish_now(BO, ref(done))
    with pytest.raises(Conflict, match="This draft waits for approval, so it can't be published"):
        await desk.calendar.publish_now(BO, ref(submitted))


async def test_roles_decide_who_plans_and_who_publishes(desk: Desk) -> None:
    approved = await desk.approved()

    for refused in (
        desk.calendar.schedule(VIC, ref(approved), desk.clock.now() + HOUR),
        desk.calendar.unschedule(VIC, ref(approved)),
        desk.calendar.undo(VIC, ref(approved)),
        desk.calendar.publish_now(ANA, ref(approved)),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_undo_in_time_leaves_the_approval_and_another_try(desk: Desk) -> None:
    leaving = await desk.calendar.publish_now(BO, ref(await desk.approved()))

    await desk.clock.advance(1)
    undone = await desk.calendar.undo(ANA, ref(leaving))
    again = await desk.calendar.publish_now(BO, ref(undone))

    assert (undone.state, undone.draft.planned_at, verbs(undone)[-1]) == (DraftState.APPROVED, None, "took back")
    assert [r.state for r in await desk.rows(again)] == [S.CANCELLED] * 2 + [S.SCHEDULED] * 2


async def test_undo_after_everything_was_handed_over_is_too_late(desk: Desk) -> None:
    leaving = await desk.calendar.publish_now(BO, ref(await desk.approved()))
    for delivery in leaving.deliveries:
        await desk.played(delivery.id, S.SENDING)
    before = await desk.now(leaving)

    with pytest.raises(Conflict) as caught:
        await desk.calendar.undo(BO, ref(leaving))

    assert caught.value.message == "It is too late: it was handed to the network already."
    assert caught.value.next_step == "Delete it on the network if it must go."
    assert await desk.now(leaving) == before


async def test_with_one_of_two_sent_the_other_is_stopped_and_the_audit_names_the_first(desk: Desk) -> None:
    scheduled = await desk.scheduled()
    await desk.played(scheduled.deliveries[0].id, S.SENDING, S.PUBLISHED, live=1)

    stopped = await desk.calendar.unschedule(BO, ref(scheduled))

    assert [r.state for r in await desk.rows(stopped)] == [S.PUBLISHED, S.CANCELLED]
    assert stopped.audit[-1].note == "@driftseas@social.test could not be stopped any more"
    assert (stopped.state, stopped.draft.planned_at) == (DraftState.PARTLY_PUBLISHED, None)


async def test_the_rest_of_a_thread_can_be_stopped_but_never_starts_over(desk: Desk) -> None:
    scheduled = await desk.scheduled(wanted=("mastodon",))
    await desk.played(scheduled.deliveries[0].id, S.SENDING, S.SCHEDULED, live=1)

    stopped = await desk.calendar.unschedule(BO, ref(scheduled))

    assert stopped.audit[-1].note == "@driftseas@social.test could not be stopped any more"
    assert stopped.state is DraftState.PARTLY_PUBLISHED
    with pytest.raises(Conflict, match="is partly published, so it can't be published"):
        await desk.calendar.publish_now(BO, ref(stopped))


async def test_taking_back_grows_the_fence_of_a_worker_in_preparing(desk: Desk) -> None:
    scheduled = await desk.scheduled(wanted=("mastodon",))
    held = await desk.played(scheduled.deliveries[0].id, S.PREPARING)

    await desk.calendar.unschedule(BO, ref(scheduled))
    late = await desk.store.write(lambda tx: tx.deliveries.save(held, fence=held.fence))

    assert late is False
    assert [(r.state, r.fence) for r in await desk.rows(scheduled)] == [(S.CANCELLED, held.fence + 1)]


async def test_nothing_planned_is_nothing_to_take_back(desk: Desk) -> None:
    approved = await desk.approved()
    planned = await desk.calendar.schedule(ANA, ref(await desk.drafted()), desk.clock.now() + HOUR)

    for refused in (desk.calendar.undo(BO, ref(approved)), desk.calendar.unschedule(BO, ref(approved))):
        with pytest.raises(Conflict, match="Nothing is planned"):
            await refused
    assert (await desk.calendar.unschedule(ANA, ref(planned))).draft.planned_at is None


async def test_of_schedule_and_undo_at_once_both_orders_leave_one_truth(desk: Desk) -> None:
    for undo_first in (True, False):
        leaving = await desk.calendar.publish_now(BO, ref(await desk.approved()))
        undo = desk.calendar.undo(BO, ref(leaving))
        move = desk.calendar.schedule(CY, ref(leaving), desk.clock.now() + HOUR)
        await asyncio.gather(*((undo, move) if undo_first else (move, undo)))
        after = await desk.now(leaving)

        assert after.state is (DraftState.SCHEDULED if undo_first else DraftState.APPROVED)
        assert (after.draft.planned_at is None) is not undo_first
        assert len([r for r in await desk.rows(leaving) if r.state is S.SCHEDULED]) == (2 if undo_first else 0)


async def test_a_failed_draft_is_not_planned_again_as_it_is(desk: Desk) -> None:
    scheduled = await desk.scheduled(wanted=("mastodon",))
    await desk.played(scheduled.deliveries[0].id, S.SENDING, S.FAILED)

    with pytest.raises(Conflict, match="was refused by its networks") as caught:
        await desk.calendar.schedule(ADA, ref(scheduled), desk.clock.now() + HOUR)

    assert caught.value.next_step == "Edit it and have it approved again, or retry the delivery."
