"""Who is offered what, in every state: the table, its conditions, and the ids that carry it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.actions import (
    ACTIONS,
    ACTS,
    DELIVERY_ACTIONS,
    Action,
    Verb,
    carried,
    carry,
    delivery_buttons,
    draft_buttons,
    draft_verbs,
    parse_action,
)
from handlers.views.card import Card, Field, Fields, Note
from handlers.views.delivery import delivery_line
from handlers.views.draft import draft_card
from handlers.views.look import Look, Proof
from services.domain.actor import Role
from services.domain.cost import Cost
from services.domain.delivery import DELIVERY_TRANSITIONS, DeliveryState
from services.domain.errors import InvalidInput
from services.domain.ids import AccountId, DeliveryId, DraftId, PersonId
from services.domain.post import DraftState, Problem, Severity
from services.ledger import Snapshot
from tests.builders import (
    NOW,
    a_brand,
    a_delivery,
    a_draft,
    a_person,
    a_picture,
    a_receipt,
    a_revision,
    a_variant,
    a_workspace,
    an_account,
    an_approved_draft,
)

if TYPE_CHECKING:
    from services.domain.actor import Workspace
    from services.domain.delivery import Delivery
    from services.domain.post import Draft

S, V = DraftState, Verb
ACCOUNT = AccountId("acc1")


def a_snapshot(
    draft: Draft | None = None,
    state: DraftState = S.DRAFT,
    deliveries: tuple[Delivery, ...] = (),
    workspace: Workspace | None = None,
) -> Snapshot:
    shown = draft or a_draft()
    return Snapshot(
        draft=shown,
        state=state,
        deliveries=deliveries,
        audit=(),
        revisions=shown.revision.number if shown.revision else 0,
        accounts={ACCOUNT: an_account()},
        brand=a_brand(),
        workspace=workspace or a_workspace(),
    )


def a_look(role: Role = Role.ADMIN, *problems: Problem, person: str = "bo") -> Look:
    return Look(
        actor=a_person(id=PersonId(person), name="Bo", role=role),
        zone="Europe/Berlin",
        now=NOW,
        labels={"mastodon": "Mastodon"},
        proofs={ACCOUNT: Proof(length=12, limit=500, unit="characters", valid=not problems, problems=problems)},
    )


BLOCK = Problem(code="too_long", severity=Severity.BLOCK, message="Too long.", fix="Cut.")
WARN = Problem(code="claim", severity=Severity.WARN, message="A claim.", fix="Check.")
WRITER = {V.EDIT, V.REGENERATE, V.IMAGE, V.SCHEDULE, V.DUPLICATE, V.ADAPT, V.ARCHIVE}

EXPECTED: dict[DraftState, dict[Role, set[Verb]]] = {
    S.DRAFTING: {Role.AUTHOR: set(), Role.APPROVER: set()},
    S.DRAFT: {Role.AUTHOR: WRITER | {V.SUBMIT}, Role.APPROVER: WRITER | {V.SUBMIT, V.APPROVE, V.REJECT}},
    S.IN_REVIEW: {Role.AUTHOR: WRITER, Role.APPROVER: WRITER | {V.APPROVE, V.REJECT}},
    S.APPROVED: {Role.AUTHOR: WRITER, Role.APPROVER: WRITER | {V.PUBLISH, V.WITHDRAW, V.REJECT}},
    S.SCHEDULED: {
        Role.AUTHOR: {V.SCHEDULE, V.EDIT, V.IMAGE, V.DUPLICATE, V.ADAPT},
        Role.APPROVER: {V.SCHEDULE, V.EDIT, V.IMAGE, V.DUPLICATE, V.ADAPT, V.PUBLISH, V.REJECT},
    },
    S.PUBLISHING: {Role.AUTHOR: {V.DUPLICATE, V.ADAPT}, Role.APPROVER: {V.DUPLICATE, V.ADAPT}},
    S.PUBLISHED: {Role.AUTHOR: {V.DUPLICATE, V.ADAPT}, Role.APPROVER: {V.DUPLICATE, V.ADAPT}},
    S.PARTLY_PUBLISHED: {Role.AUTHOR: {V.DUPLICATE, V.ADAPT}, Role.APPROVER: {V.DUPLICATE, V.ADAPT}},
    S.FAILED: {Role.AUTHOR: {V.DUPLICATE, V.ADAPT}, Role.APPROVER: {V.DUPLICATE, V.ADAPT}},
    S.REJECTED: {
        Role.AUTHOR: {V.REOPEN, V.DUPLICATE, V.ADAPT, V.ARCHIVE},
        Role.APPROVER: {V.REOPEN, V.DUPLICATE, V.ADAPT, V.ARCHIVE},
    },
    S.ARCHIVED: {Role.AUTHOR: {V.DUPLICATE, V.ADAPT}, Role.APPROVER: {V.DUPLICATE, V.ADAPT}},
}


def test_the_table_knows_every_state_and_role() -> None:
    assert set(ACTIONS) == set(DraftState)
    assert all(set(by_role) == set(Role) for by_role in ACTIONS.values())


@pytest.mark.parametrize("state", list(DraftState))
@pytest.mark.parametrize("role", list(Role))
def test_what_each_role_is_offered_in_each_state(state: DraftState, role: Role) -> None:
    found = set(draft_verbs(a_snapshot(state=state), a_look(role)))
    if role is Role.VIEWER:
        assert found == set()
    else:
        assert found == EXPECTED[state][Role.AUTHOR if role is Role.AUTHOR else Role.APPROVER]


@pytest.mark.parametrize("state", list(DraftState))
def test_labels_are_told_apart(state: DraftState) -> None:
    labels = [b.label for b in draft_buttons(a_snapshot(state=state), a_look())]
    assert sum("Approve" in label for label in labels) == (state in {S.DRAFT, S.IN_REVIEW})
    assert labels.count("Publish now") == (state in {S.APPROVED, S.SCHEDULED})
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("state", [S.DRAFT, S.IN_REVIEW])
def test_a_blocking_problem_removes_approve_for_everybody(state: DraftState) -> None:
    assert V.APPROVE not in draft_verbs(a_snapshot(state=state), a_look(Role.ADMIN, BLOCK))
    assert V.APPROVE in draft_verbs(a_snapshot(state=state), a_look(Role.ADMIN, WARN))


def test_a_missing_text_or_account_removes_approve() -> None:
    empty = a_draft(revision=a_revision(variants=(a_variant(parts=("",)),)))
    assert V.APPROVE not in draft_verbs(a_snapshot(empty), a_look())
    gone = replace(a_look(), proofs={})
    assert V.APPROVE not in draft_verbs(a_snapshot(), gone)


def test_four_eyes_remove_it_for_the_author_only() -> None:
    shot = a_snapshot(workspace=a_workspace(four_eyes=True))
    assert V.APPROVE not in draft_verbs(shot, a_look(person="ada"))
    assert V.APPROVE in draft_verbs(shot, a_look(person="bo"))


def test_where_review_is_asked_for_it_comes_first() -> None:
    workspace = a_workspace(submit_required=True)
    assert V.APPROVE not in draft_verbs(a_snapshot(workspace=workspace), a_look())
    assert V.APPROVE in draft_verbs(a_snapshot(state=S.IN_REVIEW, workspace=workspace), a_look())


@pytest.mark.parametrize(("left", "offered"), [(1, True), (0, False), (-1, False)])
def test_undo_only_within_its_time(left: int, offered: bool) -> None:
    rows = (a_delivery(undo_until=NOW + timedelta(seconds=left)),)
    verbs = draft_verbs(a_snapshot(an_approved_draft(), S.SCHEDULED, rows), a_look())
    assert (V.UNDO in verbs, V.PUBLISH in verbs, V.SCHEDULE in verbs) == (offered, not offered, not offered)


def test_undo_is_of_no_use_once_everything_is_being_sent() -> None:
    rows = (a_delivery(state=DeliveryState.SENDING, undo_until=NOW + timedelta(seconds=5)),)
    assert draft_verbs(a_snapshot(an_approved_draft(), S.PUBLISHING, rows), a_look()) == (V.DUPLICATE, V.ADAPT)


@pytest.mark.parametrize(("days", "offered"), [(0, True), (7, True), (8, False)])
def test_reopen_within_seven_days(days: int, offered: bool) -> None:
    draft = a_draft(state=S.REJECTED, state_at=NOW - timedelta(days=days))
    assert (V.REOPEN in draft_verbs(a_snapshot(draft, S.REJECTED), a_look())) == offered


def test_pictures_versions_and_plans_bring_their_buttons() -> None:
    variant = a_variant(media=(a_picture(),))
    draft = a_draft(revision=a_revision(number=2, variants=(variant,)), planned_at=NOW + timedelta(days=1))
    assert {V.REMOVE_IMAGE, V.RESTORE, V.UNSCHEDULE} <= set(draft_verbs(a_snapshot(draft), a_look()))


def test_an_unwritten_draft_can_be_tried_again_or_written_by_hand() -> None:
    draft = a_draft(revision=None, problem="The model timed out.")
    assert draft_verbs(a_snapshot(draft), a_look(Role.AUTHOR)) == (V.TRY_AGAIN, V.WRITE, V.ARCHIVE)
    assert draft_verbs(a_snapshot(draft), a_look(Role.VIEWER)) == ()
    assert draft_verbs(a_snapshot(draft, S.DRAFTING), a_look()) == ()
    assert draft_verbs(a_snapshot(draft, S.ARCHIVED), a_look()) == ()


@pytest.mark.parametrize("state", list(DeliveryState))
def test_what_a_delivery_offers_is_lawful(state: DeliveryState) -> None:
    leads = {
        V.RETRY: DeliveryState.SCHEDULED,
        V.RELEASE: DeliveryState.SCHEDULED,
        V.CANCEL: DeliveryState.CANCELLED,
        V.IT_IS_LIVE: DeliveryState.PUBLISHED,
        V.NOT_THERE: DeliveryState.SCHEDULED,
    }
    for verb in DELIVERY_ACTIONS.get(state, ()):
        assert leads[verb] in DELIVERY_TRANSITIONS[state]
    row = a_delivery(state=state, id=DeliveryId("00064c2f9a1b2c00deadbeef"))
    assert delivery_buttons(row, a_person(role=Role.AUTHOR)) == ()
    assert [b.label for b in delivery_buttons(row, a_person(role=Role.APPROVER))] == [
        ACTS[v].label for v in DELIVERY_ACTIONS.get(state, ())
    ]


EXTRAS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789_.=-", max_size=30)
ANY_ACTION = st.builds(
    Action,
    verb=st.sampled_from(list(Verb)),
    draft_id=st.integers(0, 10**9).map(lambda n: DraftId(str(n))),
    revision=st.integers(0, 9999),
    digest=st.one_of(st.just(""), st.text("0123456789abcdef", min_size=8, max_size=8)),
    extra=EXTRAS,
)


@given(ANY_ACTION)
def test_ids_come_back_as_they_went(action: Action) -> None:
    text = action.encode()
    assert len(text.encode()) <= 100
    assert parse_action(text) == action


@given(st.text(max_size=120))
def test_only_what_comes_back_the_same_is_read(text: str) -> None:
    with suppress(InvalidInput):
        assert parse_action(text).encode() == text


@pytest.mark.parametrize("text", ["", "x", "cd:1:approve:1:1", "cd:1:approve:-1:1:-", "cd:1:approve:1:1:-\n"])
def test_the_refusal_is_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput, match="This is not a button of the desk"):
        parse_action(text)


@given(st.text(max_size=80))
def test_a_short_text_travels_in_an_id(text: str) -> None:
    packed = carry(Verb.RUN, text)
    if packed is None:
        assert len(text.encode()) > 60
    elif text:
        assert carried(parse_action(packed)) == text


def test_an_id_that_would_not_fit_is_not_made() -> None:
    with pytest.raises(ValueError, match="no valid action id"):
        Action(verb=Verb.SHOW, extra="x" * 99).encode()


def test_a_card_says_what_the_network_charges_and_nothing_where_posting_is_free() -> None:
    look, snapshot = a_look(), a_snapshot()
    charged = Cost(dollars=Decimal("0.20"), read_on=date(2026, 8, 22))
    dear = replace(look, proofs={ACCOUNT: replace(look.proofs[ACCOUNT], cost=charged)})
    assert [f.text for f in facts(draft_card(snapshot, dear)) if f.name == "Cost"] == ["Mastodon charges $0.20"]
    head = draft_card(snapshot, dear).head
    assert head is not None
    assert "Mastodon charges $0.20" in head.facts
    assert [f for f in facts(draft_card(snapshot, look)) if f.name == "Cost"] == []


def test_a_card_says_what_its_network_wants_read_while_somebody_decides() -> None:
    look, snapshot = a_look(), a_snapshot()
    asked = replace(look, proofs={ACCOUNT: replace(look.proofs[ACCOUNT], terms="posting it agrees to the terms.")})
    words = "Mastodon: posting it agrees to the terms."
    assert [note.text for note in notes(draft_card(snapshot, asked))].count(words) == 1
    assert words not in [note.text for note in notes(draft_card(snapshot, look))]
    gone = replace(snapshot, state=DraftState.ARCHIVED)
    assert words not in [note.text for note in notes(draft_card(gone, asked))]


def notes(card: Card) -> list[Note]:
    return [block for block in card.blocks if isinstance(block, Note)]


def facts(card: Card) -> list[Field]:
    return [f for block in card.blocks if isinstance(block, Fields) for f in block.items]


def published(*, live: int = 1, down: int = 0, parts: int = 1) -> Delivery:
    """A delivery of which so many parts are live, and so many were taken down."""
    receipts = [a_receipt(part=n) for n in range(live)]
    receipts += [replace(a_receipt(part=live + n), taken_down_at=NOW) for n in range(down)]
    variant = a_variant(account_id=ACCOUNT, parts=("Words.",) * parts)
    return replace(a_delivery(), variant=variant, state=DeliveryState.PUBLISHED, receipts=tuple(receipts))


@pytest.mark.parametrize(
    ("row", "correct", "down"),
    [
        (published(), True, True),
        (published(live=2, parts=2), True, True),
        (published(live=1, down=1, parts=2), False, True),
        (published(live=0, down=1), False, False),
        (replace(published(live=1, parts=2), state=DeliveryState.FAILED), False, True),
        (replace(published(live=1, parts=2), state=DeliveryState.SENDING), False, False),
    ],
)
def test_what_is_live_can_be_corrected_as_a_whole_and_taken_down_in_pieces(
    row: Delivery, correct: bool, down: bool
) -> None:
    able = replace(a_look(), edits=frozenset({row.platform}), deletes=frozenset({row.platform}))
    shot = a_snapshot(state=S.PUBLISHED, deliveries=(row,))
    offered = draft_verbs(shot, able)
    assert (V.CORRECT in offered, V.TAKE_DOWN in offered) == (correct, down)
    assert {V.CORRECT, V.TAKE_DOWN}.isdisjoint(draft_verbs(shot, a_look()))
    assert {V.CORRECT, V.TAKE_DOWN}.isdisjoint(draft_verbs(shot, replace(able, actor=a_look(Role.AUTHOR).actor)))
    strict = replace(shot, workspace=replace(shot.workspace, four_eyes=True))
    assert V.CORRECT not in draft_verbs(strict, able)


def test_the_line_of_a_delivery_tells_what_was_done_since() -> None:
    look = a_look()
    told = [
        delivery_line(row, an_account(), look).text.partition(" since ")[2].partition(",")[2]
        for row in (
            published(),
            published(live=1, down=1, parts=2),
            replace(published(), receipts=(replace(a_receipt(), corrected="Other words."),)),
        )
    ]
    assert told == ["", " 1 of 2 parts taken down", " corrected"]
    assert "taken down" in delivery_line(published(live=0, down=1), an_account(), look).text
