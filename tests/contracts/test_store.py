"""What every store must do, run over the one in memory and the one on SQLite."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.domain.account import Dedupe, Health
from services.domain.actor import Role, Workspace
from services.domain.brand import Palette
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.ids import AccountId, BrandId, DeliveryId, Digest, DraftId, PersonId, PlatformSlug
from services.domain.post import Brief, DraftState
from services.ports.storage import WriteInRead
from storage.store import SqlStore
from tests.builders import (
    NOW,
    a_brand,
    a_delivery,
    a_draft,
    a_log_entry,
    a_media_item,
    a_person,
    a_picture,
    a_receipt,
    a_revision,
    a_shown_card,
    a_variant,
    an_account,
    an_approval,
    an_approved_draft,
    an_audit_entry,
    an_outline,
    some_limits,
)
from tests.databases import fresh_database
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import datetime
    from pathlib import Path

    from services.domain.delivery import Delivery
    from services.domain.post import Draft, Revision
    from services.ports.storage import Store, Transaction

MINUTE = timedelta(minutes=1)
ONE, TWO = DraftId("1"), DraftId("2")
SCHEDULED = DeliveryState.SCHEDULED


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each of the stores, empty."""
    if request.param == "memory":
        yield MemoryStore()
        return
    async with SqlStore.open(fresh_database(tmp_path)) as opened:
        yield opened


def put_draft(tx: Transaction, draft: Draft, *more: Revision) -> None:
    """A draft with the revision it carries, and others."""
    tx.drafts.add(draft)
    for revision in ((draft.revision,) if draft.revision else ()) + more:
        tx.drafts.add_revision(draft.id, revision)


async def with_drafts(store: Store, *ids: DraftId) -> None:
    """Drafts that deliveries can belong to."""
    await store.write(lambda tx: [put_draft(tx, a_draft(id=id_)) for id_ in ids])


async def with_deliveries(store: Store, *rows: Delivery) -> None:
    """Rows of the outbox, each with the entry that made it."""
    await with_drafts(store, *sorted({row.draft_id for row in rows}))
    await store.write(lambda tx: [tx.deliveries.add(row, a_log_entry(row.state)) for row in rows])


def for_accounts(count: int, **fields: datetime) -> list[Delivery]:
    """Rows of one draft for as many accounts."""
    return [a_delivery(account_id=AccountId(f"acc{n:02}"), due_at=fields.get("due_at", NOW)) for n in range(count)]


async def claim(
    store: Store,
    now: datetime = NOW,
    *,
    states: Collection[DeliveryState] = (SCHEDULED,),
    owner: str = "me",
    lease: timedelta = MINUTE,
    limit: int = 100,
) -> list[Delivery]:
    """Claim as the engine does."""
    return list(
        await store.write(
            lambda tx: tx.deliveries.claim(states, now=now, owner=owner, lease_until=now + lease, limit=limit)
        )
    )


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
        await store.write(lambda tx: [tx.people.add(a_person()), tx.people.add(gross)])
        assert await store.read(lambda tx: tx.people.get(PersonId("g"))) == gross
        assert await store.read(lambda tx: tx.people.by_name("jörg GROSS")) == gross
        assert await store.read(lambda tx: tx.people.by_name("jörg")) is None
        assert await store.read(lambda tx: tx.people.get(PersonId("x"))) is None

    async def test_come_in_order_of_arrival_and_the_first_keeps_the_name(self, store: Store) -> None:
        late = a_person(id=PersonId("a"), created_at=NOW + MINUTE)
        early = a_person(id=PersonId("z"))
        await store.write(lambda tx: [tx.people.add(late), tx.people.add(early)])
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
            limits_at=NOW + timedelta(microseconds=1),
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
        await store.write(lambda tx: [tx.accounts.add(second, b""), tx.accounts.add(first, b"")])
        assert list(await store.read(lambda tx: tx.accounts.list())) == [first, second]

    @pytest.mark.parametrize("other", [{"id": AccountId("acc2"), "remote_id": "remote-acc1"}, {"remote_id": "new"}])
    async def test_id_and_identity_are_unique(self, store: Store, other: dict[str, AccountId]) -> None:
        await store.write(lambda tx: tx.accounts.add(an_account(), b"mine"))
        rival = replace(an_account(), **other)
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
        await store.write(lambda tx: [tx.accounts.remove(AccountId("acc1")), tx.accounts.remove(AccountId("acc1"))])
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
        await store.write(lambda tx: [tx.brands.put(new), tx.brands.put(other)])
        assert list(await store.read(lambda tx: tx.brands.list())) == [other, new]
        assert await store.read(lambda tx: tx.brands.get(BrandId("none"))) is None

    async def test_the_first_facts_of_a_file_stay(self, store: Store) -> None:
        item = a_media_item()
        await store.write(lambda tx: tx.media.put(item, at=NOW))
        await store.write(lambda tx: tx.media.put(replace(item, mime="image/gif"), at=NOW + MINUTE))
        assert await store.read(lambda tx: tx.media.get(item.digest)) == item
        assert await store.read(lambda tx: tx.media.get(Digest("00" * 32))) is None


