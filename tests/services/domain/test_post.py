"""What an approval binds to, and the draft's lawful steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.errors import Conflict
from services.domain.ids import AccountId, Digest
from services.domain.post import DRAFT_TRANSITIONS, DraftState, content_digest, parts_of
from tests.builders import a_draft, a_media_item, a_picture, a_variant, an_approved_draft, an_attachment

BASE = a_variant(account_id=AccountId("a"), parts=("One", "Two"), media=(a_picture(alt="A"),))


@pytest.mark.parametrize(
    "changed",
    [
        replace(BASE, parts=("One", "Two!")),
        replace(BASE, parts=("One\nTwo",)),
        replace(BASE, parts=("Two", "One")),
        replace(BASE, media=()),
        replace(BASE, media=(a_picture(alt="B"),)),
        replace(BASE, media=(a_picture(a_media_item(digest=Digest("f" * 64)), alt="A"),)),
        replace(BASE, options={"visibility": "private"}),
        replace(BASE, account_id=AccountId("b")),
    ],
)
def test_any_change_of_what_would_be_published_changes_the_digest(changed: object) -> None:
    assert content_digest([changed]) != content_digest([BASE])  # type: ignore[list-item]  # parametrised as object


def test_what_was_approved_before_there_were_several_has_the_digest_it_had() -> None:
    pictured, moving = a_variant(media=(a_picture(alt="A"),)), a_variant(media=(an_attachment(),))
    assert content_digest([pictured]) == "2e45ca4c7ab5cfc50ee5b2f5d5fda6fcb0a90cd667ae2c778cab13a288417d23"
    assert content_digest([moving]) == "5a36a95df64e3ca3d87d9fc829185a12c332a232ac5d368f4653ca1b40ed9328"


def test_the_order_of_what_is_shown_is_part_of_the_digest() -> None:
    one, other, film = a_picture(alt="A"), a_picture(a_media_item(digest=Digest("f" * 64)), alt="B"), an_attachment()
    orders = [(one, other), (other, one), (film, one, other), (one, film, other), (film, other), (film, one)]
    assert len({content_digest([a_variant(media=media)]) for media in orders}) == len(orders)


def test_a_text_is_kept_as_it_will_be_counted_and_sent() -> None:
    assert parts_of("one\r\ntwo\rthree\u2028four\x0bfive") == ("one\ntwo\nthree\nfour\nfive",)
    assert parts_of("e\u0301" * 3000) == ("é" * 3000,)
    assert parts_of("a\x00b\x07c\x7f\x9f\td") == ("abc\td",)
    assert parts_of("👩🏽\u200d🚀 \u200f\u202e שלום \ufeff") == ("👩🏽\u200d🚀 \u200f\u202e שלום \ufeff",)
    assert parts_of("half \ud83d emoji") == ("half \ufffd emoji",)
    assert parts_of("a\r\n---\r\nb") == ("a", "b")


def test_the_order_of_accounts_and_options_does_not_matter() -> None:
    one = replace(BASE, options={"a": "1", "b": "2"})
    other = a_variant(account_id=AccountId("b"))

    assert content_digest([one, other]) == content_digest([other, replace(BASE, options={"b": "2", "a": "1"})])


def test_an_approval_counts_only_for_the_revision_and_content_it_saw() -> None:
    draft = an_approved_draft()
    assert draft.approval is not None
    assert draft.approved_as_is
    assert not replace(draft, approval=replace(draft.approval, revision=99)).approved_as_is
    assert not replace(draft, approval=replace(draft.approval, digest=Digest("0" * 64))).approved_as_is
    assert not replace(draft, state=DraftState.DRAFT).approved_as_is


def test_states_derived_from_deliveries_are_never_stored() -> None:
    stored = {"drafting", "draft", "in_review", "approved", "rejected", "archived"}

    assert {s.value for s in DRAFT_TRANSITIONS} == stored
    assert {s.value for nexts in DRAFT_TRANSITIONS.values() for s in nexts} <= stored


@pytest.mark.parametrize("state", list(DRAFT_TRANSITIONS))
def test_an_unlawful_step_is_refused_in_words(state: DraftState) -> None:
    draft = a_draft(state=state)
    for to in DRAFT_TRANSITIONS:
        if to in DRAFT_TRANSITIONS[state]:
            draft.require_step(to)
        else:
            with pytest.raises(Conflict, match="can't become"):
                draft.require_step(to)
