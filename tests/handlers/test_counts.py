"""Counts in words, and that no words of the slower of two people get lost whatever both did."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.views.actions import Verb, action_for
from handlers.views.clash import clash_form, kept_words
from handlers.views.counts import alt_count, count_of
from handlers.views.forms import edit_form
from handlers.views.look import Look
from services.domain.ids import AccountId
from services.domain.post import DraftState, Problem, Severity, parts_of
from services.ledger import Snapshot
from services.ports.platform import Measure
from tests.builders import NOW, a_brand, a_draft, a_person, a_revision, a_variant, a_workspace, an_account

M, B = AccountId("acc-m"), AccountId("acc-b")
TEXTS = st.sampled_from(["one", "two", "three", "one\n---\ntwo", "one \r\n"])


def a_measure(length: int, limit: int = 280, also: Measure | None = None) -> Measure:
    return Measure(length=length, limit=limit, unit="characters", also=also)


def test_what_fits_is_said_plainly() -> None:
    count = count_of([a_measure(1200, 3000)], ())
    assert (count.longest.words, count.fits) == ("1,200 of 3,000", True)


def test_too_long_says_by_how_much() -> None:
    count = count_of([a_measure(312)], ())
    assert (count.longest.words, count.fits) == ("312 of 280 · shorten by 32", False)


def test_the_second_measure_counts_when_the_first_one_fits() -> None:
    long = Measure(length=3200, limit=3000, unit="bytes")
    count = count_of([a_measure(250, 300, also=long)], ())
    assert (count.longest.words, count.fits) == ("3,200 of 3,000 bytes · shorten by 200", False)
    both = count_of([a_measure(310, 300, also=long)], ())
    assert both.longest.words == "310 of 300 · shorten by 10"


def test_the_worst_part_is_shown_in_the_meter_and_length_is_told_once() -> None:
    problems = [
        Problem(code="too_long", severity=Severity.BLOCK, message="Part 2: 290 of 280."),
        Problem(code="banned_word", severity=Severity.BLOCK, message="The brand does not use that."),
    ]
    count = count_of([a_measure(100), a_measure(290), a_measure(200)], problems)
    assert count.longest.length == 290
    assert [p.code for p in count.problems] == ["banned_word"]


def test_a_description_is_counted_without_the_space_around_it() -> None:
    assert alt_count("  A red field \n", 1500).longest.words == "11 of 1,500"


def shot_with(number: int, mastodon: str, bluesky: str) -> Snapshot:
    variants = (
        a_variant(account_id=M, parts=parts_of(mastodon)),
        a_variant(account_id=B, parts=parts_of(bluesky)),
    )
    draft = a_draft(state=DraftState.DRAFT, account_ids=(M, B), revision=a_revision(number=number, variants=variants))
    return Snapshot(
        draft=draft,
        state=DraftState.DRAFT,
        deliveries=(),
        audit=(),
        revisions=number,
        accounts={i: an_account(id=i) for i in (M, B)},
        brand=a_brand(),
        workspace=a_workspace(),
    )


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_no_word_of_either_is_lost(first: tuple[str, str], mine: tuple[str, str], theirs: tuple[str, str]) -> None:
    base, now = shot_with(1, *first), shot_with(2, *theirs)
    look = Look(actor=a_person(), zone="UTC", now=NOW, labels={}, proofs={})
    typed: dict[str, str | bytes] = {f"text.{M}": mine[0], f"text.{B}": mine[1]}
    form = clash_form(edit_form(action_for(now, Verb.EDIT), now, look), typed, base.draft.revision, now, look)
    assert form.action == action_for(now, Verb.EDIT).encode()
    for field, was, own, there in zip(form.fields, first, mine, theirs, strict=True):
        before, kept, stands = parts_of(was), parts_of(own), parts_of(there)
        shown = parts_of(field.value)
        assert shown == (stands if kept == before else kept)
        both_changed = kept not in (before, stands) and stands != before
        assert (field.theirs is not None) == both_changed
        assert field.theirs is None or parts_of(field.theirs) == stands


def test_only_somebodys_own_sentences_are_given_back() -> None:
    card = kept_words(
        {"text.a": " Hours of work ", "reason": "Why not", "when": "tomorrow", "upload": b"bytes", "alt": ""}
    )
    assert card is not None
    assert [getattr(b, "text", "") for b in card.blocks] == ["Hours of work", "Why not"]
    assert kept_words({"when": "tomorrow 9am"}) is None
    assert kept_words({"text.a": "on the form"}, frozenset({"text.a"})) is None