class TestDrafts:
    """Drafts with their revisions and the facts about them."""

    async def test_come_back_as_they_were(self, store: Store) -> None:
        variant = a_variant(parts=("One 🌊", "Two"), pictures=(a_picture(),), options={"visibility": "unlisted"})
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
        for approval, line in zip(agreed, lines, strict=True):
            await store.write(lambda tx, a=approval, e=line: [tx.drafts.add_approval(a), tx.drafts.add_audit(e)])
        assert list(await store.read(lambda tx: tx.drafts.approvals(ONE))) == agreed
        assert list(await store.read(lambda tx: tx.drafts.audit(ONE))) == lines
        assert list(await store.read(lambda tx: tx.drafts.audit(TWO))) == []


class TestDeliveries:
    """The outbox as rows."""

    async def test_come_back_as_they_were(self, store: Store) -> None:
        row = a_delivery(
            id=DeliveryId("d-full"),
            variant=a_variant(parts=("One", "Two"), pictures=(a_picture(),), options={"a": "b"}),
            platform=PlatformSlug("bluesky"),
            state=DeliveryState.SENDING,
            due_at=NOW + timedelta(microseconds=1),
            next_at=NOW + timedelta(microseconds=2),
            undo_until=NOW + timedelta(seconds=15),
            attempts=2,
            fence=7,
            lease_owner="me",
            lease_until=NOW + MINUTE,
            first_claimed_at=NOW,
            sending_at=NOW + timedelta(milliseconds=1),
            handles={"media": "9"},
            receipts=(a_receipt(extra={"cid": "x"}), a_receipt(part=1, remote_id="1002", at=NOW + MINUTE)),
            problem="slow",
            probes=3,
        )
        await with_deliveries(store, row)
        assert await store.read(lambda tx: tx.deliveries.get(row.id)) == row
        assert await store.write(lambda tx: tx.deliveries.lock(row.id)) == row
        assert await store.read(lambda tx: tx.deliveries.get(DeliveryId("none"))) is None

    async def test_one_live_row_for_a_version_and_an_account(self, store: Store) -> None:
        first = a_delivery()
        await with_deliveries(store, first)
        for rival in (a_delivery(), a_delivery(id=first.id, account_id=AccountId("other"))):
            with pytest.raises(Conflict):
                await store.write(lambda tx, r=rival: tx.deliveries.add(r, a_log_entry()))
        cancelled = replace(first, state=DeliveryState.CANCELLED)
        assert await store.write(lambda tx: tx.deliveries.save(cancelled, fence=0)) is True
        again = a_delivery()
        others = [a_delivery(revision=2), a_delivery(account_id=AccountId("other"))]
        await store.write(lambda tx: [tx.deliveries.add(row, a_log_entry()) for row in (again, *others)])
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.deliveries.save(first, fence=0))
        assert list(await store.read(lambda tx: tx.deliveries.for_draft(ONE))) == [cancelled, again, *others]

    async def test_drafts_get_their_own_rows(self, store: Store) -> None:
        one, two = a_delivery(), a_delivery(draft_id=TWO)
        await with_deliveries(store, one, two)
        wanted = (TWO, DraftId("3"))
        found = await store.read(lambda tx: tx.deliveries.for_drafts(wanted))
        assert {id_: list(rows) for id_, rows in found.items()} == {TWO: [two], DraftId("3"): []}
        assert await store.read(lambda tx: dict(tx.deliveries.for_drafts(()))) == {}

    async def test_a_page_goes_from_new_to_old_and_keeps_to_states(self, store: Store) -> None:
        rows = for_accounts(5)
        rows[1] = replace(rows[1], state=DeliveryState.FAILED)
        await with_deliveries(store, *rows)
        page = await store.read(lambda tx: tx.deliveries.list(limit=2))
        assert list(page) == [rows[4], rows[3]]
        rest = await store.read(lambda tx: tx.deliveries.list(before=page[-1].id, states={SCHEDULED}))
        assert list(rest) == [rows[2], rows[0]]
        assert list(await store.read(lambda tx: tx.deliveries.list(states=()))) == []
        counts = await store.read(lambda tx: tx.deliveries.count_by_state())
        assert dict(counts) == {SCHEDULED: 4, DeliveryState.FAILED: 1}

    async def test_saving_with_an_old_fence_changes_nothing(self, store: Store) -> None:
        row = a_delivery(due_at=NOW)
        await with_deliveries(store, row)
        (mine,) = await claim(store)
        (theirs,) = await claim(store, NOW + MINUTE, owner="other")
        late = replace(mine, problem="late")
        entry = a_log_entry(DeliveryState.SENDING, came_from=SCHEDULED, note="sending")
        assert await store.write(lambda tx: tx.deliveries.save(late, fence=mine.fence, entry=entry)) is False
        assert await store.read(lambda tx: tx.deliveries.get(row.id)) == theirs
        assert list(await store.read(lambda tx: tx.deliveries.log(row.id))) == [a_log_entry()]
        assert await store.write(lambda tx: tx.deliveries.save(a_delivery(), fence=0)) is False

    async def test_saving_logs_and_never_touches_what_was_frozen(self, store: Store) -> None:
        row = a_delivery()
        await with_deliveries(store, row)
        entry = a_log_entry(DeliveryState.SENDING, came_from=SCHEDULED, note="sending")
        moved = replace(
            row, state=DeliveryState.SENDING, attempts=1, fence=4, receipts=(a_receipt(),), handles={"a": "b"}
        )
        forged = replace(
            moved, variant=a_variant(parts=("Other",)), digest=Digest("00" * 32), account_id=AccountId("x"), revision=9
        )
        assert await store.write(lambda tx: tx.deliveries.save(forged, fence=0, entry=entry)) is True
        assert await store.read(lambda tx: tx.deliveries.get(row.id)) == moved
        assert list(await store.read(lambda tx: tx.deliveries.log(row.id))) == [a_log_entry(), entry]


