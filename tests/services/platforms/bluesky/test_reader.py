"""Counters with gaps left as gaps, and strangers' answers read with care."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.domain.delivery import Receipt
from services.domain.errors import NeedsReauth, Refused, Unavailable
from services.domain.metrics import AccountMetrics, Comment, PostMetrics
from services.platforms.bluesky.keys import record_key
from services.platforms.bluesky.reader import DEPTH
from tests.fakes.http import FakeHttp
from tests.services.platforms.bluesky.support import (
    CLAIMED,
    DID,
    FRESH,
    GET,
    NOW,
    PROFILE,
    PUT,
    RESOLVE,
    body,
    desk,
    fault,
    receipt,
    sent_record,
    written,
)

POSTS = "/xrpc/app.bsky.feed.getPosts"
THREAD = "/xrpc/app.bsky.feed.getPostThread"


async def test_counters_are_read_25_at_a_time() -> None:
    http = FakeHttp()
    http.on("GET", POSTS, json_body={"posts": [{"uri": "at://a", "likeCount": 3, "repostCount": 2, "replyCount": 0}]})
    http.on(
        "GET",
        POSTS,
        json_body={"posts": [{"uri": "at://b", "quoteCount": 1, "bookmarkCount": 4, "viewer": {}, "newField": 1}]},
    )
    metrics = desk(http).roles.metrics
    assert metrics is not None
    found = await metrics.post_metrics([*(receipt(f"3k{n}") for n in range(26)), receipt("3k0")])
    assert [len(r.params) for r in http.requests] == [25, 1]
    assert http.requests[0].params[0] == ("uris", f"at://{DID}/app.bsky.feed.post/3k0")
    assert list(found) == [
        PostMetrics(remote_id="at://a", at=NOW, likes=3, shares=2, comments=0),
        PostMetrics(remote_id="at://b", at=NOW, quotes=1, saves=4),
    ]


FOUND = Receipt(part=0, remote_id="3kfound", url="https://bsky.app/profile/driftseas.com/post/3kfound", at=NOW)
"""What is known of a post that a person found."""


async def test_a_post_that_a_person_found_is_counted_and_its_answers_are_read() -> None:
    uri = f"at://{DID}/app.bsky.feed.post/3kfound"
    http = FakeHttp().on("GET", POSTS, json_body={"posts": [{"uri": uri, "likeCount": 3}]})
    http.on("GET", THREAD, json_body={"thread": _node("3kfound", "Ours", "2026-11-23T08:00:00Z", did=DID)})
    roles = desk(http).roles
    assert roles.metrics is not None
    assert roles.comments is not None
    nowhere = replace(FOUND, remote_id="x", url="https://bsky.app/")
    [counted] = await roles.metrics.post_metrics([FOUND, nowhere])
    assert (counted.remote_id, counted.likes) == ("3kfound", 3)
    assert list(await roles.comments.comments(FOUND, None)) == []
    assert list(await roles.comments.comments(nowhere, None)) == []
    assert [dict(r.params).get("uris") or dict(r.params)["uri"] for r in http.requests] == [uri, uri]


async def test_no_posts_need_no_call() -> None:
    metrics = desk(FakeHttp()).roles.metrics
    assert metrics is not None
    assert await metrics.post_metrics([]) == []


async def test_the_account_has_followers() -> None:
    http = FakeHttp().on("GET", PROFILE, json_body={"did": DID, "followersCount": 512, "postsCount": 40})
    metrics = desk(http).roles.metrics
    assert metrics is not None
    assert await metrics.account_metrics() == AccountMetrics(at=NOW, followers=512, posts=40)
    assert dict(http.requests[0].params) == {"actor": DID}


async def test_a_gap_is_an_error_and_never_a_zero() -> None:
    answers: list[dict[str, Any]] = [{"status": 502}, {"body": b"<html>"}, {"json_body": {}}]
    for answer in answers:
        metrics = desk(FakeHttp().on("GET", POSTS, **answer)).roles.metrics
        assert metrics is not None
        with pytest.raises(Unavailable):
            await metrics.post_metrics([receipt("3k1")])
    signed_out = desk(FakeHttp(), credentials=FRESH).roles.metrics
    assert signed_out is not None
    with pytest.raises(NeedsReauth):
        await signed_out.post_metrics([receipt("3k1")])


def _node(rkey: str, text: str, indexed: str, *replies: object, did: str = "did:plc:ann") -> dict[str, Any]:
    handle = did.removeprefix("did:plc:") + ".example"
    return {
        "$type": "app.bsky.feed.defs#threadViewPost",
        "post": {
            "uri": f"at://{did}/app.bsky.feed.post/{rkey}",
            "cid": f"cid-{rkey}",
            "author": {"did": did, "handle": handle},
            "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2001-01-01T00:00:00Z"},
            "indexedAt": indexed,
            "likeCount": 1,
        },
        "replies": list(replies),
    }


GONE = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://did:plc:x/app.bsky.feed.post/1", "notFound": True}
BLOCKED = {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://y", "blocked": True, "author": {"did": "did:plc:y"}}


async def _comments(thread: object, since: datetime | None = None) -> list[Comment]:
    http = FakeHttp().on("GET", THREAD, json_body={"thread": thread, "threadgate": None})
    reader = desk(http).roles.comments
    assert reader is not None
    found = list(await reader.comments(receipt("3kpost"), since))
    assert dict(http.requests[0].params)["depth"] == str(DEPTH)
    return found


async def test_answers_are_oldest_first_without_ours() -> None:
    ours = _node(
        "r2", "Thanks!", "2026-11-23T08:02:00.000Z", _node("r3", "Welcome", "2026-11-23T08:03:00.000Z"), did=DID
    )
    late = _node("r4", "Late", "2026-11-23T08:04:00.000Z", did="did:plc:bob")
    early = _node("r1", "First?", "2026-11-23T08:01:00.000Z", ours, GONE)
    top = _node("3kpost", "Post", "2026-11-23T08:00:00.000Z", late, BLOCKED, early, GONE, None, {"post": {}}, did=DID)
    found = await _comments(top)
    assert [c.text for c in found] == ["First?", "Welcome", "Late"]
    assert found[0] == Comment(
        remote_id="at://did:plc:ann/app.bsky.feed.post/r1",
        parent_id=f"at://{DID}/app.bsky.feed.post/3kpost",
        author="ann.example",
        text="First?",
        at=datetime(2026, 11, 23, 8, 1, tzinfo=UTC),
        url="https://bsky.app/profile/ann.example/post/r1",
        extra=(("cid", "cid-r1"), ("did", "did:plc:ann")),
    )
    assert found[1].parent_id == f"at://{DID}/app.bsky.feed.post/r2"
    newer = await _comments(top, datetime(2026, 11, 23, 8, 3, tzinfo=UTC))
    assert [c.text for c in newer] == ["Late"]


async def test_a_deep_thread_does_not_overflow() -> None:
    node = _node("leaf", "Deepest", "2026-11-23T08:01:00Z")
    for depth in range(200):
        node = _node(f"n{depth}", "x", "2026-11-23T08:00:00Z", node)
    assert (await _comments(node))[-1].text == "Deepest"


@pytest.mark.parametrize("thread", [GONE, BLOCKED, {}, {"post": 1, "replies": [1]}])
async def test_a_thread_without_a_readable_top_has_no_comments(thread: object) -> None:
    assert await _comments(thread) == []


async def test_a_deleted_post_has_no_comments() -> None:
    http = FakeHttp().on("GET", THREAD, status=400, json_body=fault("NotFound", "Post not found"))
    reader = desk(http).roles.comments
    assert reader is not None
    assert list(await reader.comments(receipt("3kpost"), None)) == []


COMMENT = Comment(
    remote_id="at://did:plc:ann/app.bsky.feed.post/r1",
    parent_id=f"at://{DID}/app.bsky.feed.post/3kpost",
    author="ann.example",
    text="First?",
    at=NOW,
    url="https://bsky.app/profile/ann.example/post/r1",
    extra=(("cid", "cid-r1"),),
)


async def test_an_answer_is_a_post_under_its_own_key() -> None:
    http = FakeHttp().on("GET", RESOLVE, json_body={"did": "did:plc:ann"}).on("POST", PUT, json_body=written("x"))
    replier = desk(http).roles.replier
    assert replier is not None
    proof = await replier.reply(COMMENT, "Yes, @ann.example", key="answer 1", at=CLAIMED, root=receipt("3kpost"))
    assert body(http.requests[1])["rkey"] == record_key(CLAIMED, 0, "answer 1")
    assert sent_record(http)["reply"] == {
        "root": {"uri": f"at://{DID}/app.bsky.feed.post/3kpost", "cid": "bafyreione"},
        "parent": {"uri": COMMENT.remote_id, "cid": "cid-r1"},
    }
    assert sent_record(http)["facets"] == [
        {
            "index": {"byteStart": 5, "byteEnd": 17},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ann"}],
        }
    ]
    assert proof.remote_id == f"at://{DID}/app.bsky.feed.post/x"


async def test_an_answer_below_a_post_known_by_link_looks_it_up() -> None:
    http = FakeHttp()
    http.on("GET", GET, json_body={"uri": f"at://{DID}/app.bsky.feed.post/3kpost", "cid": "bafyreilooked", "value": {}})
    http.on("POST", PUT, json_body=written("x"))
    replier = desk(http).roles.replier
    assert replier is not None
    await replier.reply(COMMENT, "Yes", key="k", at=CLAIMED, root=receipt("3kpost", cid=""))
    reply = sent_record(http)["reply"]
    assert isinstance(reply, dict)
    assert reply["root"]["cid"] == "bafyreilooked"


async def test_what_can_not_be_answered_is_refused() -> None:
    replier = desk(FakeHttp()).roles.replier
    assert replier is not None
    for comment, text in ((Comment(**{**_fields(COMMENT), "extra": ()}), "Yes"), (COMMENT, "a" * 301)):
        with pytest.raises(Refused):
            await replier.reply(comment, text, key="k", at=CLAIMED, root=receipt("3kpost"))


def _fields(comment: Comment) -> dict[str, Any]:
    return {name: getattr(comment, name) for name in Comment.__slots__}
