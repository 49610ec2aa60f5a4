"""The wire: tokens in headers only, pages, counters in three shapes, and heed to what is left of the allowance."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import InvalidInput, OutcomeUnknown, RateLimited, Refused, Unavailable
from services.graph.client import access_token, counters, moment, node, nodes, number, text, unversioned, versioned
from services.graph.errors import Gone
from services.graph.usage import regained_at, used
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.graph.support import NOW, TOKEN, MovingClock, client, fault


def usage(percent: int, **more: int) -> dict[str, str]:
    return {"x-app-usage": json.dumps({"call_count": percent, "total_time": 1, "total_cputime": 1, **more})}


async def test_the_token_goes_in_a_header_and_no_header_of_ours_is_overwritten() -> None:
    http = FakeHttp().on("GET", "/v1.0/me", json_body={"id": "7"})
    extra = {"Authorization": "Bearer theirs", "X-Gate": "open"}
    assert await client(http, extra_headers=extra).get("me", {"fields": "id"}) == {"id": "7"}
    [request] = http.requests
    assert (request.url, request.params) == ("https://graph.example/v1.0/me", (("fields", "id"),))
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["X-Gate"] == "open"
    assert TOKEN not in repr(client(http))


async def test_an_error_inside_of_a_good_status_is_an_error() -> None:
    http = FakeHttp().on("GET", "/me", json_body=fault(100, 33))
    with pytest.raises(Gone):
        await client(http).get("me")


@pytest.mark.parametrize("body", ["", "[]", '{"id": "1', "<html>"])
async def test_half_an_answer_to_the_one_call_leaves_it_in_doubt(body: str) -> None:
    http = FakeHttp().on("POST", "/x", body=body).on("POST", "/x", body=body)
    with pytest.raises(OutcomeUnknown):
        await client(http).post("x", {"a": "b"}, effect=Effect.IRREVERSIBLE)
    with pytest.raises(Unavailable):
        await client(http).post("x", {"a": "b"}, effect=Effect.REPEATABLE)


async def test_fields_go_as_a_form_or_as_json() -> None:
    http = FakeHttp().on("POST", "/x", json_body={}).on("POST", "/x", json_body={})
    await client(http).post("x", {"caption": "Größe"}, effect=Effect.REPEATABLE)
    await client(http).post("x", {"caption": "Größe"}, effect=Effect.REPEATABLE, as_json=True)
    form, plain = http.requests
    assert (form.form, form.json) == ((("caption", "Größe"),), None)
    assert (plain.form, plain.json) == ((), {"caption": "Größe"})


async def test_deleting_what_is_gone_is_deleting() -> None:
    gone: dict[str, Any] = {"status": 400, "json_body": fault(100, 33)}
    http = FakeHttp().on("DELETE", "/1", json_body={"success": True})
    http.on("DELETE", "/1", **gone).on("GET", "/1", **gone)
    await client(http).delete("1")
    await client(http).delete("1")
    http.on("DELETE", "/1", status=400, json_body=fault(100))
    with pytest.raises(Refused):
        await client(http).delete("1")
    http.finish()


async def test_what_is_still_there_was_not_deleted() -> None:
    """The network has one answer for what is gone and for what it does not let this app delete."""
    http = FakeHttp().on("DELETE", "/1", status=400, json_body=fault(100, 33)).on("GET", "/1", json_body={"id": "1"})
    with pytest.raises(Refused) as caught:
        await client(http).delete("1")
    assert (caught.value.message, caught.value.fix) == (
        "Threads does not let this app delete it; it is still there.",
        "Delete it on Threads itself.",
    )
    with pytest.raises(Unavailable):
        await client(FakeHttp().on("DELETE", "/1", json_body={"success": False})).delete("1")


def page(*ids: str, after: str = "", more: bool = False) -> dict[str, Any]:
    paging = {"cursors": {"after": after}, **({"next": "https://elsewhere.example/?access_token=x"} if more else {})}
    return {"data": [{"id": one} for one in ids], "paging": paging}


async def test_pages_are_asked_for_at_our_own_address_until_there_are_no_more() -> None:
    http = FakeHttp()
    http.on("GET", "/list", json_body=page("1", "2", after="c2", more=True)).on("GET", "/list", json_body=page("3"))
    found = [one["id"] async for some in client(http).pages("list", {"limit": "2"}) for one in some]
    assert found == ["1", "2", "3"]
    assert [request.params for request in http.requests] == [(("limit", "2"),), (("limit", "2"), ("after", "c2"))]
    http.on("GET", "/list", json_body=page("1", after="c", more=True)).on("GET", "/list", json_body={"data": []})
    assert [len(some) async for some in client(http).pages("list", {})] == [1]
    http.on("GET", "/list", json_body=page("1", after="c", more=True))
    assert [len(some) async for some in client(http).pages("list", {}, pages=1)] == [1]
    http.finish()


async def test_one_counter_the_network_does_not_know_costs_the_others_nothing() -> None:
    http = FakeHttp().on("GET", "/insights", status=400, json_body=fault(100))
    http.on("GET", "/insights", json_body={"data": [{"name": "views", "values": [{"value": 9}]}]})
    http.on("GET", "/insights", status=400, json_body=fault(100))
    http.on("GET", "/insights", json_body={"data": [{"name": "reach", "total_value": {"value": 4}}]})
    assert await client(http).insights("1/insights", ("views", "plays", "reach")) == {"views": 9, "reach": 4}
    assert [dict(r.params)["metric"] for r in http.requests] == ["views,plays,reach", "views", "plays", "reach"]


async def test_counters_of_what_is_gone_are_not_asked_one_by_one() -> None:
    http = FakeHttp().on("GET", "/insights", status=400, json_body=fault(100, 33))
    with pytest.raises(Gone):
        await client(http).insights("1/insights", ("views", "likes"))
    assert len(http.requests) == 1


def test_counters_come_in_three_shapes_and_what_is_not_there_is_not_zero() -> None:
    clicks = {"name": "clicks", "link_total_values": [{"value": 2, "link_url": "a"}, {"value": 3, "link_url": "b"}]}
    told = [
        {"name": "views", "values": [{"value": 3}, {"value": 5}]},
        {"name": "likes", "total_value": {"value": 0}},
        {"name": "empty", "values": []},
        {"name": "odd", "values": [{"value": {"like": 1}}]},
        clicks,
    ]
    assert counters({"data": told}) == {"views": 5, "likes": 0, "clicks": 5}
    assert counters({}) == {}


# -- the allowance -------------------------------------------------------------------------------------------------


async def test_calls_are_spread_out_when_three_quarters_are_used() -> None:
    clock = MovingClock()
    http = FakeHttp().on("GET", "/a", json_body={}, headers=usage(75)).on("GET", "/b", json_body={}, headers=usage(10))
    http.on("GET", "/c", json_body={})
    graph = client(http, clock)
    for path in ("a", "b", "c"):
        await graph.get(path)
    assert clock.slept == [2.0]


@pytest.mark.parametrize("effect", list(Effect))
async def test_nothing_is_asked_for_a_while_when_almost_all_is_used(effect: Effect) -> None:
    clock = MovingClock()
    http = FakeHttp().on("GET", "/a", json_body={}, headers=usage(90))
    graph = client(http, clock)
    await graph.get("a")
    with pytest.raises(RateLimited) as caught:
        await graph.post("b", {}, effect=effect)
    assert caught.value.until == NOW + timedelta(minutes=15)
    assert len(http.requests) == 1
    clock.at = caught.value.until
    http.on("POST", "/b", json_body={"id": "1"})
    assert await graph.post("b", {}, effect=effect) == {"id": "1"}


@pytest.mark.parametrize(
    "value", ["", "null", "[]", "{", '{"call_count": "many"}', '{"call_count": -5}', '{"1": 5}', '{"1": [5]}']
)
def test_odd_headers_mean_nothing(value: str) -> None:
    headers = {"x-app-usage": value, "x-business-use-case-usage": value}
    assert (used(headers), regained_at(headers, NOW)) == (0, None)


def test_access_is_regained_within_a_day_whatever_is_told() -> None:
    told = {"x-business-use-case-usage": json.dumps({"1": [{"estimated_time_to_regain_access": 999_999}]})}
    assert regained_at(told, NOW) == NOW + timedelta(days=1)


# -- small readings ------------------------------------------------------------------------------------------------


def test_an_operators_version_stays() -> None:
    assert versioned("https://graph.example", "v26.0") == "https://graph.example/v26.0"
    assert versioned("https://graph.example/v25.0/", "v26.0") == "https://graph.example/v25.0"
    assert versioned("http://127.0.0.1:1/threads", "v1.0") == "http://127.0.0.1:1/threads/v1.0"
    assert unversioned("https://graph.example/v25.0") == "https://graph.example"
    assert unversioned("https://graph.example/") == "https://graph.example"


@pytest.mark.parametrize("pasted", ["", "  ", "two words", "tök", "a\x07b"])
def test_what_cannot_be_a_token_is_said_at_once(pasted: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        access_token(pasted, "Make one.")
    assert (caught.value.field, caught.value.next_step) == ("access_token", "Make one.")


def test_a_paste_is_cleaned() -> None:
    assert access_token(" Bearer abc \n", "") == "abc"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_anything_can_be_read(value: object) -> None:
    found = {"x": value}
    assert isinstance(text(found, "x"), str)
    assert number(found, "x") is None or isinstance(number(found, "x"), int)
    assert moment({"x": str(value)}, "x") is None or moment({"x": str(value)}, "x")
    assert isinstance(node(value), dict)
    assert isinstance(nodes(value), tuple)
    assert isinstance(counters({"data": value}), dict)


def test_times_are_aware() -> None:
    assert moment({"at": "2026-11-23T10:00:00+0100"}, "at") == NOW
    assert moment({"at": "2026-11-23T09:00:00"}, "at") == NOW
    assert moment({"at": "yesterday"}, "at") is None


async def test_a_429_that_names_no_time_waits_an_hour_like_any_other_limit() -> None:
    with pytest.raises(RateLimited) as caught:
        await client(FakeHttp().on("GET", "/me", status=429)).get("me")
    assert caught.value.until == NOW + timedelta(hours=1)
