"""What answers say about being quiet, in every dialect, and that it is kept without losing the answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest

from services.domain.budget import NETWORK
from services.domain.errors import Busy
from services.graph import usage
from services.ports.http import Answer, Effect, HttpRequest
from services.quiet import Heard, used_up
from tests.builders import NOW, an_account
from tests.fakes.clock import FakeClock
from tests.fakes.http import FakeHttp
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.ports.storage import Transaction

T = TypeVar("T")
LATER = NOW + timedelta(minutes=5)
SECONDS = str(int(LATER.timestamp()))
REQUEST = HttpRequest(method="POST", url="https://social.test/post", effect=Effect.IRREVERSIBLE)


def answer(headers: dict[str, str], effect: Effect = Effect.IRREVERSIBLE) -> Answer:
    return Answer(status=200, headers=headers, body=b"{}", effect=effect)


@pytest.mark.parametrize(
    ("prefix", "headers", "until"),
    [
        ("x-rate-limit", {"x-rate-limit-remaining": "0", "x-rate-limit-reset": SECONDS}, LATER),
        ("ratelimit", {"ratelimit-remaining": "0", "ratelimit-reset": SECONDS}, LATER),
        ("x-ratelimit", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": LATER.isoformat()}, LATER),
        ("x-ratelimit", {"x-ratelimit-remaining": "1", "x-ratelimit-reset": LATER.isoformat()}, None),
        ("x-ratelimit", {"x-ratelimit-remaining": "0"}, None),
        ("x-ratelimit", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
        ("x-ratelimit", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, NOW + timedelta(seconds=1)),
        ("ratelimit", {}, None),
        ("ratelimit", {"x-rate-limit-remaining": "0", "x-rate-limit-reset": SECONDS}, None),
    ],
)
def test_nothing_remaining_means_quiet_until_the_reset(
    prefix: str, headers: dict[str, str], until: datetime | None
) -> None:
    assert used_up(prefix)(answer(headers), NOW) == until


def test_where_each_kind_of_call_has_its_own_only_posting_counts() -> None:
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": SECONDS}
    rest = used_up("x-rate-limit", posts_only=True)
    assert rest(answer(headers), NOW) == LATER
    assert rest(answer(headers, Effect.READ), NOW) is None


def test_metas_percentages_and_minutes() -> None:
    business = {"17": [{"type": "instagram", "call_count": 96, "estimated_time_to_regain_access": 7}]}
    told = answer({"x-business-use-case-usage": json.dumps(business)}, Effect.READ)
    assert usage.rest(told, NOW) == NOW + timedelta(minutes=7)
    assert usage.rest(answer({"x-app-usage": '{"call_count": 90}'}), NOW) == NOW + usage.PAUSE
    assert usage.rest(answer({"x-app-usage": '{"call_count": 89}'}), NOW) is None


@pytest.mark.parametrize(
    ("quota", "posts"),
    [
        ({"data": [{"quota_usage": 1, "config": {"quota_total": 100}}]}, 100),
        ({"data": [{"config": {}}]}, None),
        ({"data": []}, None),
        ({"config": {"quota_total": 250}}, 250),
        ({"data": [{"config": {"quota_total": True}}]}, None),
        ({"data": ["x"]}, None),
    ],
)
def test_a_days_posts_are_read_where_meta_tells_them(quota: dict[str, object], posts: int | None) -> None:
    assert usage.daily_posts(quota) == posts


class _Full(MemoryStore):
    """Takes nothing more."""

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        raise Busy("The store is full.")


async def heard(store: MemoryStore, headers: dict[str, str]) -> Answer:
    http = FakeHttp().on("POST", "/post", json_body={}, headers=headers)
    rest = used_up("ratelimit")
    return await Heard(http=http, store=store, clock=FakeClock(), account_id=an_account().id, rest=rest).send(REQUEST)


async def kept(store: MemoryStore) -> datetime | None:
    return await store.read(lambda tx: tx.budgets.get(an_account().id, NETWORK))


async def test_it_is_kept_for_every_worker() -> None:
    store = MemoryStore()
    await heard(store, {"ratelimit-remaining": "3", "ratelimit-reset": SECONDS})
    assert await kept(store) is None
    await heard(store, {"ratelimit-remaining": "0", "ratelimit-reset": SECONDS})
    assert await kept(store) == LATER


async def test_a_note_that_cannot_be_kept_loses_no_answer() -> None:
    got = await heard(_Full(), {"ratelimit-remaining": "0", "ratelimit-reset": SECONDS})
    assert got.status == 200
