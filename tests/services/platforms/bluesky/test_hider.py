"""Answers folded away by a record beside the thread, which keeps whatever else it says."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.delivery import Receipt
from services.domain.errors import Refused, Unavailable
from services.domain.metrics import Comment
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.platforms.bluesky.support import DID, GET, NOW, PUT, desk

GATE = "app.bsky.feed.threadgate"
ROOT = f"at://{DID}/app.bsky.feed.post/3kroot"
ANSWER = "at://did:plc:somebody/app.bsky.feed.post/3kanswer"
OTHER = "at://did:plc:somebody/app.bsky.feed.post/3kother"
SEEN = Receipt(part=0, remote_id=ROOT, url="https://bsky.app/x", at=NOW)
SAID = Comment(remote_id=ANSWER, parent_id=ROOT, author="somebody", text="No.", at=NOW, url="")
MISSING = {"error": "RecordNotFound", "message": f"Could not locate record: {ROOT}"}
DONE = {"uri": f"at://{DID}/{GATE}/3kroot", "cid": "bafynew"}
SWAPPED = {"error": "InvalidSwap", "message": "Record was at bafyother"}


def gate(*hidden: str, **more: object) -> dict[str, object]:
    return {"$type": GATE, "post": ROOT, "createdAt": "2026-01-01T00:00:00.000Z", "hiddenReplies": [*hidden], **more}


def stored(http: FakeHttp, value: dict[str, object] | None, cid: str = "bafyold") -> FakeHttp:
    if value is None:
        return http.on("GET", GET, status=400, json_body=MISSING)
    return http.on("GET", GET, json_body={"uri": DONE["uri"], "cid": cid, "value": value})


async def hide(http: FakeHttp, *, hidden: bool = True, root: Receipt = SEEN) -> list[Any]:
    hider = desk(http).roles.hider
    assert hider is not None
    await hider.hide(SAID, root=root, hidden=hidden)
    http.finish()
    return [request.json for request in http.requests if request.method == "POST"]


async def test_the_first_hidden_answer_makes_the_record_under_the_posts_key() -> None:
    http = stored(FakeHttp(), None).on("POST", PUT, json_body=DONE)
    [sent] = await hide(http)
    assert sent == {
        "repo": DID,
        "collection": GATE,
        "rkey": "3kroot",
        "record": gate(ANSWER, createdAt="2026-11-23T09:00:00.000Z"),
        "swapRecord": None,
    }
    assert dict(http.requests[0].params)["collection"] == GATE
    assert http.requests[1].effect is Effect.REPEATABLE


async def test_what_else_the_record_says_stays() -> None:
    rules = [{"$type": f"{GATE}#mentionRule"}]
    for before, hidden, after in (((OTHER,), True, (OTHER, ANSWER)), ((ANSWER, OTHER), False, (OTHER,))):
        http = stored(FakeHttp(), gate(*before, allow=rules, new="x")).on("POST", PUT, json_body=DONE)
        [sent] = await hide(http, hidden=hidden)
        assert (sent["record"], sent["swapRecord"]) == (gate(*after, allow=rules, new="x"), "bafyold")


@pytest.mark.parametrize(("value", "hidden"), [(gate(ANSWER), True), (gate(OTHER), False), (None, False)])
async def test_what_is_so_already_writes_nothing(value: dict[str, object] | None, *, hidden: bool) -> None:
    assert await hide(stored(FakeHttp(), value), hidden=hidden) == []


async def test_somebody_elses_change_is_read_and_kept() -> None:
    http = stored(FakeHttp(), gate()).on("POST", PUT, status=400, json_body=SWAPPED)
    stored(http, gate(OTHER), "bafyother").on("POST", PUT, json_body=DONE)
    sent = await hide(http)
    assert (sent[-1]["record"]["hiddenReplies"], sent[-1]["swapRecord"]) == ([OTHER, ANSWER], "bafyother")
    http = FakeHttp()
    for _ in range(3):
        stored(http, gate()).on("POST", PUT, status=400, json_body=SWAPPED)
    with pytest.raises(Unavailable, match="same moment"):
        await hide(http)


async def test_a_full_list_and_a_post_of_somebody_else_are_refused() -> None:
    full = gate(*(f"at://did:plc:a/app.bsky.feed.post/{n}" for n in range(300)))
    with pytest.raises(Refused, match="300 answers"):
        await hide(stored(FakeHttp(), full))
    theirs = Receipt(part=0, remote_id=ANSWER, url="", at=NOW)
    with pytest.raises(Refused, match="of this account"):
        await hide(FakeHttp(), root=theirs)
