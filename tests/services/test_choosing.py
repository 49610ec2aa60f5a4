"""Options of drafts and accounts: set by people, bound by approvals, kept by rewrites, and sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.account import Account
from services.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.domain.events import AccountChanged
from services.domain.ids import AccountId
from services.domain.post import DraftState
from services.ledger import Snapshot
from tests.choices import CALM, MARK, REPLIES
from tests.desk import ADA, ANA, BLUESKY, BO, MASTODON, VIC, Desk, make_desk, ref, verbs


@pytest.fixture
async def desk() -> Desk:
    return await make_desk(options=CALM)


@pytest.fixture
async def strict() -> Desk:
    """Nothing goes out on the first network before somebody chose who can reply."""
    return await make_desk(options=(*CALM, MARK, REPLIES))


def chosen(snapshot: Snapshot, account: AccountId = MASTODON) -> dict[str, str]:
    assert snapshot.draft.revision is not None
    return dict(next(v.options for v in snapshot.draft.revision.variants if v.account_id == account))


async def known(desk: Desk, account: AccountId = MASTODON) -> Account:
    return next(a for a in await desk.accounts.list() if a.id == account)


async def test_a_choice_is_a_new_version_and_takes_the_approval_back(desk: Desk) -> None:
    agreed = await desk.approved()

    done = await desk.drafts.choose(ANA, ref(agreed), {MASTODON: {"visibility": "private", "warning": " Spoilers "}})

    assert (done.state, done.revisions, done.draft.approval) == (DraftState.DRAFT, 2, None)
    assert chosen(done) == {"visibility": "private", "warning": "Spoilers"}
    assert chosen(done, BLUESKY) == {}
    assert verbs(done)[-1] == "chose options"
    assert done.draft.revision is not None
    assert done.draft.revision.made_with == "scripted", "nobody wrote another word"
    assert done.draft.revision.by == ANA.id


async def test_the_same_choice_again_changes_nothing_and_keeps_the_approval(desk: Desk) -> None:
    agreed = await desk.approved()
    assert await desk.drafts.choose(ANA, ref(agreed), {MASTODON: {"visibility": "public", "warning": ""}}) == agreed


async def test_what_is_not_given_stays_and_a_default_takes_the_choice_back(desk: Desk) -> None:
    once = await desk.drafts.choose(ANA, ref(await desk.drafted()), {MASTODON: {"visibility": "private"}})
    twice = await desk.drafts.choose(ANA, ref(once), {MASTODON: {"warning": "Loud"}})
    assert chosen(twice) == {"visibility": "private", "warning": "Loud"}
    assert chosen(await desk.drafts.choose(ANA, ref(twice), {MASTODON: {"visibility": "public"}})) == {
        "warning": "Loud"
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({MASTODON: {"colour": "red"}}, "option.acc1.colour"),
        ({MASTODON: {"visibility": "direct"}}, "option.acc1.visibility"),
        ({MASTODON: {"warning": "w" * 21}}, "option.acc1.warning"),
        ({BLUESKY: {"visibility": "private"}}, "option.acc2.visibility"),
        ({AccountId("acc9"): {"visibility": "private"}}, "option.acc9"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_at_its_field(
    desk: Desk, given: dict[AccountId, dict[str, str]], field: str
) -> None:
    drafted = await desk.drafted()
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.choose(ANA, ref(drafted), given)
    assert caught.value.field == field
    assert await desk.now(drafted) == drafted


async def test_nobody_chooses_for_what_they_do_not_see_or_may_not_change(desk: Desk) -> None:
    shown = await desk.drafted()
    await desk.drafts.edit(BO, ref(shown), texts={MASTODON: "Newer."})
    with pytest.raises(Conflict, match="the draft is at version 2"):
        await desk.drafts.choose(ANA, ref(shown), {MASTODON: {"visibility": "private"}})
    with pytest.raises(Forbidden):
        await desk.drafts.choose(VIC, ref(await desk.now(shown)), {MASTODON: {"visibility": "private"}})
    desk.model.then(ZeroDivisionError())
    unwritten = await desk.drafted(brief="nothing comes of it")
    with pytest.raises(Conflict, match="There is no text yet"):
        await desk.drafts.choose(ANA, ref(unwritten), {MASTODON: {"visibility": "private"}})


async def test_choices_made_one_window_after_the_other_are_put_together(desk: Desk) -> None:
    shown = await desk.drafted()
    await desk.drafts.choose(ANA, ref(shown), {MASTODON: {"visibility": "private"}})
    whole_form = {"visibility": "public", "warning": "Loud"}
    done = await desk.drafts.choose(BO, ref(shown), {MASTODON: whole_form})
    assert (done.revisions, chosen(done)) == (3, {"visibility": "private", "warning": "Loud"})
    again = await desk.drafts.choose(BO, ref(shown), {MASTODON: {"visibility": "public", "warning": ""}})
    assert again == done, "an old form in which nothing was changed changes nothing"


async def test_two_who_choose_otherwise_are_told(desk: Desk) -> None:
    shown = await desk.drafted()
    done = await desk.drafts.choose(ANA, ref(shown), {MASTODON: {"warning": "Loud"}})
    with pytest.raises(Conflict, match="the draft is at version 2"):
        await desk.drafts.choose(BO, ref(shown), {MASTODON: {"warning": "Quiet"}})
    with pytest.raises(Conflict, match="the draft is at version 2"):
        await desk.drafts.choose(BO, ref(shown), {AccountId("acc9"): {"warning": "Loud"}})
    assert await desk.drafts.choose(BO, ref(shown), {MASTODON: {"warning": " Loud "}}) == done


async def test_a_choice_is_kept_when_the_text_is_written_anew_and_goes_out(desk: Desk) -> None:
    one = await desk.drafts.choose(ANA, ref(await desk.drafted()), {MASTODON: {"visibility": "private"}})
    begun = await desk.drafts.begin_rewrite(ANA, ref(one))
    again = await desk.drafts.compose(ANA, begun.draft.id, wish="shorter")
    assert chosen(again) == {"visibility": "private"}
    agreed = await desk.review.approve(BO, ref(again))
    await desk.calendar.publish_now(BO, ref(agreed))
    sent = {d.account_id: dict(d.variant.options) for d in await desk.rows(agreed)}
    assert sent == {MASTODON: {"visibility": "private"}, BLUESKY: {}}


async def test_without_a_choice_that_must_be_made_nobody_can_approve(strict: Desk) -> None:
    drafted = await strict.drafted()
    with pytest.raises(Conflict, match="Mastodon needs to know who can reply") as caught:
        await strict.review.approve(BO, ref(drafted))
    assert caught.value.next_step == "Choose it under Options."
    done = await strict.drafts.choose(ANA, ref(drafted), {MASTODON: {"replies": "none"}})
    assert (await strict.review.approve(BO, ref(done))).state is DraftState.APPROVED


async def test_the_writer_is_never_asked_to_mend_what_nobody_chose(strict: Desk) -> None:
    await strict.drafted()
    assert len(strict.model.tasks) == 1


async def test_a_choice_that_the_account_lost_blocks(strict: Desk) -> None:
    done = await strict.drafts.choose(ANA, ref(await strict.drafted()), {MASTODON: {"replies": "none"}})
    account = await known(strict)
    narrow = replace(account, limits=replace(account.limits, choices=(("replies", ("all",)),)))
    await strict.store.write(lambda tx: tx.accounts.save(narrow))
    with pytest.raises(Conflict, match="“Nobody” can't be chosen on Mastodon") as caught:
        await strict.review.approve(BO, ref(done))
    assert caught.value.next_step == "Possible: Everybody."


class TestStandingChoices:
    """What every new draft for an account begins with."""

    async def test_a_new_draft_begins_with_them_and_old_ones_stay(self, strict: Desk) -> None:
        before = await strict.drafted()
        changed = await strict.accounts.choose(ADA, MASTODON, {"replies": "all", "visibility": "private"})
        assert dict(changed.options) == {"replies": "all", "visibility": "private"}
        assert AccountChanged(account_id=MASTODON) in strict.events
        drafted = await strict.drafted(brief="another")
        assert chosen(drafted) == {"replies": "all", "visibility": "private"}
        assert chosen(await strict.now(before)) == {}
        assert (await strict.review.approve(BO, ref(drafted))).state is DraftState.APPROVED

    async def test_a_rewrite_keeps_what_was_chosen_for_the_draft(self, strict: Desk) -> None:
        await strict.accounts.choose(ADA, MASTODON, {"replies": "all", "visibility": "private"})
        own = await strict.drafts.choose(
            ANA, ref(await strict.drafted()), {MASTODON: {"replies": "none", "visibility": "public"}}
        )
        begun = await strict.drafts.begin_rewrite(ANA, ref(own))
        assert chosen(await strict.drafts.compose(ANA, begun.draft.id)) == {"replies": "none"}

    async def test_a_text_written_by_hand_begins_with_them_too(self, strict: Desk) -> None:
        await strict.accounts.choose(ADA, MASTODON, {"replies": "all"})
        strict.model.then(ZeroDivisionError())
        failed = await strict.drafted()
        written = await strict.drafts.edit(ANA, ref(failed), texts={MASTODON: "Mine.", BLUESKY: "Mine."})
        assert chosen(written) == {"replies": "all"}

    async def test_what_belongs_to_one_post_is_no_beginning(self, strict: Desk) -> None:
        with pytest.raises(InvalidInput, match="“Poll” belongs to one post") as caught:
            await strict.accounts.choose(ADA, MASTODON, {"poll": "Tea\nCoffee"})
        assert caught.value.field == "option.acc1.poll"
        assert dict((await known(strict)).options) == {}

    async def test_they_can_be_taken_back(self, strict: Desk) -> None:
        await strict.accounts.choose(ADA, MASTODON, {"replies": "all", "warning": "Loud"})
        assert dict((await strict.accounts.choose(ADA, MASTODON, {"replies": ""})).options) == {"warning": "Loud"}

    async def test_connecting_anew_keeps_them(self, strict: Desk) -> None:
        added = await strict.accounts.add("mastodon", {"access_token": "token-1"})
        await strict.accounts.choose(ADA, added.id, {"visibility": "private"})
        again = await strict.accounts.add("mastodon", {"access_token": "token-1"})
        assert (again.id, dict(again.options)) == (added.id, {"visibility": "private"})

    async def test_only_admins_set_them_and_only_what_there_is(self, strict: Desk) -> None:
        with pytest.raises(Forbidden, match="it takes an admin"):
            await strict.accounts.choose(BO, MASTODON, {"visibility": "private"})
        with pytest.raises(InvalidInput) as caught:
            await strict.accounts.choose(ADA, MASTODON, {"visibility": "direct"})
        assert caught.value.field == "option.acc1.visibility"
        with pytest.raises(NotFound):
            await strict.accounts.choose(ADA, AccountId("acc9"), {"visibility": "private"})
        assert dict((await known(strict)).options) == {}
