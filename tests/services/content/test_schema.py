"""A model's answer becomes the domain's, forgiving in form and strict in substance."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.content.schema import Answer, tidy
from services.domain.ids import AccountId
from services.domain.post import Outline

KEYS = {"a1": AccountId("one"), "a2": AccountId("two")}


def test_everything_is_carried_over() -> None:
    answer = Answer.model_validate(
        {
            "topic": " Tides ",
            "hook": "High water.",
            "body": "It comes twice.",
            "call_to_action": "Read on.",
            "hashtags": ["#Tides", "Sea", "Tides"],
            "tone_notes": "Calm.",
            "image_idea": "A pier.",
            "claims_to_verify": ["Twice a day.", ""],
            "variants": [
                {"account_id": "A1 ", "text": " One\r\n\r\n\r\n\r\nmore \n"},
                {"account_id": "a2", "text": "Two"},
            ],
            "confidence": 0.9,
        }
    )
    writing = answer.to_writing(KEYS)
    assert writing.texts == {AccountId("one"): "One\n\nmore", AccountId("two"): "Two"}
    assert writing.outline == Outline(
        topic="Tides",
        hook="High water.",
        body="It comes twice.",
        call_to_action="Read on.",
        hashtags=("Tides", "Sea"),
        tone_notes="Calm.",
        image_idea="A pier.",
        claims=("Twice a day.",),
    )


def test_loose_forms_are_accepted() -> None:
    answer = Answer.model_validate(
        {"body": ["One.", "Two."], "hook": None, "hashtags": "#a\n- b", "claims_to_verify": None, "variants": []}
    )
    assert (answer.body, answer.hook, answer.hashtags, answer.claims_to_verify) == ("One.\nTwo.", "", ["#a", "b"], [])


def test_a_missing_or_empty_text_is_told_by_key() -> None:
    answer = Answer.model_validate({"variants": [{"account_id": "a1", "text": " "}, {"account_id": "a9", "text": "?"}]})
    assert answer.missing(KEYS) == ("a1", "a2")
    assert answer.to_writing(KEYS).texts == {}


def test_the_first_text_for_an_account_counts() -> None:
    answer = Answer.model_validate({"variants": [{"account_id": "a1", "text": "x"}, {"account_id": "a1", "text": "y"}]})
    assert answer.to_writing(KEYS).texts == {AccountId("one"): "x"}


def test_a_threads_posts_are_joined_and_a_single_posts_are_not() -> None:
    answer = Answer.model_validate(
        {
            "variants": [
                {"account_id": "a1", "text": "", "parts": [" One.\r\n", "", "Two."]},
                {"account_id": "a2", "parts": ["First.", "Second."]},
            ]
        }
    )
    assert answer.missing(KEYS) == ()
    assert answer.to_writing(KEYS, {KEYS["a1"]}).texts == {
        KEYS["a1"]: "One.\n---\nTwo.",
        KEYS["a2"]: "First.\n\nSecond.",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"parts": "One.\n---\nTwo."},
        {"parts": [{"text": "One."}, {"text": "Two."}]},
        {"parts": None, "text": "One.\n---\nTwo."},
        {"parts": ["One.", "Two."], "text": "One."},
    ],
)
def test_loose_forms_of_a_thread_are_accepted(given: dict[str, object]) -> None:
    answer = Answer.model_validate({"variants": [{"account_id": "a1", **given}]})
    assert answer.to_writing(KEYS, {KEYS["a1"]}).texts == {KEYS["a1"]: "One.\n---\nTwo."}


def test_no_variants_is_no_answer() -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate({"topic": "Tides"})


def test_tidy() -> None:
    assert tidy("\n a \r\n\n\n\nb\t\nc\n") == "a\n\nb\nc"
    assert tidy("cafe\u0301\x00\x0bnew") == "café\nnew"
