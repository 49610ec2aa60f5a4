"""Ids look and sort as on the real networks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.practice import ids

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: EPOCH + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("micros", "clock", "tid"),
    [(1_700_000_000_000_000, 0, "3ke6kg3wk2222"), (1_795_651_200_000_000, 1023, "3n36ejypc22zz")],
)
def test_tids_match_the_documented_vectors(micros: int, clock: int, tid: str) -> None:
    at = EPOCH + timedelta(microseconds=micros)
    assert ids.tid(at, clock) == tid
    assert ids.is_tid(tid)


@pytest.mark.parametrize(
    "key", ["", "self", "3ke6kg3wk222", "3ke6kg3wk22222", "3ke6kg3wk2221",
            "zke6kg3wk2222", "3KE6KG3WK2222"]
)  # fmt: skip
def test_other_keys_are_no_tids(key: str) -> None:
    assert not ids.is_tid(key)


@given(first=MOMENTS, second=MOMENTS, low=st.integers(0, 1023))
def test_ids_sort_by_time(first: datetime, second: datetime, low: int) -> None:
    early, late = sorted((first, second))
    assert ids.tid(early, low) <= ids.tid(late, low)
    assert int(ids.snowflake(early, low)) <= int(ids.snowflake(late, low))
    assert ids.ulid(early, low)[:10] <= ids.ulid(late, low)[:10]
    assert len(ids.ulid(early, low)) == 26


def test_names_by_content_are_read_by_the_official_decoder() -> None:
    from atproto_core.cid import CID  # type: ignore[import-untyped, unused-ignore]

    blob, post = CID.decode(ids.blob_cid(b"hello world")), CID.decode(ids.record_cid({"a": 1}))
    assert blob.version == post.version == 1
    assert (blob.codec, post.codec) == (0x55, 0x71)
    assert bytes(blob.hash.digest).hex() == "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"


def test_record_names_do_not_depend_on_field_order() -> None:
    assert ids.record_cid({"a": 1, "b": "é"}) == ids.record_cid({"b": "é", "a": 1})
    assert ids.record_cid({"a": 1}) != ids.record_cid({"a": 2})
    assert len(ids.record_cid({"a": 1})) == 59
