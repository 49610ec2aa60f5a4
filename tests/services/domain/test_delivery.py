"""The delivery's lawful steps, held against the published table, and what follows from them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.delivery import DELIVERY_TRANSITIONS, DeliveryState, IllegalStep, derive_state, freeze, step
from services.domain.errors import Conflict
from services.domain.ids import AccountId, DeliveryId
from services.domain.post import DraftState
from tests.builders import NOW, a_delivery, a_draft, a_receipt, a_revision, a_variant, an_approved_draft

S = DeliveryState
PUBLISHED_TABLE = """
SCHEDULED -> PREPARING SENDING CANCELLED HELD
PREPARING -> SENDING SCHEDULED FAILED CANCELLED HELD
SENDING -> PUBLISHED PROCESSING SCHEDULED FAILED UNCERTAIN
PROCESSING -> PUBLISHED FAILED UNCERTAIN
UNCERTAIN -> PUBLISHED SCHEDULED NEEDS_HUMAN
NEEDS_HUMAN -> PUBLISHED SCHEDULED CANCELLED
HELD -> SCHEDULED CANCELLED
FAILED -> SCHEDULED
PUBLISHED ->
CANCELLED ->
"""


def test_the_table_is_the_published_one() -> None:
    told = {
        S(left.strip()): {S(word) for word in right.split()}
        for left, right in (line.split("->") for line in PUBLISHED_TABLE.strip().splitlines())
    }

    assert told == {state: set(nexts) for state, nexts in DELIVERY_TRANSITIONS.items()}


@pytest.mark.parametrize(("start", "to"), list(product(S, S)))
def test_a_step_is_logged_when_lawful_and_refused_otherwise(start: DeliveryState, to: DeliveryState) -> None:
    delivery = a_delivery(state=start, lease_owner="desk-1", lease_until=NOW, fence=3)

    if to not in DELIVERY_TRANSITIONS[start]:
        with pytest.raises(IllegalStep):
            step(delivery, to, at=NOW, note="x")
        return
    changed, entry = step(delivery, to, at=NOW, note="because")

    assert (changed.state, changed.fence) == (to, 3)
    assert (entry.from_state, entry.to_state, entry.note, entry.at) == (start, to, "because", NOW)
    assert (changed.lease_owner == "desk-1") is (to in {S.PREPARING, S.SENDING})


def test_the_key_is_the_same_at_every_attempt_and_new_for_every_part_and_row() -> None:
    first = a_delivery(id=DeliveryId("d1"))
    again = a_delivery(id=DeliveryId("d1"), attempts=4, fence=9)
    second_part = a_delivery(id=DeliveryId("d1"), receipts=(a_receipt(),))
    other = a_delivery(id=DeliveryId("d2"))

    assert first.key == again.key
    assert len({first.key, second_part.key, other.key}) == 3


def test_freezing_needs_an_approval_of_exactly_this_content() -> None:
    with pytest.raises(Conflict, match="not been approved"):
        freeze(a_draft(), due_at=NOW, now=NOW, new_id=lambda: DeliveryId("d1"))


@pytest.mark.parametrize(("count", "gap"), [(1, None), (2, 1.0), (3, 1.0), (5, 0.5), (8, 2 / 7), (41, 0.05)])
def test_freezing_binds_the_approvals_digest_and_spreads_accounts_over_at_most_two_seconds(
    count: int, gap: float | None
) -> None:
    variants = tuple(a_variant(account_id=AccountId(f"a{n}")) for n in range(count))
    ids = iter(DeliveryId(f"d{n}") for n in range(count))
    draft = an_approved_draft(revision=a_revision(variants=variants))

    rows = freeze(draft, due_at=NOW, now=NOW - timedelta(hours=1), new_id=lambda: next(ids))

    assert draft.approval is not None
    assert {r.digest for r in rows} == {draft.approval.digest}
    assert [r.variant for r in rows] == list(variants)
    assert rows[0].due_at == NOW
    assert rows[-1].due_at - NOW <= timedelta(seconds=2)
    assert [row.next_at for row in rows] == [row.due_at for row in rows]
    gaps = [(b.due_at - a.due_at).total_seconds() for a, b in pairwise(rows)]
    assert gaps == [pytest.approx(gap, abs=1e-5)] * (count - 1)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], DraftState.APPROVED),
        ([S.CANCELLED], DraftState.APPROVED),
        ([S.SCHEDULED, S.SCHEDULED], DraftState.SCHEDULED),
        ([S.SCHEDULED, S.HELD], DraftState.SCHEDULED),
        ([S.SCHEDULED, S.PUBLISHED], DraftState.PUBLISHING),
        ([S.SENDING, S.SCHEDULED], DraftState.PUBLISHING),
        ([S.UNCERTAIN], DraftState.PUBLISHING),
        ([S.NEEDS_HUMAN, S.PUBLISHED], DraftState.PUBLISHING),
        ([S.PUBLISHED, S.PUBLISHED], DraftState.PUBLISHED),
        ([S.PUBLISHED, S.CANCELLED], DraftState.PUBLISHED),
        ([S.PUBLISHED, S.FAILED], DraftState.PARTLY_PUBLISHED),
        ([S.FAILED, S.FAILED], DraftState.FAILED),
    ],
)
def test_the_state_people_see_is_derived_from_the_deliveries(states: list[DeliveryState], expected: DraftState) -> None:
    draft = an_approved_draft()
    assert draft.revision is not None
    rows = [a_delivery(state=state, revision=draft.revision.number) for state in states]

    assert derive_state(draft, rows) is expected


@given(st.lists(st.sampled_from(S)))
def test_deliveries_of_an_older_version_and_unapproved_drafts_derive_nothing(states: list[DeliveryState]) -> None:
    old = [a_delivery(state=state, revision=1) for state in states]
    newer = an_approved_draft(revision=a_revision(number=2))

    assert derive_state(newer, old) is DraftState.APPROVED
    assert derive_state(a_draft(state=DraftState.REJECTED), old) is DraftState.REJECTED


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (S.SCHEDULED, DraftState.PUBLISHING),
        (S.HELD, DraftState.PUBLISHING),
        (S.FAILED, DraftState.PARTLY_PUBLISHED),
        (S.CANCELLED, DraftState.PARTLY_PUBLISHED),
    ],
)
def test_what_has_a_part_in_public_is_never_as_if_it_had_not_begun(state: DeliveryState, expected: DraftState) -> None:
    assert derive_state(an_approved_draft(), [a_delivery(state=state, receipts=(a_receipt(),))]) is expected


def test_an_account_that_was_left_out_makes_it_partly_published() -> None:
    variants = (a_variant(), a_variant(account_id=AccountId("acc2")))
    draft = an_approved_draft(revision=a_revision(variants=variants))
    sent = a_delivery(state=S.PUBLISHED, receipts=(a_receipt(),))
    stopped = a_delivery(state=S.CANCELLED, account_id=AccountId("acc2"))

    assert derive_state(draft, [sent, stopped]) is DraftState.PARTLY_PUBLISHED
