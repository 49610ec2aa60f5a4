"""What every store must do, run over the one in memory and the one on SQLite."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from services.domain.account import Dedupe, Health
from services.domain.actor import Role, Workspace
from services.domain.brand import Palette
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.ids import AccountId, BrandId, DeliveryId, Digest, DraftId, PersonId
from services.domain.post import Brief, DraftState
from services.ports.storage import WriteInRead
from tests.builders import (
    NOW,
    a_brand,
    a_delivery,
    a_document_item,
    a_draft,
    a_log_entry,
    a_media_item,
    a_person,
    a_picture,
    a_picture_job,
    a_revision,
    a_shown_card,
    a_variant,
    a_video_item,
    an_account,
    an_approval,
    an_approved_draft,
    an_audit_entry,
    an_outline,
    some_limits,
)
from tests.contracts.stores import (
    KINDS,
    MINUTE,
    ONE,
    SCHEDULED,
    TWO,
    empty_store,
    put_all,
    put_draft,
    with_deliveries,
    with_drafts,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from services.domain.account import Account
    from services.domain.post import Approval, Draft
    from services.ports.storage import ShownCard, Store, Transaction


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each of the stores, empty."""
    async with empty_store(request.param, tmp_path) as opened:
        yield opened


def _approve(approval: Approval, tx: Transaction) -> None:
    tx.drafts.add_approval(approval)


def _get(id_: DraftId, tx: Transaction) -> Draft | None:
    return tx.drafts.get(id_)


def _web_page(before: str | None, tx: Transaction) -> Sequence[ShownCard]:
    return tx.cards.list(surface="web", before=before, limit=2)


class TestWorkspace:
    """The switches."""

    async def test_defaults_until_saved(self, store: Store) -> None:
        assert await store.read(lambda tx: tx.workspace()) == Workspace()

    async def test_is_replaced_as_a_whole(self, store: Store) -> None:
        frozen = Workspace(four_eyes=True, submit_required=True, late_minutes=5, frozen_by="Ada", frozen_at=NOW)
        await store.write(lambda tx: tx.save_workspace(frozen))
        assert await store.read(lambda tx: tx.workspace()) == frozen
        await store.write(lambda tx: tx.save_workspace(Workspace()))
        assert await store.read(lambda tx: tx.workspace()) == Workspace()


class TestPeople:
    """Who may use the desk."""

    async def test_are_found_by_id_and_by_name_whatever_its_case(self, store: Store) -> None:
        gross = a_person(id=PersonId("g"), name="Jörg Groß", role=Role.VIEWER, zone="UTC")
        await store.write(lambda tx: put_all(tx.people.add, a_person(), gross))
        assert await store.read(lambda tx: tx.people.get(PersonId("g"))) == gross
        assert await store.read(lambda tx: tx.people.by_name("jörg GROSS")) == gross
        assert await store.read(lambda tx: tx.people.by_name("jörg")) is None
        assert await store.read(lambda tx: tx.people.get(PersonId("x"))) is None

    async def test_come_in_order_of_arrival_and_the_first_keeps_the_name(self, store: Store) -> None:
        late = a_person(id=PersonId("a"), created_at=NOW + MINUTE)
        early = a_person(id=PersonId("z"))
        await store.write(lambda tx: put_all(tx.people.add, late, early))
        assert list(await store.read(lambda tx: tx.people.list())) == [early, late]
        assert await store.read(lambda tx: tx.people.by_name("ADA")) == early

    async def test_are_changed_only_when_here(self, store: Store) -> None:
        bo = a_person(name="Bo", role=Role.AUTHOR)
        with pytest.raises(NotFound):
            await store.write(lambda tx: tx.people.save(bo))
        await store.write(lambda tx: tx.people.add(a_person()))
        await store.write(lambda tx: tx.people.save(bo))
        assert await store.read(lambda tx: tx.people.by_name("bo")) == bo
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.people.add(bo))


