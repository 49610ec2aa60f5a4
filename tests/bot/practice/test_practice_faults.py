"""Every scripted fault does to a client exactly what it says."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.practice.kinds import Operation
from tests.bot.practice.driving import Practice, record

STATUSES = "/mastodon/api/v1/statuses"


@pytest.mark.parametrize(("fault", "live"), [("drop_before", 0), ("drop_after", 1)])
@pytest.mark.parametrize("network", ["mastodon", "bluesky"])
async def test_dropped_calls_get_no_answer_at_all(practice: Practice, network: str, fault: str, live: int) -> None:
    session = await practice.session()
    await practice.fault(network=network, operation="publish", fault=fault)
    body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record("x")}
    create = practice.call("com.atproto.repo.createRecord", body, session["accessJwt"])
    publish = {"mastodon": practice.toot("x"), "bluesky": create}
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await publish.pop(network)
    publish.popitem()[1].close()
    assert len(await practice.posts(network)) == live
    calls = (await practice.http.get("/_practice/calls")).json()["calls"]
    assert (calls[-1]["status"], calls[-1]["fault"], calls[-1]["operation"]) == (None, fault, "publish")
    assert (await practice.toot("after")).status_code == 200


async def test_a_lost_reply_is_found_again_by_its_key(practice: Practice) -> None:
    await practice.fault(network="mastodon", operation="publish", fault="drop_after")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await practice.toot("once", key="k")
    assert (await practice.toot("once", key="k")).status_code == 200
    assert len(await practice.posts("mastodon")) == 1


async def test_a_dropped_upload_leaves_the_connection_pool_usable(practice: Practice) -> None:
    await practice.fault(operation="upload", fault="drop_before", times=2)
    for _ in range(2):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
            await practice.picture(b"\x89PNG\r\n\x1a\n" + b"x" * 1_000_000)
    assert (await practice.picture()).status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize(("effect", "live"), [(False, 0), (True, 1)])
async def test_server_errors_are_html_and_may_hide_an_effect(
    practice: Practice, status: int, *, effect: bool, live: int
) -> None:
    await practice.fault(operation="publish", fault="status", value=status, effect=effect)
    answer = await practice.toot("x")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert len(await practice.posts("mastodon")) == live


async def test_rate_limits_with_and_without_headers(practice: Practice) -> None:
    await practice.fault(network="mastodon", fault="rate_limited", value=90)
    limited = await practice.toot("x")
    assert (limited.status_code, limited.json()) == (429, {"error": "Too many requests"})
    assert limited.headers["x-ratelimit-remaining"] == "0"
    assert limited.headers["x-ratelimit-reset"] == "2026-11-23T09:01:30.000Z"
    await practice.fault(network="mastodon", fault="rate_limited_bare")
    bare = await practice.toot("x")
    assert bare.status_code == 429
    assert not [name for name in bare.headers if "ratelimit" in name or name == "retry-after"]
    await practice.fault(network="bluesky", fault="rate_limited", value=30)
    sky = await practice.ask("com.atproto.server.describeServer")
    assert (sky.status_code, sky.json()["error"]) == (429, "RateLimitExceeded")
    assert sky.headers["ratelimit-reset"] == str(int(practice.clock().timestamp()) + 30)
    assert await practice.posts("mastodon") == []


async def test_malformed_answers_hide_a_real_effect(practice: Practice) -> None:
    await practice.fault(operation="publish", fault="malformed")
    answer = await practice.toot("x")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(await practice.posts("mastodon")) == 1


@pytest.mark.parametrize(("fault", "body", "live"), [("html", "<!DOCTYPE html>", 0), ("empty", "", 1)])
async def test_answers_that_are_no_json(practice: Practice, fault: str, body: str, live: int) -> None:
    await practice.fault(operation="publish", fault=fault)
    answer = await practice.toot("x")
    assert answer.status_code == 200
    assert answer.text[: len("<!DOCTYPE html>")] == body
    assert len(await practice.posts("mastodon")) == live


async def test_slow_answers_outlast_an_impatient_client(practice: Practice) -> None:
    await practice.fault(operation="publish", fault="slow", value=5)
    with pytest.raises(httpx.ReadTimeout):
        await practice.http.post(STATUSES, json={"status": "x"}, headers=practice.bearer, timeout=0.05)
    assert len(await practice.posts("mastodon")) == 1
    await practice.fault(operation="publish", fault="slow", value=0.01)
    assert (await practice.toot("y")).status_code == 200


async def test_expired_tokens_on_bluesky_are_renewed_by_refresh(practice: Practice) -> None:
    session = await practice.session()
    await practice.fault(network="bluesky", fault="expire_tokens")
    expired = await practice.ask("com.atproto.server.getSession", session["accessJwt"])
    assert (expired.status_code, expired.json()["error"]) == (400, "ExpiredToken")
    assert (await practice.ask("com.atproto.server.getSession", session["accessJwt"])).status_code == 400
    fresh = (await practice.call("com.atproto.server.refreshSession", None, session["refreshJwt"])).json()
    assert (await practice.ask("com.atproto.server.getSession", fresh["accessJwt"])).status_code == 200


async def test_expired_tokens_do_not_hit_the_refresh_itself(practice: Practice) -> None:
    session = await practice.session()
    await practice.fault(network="bluesky", fault="expire_tokens")
    assert (await practice.call("com.atproto.server.refreshSession", None, session["refreshJwt"])).status_code == 200
    assert len((await practice.http.get("/_practice/faults")).json()["faults"]) == 1


async def test_expired_tokens_on_mastodon_are_refused_once(practice: Practice) -> None:
    await practice.fault(network="mastodon", fault="expire_tokens")
    refused = await practice.toot("x")
    assert (refused.status_code, refused.json()) == (401, {"error": "The access token is invalid"})
    assert (await practice.toot("x")).status_code == 200


async def test_unknown_fields_appear_everywhere_and_change_nothing_else(practice: Practice) -> None:
    await practice.fault(operation="publish", fault="unknown_fields")
    status = (await practice.toot("x")).json()
    assert "x_practice_surprise" in status
    assert "x_practice_surprise" in status["account"]
    assert status["content"] == "<p>x</p>"


async def test_faults_hit_only_their_network_and_operation_and_count_down(practice: Practice) -> None:
    await practice.fault(network="bluesky", operation="publish", fault="status", value=503)
    await practice.fault(network="mastodon", operation="verify", fault="status", value=503, times=2)
    assert (await practice.toot("x")).status_code == 200
    seen = [(await practice.http.get("/mastodon/api/v1/instance")).status_code for _ in range(3)]
    assert seen == [503, 503, 200]
    (left,) = (await practice.http.get("/_practice/faults")).json()["faults"]
    assert (left["network"], left["operation"], left["times"]) == ("bluesky", "publish", 1)
    cleared = await practice.http.delete("/_practice/faults")
    assert cleared.json() == {"faults": []}


CALLS = [
    ("session", "POST", "/bluesky/xrpc/com.atproto.server.createSession"),
    ("verify", "GET", "/bluesky/xrpc/app.bsky.actor.getProfile"),
    ("publish", "POST", "/bluesky/xrpc/com.atproto.repo.putRecord"),
    ("delete", "POST", "/bluesky/xrpc/com.atproto.repo.deleteRecord"),
    ("upload", "POST", "/bluesky/xrpc/com.atproto.repo.uploadBlob"),
    ("lookup", "GET", "/bluesky/xrpc/com.atproto.repo.getRecord"),
    ("resolve", "GET", "/bluesky/xrpc/com.atproto.identity.resolveHandle"),
    ("metrics", "GET", "/bluesky/xrpc/app.bsky.feed.getPosts"),
    ("replies", "GET", "/bluesky/xrpc/app.bsky.feed.getPostThread"),
    ("verify", "GET", "/mastodon/api/v1/accounts/verify_credentials"),
    ("publish", "POST", "/mastodon/api/v1/statuses"),
    ("edit", "PUT", "/mastodon/api/v1/statuses/1"),
    ("delete", "DELETE", "/mastodon/api/v1/statuses/1"),
    ("upload", "POST", "/mastodon/api/v2/media"),
    ("poll", "GET", "/mastodon/api/v1/media/1"),
    ("lookup", "GET", "/mastodon/api/v1/accounts/1/statuses"),
    ("metrics", "GET", "/mastodon/api/v1/statuses/1"),
    ("replies", "GET", "/mastodon/api/v1/statuses/1/context"),
    ("piece", "POST", "/x/2/media/upload/1/append"),
    ("finish", "POST", "/x/2/media/upload/1/finalize"),
]


async def test_every_operation_can_go_wrong(practice: Practice) -> None:
    for operation, method, path in CALLS:
        await practice.fault(operation=operation, fault="status", value=503)
        assert (await practice.http.request(method, path)).status_code == 503, path
        assert (await practice.http.request(method, path)).status_code != 503, path
    assert {operation for operation, _, _ in CALLS} == set(Operation) - {Operation.OTHER, Operation.FILE}


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"fault": "explode"}, "fault must be one of"),
        ({}, "fault must be one of"),
        ({"fault": "html", "network": "minitel"}, "network must be one of"),
        ({"fault": "html", "operation": "x"}, "operation must be one of"),
        ({"fault": "html", "times": 0}, "times must be a whole number from 1."),
        ({"fault": "html", "value": "many"}, "value must be a number from 0, or absent."),
        ({"fault": "html", "mood": 1}, "Send an object with no other fields"),
        ({"fault": "expire_tokens", "operation": "session"}, "expire_tokens cannot hit session calls"),
        ({"fault": "drop_before", "effect": True}, "effect cannot be True for drop_before."),
        (["html"], "Send an object with no other fields"),
    ],
)
async def test_unknown_words_in_a_script_are_refused(practice: Practice, wish: object, reason: str) -> None:
    answer = await practice.http.post("/_practice/faults", json=wish)
    assert answer.status_code == 422
    assert reason in answer.json()["error"]
    assert (await practice.http.get("/_practice/faults")).json() == {"faults": []}
