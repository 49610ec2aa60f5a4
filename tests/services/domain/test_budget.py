"""Budgets: never more than allowed in any period, and never kept waiting for nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.budget import Budget, Counted
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
TEN = Budget(window="quarter", posts=10, period=15 * MINUTE)


@given(
    st.integers(1, 20),
    st.lists(st.integers(0, 400), min_size=1, max_size=80),
)
def test_even_at_its_fastest_no_period_holds_twice_the_budget_and_waiting_as_told_is_enough(
    posts: int, gaps: list[int]
) -> None:
    budget = Budget(window="w", posts=posts, period=15 * MINUTE)
    now, spent, taken = NOW, None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        found = budget.spend(spent, now)
        if found.wait_until is not None:
            assert budget.spend(spent, found.wait_until - timedelta(milliseconds=1)).wait_until is not None
            now = found.wait_until
            found = budget.spend(spent, now)
            assert found.wait_until is None
        spent = found.spent_until
        taken.append(now)
    for start in taken:
        assert sum(start <= at < start + budget.period for at in taken) <= 2 * posts - 1


def test_all_of_it_may_go_at_once_and_then_one_by_one() -> None:
    spent = None
    for _ in range(10):
        found = TEN.spend(spent, NOW)
        assert found.wait_until is None
        spent = found.spent_until
    assert TEN.spend(spent, NOW).wait_until == NOW + timedelta(seconds=90)
    assert TEN.spend(spent, NOW + timedelta(seconds=90)).wait_until is None


def test_what_was_saved_up_is_the_budget_and_no_more() -> None:
    long_ago = NOW - timedelta(days=30)
    assert TEN.spend(long_ago, NOW) == TEN.spend(None, NOW)


def test_more_than_the_whole_is_taken_as_the_whole() -> None:
    assert TEN.spend(None, NOW, posts=99).wait_until is None
    assert TEN.spend(NOW + timedelta(seconds=1), NOW, posts=99).wait_until == NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [
        (TEN, "10 posts in 15 minutes"),
        (Budget(window="d", posts=1, period=timedelta(days=1)), "1 post in a day"),
        (Budget(window="h", posts=1_666, period=timedelta(hours=1)), "1,666 posts in an hour"),
        (Budget(window="h", posts=300, period=timedelta(hours=3)), "300 posts in 3 hours"),
        (Budget(window="s", posts=2, period=timedelta(seconds=30)), "2 posts in 30 seconds"),
        (Budget(window="r", posts=9, period=timedelta(days=1), counted=Counted.REPLIES), "9 replies in a day"),
        (Budget(window="r", posts=1, period=timedelta(days=1), counted=Counted.REPLIES), "1 reply in a day"),
    ],
)
def test_it_says_itself_in_words(budget: Budget, sentence: str) -> None:
    assert budget.sentence == sentence


@pytest.mark.parametrize(
    ("counted", "parts"), [(Counted.ALL, [0, 1, 2]), (Counted.POSTS, [0]), (Counted.REPLIES, [1, 2])]
)
def test_it_counts_posts_replies_or_both(counted: Counted, parts: list[int]) -> None:
    budget = Budget(window="d", posts=1, period=timedelta(days=1), counted=counted)
    assert [part for part in range(3) if budget.counts(part)] == parts