class TestAccounts:
    """Social identities and what is sealed with them."""

    async def test_come_back_as_they_were(self, store: Store) -> None:
        account = an_account(
            limits=some_limits(text=300, unit="graphemes", text_bytes=3000, image_types=("image/png",), images=2),
            limits_at=NOW + MINUTE / 7,
            dedupe=Dedupe.LOOKUP,
            health=Health.NEEDS_REAUTH,
            health_note="The token is no longer valid.",
            practice=True,
        )
        await store.write(lambda tx: tx.accounts.add(account, b"sealed"))
        assert await store.read(lambda tx: tx.accounts.get(account.id)) == account
        identity = (account.platform, account.remote_id, account.base_url)
        assert await store.read(lambda tx: tx.accounts.by_identity(*identity)) == account
        assert await store.read(lambda tx: tx.accounts.by_identity(account.platform, "other", account.base_url)) is None

    async def test_come_in_order_of_creation(self, store: Store) -> None:
        first = an_account(id=AccountId("z"))
        second = an_account(id=AccountId("a"), created_at=NOW + MINUTE)
        await store.write(lambda tx: put_all(lambda a: tx.accounts.add(a, b""), second, first))
        assert list(await store.read(lambda tx: tx.accounts.list())) == [first, second]

    @pytest.mark.parametrize(
        "rival", [an_account(id=AccountId("acc2"), remote_id="remote-acc1"), an_account(remote_id="new")]
    )
    async def test_id_and_identity_are_unique(self, store: Store, rival: Account) -> None:
        await store.write(lambda tx: tx.accounts.add(an_account(), b"mine"))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.accounts.add(rival, b"other"))
        assert list(await store.read(lambda tx: tx.accounts.list())) == [an_account()]
        assert await store.read(lambda tx: tx.accounts.sealed(AccountId("acc1"))) == b"mine"

    async def test_saving_leaves_credentials_alone(self, store: Store) -> None:
        await store.write(lambda tx: tx.accounts.add(an_account(), b"sealed"))
        renamed = an_account(name="Other")
        await store.write(lambda tx: tx.accounts.save(renamed))
        assert await store.read(lambda tx: (tx.accounts.get(renamed.id), tx.accounts.sealed(renamed.id))) == (
            renamed,
            b"sealed",
        )
        with pytest.raises(NotFound):
            await store.write(lambda tx: tx.accounts.save(an_account(id=AccountId("none"))))

    async def test_resealing_is_compare_and_set(self, store: Store) -> None:
        id_ = AccountId("acc1")
        await store.write(lambda tx: tx.accounts.add(an_account(), b"one"))
        assert await store.write(lambda tx: tx.accounts.reseal(id_, b"two", expected=b"one")) is True
        assert await store.write(lambda tx: tx.accounts.reseal(id_, b"three", expected=b"one")) is False
        assert await store.read(lambda tx: tx.accounts.sealed(id_)) == b"two"
        assert await store.write(lambda tx: tx.accounts.reseal(id_, b"four")) is True
        assert await store.write(lambda tx: tx.accounts.reseal(AccountId("none"), b"x")) is False

    async def test_removing_takes_the_credentials_too(self, store: Store) -> None:
        await store.write(lambda tx: tx.accounts.add(an_account(), b"sealed"))
        await store.write(lambda tx: put_all(tx.accounts.remove, AccountId("acc1"), AccountId("acc1")))
        assert await store.read(lambda tx: tx.accounts.get(AccountId("acc1"))) is None
        with pytest.raises(NotFound):
            await store.read(lambda tx: tx.accounts.sealed(AccountId("acc1")))


