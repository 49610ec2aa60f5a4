"""Record keys: the published vectors, and the same key at every attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.platforms.bluesky.keys import moment, record_key, tid, timestamp
from tests.services.platforms.bluesky.support import CLAIMED

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_MICROS = st.integers(min_value=0, max_value=2**53 - 1)
_CLOCK_IDS = st.integers(min_value=0, max_value=1023)


@pytest.mark.parametrize(
    ("micros", "clock_id", "expected"),
    [(1700000000000000, 0, "3ke6kg3wk2222"), (1795651200000000, 1023, "3n36ejypc22zz")],
)
def test_identifier_vectors(micros: int, clock_id: int, expected: str) -> None:
    assert tid(micros, clock_id) == expected


@given(_MICROS, _CLOCK_IDS)
def test_an_identifier_holds_its_number(micros: int, clock_id: int) -> None:
    text = tid(micros, clock_id)
    number = 0
    for character in text:
        number = number * 32 + _ALPHABET.index(character)
    assert (len(text), number) == (13, micros << 10 | clock_id)


@given(st.tuples(_MICROS, _CLOCK_IDS), st.tuples(_MICROS, _CLOCK_IDS))
def test_identifiers_sort_as_their_times(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (tid(*one) < tid(*other)) == (one < other)


def test_a_key_depends_on_claim_part_and_delivery_only() -> None:
    first = record_key(CLAIMED, 0, "k")
    assert first == record_key(CLAIMED.astimezone(timezone(timedelta(hours=5))), 0, "k")
    assert first.startswith("3ke6kg3wk22")
    assert len({first, record_key(CLAIMED, 1, "k"), record_key(CLAIMED, 0, "another delivery")}) == 3


def test_parts_of_a_thread_sort_in_order_whatever_their_keys() -> None:
    keys = [record_key(CLAIMED, index, f"key {index}") for index in range(25)]
    assert keys == sorted(keys)


def test_creation_times_grow_by_a_millisecond() -> None:
    at = datetime(2026, 11, 23, 9, 0, 0, 999_400, tzinfo=UTC)
    assert [timestamp(moment(at, index)) for index in range(2)] == [
        "2026-11-23T09:00:00.999Z",
        "2026-11-23T09:00:01.000Z",
    ]
