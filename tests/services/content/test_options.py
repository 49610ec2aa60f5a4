"""What may be chosen for a post, and what blocks until it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.content.options import choices_of, first_choices, must_be_chosen, offered, option_problems, with_chosen
from services.domain.errors import InvalidInput
from services.domain.post import Problem, Severity, Variant
from services.ports.options import Choice, PostOption, switch
from tests.services.content.support import SPECS, account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.domain.account import Account

WHO = PostOption(
    name="who",
    title="Who can see it",
    choices=(Choice(value="all", text="Everyone"), Choice(value="friends", text="Friends")),
)
ASKED = replace(WHO, name="asked", asked=True)
MARK = switch("mark", "Made with AI")
WARNING = PostOption(name="warning", title="Content warning", most=10)
POLL = PostOption(name="poll", title="Poll", lines=True)


def forbidden(variant: Variant, _account: Account) -> Iterator[Problem]:
    if variant.options.get("who") == "friends" and variant.options.get("mark"):
        yield Problem(code="pair", severity=Severity.BLOCK, message="Not both.", fix="Take one.")


SPEC = replace(SPECS[0], options=(WHO, ASKED, MARK, WARNING, POLL), check_options=forbidden)


def an_account(*choices: tuple[str, tuple[str, ...]]) -> Account:
    plain = account("terse")
    return replace(plain, limits=replace(plain.limits, choices=choices))


def problems(chosen: dict[str, str], *choices: tuple[str, tuple[str, ...]]) -> list[tuple[str, str, str]]:
    said = an_account(*choices)
    variant = Variant(account_id=said.id, platform=said.platform, parts=("One",), options=chosen)
    found = option_problems(variant, said, SPEC)
    assert all(p.severity is Severity.BLOCK for p in found)
    return [(p.code, p.message, p.fix) for p in found]


MISSING = ("option_missing", "Terse needs to know who can see it.", "Choose it under Options.")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, {"who": "friends"}),
        ({"who": "all"}, {}),
        ({"who": ""}, {}),
        ({"mark": "yes"}, {"who": "friends", "mark": "yes"}),
        ({"warning": "  Loud\n noise "}, {"who": "friends", "warning": "Loud noise"}),
        ({"warning": " \n "}, {"who": "friends"}),
        ({"poll": "\r\n Tea \r\n\r\nCoffee  "}, {"who": "friends", "poll": "Tea\nCoffee"}),
        ({"asked": "all"}, {"who": "friends", "asked": "all"}),
    ],
)
def test_what_is_given_is_kept_and_a_default_by_having_no_value(given: dict[str, str], kept: dict[str, str]) -> None:
    before = {"who": "friends"}
    assert with_chosen(before, given, an_account(), SPEC) == kept
    assert before == {"who": "friends"}


@pytest.mark.parametrize(
    ("given", "sentence", "step"),
    [
        ({"colour": "red"}, "Terse has no option “colour”.", "Its options: who, asked, mark, warning, poll."),
        ({"who": "nobody"}, "“nobody” can't be chosen on Terse for “Who can see it”.", "Possible: Everyone, Friends."),
        ({"mark": "perhaps"}, "“perhaps” can't be chosen on Terse for “Made with AI”.", "Possible: No, Yes."),
        ({"warning": "a" * 11}, "“Content warning” has 11 characters; Terse takes 10.", "Shorten it by 1."),
        ({"asked": " "}, "Terse needs to know who can see it.", "Choose one."),
    ],
)
def test_what_cannot_be_chosen_is_refused_at_its_field(given: dict[str, str], sentence: str, step: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        with_chosen({}, given, an_account(), SPEC)
    told = caught.value
    assert (told.message, told.next_step, told.field) == (sentence, step, f"option.acc-terse.{next(iter(given))}")


def test_an_account_has_fewer_choices_than_its_network() -> None:
    narrow = an_account(("who", ("friends",)), ("mark", ("",)))
    assert [c.value for c in choices_of(WHO, narrow.limits)] == ["friends"]
    assert choices_of(POLL, narrow.limits) == ()
    with pytest.raises(InvalidInput, match="“Everyone” can't be chosen") as caught:
        with_chosen({}, {"who": "all"}, narrow, SPEC)
    assert caught.value.next_step == "Possible: Friends."
    with pytest.raises(InvalidInput, match="“Yes” can't be chosen"):
        with_chosen({}, {"mark": "yes"}, narrow, SPEC)
    assert must_be_chosen(WHO, narrow.limits), "its default is none of this account's"
    assert [o.name for o in offered(SPEC.options, narrow.limits)] == ["who", "asked", "warning", "poll"]
    assert [o.name for o in offered(SPEC.options, an_account(("who", ("all",))).limits)][:2] == ["asked", "mark"]


def test_a_standing_choice_may_be_left_to_each_post() -> None:
    said = an_account()
    assert with_chosen({"asked": "all"}, {"asked": ""}, said, SPEC, standing=True) == {}
    with pytest.raises(InvalidInput):
        with_chosen({}, {"asked": "nobody"}, said, SPEC, standing=True)


def test_the_first_an_account_may_have_is_chosen_only_where_it_has_to_choose() -> None:
    assert first_choices(SPEC.options, an_account().limits) == {"asked": "all"}
    narrow = an_account(("who", ("friends",)), ("asked", ("friends",)))
    assert first_choices(SPEC.options, narrow.limits) == {"who": "friends", "asked": "friends"}
    assert first_choices(SPEC.options, an_account(("asked", ())).limits) == {}, "what offers nothing stays open"


def test_what_has_to_be_chosen_blocks_until_it_was() -> None:
    assert problems({}) == [MISSING]
    assert problems({"asked": ""}) == [MISSING]
    assert problems({"asked": "friends"}) == []


def test_a_value_that_is_none_any_more_blocks() -> None:
    gone = "“Everyone” can't be chosen on Terse for “Who can see it”."
    assert problems({"asked": "all"}, ("asked", ("friends",))) == [("option_value", gone, "Possible: Friends.")]
    default = [("option_missing", "Terse needs to know who can see it.", "Choose it under Options.")]
    assert problems({"asked": "all"}, ("who", ("friends",))) == default
    assert problems({"asked": "all", "warning": "a" * 11})[0][0] == "option_long"
    assert problems({"asked": "all", "of_another_version": "x"}) == []


def test_what_a_network_forbids_of_choices_together_blocks() -> None:
    assert problems({"asked": "all", "who": "friends", "mark": "yes"}) == [("pair", "Not both.", "Take one.")]


def test_a_title_that_is_no_question_is_quoted() -> None:
    spec = replace(SPEC, options=(replace(ASKED, title="Licence"),))
    said = an_account()
    variant = Variant(account_id=said.id, platform=said.platform, parts=("One",))
    assert [p.message for p in option_problems(variant, said, spec)] == ["Terse needs a choice of “Licence”."]