class TestBrandsAndMedia:
    """Voices, and facts about files."""

    async def test_a_brand_is_put_over_the_old_one(self, store: Store) -> None:
        old = a_brand(examples=("One.", "Two."))
        new = a_brand(name="Adrift", palette=Palette(background="#000000", text="#ffffff", accent="#ff0000"))
        other = a_brand(id=BrandId("zed"), name="Aaa")
        await store.write(lambda tx: tx.brands.put(old))
        assert await store.read(lambda tx: tx.brands.get(old.id)) == old
        await store.write(lambda tx: put_all(tx.brands.put, new, other))
        assert list(await store.read(lambda tx: tx.brands.list())) == [other, new]
        assert await store.read(lambda tx: tx.brands.get(BrandId("none"))) is None

    async def test_the_first_facts_of_a_file_stay(self, store: Store) -> None:
        item = a_media_item()
        await store.write(lambda tx: tx.media.put(item, at=NOW))
        await store.write(lambda tx: tx.media.put(replace(item, mime="image/gif"), at=NOW + MINUTE))
        assert await store.read(lambda tx: tx.media.get(item.digest)) == item
        assert await store.read(lambda tx: tx.media.get(Digest("00" * 32))) is None
        assert await store.read(lambda tx: tx.media.poster(item.digest)) is None
        assert await store.read(lambda tx: tx.media.poster(Digest("00" * 32))) is None

    async def test_a_video_keeps_its_facts_and_its_poster(self, store: Store) -> None:
        poster = a_media_item(mime="image/jpeg")
        await store.write(lambda tx: tx.media.put(poster, at=NOW))
        await store.write(lambda tx: tx.media.put(a_video_item(), at=NOW, poster=poster.digest))
        await store.write(lambda tx: tx.media.put(replace(a_video_item(), size=1), at=NOW + MINUTE))
        assert await store.read(lambda tx: tx.media.get(a_video_item().digest)) == a_video_item()
        assert await store.read(lambda tx: tx.media.poster(a_video_item().digest)) == poster

    async def test_a_document_keeps_its_pages(self, store: Store) -> None:
        item = a_document_item()
        await store.write(lambda tx: tx.media.put(item, at=NOW))
        assert await store.read(lambda tx: tx.media.get(item.digest)) == item
        assert await store.read(lambda tx: tx.media.poster(item.digest)) is None


class TestBudgets:
    """What was spent of what networks allow."""

    async def test_each_account_and_window_has_its_own_and_the_last_word_stays(self, store: Store) -> None:
        one, two = AccountId("acc1"), AccountId("acc2")
        await store.write(lambda tx: tx.budgets.put(one, "day", NOW))
        await store.write(lambda tx: tx.budgets.put(one, "day", NOW + MINUTE))
        await store.write(lambda tx: tx.budgets.put(one, "hour", NOW))
        assert await store.read(lambda tx: tx.budgets.get(one, "day")) == NOW + MINUTE
        assert await store.read(lambda tx: tx.budgets.get(one, "hour")) == NOW
        assert await store.read(lambda tx: tx.budgets.get(two, "day")) is None
        with pytest.raises(WriteInRead):
            await store.read(lambda tx: tx.budgets.put(one, "day", NOW))


