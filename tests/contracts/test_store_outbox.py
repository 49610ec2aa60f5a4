"""What every store must do with the outbox: rows, fences and leases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict
from services.domain.ids import AccountId, DeliveryId, Digest, DraftId, PlatformSlug
from services.ports.storage import WriteInRead
from tests.builders import NOW, a_delivery, a_log_entry, a_picture, a_receipt, a_variant
from tests.contracts.stores import (
    KINDS,
    MINUTE,
    ONE,
    SCHEDULED,
    TWO,
    empty_store,
    for_accounts,
    put_all,
    with_deliveries,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import datetime
    from pathlib import Path

    from services.domain.delivery import Delivery
    from services.ports.storage import Store, Transaction


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each of the stores, empty."""
    async with empty_store(request.param, tmp_path) as opened:
        yield opened


def _plan(row: Delivery, tx: Transaction) -> None:
    tx.deliveries.add(row, a_log_entry())


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


class TestDeliveries:
    """The outbox as rows."""

    async def test_come_back_as_they_were(self, store: Store) -> None:
        row = a_delivery(
            id=DeliveryId("d-full"),
            variant=a_variant(parts=("One", "Two"), media=(a_picture(),), options={"a": "b"}),
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
                await store.write(partial(_plan, rival))
        cancelled = replace(first, state=DeliveryState.CANCELLED)
        assert await store.write(lambda tx: tx.deliveries.save(cancelled, fence=0)) is True
        again = a_delivery()
        others = [a_delivery(revision=2), a_delivery(account_id=AccountId("other"))]
        await store.write(lambda tx: put_all(lambda row: _plan(row, tx), again, *others))
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

    async def test_ending_all_leases_cuts_the_longer_ones_and_touches_nothing_else(self, store: Store) -> None:
        ends = [NOW + timedelta(microseconds=1), NOW + MINUTE, NOW, NOW - MINUTE, None]
        states = [DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.SENDING, DeliveryState.PREPARING]
        rows = [
            replace(row, state=state, lease_owner="dead", lease_until=end, fence=3)
            for row, state, end in zip(for_accounts(5), [*states, SCHEDULED], ends, strict=True)
        ]
        await with_deliveries(store, *rows)
        with pytest.raises(WriteInRead):
            await store.read(lambda tx: tx.deliveries.end_leases(at=NOW))
        assert await store.write(lambda tx: tx.deliveries.end_leases(at=NOW)) == 2
        cut = [replace(row, lease_until=NOW) for row in rows[:2]] + rows[2:]
        assert list(await store.read(lambda tx: tx.deliveries.for_draft(ONE))) == cut
        assert await store.write(lambda tx: tx.deliveries.end_leases(at=NOW)) == 0
        assert {d.id for d in await store.read(lambda tx: tx.deliveries.lapsed(now=NOW, limit=9))} == {
            rows[0].id,
            rows[2].id,
            rows[3].id,
        }
        (free,) = await claim(store, NOW + MINUTE, states=[DeliveryState.UNCERTAIN])
        assert (free.id, free.fence) == (rows[1].id, 4)

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
