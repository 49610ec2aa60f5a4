"""Who may answer and quote: one commit with the post, whatever is lost on the way."""

from __future__ import annotations

import pytest

from services.domain.account import Account
from services.domain.errors import DeskError, OutcomeUnknown, Refused, Unavailable
from services.domain.ids import AccountId
from services.domain.post import Severity, Variant
from services.platforms.bluesky import SPEC
from services.platforms.bluesky.keys import record_key
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.platforms.bluesky.support import CLAIMED, DID, GET, account, body, desk, fault, part, written

APPLY = "/xrpc/com.atproto.repo.applyWrites"
RKEY = record_key(CLAIMED, 0, "k")
URI = f"at://{DID}/app.bsky.feed.post/{RKEY}"
CREATED = "2023-11-14T22:13:20.000Z"
SHUT = {"threadgate": "nobody", "postgate": "yes"}
POST: dict[str, object] = {"$type": "app.bsky.feed.post", "text": "Hi", "createdAt": CREATED}


def absent(times: int) -> FakeHttp:
    """A server that has none of the records."""
    http = FakeHttp()
    for _ in range(times):
        http.on("GET", GET, status=400, json_body=fault("RecordNotFound"))
    return http


def there(value: dict[str, object]) -> dict[str, object]:
    """The answer to getRecord."""
    return {"uri": URI, "cid": "bafyreithere", "value": value}


def proof(number: int = 1) -> dict[str, object]:
    """The answer to applyWrites as the reference server gives it."""
    return {"commit": {"cid": "bafyc", "rev": "3k"}, "results": [written(RKEY)] * number}


async def test_the_post_comes_first_and_its_gates_in_the_same_commit() -> None:
    http = absent(3).on("POST", APPLY, json_body=proof(3))
    receipt = await desk(http).roles.publisher.send(part("Hi", options=SHUT))
    assert (receipt.remote_id, receipt.extra["cid"]) == (URI, "bafyreiwritten")
    create = {"$type": "com.atproto.repo.applyWrites#create", "rkey": RKEY}
    thread, quotes = "app.bsky.feed.threadgate", "app.bsky.feed.postgate"
    place = {"post": URI, "createdAt": CREATED}
    shut = {"$type": quotes, **place, "embeddingRules": [{"$type": f"{quotes}#disableRule"}]}
    assert body(http.requests[-1]) == {
        "repo": DID,
        "writes": [
            {**create, "collection": "app.bsky.feed.post", "value": POST},
            {**create, "collection": thread, "value": {"$type": thread, **place, "allow": []}},
            {**create, "collection": quotes, "value": shut},
        ],
    }
    assert [request.effect for request in http.requests] == [Effect.READ] * 3 + [Effect.IRREVERSIBLE]


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (500, fault("InternalServerError"), OutcomeUnknown),
        (200, {"commit": {"cid": "bafyc", "rev": "3k"}}, OutcomeUnknown),
        (200, {"results": []}, OutcomeUnknown),
        (400, fault("InvalidRequest", "Invalid record"), Refused),
    ],
)
async def test_what_an_answer_means(status: int, answer: object, error: type[DeskError]) -> None:
    http = absent(2).on("POST", APPLY, status=status, json_body=answer)
    with pytest.raises(error):
        await desk(http).roles.publisher.send(part("Hi", options={"threadgate": "nobody"}))


async def test_what_sits_there_already_is_ours_or_stands_in_the_way() -> None:
    outgoing = part("Hi", options=SHUT)
    found = await desk(FakeHttp().on("GET", GET, json_body=there(POST))).roles.publisher.send(outgoing)
    assert found.extra == {"uri": URI, "cid": "bafyreithere"}
    with pytest.raises(Refused, match="Another post"):
        await desk(FakeHttp().on("GET", GET, json_body=there({**POST, "text": "Ho"}))).roles.publisher.send(outgoing)


async def test_another_write_at_the_same_moment_is_no_refusal() -> None:
    outgoing = part("Hi", options={"threadgate": "nobody"})
    http = absent(2).on("POST", APPLY, status=400, json_body=fault("InvalidSwap"))
    with pytest.raises(Unavailable, match="another write"):
        await desk(http.on("GET", GET, status=400, json_body=fault("RecordNotFound"))).roles.publisher.send(outgoing)
    http = absent(2).on("POST", APPLY, status=400, json_body=fault("InvalidSwap"))
    found = await desk(http.on("GET", GET, json_body=there(POST))).roles.publisher.send(outgoing)
    assert found.remote_id == URI


async def test_a_gate_without_its_post_is_written_over() -> None:
    http = absent(1).on("GET", GET, json_body=there({})).on("POST", APPLY, json_body=proof(2))
    await desk(http).roles.publisher.send(part("Hi", options={"threadgate": "followers"}))
    writes = body(http.requests[-1])["writes"]
    assert isinstance(writes, list)
    assert [one["$type"].partition("#")[2] for one in writes] == ["create", "update"]


async def test_nothing_is_written_while_it_can_not_be_read() -> None:
    http = FakeHttp().on("GET", GET, status=502, json_body=fault("UpstreamFailure"))
    with pytest.raises(Unavailable):
        await desk(http).roles.publisher.send(part("Hi", options=SHUT))


def problems(known: Account, text: str, who: str) -> list[tuple[str, Severity]]:
    options = {"threadgate": who}
    variant = Variant(account_id=AccountId("1"), platform=SPEC.slug, parts=(text,), options=options)
    return [(problem.code, problem.severity) for problem in SPEC.check_options(variant, known)]


@pytest.mark.parametrize("who", ["", "nobody", "mentioned", "following", "followers"])
def test_only_those_it_mentions_and_it_mentions_nobody(who: str) -> None:
    slip = [("nobody_mentioned", Severity.WARN)] if who == "mentioned" else []
    assert problems(account(), "Ships today.", who) == slip
    assert problems(account(), "Ships today, @ana.example.com.", who) == []