class TestDrafts:
    """Drafts with their revisions and the facts about them."""

    async def test_come_back_as_they_were(self, store: Store) -> None:
        variant = a_variant(parts=("One 🌊", "Two"), media=(a_picture(),), options={"visibility": "unlisted"})
        revision = a_revision(number=3, variants=(variant, a_variant(account_id=AccountId("b"))), note="shorter")
        draft = an_approved_draft(
            revision=replace(revision, outline=an_outline(claims=("Twice as fast",))),
            brief=Brief(text="say it", notes="a note\nof two lines"),
            account_ids=(AccountId("b"), AccountId("acc1")),
            planned_at=NOW + MINUTE,
            problem="The model did not answer.",
        )
        await store.write(lambda tx: put_draft(tx, draft))
        found = await store.read(lambda tx: tx.drafts.get(draft.id))
        assert found == draft
        assert found is not None
        assert found.approved_as_is
        assert await store.write(lambda tx: tx.drafts.lock(draft.id)) == draft

    async def test_those_a_picture_is_being_made_for_are_found(self, store: Store) -> None:
        waiting = [a_draft(id=DraftId(n), picturing=a_picture_job()) for n in ("3", "11")]
        for draft in (waiting[1], a_draft(id=DraftId("7")), waiting[0]):
            await store.write(lambda tx, d=draft: put_draft(tx, d))  # type: ignore[misc]  # default binds
        assert list(await store.read(lambda tx: tx.drafts.picturing())) == waiting
        await store.write(lambda tx: tx.drafts.save(replace(waiting[0], picturing=None)))
        assert list(await store.read(lambda tx: tx.drafts.picturing())) == waiting[1:]

    @pytest.mark.parametrize("missing", ["2", "01", "abc", "", "-1", "9" * 30, "١"])
    async def test_what_is_no_number_of_a_draft_finds_nothing(self, store: Store, missing: str) -> None:
        await with_drafts(store, ONE)
        id_ = DraftId(missing)
        assert await store.read(lambda tx: tx.drafts.get(id_)) is None
        assert await store.write(lambda tx: tx.drafts.lock(id_)) is None
        assert await store.read(lambda tx: tx.drafts.revision(id_, 1)) is None
        assert list(await store.read(lambda tx: tx.drafts.revisions(id_))) == []
        assert list(await store.read(lambda tx: tx.deliveries.for_draft(id_))) == []
        for write in (
            lambda tx: tx.drafts.save(a_draft(id=id_)),
            lambda tx: tx.drafts.add_revision(id_, a_revision()),
            lambda tx: tx.drafts.add_approval(an_approval(draft_id=id_)),
            lambda tx: tx.drafts.add_audit(an_audit_entry(draft_id=id_)),
            lambda tx: tx.deliveries.add(a_delivery(draft_id=id_), a_log_entry()),
        ):
            with pytest.raises(NotFound):
                await store.write(write)

    async def test_an_id_that_is_no_number_is_refused(self, store: Store) -> None:
        with pytest.raises(InvalidInput):
            await store.write(lambda tx: tx.drafts.add(a_draft(id=DraftId("07"))))

    async def test_numbers_count_up_past_all_there_are(self, store: Store) -> None:
        assert await store.write(lambda tx: [tx.drafts.next_id(), tx.drafts.next_id()]) == ["1", "2"]
        await with_drafts(store, DraftId("41"), DraftId("7"))
        assert await store.write(lambda tx: tx.drafts.next_id()) == "42"

    async def test_numbers_are_given_out_once_to_many_at_a_time(self, store: Store) -> None:
        numbers = await asyncio.gather(*(store.write(lambda tx: tx.drafts.next_id()) for _ in range(30)))
        assert sorted(map(int, numbers)) == list(range(1, 31))

    async def test_a_page_goes_from_new_to_old_by_number(self, store: Store) -> None:
        await with_drafts(store, *(DraftId(str(n)) for n in range(1, 13)))
        first = await store.read(lambda tx: [d.id for d in tx.drafts.list(limit=4)])
        assert first == ["12", "11", "10", "9"]
        assert await store.read(lambda tx: [d.id for d in tx.drafts.list(before=first[-1], limit=4)]) == list("8765")
        assert await store.read(lambda tx: [d.id for d in tx.drafts.list(before=ONE)]) == []

    async def test_a_page_keeps_to_the_states_asked_for(self, store: Store) -> None:
        await with_drafts(store, ONE, TWO)
        await store.write(lambda tx: tx.drafts.save(a_draft(id=TWO, state=DraftState.REJECTED)))
        assert await store.read(lambda tx: [d.id for d in tx.drafts.list(states={DraftState.DRAFT})]) == [ONE]
        assert await store.read(lambda tx: [d.id for d in tx.drafts.list(states=())]) == []
        assert await store.read(lambda tx: [d.id for d in tx.drafts.list(states=list(DraftState))]) == [TWO, ONE]

    async def test_saving_changes_all_but_the_content_of_a_revision(self, store: Store) -> None:
        second = a_revision(number=2, note="edited")
        await store.write(lambda tx: put_draft(tx, a_draft(), second))
        claimed = replace(second, note="not what was written")
        changed = an_approved_draft(revision=claimed, problem="x", author_name="Ada L.", state_at=NOW + MINUTE)
        await store.write(lambda tx: tx.drafts.save(changed))
        assert await store.read(lambda tx: tx.drafts.get(ONE)) == replace(changed, revision=second)
        await store.write(lambda tx: tx.drafts.save(replace(changed, revision=None, approval=None)))
        assert await store.read(lambda tx: tx.drafts.get(ONE)) == replace(changed, revision=None, approval=None)

    async def test_a_number_of_a_revision_is_taken_once(self, store: Store) -> None:
        await store.write(lambda tx: put_draft(tx, a_draft(), a_revision(number=2)))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.drafts.add_revision(ONE, a_revision(number=2, note="late")))
        assert await store.read(lambda tx: [r.number for r in tx.drafts.revisions(ONE)]) == [1, 2]
        assert await store.read(lambda tx: tx.drafts.revision(ONE, 2)) == a_revision(number=2)
        assert await store.read(lambda tx: tx.drafts.revision(ONE, 3)) is None
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.drafts.add(a_draft()))

    async def test_approvals_and_audit_lines_stay_in_order(self, store: Store) -> None:
        await with_drafts(store, ONE, TWO)
        agreed = [an_approval(by_name="Bo", at=NOW + MINUTE), an_approval(by_name="Cy")]
        lines = [
            an_audit_entry(verb="approved", at=NOW + MINUTE),
            an_audit_entry(verb="edited", note="why", revision=2),
        ]
        for approval in agreed:
            await store.write(partial(_approve, approval))
        await store.write(lambda tx: put_all(tx.drafts.add_audit, *lines))
        assert list(await store.read(lambda tx: tx.drafts.approvals(ONE))) == agreed
        assert list(await store.read(lambda tx: tx.drafts.audit(ONE))) == lines
        assert list(await store.read(lambda tx: tx.drafts.audit(TWO))) == []


