"""Polls as an option, whatever the network."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.domain.account import PollLimits
from services.polls import answers_of, poll_option, poll_problems
from tests.builders import a_variant, some_limits

LIMITS = replace(some_limits(), poll=PollLimits(answers=4, characters=25))


def test_each_line_is_an_answer_and_spaces_count_once() -> None:
    assert answers_of({"poll": " Bow \r\n\n\tthe  stern\n"}) == ("Bow", "the stern")
    assert answers_of({}) == answers_of({"poll": " \n "}) == ()


def test_the_field_has_room_for_every_poll_that_passes() -> None:
    option = poll_option(PollLimits(answers=4, characters=25))
    assert option.lines
    assert option.most is not None
    assert len("\n".join(letter * 25 for letter in "abcd")) <= option.most
    assert "25 characters" in option.help


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=25), min_size=2, max_size=4))
def test_what_fits_has_no_problem_unless_two_are_the_same(answers: list[str]) -> None:
    variant = replace(a_variant(), media=(), options={"poll": "\n".join(answers)})
    codes = [problem.code for problem in poll_problems(variant, LIMITS, "X")]
    same = len({answer.casefold() for answer in answers}) < len(answers)
    assert codes == (["poll_answer_twice"] if same else [])


@given(st.text())
def test_whatever_is_written_each_problem_says_what_to_do(text: str) -> None:
    variant = replace(a_variant(), media=(), options={"poll": text})
    for problem in poll_problems(variant, LIMITS, "X"):
        assert problem.severity == "block"
        assert problem.message
        assert problem.fix
