"""A draft's content over its life: nothing asked for is lost, nothing is changed under somebody's hands."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from services.domain.events import DeliveryChanged, DraftChanged
from services.domain.ids import AccountId, BrandId, DraftId
from services.domain.post import Brief, DraftState
from services.drafts import MAX_BRIEF, Order
from services.ledger import DraftRef
from services.media.intake import Brought
from services.ports.models import Writing
from tests.builders import a_media_item, an_outline
from tests.desk import ADA, ANA, BLUESKY, BO, MASTODON, VIC, Desk, make_desk, ref, verbs

S = DeliveryState


@pytest.fixture
async def desk() -> Desk:
    return await make_desk()


async def test_a_brief_is_kept_before_anybody_writes_and_the_text_follows(desk: Desk) -> None:
    order = Order(brief=Brief(text="  the release \n", notes=" facts "), brand_id=BrandId("driftseas"))

    begun = await desk.drafts.begin(ANA, order)
    done = await desk.drafts.compose(ANA, begun.draft.id)

    assert (begun.state, begun.draft.brief) == (DraftState.DRAFTING, Brief(text="the release", notes="facts"))
    assert begun.draft.account_ids == (MASTODON, BLUESKY)
    assert (done.state, done.revisions, verbs(done)) == (DraftState.DRAFT, 1, ["asked for a draft", "drafted"])
    assert done.draft.revision is not None
    assert [v.text for v in done.draft.revision.variants] == [
        "Text 1 about the release. (Mastodon)",
        "Text 1 about the release. (Bluesky)",
    ]
    assert done.draft.revision.made_with == "scripted"
    assert desk.events == [DraftChanged(draft_id=DraftId("1"))] * 2


@pytest.mark.parametrize(
    ("order", "field", "sentence"),
    [
        (Order(brief=Brief(text=" \n ")), "brief", "The brief is empty."),
        (
            Order(brief=Brief(text="a", notes="b" * MAX_BRIEF)),
            "brief",
            "The brief has 40,001 characters; 40,000 is the most.",
        ),
        (Order(brief=Brief(text="a"), brand_id=BrandId("acme")), "brand", "There is no brand “acme”."),
        (Order(brief=Brief(text="a"), wanted=("mastodno",)), "networks", "I don't know a network called “mastodno”."),
    ],
)
async def test_what_cannot_be_drafted_is_refused_at_its_field(
    desk: Desk, order: Order, field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.begin(ANA, order)

    assert (caught.value.field, caught.value.message) == (field, sentence)
    assert await desk.services.board.drafts() == []


async def test_the_longest_brief_is_still_taken(desk: Desk) -> None:
    begun = await desk.drafts.begin(ANA, Order(brief=Brief(text="a", notes=" " + "b" * (MAX_BRIEF - 1) + " ")))

    assert begun.state is DraftState.DRAFTING


async def test_without_an_account_the_next_step_is_to_connect_one() -> None:
    desk = await make_desk(accounts=False)

    with pytest.raises(InvalidInput, match="No account is connected yet") as caught:
        await desk.drafts.begin(ANA, Order(brief=Brief(text="a")))

    assert caught.value.next_step == "Connect one with: /desk connect"


async def test_viewers_write_nothing(desk: Desk) -> None:
    done = await desk.drafted()
    shown = ref(done)

    with pytest.raises(Forbidden):
        await desk.drafts.begin(VIC, Order(brief=Brief(text="a")))
    for change in (
        desk.drafts.begin_rewrite(VIC, shown),
        desk.drafts.edit(VIC, shown, texts={MASTODON: "x"}),
        desk.illustration.attach(VIC, shown, [Brought(item=a_media_item())], [""]),
        desk.illustration.remove(VIC, shown),
        desk.drafts.restore(VIC, shown, 1),
        desk.drafts.duplicate(VIC, shown),
    ):
        with pytest.raises(Forbidden, match="it takes an author"):
            await change
    assert await desk.now(done) == done


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            Unavailable("The model timed out.", next_step="Try again."),
            "The model timed out. Your brief is saved. Try again.",
        ),
        (ZeroDivisionError("secret detail"), "The writer failed unexpectedly. Your brief is saved."),
    ],
)
async def test_a_failing_writer_leaves_the_brief_and_a_sentence(desk: Desk, error: Exception, sentence: str) -> None:
    desk.model.then(error)

    failed = await desk.drafted()
    again = await desk.drafts.begin_rewrite(ANA, ref(failed))
    done = await desk.drafts.compose(ANA, failed.draft.id)

    assert (failed.state, failed.draft.revision, failed.draft.problem) == (DraftState.DRAFT, None, sentence)
    assert failed.draft.brief.text == "the release"
    assert (again.state, again.draft.problem) == (DraftState.DRAFTING, "")
    assert (done.state, done.revisions) == (DraftState.DRAFT, 1)


async def test_a_failed_draft_can_be_written_by_hand(desk: Desk) -> None:
    desk.model.then(Unavailable("It is away."))
    failed = await desk.drafted()

    written = await desk.drafts.edit(ANA, ref(failed), texts={MASTODON: "By hand.", BLUESKY: "By hand too."})

    assert written.draft.revision is not None
    assert (written.draft.revision.made_with, written.draft.problem) == ("person", "")
    assert {v.account_id: v.text for v in written.draft.revision.variants} == {
        MASTODON: "By hand.",
        BLUESKY: "By hand too.",
    }


async def test_a_rewrite_carries_wish_pictures_and_options_and_voids_the_approval(desk: Desk) -> None:
    pictured = await desk.illustration.attach(
        ANA, ref(await desk.drafted()), [Brought(item=a_media_item())], [" Waves "]
    )
    approved = await desk.review.approve(BO, ref(pictured))

    await desk.drafts.begin_rewrite(ANA, ref(approved))
    done = await desk.drafts.compose(ANA, approved.draft.id, wish="shorter")

    assert desk.model.tasks[-1].wish == "shorter"
    assert desk.model.tasks[-1].previous == approved.draft.revision
    assert (done.state, done.revisions, done.draft.approval) == (DraftState.DRAFT, 3, None)
    assert done.draft.revision is not None
    assert [[p.alt for p in v.pictures] for v in done.draft.revision.variants] == [["Waves"], ["Waves"]]
    assert done.draft.revision.note == "shorter"


async def test_a_failed_rewrite_of_an_approved_draft_gives_the_approval_back(desk: Desk) -> None:
    approved = await desk.approved()
    desk.model.then(Unavailable("It is away."))

    await desk.drafts.begin_rewrite(ANA, ref(approved))
    failed = await desk.drafts.compose(ANA, approved.draft.id)
    planned = await desk.calendar.publish_now(BO, ref(failed))

    assert (failed.state, failed.draft.approval) == (DraftState.APPROVED, approved.draft.approval)
    assert failed.draft.problem == "It is away. Your brief is saved."
    assert (planned.state, planned.draft.problem) == (DraftState.SCHEDULED, "")


@pytest.mark.parametrize("plan_too", [False, True])
async def test_a_failed_rewrite_in_review_stays_in_review(desk: Desk, plan_too: bool) -> None:
    submitted = await desk.review.submit(ANA, ref(await desk.drafted()))
    if plan_too:
        submitted = await desk.calendar.schedule(ANA, ref(submitted), desk.clock.now() + timedelta(hours=1))
    desk.model.then(Unavailable("It is away."))

    await desk.drafts.begin_rewrite(ANA, ref(submitted))
    failed = await desk.drafts.compose(ANA, submitted.draft.id)

    assert failed.state is DraftState.IN_REVIEW


async def test_a_failed_rewrite_after_a_review_was_answered_is_a_draft(desk: Desk) -> None:
    submitted = await desk.review.submit(ANA, ref(await desk.drafted()))
    rejected = await desk.review.reject(BO, ref(submitted), "too long")
    reopened = await desk.review.reopen(ANA, ref(rejected))
    desk.model.then(Unavailable("It is away."))

    await desk.drafts.begin_rewrite(ANA, ref(reopened))

    assert (await desk.drafts.compose(ANA, reopened.draft.id)).state is DraftState.DRAFT


async def test_nobody_edits_or_approves_while_it_is_written_and_a_slow_writer_loses_nothing(desk: Desk) -> None:
    done = await desk.drafted()
    desk.model.gate = asyncio.Event()
    await desk.drafts.begin_rewrite(ANA, ref(done))
    writing = asyncio.create_task(desk.drafts.compose(ANA, done.draft.id))

    for late in (
        desk.drafts.edit(BO, ref(done), texts={MASTODON: "Mine."}),
        desk.review.approve(BO, ref(done)),
        desk.drafts.begin_rewrite(BO, ref(done)),
        desk.calendar.schedule(BO, ref(done), desk.clock.now() + timedelta(hours=1)),
    ):
        with pytest.raises(Conflict, match="This draft is being written just now"):
            await late
    desk.model.gate.set()
    after = await writing

    assert (after.state, after.revisions) == (DraftState.DRAFT, 2)


async def test_an_edit_that_was_first_makes_the_rewrite_button_stale(desk: Desk) -> None:
    done = await desk.drafted()
    await desk.clock.advance(120)
    await desk.drafts.edit(BO, ref(done), texts={MASTODON: "Mine."})

    with pytest.raises(Conflict) as caught:
        await desk.drafts.begin_rewrite(ANA, ref(done))

    assert caught.value.message == "This card showed version 1, the draft is at version 2. At 10:02 Bo edited."


async def test_only_one_of_two_writers_of_the_same_draft_is_heard(desk: Desk) -> None:
    begun = await desk.drafts.begin(ANA, Order(brief=Brief(text="x")))

    outcomes = await asyncio.gather(
        desk.drafts.compose(ANA, begun.draft.id), desk.drafts.compose(ANA, begun.draft.id), return_exceptions=True
    )

    assert [type(o).__name__ for o in outcomes] == ["Snapshot", "Conflict"]
    assert (await desk.now(begun)).revisions == 1


async def test_composing_what_is_not_being_written_asks_no_model(desk: Desk) -> None:
    done = await desk.drafted()

    with pytest.raises(Conflict, match="not being written any more"):
        await desk.drafts.compose(ANA, done.draft.id)

    assert len(desk.model.tasks) == 1


async def test_what_was_cut_off_comes_back_as_it_was_and_fresh_writing_is_left_alone(desk: Desk) -> None:
    approved = await desk.approved()
    await desk.drafts.begin_rewrite(ANA, ref(approved))
    new = await desk.drafts.begin(ANA, Order(brief=Brief(text="y")))
    await desk.clock.advance(60)
    fresh = await desk.drafts.begin(ANA, Order(brief=Brief(text="z")))

    recovered = await desk.drafts.recover_interrupted(older_than=desk.clock.now())

    assert recovered == 2
    assert (await desk.now(approved)).state is DraftState.APPROVED
    assert (await desk.now(new)).state is DraftState.DRAFT
    assert "Your brief is saved" in (await desk.now(new)).draft.problem
    assert (await desk.now(fresh)).state is DraftState.DRAFTING


async def test_an_edit_changes_only_what_was_given_and_a_line_of_dashes_makes_a_thread(desk: Desk) -> None:
    done = await desk.drafted()

    edited = await desk.drafts.edit(BO, ref(done), texts={MASTODON: " One.\r\n---\r\n\r\nTwo. \n---\n"})

    assert done.draft.revision is not None
    assert edited.draft.revision is not None
    mastodon, bluesky = edited.draft.revision.variants
    assert mastodon.parts == ("One.", "Two.")
    assert bluesky == done.draft.revision.variants[1]
    assert (edited.draft.revision.number, edited.draft.revision.by) == (2, BO.id)
    assert edited.audit[-1].verb == "edited"


async def test_the_same_content_again_is_no_new_version_and_keeps_the_approval(desk: Desk) -> None:
    approved = await desk.approved()
    assert approved.draft.revision is not None
    texts = {v.account_id: f"  {v.text}\n" for v in approved.draft.revision.variants}
    before = list(desk.events)

    same = await desk.drafts.edit(ANA, ref(approved), texts=texts)

    assert same == approved
    assert desk.events == before


@pytest.mark.parametrize(
    ("texts", "alts", "field", "sentence"),
    [
        ({MASTODON: " \n"}, None, "text.acc1", "The text is empty."),
        ({MASTODON: "---"}, None, "text.acc1", "The text is empty."),
        (
            {AccountId("zzz"): "x", AccountId("acc9"): "x"},
            None,
            "text.acc9",
            "This draft has no text for that account.",
        ),
        ({}, {0: "Waves"}, "alt", "This draft has no picture yet, so there is nothing to describe."),
    ],
)
async def test_an_edit_that_cannot_be_is_refused_at_its_field(
    desk: Desk, texts: dict[AccountId, str], alts: dict[int, str] | None, field: str, sentence: str
) -> None:
    done = await desk.drafted()

    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.edit(ANA, ref(done), texts=texts, alts=alts)

    assert (caught.value.field, caught.value.message) == (field, sentence)
    assert await desk.now(done) == done


async def test_an_edit_of_a_scheduled_draft_cancels_voids_and_keeps_the_chosen_time(desk: Desk) -> None:
    scheduled = await desk.scheduled()
    due = scheduled.draft.planned_at
    desk.events.clear()

    edited = await desk.drafts.edit(ANA, ref(scheduled), texts={MASTODON: "Better."})
    rows = await desk.rows(edited)
    again = await desk.review.approve(BO, ref(edited))

    assert (edited.state, edited.draft.approval, edited.draft.planned_at) == (DraftState.DRAFT, None, due)
    assert [(r.state, r.fence) for r in rows] == [(S.CANCELLED, 1)] * 2
    assert [type(e) for e in desk.events[:3]] == [DeliveryChanged, DeliveryChanged, DraftChanged]
    assert (again.state, [d.revision for d in again.deliveries]) == (DraftState.SCHEDULED, [2, 2])
    assert again.deliveries[0].due_at == due


async def test_an_edit_while_undo_is_open_does_not_publish_the_next_version_at_once(desk: Desk) -> None:
    leaving = await desk.calendar.publish_now(BO, ref(await desk.approved()))

    edited = await desk.drafts.edit(ANA, ref(leaving), texts={MASTODON: "Better."})
    again = await desk.review.approve(BO, ref(edited))

    assert edited.draft.planned_at is None
    assert (again.state, again.deliveries) == (DraftState.APPROVED, ())


async def test_an_edit_stops_a_worker_that_has_only_begun_to_prepare(desk: Desk) -> None:
    scheduled = await desk.scheduled()
    first = await desk.played(scheduled.deliveries[0].id, S.PREPARING)

    edited = await desk.drafts.edit(ANA, ref(scheduled), texts={MASTODON: "Better."})

    assert edited.state is DraftState.DRAFT
    assert [(r.state, r.fence) for r in await desk.rows(edited)] == [(S.CANCELLED, first.fence + 1), (S.CANCELLED, 1)]


@pytest.mark.parametrize(
    ("path", "live", "sentence"),
    [
        ((S.SENDING,), 0, "This draft is on its way out, so it can't be changed."),
        ((S.SENDING, S.UNCERTAIN), 0, "This draft is on its way out, so it can't be changed."),
        ((S.SENDING, S.SCHEDULED), 1, "This draft is on its way out, so it can't be changed."),
        ((S.SENDING, S.PUBLISHED), 1, "This draft is published, so it can't be changed."),
        ((S.SENDING, S.FAILED), 1, "This draft is partly published, so it can't be changed."),
        ((S.SENDING, S.SCHEDULED, S.CANCELLED), 1, "This draft is partly published, so it can't be changed."),
    ],
)
async def test_what_may_be_in_public_is_not_rewritten(
    desk: Desk, path: tuple[DeliveryState, ...], live: int, sentence: str
) -> None:
    scheduled = await desk.scheduled(wanted=("mastodon",))
    await desk.played(scheduled.deliveries[0].id, *path, live=live)

    with pytest.raises(Conflict) as caught:
        await desk.drafts.edit(ANA, ref(scheduled), texts={MASTODON: "Better."})

    assert caught.value.message.startswith(sentence)


async def test_what_every_network_refused_can_be_edited_and_sent_as_a_new_version(desk: Desk) -> None:
    scheduled = await desk.scheduled(wanted=("mastodon",))
    await desk.played(scheduled.deliveries[0].id, S.SENDING, S.FAILED)

    edited = await desk.drafts.edit(ANA, ref(scheduled), texts={MASTODON: "Politer."})
    approved = await desk.review.approve(BO, ref(edited))

    assert (edited.state, approved.state) == (DraftState.DRAFT, DraftState.SCHEDULED)
    assert [(r.revision, r.state) for r in await desk.rows(approved)] == [(1, S.FAILED), (2, S.SCHEDULED)]


async def test_a_scheduled_draft_is_unscheduled_before_it_is_rewritten(desk: Desk) -> None:
    scheduled = await desk.scheduled()

    with pytest.raises(Conflict) as caught:
        await desk.drafts.begin_rewrite(ANA, ref(scheduled))

    assert caught.value.message.startswith("This draft is scheduled, so it can't be rewritten.")
    assert caught.value.next_step == "Unschedule it first."


async def test_a_picture_goes_with_every_text_is_described_and_removed(desk: Desk) -> None:
    done = await desk.drafted()

    pictured = await desk.illustration.attach(ANA, ref(done), [Brought(item=a_media_item())], [""])
    described = await desk.drafts.edit(ANA, ref(pictured), texts={}, alts={0: " Waves "})
    bare = await desk.illustration.remove(ANA, ref(described))

    assert described.draft.revision is not None
    assert [[p.alt for p in v.pictures] for v in described.draft.revision.variants] == [["Waves"], ["Waves"]]
    assert bare.draft.revision is not None
    assert done.draft.revision is not None
    assert bare.draft.revision.digest == done.draft.revision.digest
    assert verbs(bare)[-3:] == ["added a picture", "edited", "removed the picture"]


async def test_an_earlier_version_becomes_a_new_one(desk: Desk) -> None:
    done = await desk.drafted()
    edited = await desk.drafts.edit(ANA, ref(done), texts={MASTODON: "Other."})

    restored = await desk.drafts.restore(ADA, ref(edited), 1)

    assert done.draft.revision is not None
    assert restored.draft.revision is not None
    assert (restored.revisions, restored.draft.revision.digest) == (3, done.draft.revision.digest)
    assert verbs(restored)[-1] == "restored version 1"
    with pytest.raises(InvalidInput, match="There is no version 9"):
        await desk.drafts.restore(ADA, ref(restored), 9)


async def test_a_copy_starts_over(desk: Desk) -> None:
    scheduled = await desk.scheduled()

    copy = await desk.drafts.duplicate(BO, ref(scheduled))

    assert (copy.draft.id, copy.state, copy.revisions) == (DraftId("2"), DraftState.DRAFT, 1)
    assert (copy.draft.approval, copy.draft.planned_at, copy.deliveries) == (None, None, ())
    assert (copy.draft.author, verbs(copy)) == (BO.id, ["copied"])
    assert scheduled.draft.revision is not None
    assert copy.draft.revision is not None
    assert copy.draft.revision.digest == scheduled.draft.revision.digest


async def test_a_removed_account_is_left_out_of_whatever_comes_next(desk: Desk) -> None:
    done = await desk.drafted()
    await desk.disconnect(BLUESKY)

    with pytest.raises(Conflict) as caught:
        await desk.review.approve(BO, ref(done))
    edited = await desk.drafts.edit(ANA, ref(done), texts={MASTODON: "Only here."})
    copy = await desk.drafts.duplicate(ANA, ref(done))
    await desk.drafts.begin_rewrite(ANA, ref(edited))
    rewritten = await desk.drafts.compose(ANA, edited.draft.id)

    assert caught.value.next_step == "Edit or rewrite the draft: that leaves it out."
    for shot in (edited, copy, rewritten):
        assert shot.draft.revision is not None
        assert [v.account_id for v in shot.draft.revision.variants] == [MASTODON]
    assert copy.draft.account_ids == (MASTODON,)
    assert (await desk.review.approve(BO, ref(rewritten))).state is DraftState.APPROVED


async def test_with_every_account_removed_the_next_step_is_a_new_draft(desk: Desk) -> None:
    done = await desk.drafted(wanted=("mastodon",))
    await desk.disconnect(MASTODON)

    with pytest.raises(Conflict, match="None of the accounts"):
        await desk.drafts.duplicate(ANA, ref(done))
    await desk.drafts.begin_rewrite(ANA, ref(done))
    failed = await desk.drafts.compose(ANA, done.draft.id)

    assert (failed.state, failed.draft.revision) == (DraftState.DRAFT, done.draft.revision)
    assert failed.draft.problem == "There is no account to write for. Your brief is saved. Connect an account."


async def test_a_writer_without_a_text_for_everybody_changes_nothing(desk: Desk) -> None:
    desk.model.then(Writing(outline=an_outline(), texts={MASTODON: "Only one."}))

    failed = await desk.drafted()

    assert (failed.state, failed.draft.revision) == (DraftState.DRAFT, None)
    assert "Your brief is saved" in failed.draft.problem


async def test_the_writers_notes_stand_with_the_version(desk: Desk) -> None:
    texts = {MASTODON: "A.", BLUESKY: "B."}
    desk.model.then(Writing(outline=an_outline(), texts=texts, notes=("No link was given.",)))

    done = await desk.drafted()

    assert done.draft.revision is not None
    assert done.draft.revision.note == "No link was given."


async def test_an_unknown_draft_is_not_found(desk: Desk) -> None:
    for change in (
        desk.drafts.edit(ANA, DraftRef(draft_id=DraftId("77"), revision=1), texts={}),
        desk.drafts.restore(ANA, DraftRef(draft_id=DraftId("77"), revision=1), 1),
        desk.drafts.duplicate(ANA, DraftRef(draft_id=DraftId("77"), revision=1)),
        desk.drafts.compose(ANA, DraftId("77")),
    ):
        with pytest.raises(NotFound, match="There is no draft 77"):
            await change