class TestCards:
    """Where cards were shown."""

    async def test_are_put_over_the_same_place(self, store: Store) -> None:
        card = a_shown_card(kind="delivery", delivery_id=DeliveryId("d1"))
        again = replace(card, created_at=NOW + MINUTE, delivery_id=None)
        elsewhere = replace(card, surface="slack", place="C1:2")
        await store.write(lambda tx: put_all(tx.cards.put, card, elsewhere))
        assert list(await store.read(lambda tx: tx.cards.places(ONE))) == [elsewhere, card]
        await store.write(lambda tx: tx.cards.put(again))
        assert list(await store.read(lambda tx: tx.cards.places(ONE))) == [elsewhere, again]
        await store.write(lambda tx: tx.cards.remove(card.card_id))
        assert list(await store.read(lambda tx: tx.cards.places(ONE))) == []

    async def test_a_page_shows_each_card_once_newest_first(self, store: Store) -> None:
        cards = [
            a_shown_card(card_id=f"draft-{n}", draft_id=DraftId(str(n)), created_at=NOW + n // 2 * MINUTE)
            for n in range(6)
        ]
        newer = replace(cards[0], place="other", created_at=NOW + 9 * MINUTE)
        elsewhere = replace(cards[1], surface="slack", created_at=NOW + 10 * MINUTE)
        await store.write(lambda tx: put_all(tx.cards.put, *cards, newer, elsewhere))
        shown = [newer, *reversed(cards[1:])]
        before = None
        for page in (shown[:2], shown[2:4], shown[4:], []):
            assert list(await store.read(partial(_web_page, before))) == page
            before = page[-1].card_id if page else None
        assert list(await store.read(lambda tx: tx.cards.list(surface="web", before="unknown"))) == []


class TestTransactions:
    """What holds for every unit of work."""

    async def test_an_exception_undoes_the_whole_unit_and_reaches_the_caller(self, store: Store) -> None:
        class Mine(Exception):
            """Raised by the unit below."""

        def fail(tx: Transaction) -> None:
            put_draft(tx, a_draft())
            tx.drafts.next_id()
            tx.save_workspace(Workspace(four_eyes=True))
            raise Mine

        with pytest.raises(Mine):
            await store.write(fail)
        assert await store.read(lambda tx: (list(tx.drafts.list()), tx.workspace())) == ([], Workspace())

    async def test_a_failing_unit_leaves_those_around_it_alone(self, store: Store) -> None:
        async def add(number: int) -> None:
            await store.write(lambda tx: put_draft(tx, a_draft(id=DraftId(str(number % 20 + 1)))))

        outcomes = await asyncio.gather(*(add(n) for n in range(30)), return_exceptions=True)
        assert [type(o) for o in outcomes] == [type(None)] * 20 + [Conflict] * 10
        assert await store.read(lambda tx: len(tx.drafts.list())) == 20

    async def test_an_error_that_the_unit_handles_costs_nothing_else(self, store: Store) -> None:
        def twice(tx: Transaction) -> None:
            put_draft(tx, a_draft())
            with pytest.raises(Conflict):
                tx.drafts.add_revision(ONE, a_revision())
            tx.drafts.add_revision(ONE, a_revision(number=2))

        await store.write(twice)
        assert await store.read(lambda tx: [r.number for r in tx.drafts.revisions(ONE)]) == [1, 2]

    async def test_what_was_written_is_read_at_once(self, store: Store) -> None:
        for number in range(1, 6):
            draft = a_draft(id=DraftId(str(number)))
            await with_drafts(store, draft.id)
            assert await store.read(partial(_get, draft.id)) == draft

    async def test_a_read_can_neither_write_nor_lock(self, store: Store) -> None:
        await with_deliveries(store, row := a_delivery())
        for attempt in (
            lambda tx: tx.save_workspace(Workspace()),
            lambda tx: tx.people.add(a_person()),
            lambda tx: tx.accounts.remove(AccountId("acc1")),
            lambda tx: tx.brands.put(a_brand()),
            lambda tx: tx.media.put(a_media_item(), at=NOW),
            lambda tx: tx.cards.put(a_shown_card()),
            lambda tx: tx.drafts.next_id(),
            lambda tx: tx.drafts.lock(ONE),
            lambda tx: tx.deliveries.lock(row.id),
            lambda tx: tx.deliveries.claim((SCHEDULED,), now=NOW, owner="", lease_until=NOW, limit=1),
            lambda tx: tx.deliveries.save(row, fence=0),
        ):
            with pytest.raises(WriteInRead):
                await store.read(attempt)

    async def test_a_read_sees_all_of_a_unit_or_nothing(self, store: Store) -> None:
        def both(number: int) -> Callable[[Transaction], None]:
            pair = [a_person(id=PersonId(id_), name=str(number)) for id_ in ("left", "right")]
            return lambda tx: put_all(tx.people.save, *pair)

        people = [a_person(id=PersonId(id_), name="0") for id_ in ("left", "right")]
        await store.write(lambda tx: put_all(tx.people.add, *people))
        reading, writing = [], []
        for number in range(40):
            writing.append(asyncio.create_task(store.write(both(number))))
            reading.append(asyncio.create_task(store.read(lambda tx: [p.name for p in tx.people.list()])))
        pairs = [await read for read in reading]
        await asyncio.gather(*writing)
        assert len(pairs) == 40
        assert all(left == right for left, right in pairs)
