"""What follows from Meta's errors: each row of its tables, and whatever it says beside them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.graph.errors import Denied, Gone, NotReady, Repeated, Slow, TopicRefused, of_words, problem
from services.ports.http import Effect
from tests.services.graph.support import NOW, answer, fault

WRITE, SEND = Effect.REPEATABLE, Effect.IRREVERSIBLE


def told(body: object, *, effect: Effect = Effect.READ, status: int = 400, **headers: str) -> DeskError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return problem(answer(body, status=status, effect=effect, headers=named), label="Threads", now=NOW)


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (4, 0, RateLimited),
        (17, 0, RateLimited),
        (32, 0, RateLimited),
        (613, 0, RateLimited),
        (80001, 0, RateLimited),
        (80014, 0, RateLimited),
        (9, 2207042, RateLimited),
        (368, 1390008, RateLimited),
        (190, 458, NeedsReauth),
        (190, 463, NeedsReauth),
        (190, 0, NeedsReauth),
        (102, 0, NeedsReauth),
        (3, 0, Denied),
        (10, 0, Denied),
        (200, 0, Denied),
        (299, 0, Denied),
        (25, 2207050, NeedsReauth),
        (200, 1404078, NeedsReauth),
        (341, 0, NeedsOperator),
        (368, 0, NeedsOperator),
        (4, 2207051, NeedsOperator),
        (9004, 2207052, NeedsOperator),
        (100, 33, Gone),
        (100, 0, Refused),
        (100, 4279071, TopicRefused),
        (506, 0, Repeated),
        (1, 1366051, Repeated),
        (36003, 2207009, Refused),
        (1609005, 0, Refused),
        (100, 1609005, Refused),
        (100, 1609008, Refused),
        (352, 0, Refused),
        (-1, 2207001, NotReady),
        (-1, 2207032, NotReady),
        (-1, 2207053, NotReady),
        (100, 4279013, NeedsReauth),
        (1, 1366046, Refused),
        (9007, 0, Slow),
        (24, 0, NotReady),
        (24, 2207008, NotReady),
        (-2, 2207003, NotReady),
        (-2, 2207020, NotReady),
        (9007, 2207027, Slow),
        (123456, 0, Refused),
    ],
)
@pytest.mark.parametrize("effect", [WRITE, SEND])
def test_each_row_of_the_table(code: int, subcode: int, kind: type[DeskError], effect: Effect) -> None:
    error = told(fault(code, subcode), effect=effect)
    assert type(error) is kind
    assert error.next_step


@pytest.mark.parametrize(
    ("code", "more"),
    [(1, {}), (2, {}), (1609010, {}), (100, {"error_subcode": 1609010}), (999, {"is_transient": True})],
)
def test_a_passing_fault_leaves_only_the_one_call_in_doubt(code: int, more: dict[str, Any]) -> None:
    assert type(told(fault(code, **more), effect=WRITE)) is Unavailable
    assert type(told(fault(code, **more), effect=SEND)) is OutcomeUnknown


def test_the_subcode_decides_before_the_code() -> None:
    assert isinstance(told(fault(4)), RateLimited)
    assert isinstance(told(fault(4, 2207051)), NeedsOperator)


def test_the_networks_own_sentence_is_repeated_tidily() -> None:
    body = {"error": {"message": "Invalid\u202e parameter\n\n", "code": 100, "error_user_msg": "The tag\tis odd."}}
    assert told(body).message.startswith("Threads refused it (code 100, subcode 0) (it says: The tag is odd).")
    assert "Meta's trace of it: AbC1" in told(fault(100)).message


def test_a_limit_waits_as_long_as_the_headers_say_or_an_hour() -> None:
    entry = {"call_count": 100, "total_time": 3, "estimated_time_to_regain_access": 7}
    usage = json.dumps({"123": [{"call_count": 2}, entry]})
    limited = told(fault(32), x_business_use_case_usage=usage)
    assert isinstance(limited, RateLimited)
    assert limited.until == NOW + timedelta(minutes=7)
    bare = told(fault(32), x_app_usage="{not json")
    assert isinstance(bare, RateLimited)
    assert bare.until == NOW + timedelta(hours=1)


LINK_LIMIT = "THREADS_API__LINK_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "worded",
    [
        {"message": LINK_LIMIT},
        {"message": LINK_LIMIT, "error_user_msg": "Your post has too many links."},
        {"error_user_title": LINK_LIMIT, "error_user_msg": "Your post has too many links."},
    ],
)
def test_too_many_links_are_counted_for_the_author(worded: dict[str, Any]) -> None:
    error = told(fault(100, **worded))
    assert isinstance(error, Refused)
    assert error.fix == "Leave at most five different links."


def test_a_days_allowance_is_no_haste() -> None:
    assert told(fault(9, 2207042)).message.startswith("Threads takes no more posts for today")
    assert told(fault(4)).message.startswith("Threads asks to slow down")


@pytest.mark.parametrize(
    ("status", "effect", "kind"),
    [
        (301, SEND, NeedsOperator),
        (401, SEND, NeedsReauth),
        (404, SEND, NeedsOperator),
        (400, SEND, Refused),
        (400, WRITE, Unavailable),
        (403, Effect.READ, Unavailable),
        (408, SEND, OutcomeUnknown),
        (409, WRITE, Unavailable),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>Sorry</html>", b'{"error":{"mess', b"[]", b'{"error":"odd"}', b"\xff"])
def test_an_answer_without_its_words_still_means_something(
    status: int, effect: Effect, kind: type[DeskError], body: bytes
) -> None:
    assert type(told(body, status=status, effect=effect)) is kind


def test_a_containers_words_may_say_what_follows() -> None:
    def meant(words: str) -> DeskError | None:
        return of_words(words, label="Instagram")

    assert type(meant("Error: Media upload has failed with error code 2207003")) is NotReady
    assert type(meant("Error: 2207027")) is NotReady
    links = meant(LINK_LIMIT)
    assert links is not None
    assert links.next_step == "Leave at most five different links."
    assert meant("2207042") is None
    assert meant("INVALID_FRAME_RATE") is None