class TestClaims:
    """Who works on what."""

    async def test_takes_what_is_due_earliest_first_up_to_the_limit(self, store: Store) -> None:
        dues = [NOW + MINUTE, NOW - MINUTE, NOW, NOW + timedelta(microseconds=1)]
        rows = [a_delivery(account_id=AccountId(f"a{n}"), due_at=due) for n, due in enumerate(dues)]
        await with_deliveries(store, *rows)
        assert [d.id for d in await claim(store, limit=1)] == [rows[1].id]
        assert [d.id for d in await claim(store)] == [rows[2].id]
        assert await claim(store) == []

    async def test_marks_the_row_and_gives_back_what_it_wrote(self, store: Store) -> None:
        row = a_delivery(due_at=NOW)
        await with_deliveries(store, row)
        (mine,) = await claim(store)
        assert mine == replace(row, fence=1, lease_owner="me", lease_until=NOW + MINUTE, first_claimed_at=NOW)
        assert await store.read(lambda tx: tx.deliveries.get(row.id)) == mine

    async def test_a_lease_holds_until_its_end_and_the_first_claim_is_remembered(self, store: Store) -> None:
        await with_deliveries(store, a_delivery(due_at=NOW))
        await claim(store)
        assert await claim(store, NOW + MINUTE - timedelta(microseconds=1), owner="other") == []
        (again,) = await claim(store, NOW + MINUTE, owner="other")
        assert (again.fence, again.lease_owner, again.first_claimed_at) == (2, "other", NOW)

    async def test_keeps_to_the_states_asked_for(self, store: Store) -> None:
        rows = [
            replace(row, state=state)
            for row, state in zip(for_accounts(len(DeliveryState)), DeliveryState, strict=True)
        ]
        await with_deliveries(store, *rows)
        assert await claim(store, states=()) == []
        wanted = (DeliveryState.UNCERTAIN, DeliveryState.PUBLISHED)
        assert {d.state for d in await claim(store, states=wanted)} == set(wanted)
        assert len(await claim(store, states=tuple(DeliveryState))) == len(rows) - 2

    async def test_many_claimers_share_without_overlap(self, store: Store) -> None:
        rows = for_accounts(40)
        await with_deliveries(store, *rows)
        for turn, now in enumerate((NOW, NOW + MINUTE), start=1):
            owners = [f"w{n}" for n in range(16)]
            taken = await asyncio.gather(*(claim(store, now, owner=owner, limit=5) for owner in owners))
            everything = [d for some in taken for d in some]
            assert sorted(d.id for d in everything) == [row.id for row in rows]
            assert {d.fence for d in everything} == {turn}
            assert all(d.lease_owner == owner for owner, some in zip(owners, taken, strict=True) for d in some)

    async def test_lapsed_are_those_in_hand_whose_lease_ended(self, store: Store) -> None:
        ends = [NOW, NOW - MINUTE, NOW + MINUTE, NOW, None]
        states = [
            DeliveryState.SENDING,
            DeliveryState.PREPARING,
            DeliveryState.SENDING,
            SCHEDULED,
            DeliveryState.SENDING,
        ]
        rows = [
            replace(row, state=state, lease_until=end)
            for row, state, end in zip(for_accounts(5), states, ends, strict=True)
        ]
        await with_deliveries(store, *rows)
        assert list(await store.read(lambda tx: tx.deliveries.lapsed(now=NOW, limit=10))) == [rows[1], rows[0]]
        assert list(await store.read(lambda tx: tx.deliveries.lapsed(now=NOW, limit=1))) == [rows[1]]

    async def test_the_next_wake_is_the_earliest_look_or_end_of_a_lease(self, store: Store) -> None:
        async def wake(*states: DeliveryState) -> datetime | None:
            return await store.read(lambda tx: tx.deliveries.next_wake(states))

        assert await wake(SCHEDULED) is None
        rows = [
            a_delivery(account_id=AccountId("a"), due_at=NOW + 5 * MINUTE),
            a_delivery(account_id=AccountId("b"), due_at=NOW + 2 * MINUTE, state=DeliveryState.HELD),
            a_delivery(account_id=AccountId("c"), due_at=NOW, state=DeliveryState.PUBLISHED),
        ]
        await with_deliveries(store, *rows)
        assert await wake(SCHEDULED) == NOW + 5 * MINUTE
        assert await wake(SCHEDULED, DeliveryState.HELD) == NOW + 2 * MINUTE
        assert await wake(*DeliveryState) == NOW
        assert await wake() is None
        await claim(store, NOW + 5 * MINUTE, lease=3 * MINUTE)
        assert await wake(SCHEDULED) == NOW + 8 * MINUTE
        assert await wake() == NOW + 8 * MINUTE


