"""The retry policy, row by row and over all times."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, RateLimited, Refused, Unavailable
from services.publishing.retry import BASE, CAP, PATIENCE, Again, GiveUp, Hold, backoff, decide, trying_since
from tests.builders import NOW, a_delivery


class Middle:
    """A die that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def verdict(error: DeskError, spent: timedelta) -> Again | GiveUp | Hold:
    return decide(error, trying_since=NOW - spent, now=NOW, random=Middle())


def test_a_reset_time_is_honoured_to_the_second() -> None:
    until = NOW + timedelta(seconds=4217)
    assert verdict(RateLimited("Slow down.", until=until), timedelta(hours=3)) == Again(at=until, problem="Slow down.")


def test_a_reset_time_in_the_past_still_waits_a_second() -> None:
    error = RateLimited("Slow down.", until=NOW - timedelta(hours=1))
    assert verdict(error, timedelta()) == Again(at=NOW + timedelta(seconds=1), problem="Slow down.")


def test_a_wait_beyond_a_day_is_waited_for_and_then_tried_once() -> None:
    until = NOW + timedelta(hours=30)
    assert verdict(RateLimited("Daily cap.", until=until), timedelta(hours=1)) == Again(at=until, problem="Daily cap.")
    assert verdict(RateLimited("Daily cap.", until=until), timedelta(hours=31)) == GiveUp(
        problem="Given up after 24 hours of trying. The last answer: Daily cap."
    )


@pytest.mark.parametrize(
    ("spent", "wait"),
    [
        (timedelta(), timedelta(seconds=15)),
        (timedelta(seconds=15), timedelta(seconds=15)),
        (timedelta(seconds=60), timedelta(seconds=60)),
        (timedelta(minutes=20), timedelta(minutes=20)),
        (timedelta(minutes=31), timedelta(minutes=30)),
        (timedelta(hours=23, minutes=59), timedelta(minutes=30)),
    ],
)
def test_the_window_doubles_from_half_a_minute_to_an_hour(spent: timedelta, wait: timedelta) -> None:
    assert verdict(Unavailable("It is down."), spent) == Again(at=NOW + wait, problem="It is down.")


def test_after_a_day_it_is_given_up_with_a_sentence() -> None:
    error = Unavailable("It is down.", next_step="Check the server.")
    text = "Given up after 24 hours of trying. The last answer: It is down. Check the server."
    assert verdict(error, PATIENCE) == GiveUp(problem=text)


def test_a_refusal_is_final_at_once() -> None:
    assert verdict(Refused("Too long.", fix="Cut 4."), timedelta()) == GiveUp(problem="Too long. Cut 4.")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (NeedsReauth("The token died."), "The token died. Connect the account again with /desk connect."),
        (NeedsReauth("Expired.", refreshable=True), "Expired. Connect the account again with /desk connect."),
        (NeedsOperator("The app awaits review."), "The app awaits review."),
    ],
)
def test_what_a_person_must_cure_holds_the_post(error: DeskError, problem: str) -> None:
    assert verdict(error, timedelta(days=9)) == Hold(problem=problem)


@given(spent=st.timedeltas(timedelta(), timedelta(days=3)), seed=st.integers())
def test_the_jitter_is_full_and_within_its_window(spent: timedelta, seed: int) -> None:
    wait = backoff(spent, random.Random(seed))
    assert timedelta(seconds=1) <= wait <= min(CAP, max(BASE, 2 * spent))


@given(seed=st.integers())
def test_a_network_down_for_a_day_is_asked_a_bounded_number_of_times(seed: int) -> None:
    dice, spent, tries = random.Random(seed), timedelta(), 0
    while spent < PATIENCE:
        spent += backoff(spent, dice)
        tries += 1
    assert 24 <= tries <= 150


def test_a_persons_retry_begins_a_new_effort() -> None:
    row = a_delivery(due_at=NOW, first_claimed_at=NOW + timedelta(hours=2))
    assert trying_since(row) == NOW + timedelta(hours=2)
    assert trying_since(a_delivery(due_at=NOW + timedelta(days=2), first_claimed_at=NOW)) == NOW + timedelta(days=2)
    assert trying_since(a_delivery(due_at=NOW)) == NOW
