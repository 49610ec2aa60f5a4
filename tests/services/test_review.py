"""Decisions about a draft: each binds what its card showed, and the one who came too late hears who was first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, Forbidden, NotFound
from services.domain.events import DeliveriesPlanned, DraftChanged
from services.domain.ids import DeliveryId, DraftId
from services.domain.post import DraftState
from services.ledger import DraftRef
from services.review import REOPEN_WITHIN
from tests.builders import a_workspace
from tests.desk import ADA, ANA, BLUESKY, BO, CY, MASTODON, VIC, Desk, make_desk, ref, verbs


@pytest.fixture
async def desk() -> Desk:
    return await make_desk()


async def test_an_approval_binds_version_and_content_and_waits_for_a_time(desk: Desk) -> None:
    done = await desk.drafted()

    approved = await desk.review.approve(BO, ref(done))
    kept = await desk.store.read(lambda tx: tx.drafts.approvals(done.draft.id))

    assert done.draft.revision is not None
    assert (approved.state, approved.deliveries) == (DraftState.APPROVED, ())
    assert approved.draft.approval is not None
    assert (approved.draft.approval.revision, approved.draft.approval.digest) == (1, done.draft.revision.digest)
    assert (approved.draft.approval.by_name, approved.draft.approval.at) == ("Bo", desk.clock.now())
    assert list(kept) == [approved.draft.approval]
    assert verbs(approved)[-1] == "approved"


async def test_of_two_who_approve_at_once_one_wins_and_the_other_hears_who(desk: Desk) -> None:
    done = await desk.drafted()
    desk.events.clear()

    outcomes = await asyncio.gather(
        desk.review.approve(BO, ref(done)), desk.review.approve(CY, ref(done)), return_exceptions=True
    )

    assert [isinstance(o, Conflict) for o in outcomes] == [False, True]
    lost = outcomes[1]
    assert isinstance(lost, Conflict)
    assert lost.message == "Already approved by Bo at 18:00."
    assert desk.events == [DraftChanged(draft_id=done.draft.id)]
    assert len(await desk.store.read(lambda tx: tx.drafts.approvals(done.draft.id))) == 1


async def test_the_loser_hears_the_same_when_the_approval_already_made_deliveries(desk: Desk) -> None:
    planned = await desk.calendar.schedule(ANA, ref(await desk.drafted()), desk.clock.now() + timedelta(days=3))
    await desk.review.approve(CY, ref(planned))
    await desk.clock.advance(86_400)

    with pytest.raises(Conflict) as caught:
        await desk.review.approve(BO, ref(planned))

    assert caught.value.message == "Already approved by Cy on 2 Mar at 09:00."
    assert len(await desk.rows(planned)) == 2


async def test_an_edit_that_was_first_makes_the_approve_button_stale(desk: Desk) -> None:
    done = await desk.drafted()
    outcomes = await asyncio.gather(
        desk.drafts.edit(ANA, ref(done), texts={MASTODON: "Better."}),
        desk.review.approve(BO, ref(done)),
        return_exceptions=True,
    )

    lost = outcomes[1]
    assert isinstance(lost, Conflict)
    assert lost.message == "This card showed version 1, the draft is at version 2. At 09:00 Ana edited."
    assert (await desk.now(done)).state is DraftState.DRAFT


async def test_an_approve_that_was_first_is_voided_by_the_edit(desk: Desk) -> None:
    done = await desk.drafted()
    await asyncio.gather(
        desk.review.approve(BO, ref(done)), desk.drafts.edit(ANA, ref(done), texts={MASTODON: "Better."})
    )

    after = await desk.now(done)

    assert (after.state, after.draft.approval, after.revisions) == (DraftState.DRAFT, None, 2)
    assert len(await desk.store.read(lambda tx: tx.drafts.approvals(done.draft.id))) == 1


async def test_a_right_number_with_other_content_is_stale(desk: Desk) -> None:
    done = await desk.drafted()

    with pytest.raises(Conflict, match="This card showed version 1"):
        await desk.review.approve(BO, DraftRef(draft_id=done.draft.id, revision=1, digest="00000000"))


@pytest.mark.parametrize("actor", [VIC, ANA])
async def test_only_approvers_approve(desk: Desk, actor: object) -> None:
    done = await desk.drafted()
    person = VIC if actor is VIC else ANA

    with pytest.raises(Forbidden, match="to approve it takes an approver") as caught:
        await desk.review.approve(person, ref(done))

    assert caught.value.next_step == "Ask Ada, Bo or Cy."
    assert (await desk.now(done)).state is DraftState.DRAFT


async def test_four_eyes_want_somebody_else(desk: Desk) -> None:
    await desk.policy(a_workspace(four_eyes=True))
    own = await desk.drafted(BO)
    touched = await desk.drafts.edit(CY, ref(await desk.drafted(ANA)), texts={MASTODON: "By Cy."})

    for person, shot in ((BO, own), (CY, touched)):
        with pytest.raises(Forbidden, match="Four eyes are asked for here"):
            await desk.review.approve(person, ref(shot))
    assert (await desk.review.approve(CY, ref(own))).state is DraftState.APPROVED
    assert (await desk.review.approve(BO, ref(touched))).state is DraftState.APPROVED


async def test_where_review_is_required_approving_needs_somebody_to_ask_for_it(desk: Desk) -> None:
    await desk.policy(a_workspace(submit_required=True))
    done = await desk.drafted()

    with pytest.raises(Conflict) as caught:
        await desk.review.approve(BO, ref(done))
    submitted = await desk.review.submit(ANA, ref(done))
    approved = await desk.review.approve(BO, ref(submitted))

    assert caught.value.message == "Nobody has asked for a review of this yet."
    assert caught.value.next_step == "Ask for review first."
    assert (submitted.state, approved.state) == (DraftState.IN_REVIEW, DraftState.APPROVED)


async def test_an_edit_in_review_has_to_be_submitted_again(desk: Desk) -> None:
    await desk.policy(a_workspace(submit_required=True))
    submitted = await desk.review.submit(ANA, ref(await desk.drafted()))

    edited = await desk.drafts.edit(ANA, ref(submitted), texts={MASTODON: "Better."})

    with pytest.raises(Conflict, match="Nobody has asked for a review"):
        await desk.review.approve(BO, ref(edited))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 61, "@driftseas@social.test: 61 of 60 characters."),
        ("Pure synergy.", '@driftseas@social.test: The brand does not use "synergy".'),
    ],
)
async def test_what_blocks_keeps_from_approving_and_says_how_to_mend_it(desk: Desk, text: str, sentence: str) -> None:
    edited = await desk.drafts.edit(ANA, ref(await desk.drafted()), texts={MASTODON: text})

    with pytest.raises(Conflict) as caught:
        await desk.review.approve(BO, ref(edited))

    assert caught.value.message == sentence
    assert caught.value.next_step
    assert (await desk.now(edited)).state is DraftState.DRAFT


async def test_approving_with_a_time_chosen_makes_the_deliveries_in_one_go(desk: Desk) -> None:
    due = desk.clock.now() + timedelta(hours=2)
    planned = await desk.calendar.schedule(ANA, ref(await desk.drafted()), due)
    desk.events.clear()

    approved = await desk.review.approve(BO, ref(planned))

    assert approved.state is DraftState.SCHEDULED
    assert [(d.account_id, d.due_at) for d in approved.deliveries] == [
        (MASTODON, due),
        (BLUESKY, due + timedelta(seconds=1)),
    ]
    assert approved.draft.approval is not None
    assert {d.digest for d in approved.deliveries} == {approved.draft.approval.digest}
    assert desk.events[0] == DeliveriesPlanned(draft_id=planned.draft.id, earliest=due)


async def test_a_planned_time_that_has_passed_asks_for_another(desk: Desk) -> None:
    planned = await desk.calendar.schedule(ANA, ref(await desk.drafted()), desk.clock.now() + timedelta(minutes=1))
    await desk.clock.advance(60)

    approved = await desk.review.approve(BO, ref(planned))

    assert (approved.state, approved.deliveries, approved.draft.planned_at) == (DraftState.APPROVED, (), None)
    assert approved.draft.problem == "The planned time had passed; choose another."


async def test_a_rejection_stops_what_was_planned_and_can_be_taken_back_for_a_week(desk: Desk) -> None:
    scheduled = await desk.scheduled()

    rejected = await desk.review.reject(CY, ref(scheduled), " not now ")
    await desk.clock.advance(REOPEN_WITHIN.total_seconds())
    reopened = await desk.review.reopen(ANA, ref(rejected))

    assert (rejected.state, rejected.draft.approval, rejected.draft.planned_at) == (DraftState.REJECTED, None, None)
    assert [r.state for r in await desk.rows(rejected)] == [DeliveryState.CANCELLED] * 2
    assert (rejected.audit[-1].verb, rejected.audit[-1].note) == ("rejected", "not now")
    assert (reopened.state, verbs(reopened)[-1]) == (DraftState.DRAFT, "reopened")


async def test_after_a_week_a_rejection_stands(desk: Desk) -> None:
    rejected = await desk.review.reject(BO, ref(await desk.drafted()), "")
    await desk.clock.advance(REOPEN_WITHIN.total_seconds() + 1)

    with pytest.raises(Conflict, match="more than seven days ago") as caught:
        await desk.review.reopen(ANA, ref(rejected))

    assert caught.value.next_step == "Duplicate it to work on it again."


async def test_an_approval_can_be_withdrawn_while_nothing_is_planned(desk: Desk) -> None:
    approved = await desk.approved()

    with pytest.raises(Forbidden):
        await desk.review.withdraw_approval(ANA, ref(approved))
    back = await desk.review.withdraw_approval(CY, ref(approved))

    assert (back.state, back.draft.approval, verbs(back)[-1]) == (DraftState.DRAFT, None, "took the approval back")
    with pytest.raises(Conflict, match="is scheduled, so it can't be taken back to a draft"):
        await desk.review.withdraw_approval(BO, ref(await desk.scheduled()))


async def test_without_a_text_there_is_nothing_to_review_or_approve(desk: Desk) -> None:
    desk.model.then(ZeroDivisionError())
    failed = await desk.drafted()

    with pytest.raises(Conflict, match="no text yet to review"):
        await desk.review.submit(ANA, ref(failed))
    with pytest.raises(Conflict, match="no text yet to approve"):
        await desk.review.approve(BO, ref(failed))


async def put_into(desk: Desk, state: DraftState) -> DraftRef:
    """A draft in any state."""
    if state is DraftState.DRAFTING:
        done = await desk.drafted()
        return ref(await desk.drafts.begin_rewrite(ANA, ref(done)))
    if state is DraftState.DRAFT:
        return ref(await desk.drafted())
    if state is DraftState.IN_REVIEW:
        return ref(await desk.review.submit(ANA, ref(await desk.drafted())))
    if state is DraftState.APPROVED:
        return ref(await desk.approved())
    if state is DraftState.REJECTED:
        return ref(await desk.review.reject(BO, ref(await desk.drafted()), ""))
    if state is DraftState.ARCHIVED:
        return ref(await desk.review.archive(ANA, ref(await desk.drafted())))
    scheduled = await desk.scheduled()
    first, second = (d.id for d in scheduled.deliveries)
    sent = DeliveryState.SENDING
    ends: dict[DraftState, tuple[tuple[DeliveryId, tuple[DeliveryState, ...]], ...]] = {
        DraftState.SCHEDULED: (),
        DraftState.PUBLISHING: ((first, (sent,)),),
        DraftState.PUBLISHED: ((first, (sent, DeliveryState.PUBLISHED)), (second, (sent, DeliveryState.PUBLISHED))),
        DraftState.PARTLY_PUBLISHED: ((first, (sent, DeliveryState.PUBLISHED)), (second, (sent, DeliveryState.FAILED))),
        DraftState.FAILED: ((first, (sent, DeliveryState.FAILED)), (second, (sent, DeliveryState.FAILED))),
    }
    for delivery_id, path in ends[state]:
        await desk.played(delivery_id, *path)
    return ref(scheduled)


OPEN = {DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.SCHEDULED}
ALLOWED: dict[str, set[DraftState]] = {
    "submit": {DraftState.DRAFT},
    "approve": {DraftState.DRAFT, DraftState.IN_REVIEW},
    "reject": OPEN,
    "reopen": {DraftState.REJECTED},
    "withdraw": {DraftState.APPROVED},
    "archive": {
        DraftState.DRAFT,
        DraftState.IN_REVIEW,
        DraftState.APPROVED,
        DraftState.REJECTED,
        DraftState.FAILED,
    },
    "edit": OPEN | {DraftState.FAILED},
    "rewrite": {DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.FAILED},
    "schedule": OPEN,
    "publish": {DraftState.APPROVED, DraftState.SCHEDULED},
    "unschedule": {DraftState.SCHEDULED, DraftState.PUBLISHING},
}


@pytest.mark.parametrize("state", list(DraftState))
@pytest.mark.parametrize("action", list(ALLOWED))
async def test_every_action_in_every_state_is_done_or_refused_in_a_sentence(
    desk: Desk, action: str, state: DraftState
) -> None:
    shown = await put_into(desk, state)
    before = await desk.services.board.draft(shown.draft_id)
    assert before.state is state
    later = desk.clock.now() + timedelta(hours=5)
    acts = {
        "submit": lambda: desk.review.submit(ADA, shown),
        "approve": lambda: desk.review.approve(ADA, shown),
        "reject": lambda: desk.review.reject(ADA, shown, "no"),
        "reopen": lambda: desk.review.reopen(ADA, shown),
        "withdraw": lambda: desk.review.withdraw_approval(ADA, shown),
        "archive": lambda: desk.review.archive(ADA, shown),
        "edit": lambda: desk.drafts.edit(ADA, shown, texts={MASTODON: "Better."}),
        "rewrite": lambda: desk.drafts.begin_rewrite(ADA, shown),
        "schedule": lambda: desk.calendar.schedule(ADA, shown, later),
        "publish": lambda: desk.calendar.publish_now(ADA, shown),
        "unschedule": lambda: desk.calendar.unschedule(ADA, shown),
    }

    if state in ALLOWED[action]:
        await acts[action]()
        return
    with pytest.raises(Conflict) as caught:
        await acts[action]()

    assert caught.value.message.endswith(".")
    assert "_" not in caught.value.message
    assert caught.value.next_step
    assert await desk.services.board.draft(shown.draft_id) == before


async def test_an_unknown_draft_is_refused_before_anything_else(desk: Desk) -> None:
    with pytest.raises(NotFound, match="There is no draft 9"):
        await desk.review.approve(BO, DraftRef(draft_id=DraftId("9"), revision=1))