class TestCards:
    """Where cards were shown."""

    async def test_are_put_over_the_same_place(self, store: Store) -> None:
        card = a_shown_card(kind="delivery", delivery_id=DeliveryId("d1"))
        again = replace(card, created_at=NOW + MINUTE, delivery_id=None)
        elsewhere = replace(card, surface="slack", place="C1:2")
        await store.write(lambda tx: [tx.cards.put(card), tx.cards.put(elsewhere)])
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
        await store.write(lambda tx: [tx.cards.put(card) for card in (*cards, newer, elsewhere)])
        shown = [newer, *reversed(cards[1:])]
        pages, before = [], None
        while page := await store.read(lambda tx, b=before: tx.cards.list(surface="web", before=b, limit=2)):
            pages.append(list(page))
            before = page[-1].card_id
        assert pages == [shown[:2], shown[2:4], shown[4:]]
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
            id_ = DraftId(str(number))
            await store.write(lambda tx, i=id_: put_draft(tx, a_draft(id=i)))
            assert await store.read(lambda tx, i=id_: tx.drafts.get(i)) == a_draft(id=id_)

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
        def both(number: int) -> None:
            name = str(number)
            tx_people = [a_person(id=PersonId(id_), name=name) for id_ in ("left", "right")]
            return lambda tx: [tx.people.save(person) for person in tx_people]

        people = [a_person(id=PersonId(id_), name="0") for id_ in ("left", "right")]
        await store.write(lambda tx: [tx.people.add(person) for person in people])
        seen = await asyncio.gather(
            *(job for n in range(40) for job in (store.write(both(n)), store.read(lambda tx: tx.people.list())))
        )
        pairs = [tuple(person.name for person in found) for found in seen[1::2]]
        assert len(pairs) == 40
        assert all(left == right for left, right in pairs)
