"""Publishing: one record under one key, whatever is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.delivery import Receipt
from services.domain.errors import (
    DeskError,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.platforms.bluesky import SPEC
from services.platforms.bluesky.keys import moment, record_key
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.platforms.bluesky.support import (
    ACCESS,
    CLAIMED,
    DID,
    FRESH,
    GET,
    HANDLE,
    NOW,
    PDS,
    PUT,
    RESOLVE,
    SIGNED_IN,
    UPLOAD,
    Desk,
    bearer,
    blob,
    body,
    desk,
    fault,
    part,
    picture,
    read_media,
    receipt,
    sent_record,
    written,
)

if TYPE_CHECKING:
    from services.domain.media import Picture
    from services.ports.platform import OutgoingPart

RKEY = record_key(CLAIMED, 0, "k")
URI = f"at://{DID}/app.bsky.feed.post/{RKEY}"
CREATED = "2023-11-14T22:13:20.000Z"
PAGE = b"<title>Tides</title><meta name=description content='How the sea moves'>"
HTML = {"Content-Type": "text/html; charset=utf-8"}


async def _prepared(made: Desk, outgoing: OutgoingPart) -> OutgoingPart:
    """The part as the dispatcher hands it to `send`."""
    return replace(outgoing, handles=await made.roles.publisher.prepare(outgoing, read_media))


# --- sending ---


async def test_a_plain_text_is_one_call() -> None:
    http = FakeHttp().on("POST", PUT, json_body=written(RKEY))
    made = desk(http, extra_headers={"X-Desk": "1"})
    outgoing = part("Tides are late. #sea")
    assert not made.roles.publisher.needs_preparing(outgoing)
    assert await made.roles.publisher.prepare(outgoing, read_media) == {}
    proof = await made.roles.publisher.send(outgoing)
    (request,) = http.requests
    assert (request.url, request.effect, bearer(request)) == (f"{PDS}{PUT}", Effect.IRREVERSIBLE, ACCESS)
    assert request.headers["X-Desk"] == "1"
    assert request.timeout < 30
    assert body(request) == {
        "repo": DID,
        "collection": "app.bsky.feed.post",
        "rkey": RKEY,
        "record": {
            "$type": "app.bsky.feed.post",
            "text": "Tides are late. #sea",
            "createdAt": CREATED,
            "facets": [
                {
                    "index": {"byteStart": 16, "byteEnd": 20},
                    "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "sea"}],
                }
            ],
        },
        "swapRecord": None,
    }
    assert proof == Receipt(
        part=0,
        remote_id=URI,
        url=f"https://bsky.app/profile/{HANDLE}/post/{RKEY}",
        at=NOW,
        extra={"uri": URI, "cid": "bafyreiwritten"},
    )


async def test_every_attempt_sends_the_same_bytes() -> None:
    http = FakeHttp().on("POST", PUT, lost=True).on("POST", PUT, json_body=written(RKEY))
    made = desk(http)
    outgoing = part("Tides are late.")
    with pytest.raises(OutcomeUnknown):
        await made.roles.publisher.send(outgoing)
    made.clock.at += timedelta(hours=3)
    assert (await made.roles.publisher.send(outgoing)).remote_id == URI
    assert json.dumps(http.requests[0].json) == json.dumps(http.requests[1].json)


async def test_a_local_server_shows_its_own_pages() -> None:
    base = "http://127.0.0.1:8421/bluesky"
    http = FakeHttp().on("POST", PUT, json_body=written(RKEY))
    made = desk(http, credentials={**SIGNED_IN, "pds": ""}, base_url=base)
    proof = await made.roles.publisher.send(part("Hi"))
    assert http.requests[0].url == f"{base}{PUT}"
    assert proof.url == f"{base}/profile/{HANDLE}/post/{RKEY}"


async def test_without_a_working_handle_the_link_uses_the_identity() -> None:
    http = FakeHttp().on("POST", PUT, json_body=written(RKEY))
    made = desk(http, credentials={**SIGNED_IN, "handle": "handle.invalid"})
    assert (await made.roles.publisher.send(part("Hi"))).url == f"https://bsky.app/profile/{DID}/post/{RKEY}"


async def test_a_label_is_sent_with_the_record_and_none_without() -> None:
    assert {option.name: option.default for option in SPEC.options}["labels"] == ""
    http = FakeHttp().on("POST", PUT, json_body=written(RKEY)).on("POST", PUT, json_body=written(RKEY))
    await desk(http).roles.publisher.send(part("Look", options={"labels": "graphic-media"}))
    told = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}
    assert sent_record(http)["labels"] == told
    await desk(http).roles.publisher.send(part("Look", options={"labels": ""}))
    assert "labels" not in sent_record(http)


async def test_the_language_option_is_sent() -> None:
    http = FakeHttp().on("POST", PUT, json_body=written(RKEY))
    await desk(http).roles.publisher.send(part("Hallo", options={"language": "de, en-GB, not a language,fr,it"}))
    assert sent_record(http)["langs"] == ["de", "en-GB", "fr"]


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (400, fault("ExpiredToken", "Token has expired"), NeedsReauth),
        (401, fault("AuthMissing"), NeedsReauth),
        (400, fault("InvalidRequest", "Invalid app.bsky.feed.post record"), Refused),
        (400, fault("BlobNotFound", "Could not find blob: bafkreiblob"), Unavailable),
        (429, fault("RateLimitExceeded"), RateLimited),
        (500, fault("InternalServerError"), OutcomeUnknown),
        (502, fault("UpstreamFailure"), OutcomeUnknown),
        (200, {"uri": URI}, OutcomeUnknown),
        (200, [], OutcomeUnknown),
    ],
)
async def test_what_a_refused_post_means(status: int, answer: object, error: type[DeskError]) -> None:
    http = FakeHttp().on("POST", PUT, status=status, json_body=answer)
    with pytest.raises(error) as caught:
        await desk(http).roles.publisher.send(part("Hi"))
    assert type(caught.value) is error
    if isinstance(caught.value, NeedsReauth):
        assert caught.value.refreshable


@pytest.mark.parametrize("raw", [b"", b"<html>ok</html>", b'{"uri": "at:'])
async def test_an_unreadable_success_is_in_doubt(raw: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        await desk(FakeHttp().on("POST", PUT, body=raw)).roles.publisher.send(part("Hi"))


async def test_an_account_that_never_signed_in_asks_for_a_refresh_and_calls_nobody() -> None:
    http = FakeHttp()
    for credentials in (FRESH, {**FRESH, "did": DID}):
        with pytest.raises(NeedsReauth) as caught:
            await desk(http, credentials=credentials).roles.publisher.send(part("Hi"))
        assert caught.value.refreshable
    assert http.requests == []


@pytest.mark.parametrize("text", ["a" * 301, "👨‍👩‍👧‍👦" * 121])
async def test_what_is_too_long_is_refused_here(text: str) -> None:
    with pytest.raises(Refused):
        await desk(FakeHttp()).roles.publisher.send(part(text))
    with pytest.raises(Refused):
        await desk(FakeHttp()).roles.publisher.prepare(part(f"{text} https://a.example"), read_media)


# --- another record under our key ---


def _sitting(text: str, created: str = CREATED) -> dict[str, Any]:
    return {"uri": URI, "cid": "bafyreisitting", "value": {"text": text, "createdAt": created, "langs": ["en"]}}


async def test_an_earlier_attempt_of_ours_counts_as_sent() -> None:
    http = FakeHttp().on("POST", PUT, status=400, json_body=fault("InvalidSwap", "Record was at bafyreisitting"))
    http.on("GET", GET, json_body=_sitting("Hi"))
    proof = await desk(http).roles.publisher.send(part("Hi"))
    assert (proof.remote_id, proof.extra["cid"], bearer(http.requests[1])) == (URI, "bafyreisitting", "")
    assert dict(http.requests[1].params) == {"repo": DID, "collection": "app.bsky.feed.post", "rkey": RKEY}


@pytest.mark.parametrize("sitting", [_sitting("Something else"), _sitting("Hi", "2020-01-01T00:00:00.000Z")])
async def test_a_strangers_record_is_not_ours(sitting: dict[str, Any]) -> None:
    http = FakeHttp().on("POST", PUT, status=400, json_body=fault("InvalidSwap")).on("GET", GET, json_body=sitting)
    with pytest.raises(Refused, match="Another post"):
        await desk(http).roles.publisher.send(part("Hi"))


async def test_a_conflict_that_can_not_be_looked_at_stays_in_doubt() -> None:
    http = FakeHttp().on("POST", PUT, status=400, json_body=fault("InvalidSwap")).on("GET", GET, status=503)
    with pytest.raises(OutcomeUnknown):
        await desk(http).roles.publisher.send(part("Hi"))


async def test_a_conflict_with_nothing_there_is_tried_again() -> None:
    http = FakeHttp().on("POST", PUT, status=400, json_body=fault("InvalidSwap"))
    http.on("GET", GET, status=400, json_body=fault("RecordNotFound", "Could not locate record"))
    with pytest.raises(Unavailable):
        await desk(http).roles.publisher.send(part("Hi"))


# --- preparing ---


async def test_mentions_are_resolved_and_unknown_ones_dropped() -> None:
    http = FakeHttp()
    http.on("GET", RESOLVE, json_body={"did": "did:plc:bob"})
    http.on("GET", RESOLVE, status=400, json_body=fault("InvalidRequest", "Unable to resolve handle"))
    http.on("POST", PUT, json_body=written(RKEY))
    made = desk(http)
    outgoing = await _prepared(made, part("Thanks @Bob.example and @nobody.example!"))
    await made.roles.publisher.send(outgoing)
    assert [dict(r.params) for r in http.requests[:2]] == [{"handle": "bob.example"}, {"handle": "nobody.example"}]
    assert sent_record(http)["facets"] == [
        {
            "index": {"byteStart": 7, "byteEnd": 19},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:bob"}],
        }
    ]


async def test_a_resolver_in_trouble_is_waited_for() -> None:
    with pytest.raises(Unavailable):
        await desk(FakeHttp().on("GET", RESOLVE, status=502)).roles.publisher.prepare(part("@bob.example"), read_media)


async def test_pictures_carry_alt_text_shape_and_the_servers_type() -> None:
    http = FakeHttp()
    http.on("POST", UPLOAD, json_body=blob("image/jpeg"))
    http.on("POST", UPLOAD, json_body=blob("image/png"))
    http.on("POST", PUT, json_body=written(RKEY))
    made = desk(http)
    shots = (picture(), picture(alt="", width=0))
    outgoing = await _prepared(made, part("Look: https://a.example", media=shots))
    assert [(r.content, r.headers["Content-Type"]) for r in http.requests] == [
        (await read_media(shots[0]), "image/png")
    ] * 2
    assert {r.effect for r in http.requests} == {Effect.REPEATABLE}
    await made.roles.publisher.send(outgoing)
    ref = {"$link": "bafkreiblob"}
    assert sent_record(http)["embed"] == {
        "$type": "app.bsky.embed.images",
        "images": [
            {
                "image": {"$type": "blob", "ref": ref, "mimeType": "image/jpeg", "size": 12},
                "alt": "A chart",
                "aspectRatio": {"width": 1200, "height": 800},
            },
            {"image": {"$type": "blob", "ref": ref, "mimeType": "image/png", "size": 12}, "alt": ""},
        ],
    }
    assert http.pages == []


async def test_too_large_a_picture_is_refused_with_the_exact_limit() -> None:
    with pytest.raises(Refused, match=r"2,000,001 bytes; Bluesky takes at most 2,000,000"):
        await desk(FakeHttp()).roles.publisher.prepare(part("Hi", media=(picture(size=2_000_001),)), read_media)

    async def more_than_promised(picture: Picture) -> bytes:
        return b"x" * 2_000_001

    with pytest.raises(Refused, match="2,000,000"):
        await desk(FakeHttp()).roles.publisher.prepare(part("Hi", media=(picture(),)), more_than_promised)


@pytest.mark.parametrize("name", ["BlobTooLarge", "PayloadTooLarge"])
async def test_a_server_with_a_smaller_limit_refuses_in_its_own_words(name: str) -> None:
    sentence = "This file is too large. It is 1.5MB but the maximum size is 976.56KB."
    http = FakeHttp().on("POST", UPLOAD, status=400, json_body=fault(name, sentence))
    with pytest.raises(Refused, match=r"976\.56KB"):
        await desk(http).roles.publisher.prepare(part("Hi", media=(picture(),)), read_media)


async def test_a_file_that_the_server_takes_for_something_else_is_refused() -> None:
    http = FakeHttp().on("POST", UPLOAD, json_body=blob("text/html"))
    with pytest.raises(Refused, match="text/html"):
        await desk(http).roles.publisher.prepare(part("Hi", media=(picture(),)), read_media)


async def test_more_than_four_pictures_are_refused() -> None:
    with pytest.raises(Refused, match="at most 4"):
        await desk(FakeHttp()).roles.publisher.prepare(part("Hi", media=(picture(),) * 5), read_media)


async def test_handles_are_only_good_for_their_own_part() -> None:
    http = FakeHttp()
    http.on("GET", "/a", body=PAGE, headers=HTML).on("POST", PUT, json_body=written("second"))
    made = desk(http)
    first = await _prepared(made, part("https://x.example/a"))
    second = part("Plain", index=1, handles=first.handles, receipts=(receipt(RKEY),), key="k1")
    await made.roles.publisher.send(second)
    assert sent_record(http)["text"] == "Plain"


async def test_a_record_is_prepared_once_until_its_uploads_are_old() -> None:
    http = FakeHttp()
    for _ in range(2):
        http.on("POST", UPLOAD, json_body=blob())
    made = desk(http)
    once = await _prepared(made, part("Hi", media=(picture(),)))
    made.clock.at += timedelta(minutes=29)
    assert (await _prepared(made, once)).handles == once.handles
    assert len(http.requests) == 1
    made.clock.at += timedelta(minutes=1)
    again = await _prepared(made, once)
    http.finish()
    assert again.handles["record"] == once.handles["record"]


async def test_a_missing_preparation_is_no_reason_to_post_half() -> None:
    http = FakeHttp()
    for handles in ({}, {"record": "{", "rkey": RKEY}, {"record": '{"text":"Other"}', "rkey": RKEY}):
        with pytest.raises(Unavailable):
            await desk(http).roles.publisher.send(part("Hi", media=(picture(),), handles=handles))
    assert http.requests == []


# --- link cards ---


async def _embed(http: FakeHttp, text: str = "Read https://x.example/a, https://y.example", **options: Any) -> object:
    made = desk(http, **options)
    outgoing = await _prepared(made, part(text))
    return json.loads(outgoing.handles["record"]).get("embed")


async def test_the_first_link_gets_a_card_with_its_picture() -> None:
    http = FakeHttp()
    page = PAGE + b"<meta property=og:image content=/tide.jpg>"
    http.on("GET", "/a", body=page, headers=HTML)
    http.on("GET", "/tide.jpg", body=b"\xff\xd8\xff", headers={"Content-Type": "text/plain"})
    http.on("POST", UPLOAD, json_body=blob("image/jpeg", 3))
    assert await _embed(http) == {
        "$type": "app.bsky.embed.external",
        "external": {
            "uri": "https://x.example/a",
            "title": "Tides",
            "description": "How the sea moves",
            "thumb": {"$type": "blob", "ref": {"$link": "bafkreiblob"}, "mimeType": "image/jpeg", "size": 3},
        },
    }
    assert http.pages == ["https://x.example/a", "https://x.example/tide.jpg"]
    assert http.requests[0].headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    "page",
    [
        {"error": Unavailable("slow")},
        {"error": Refused("private")},
        {"status": 404, "body": PAGE, "headers": HTML},
        {"body": PAGE, "headers": {"Content-Type": "application/pdf"}},
        {"body": b"", "headers": HTML},
    ],
)
async def test_a_page_that_can_not_be_read_leaves_the_card_out(page: dict[str, Any]) -> None:
    assert await _embed(FakeHttp().on("GET", "/a", **page)) is None


class BadUrlHttp(FakeHttp):
    """A transport that trips over a person's odd link."""

    async def fetch_page(self, url: str, *, timeout: float = 3.0, max_bytes: int = 512_000) -> Any:
        raise ValueError(url)


async def test_an_odd_link_costs_only_the_card() -> None:
    assert await _embed(BadUrlHttp(), "https://x.example:99999/") is None


@pytest.mark.parametrize(
    "image",
    [
        {"status": 404},
        {"error": Unavailable("slow")},
        {"body": b"<svg/>"},
        {"body": b"\xff\xd8\xff" + b"x" * 1_000_000},
    ],
)
async def test_a_picture_that_can_not_be_used_leaves_the_card_without(image: dict[str, Any]) -> None:
    http = FakeHttp().on("GET", "/a", body=PAGE + b"<meta property=og:image content=/t.jpg>", headers=HTML)
    embed = await _embed(http.on("GET", "/t.jpg", **image))
    assert isinstance(embed, dict)
    assert "thumb" not in embed["external"]
    assert http.requests == []


async def test_a_refused_thumb_leaves_the_card_without() -> None:
    http = FakeHttp().on("GET", "/a", body=PAGE + b"<meta property=og:image content=/t.jpg>", headers=HTML)
    http.on("GET", "/t.jpg", body=b"\xff\xd8\xff").on("POST", UPLOAD, status=400, json_body=fault("BlobTooLarge"))
    embed = await _embed(http)
    assert isinstance(embed, dict)
    assert "thumb" not in embed["external"]


async def test_practice_fetches_no_page() -> None:
    http = FakeHttp()
    assert await _embed(http, practice=True) is None
    assert http.pages == []


# --- threads ---


async def test_a_thread_hangs_on_its_first_and_last_part() -> None:
    http = FakeHttp().on("POST", PUT, json_body=written("x"))
    earlier = (receipt("3kroot"), receipt("3kmiddle", number=1, cid="bafyreitwo"))
    proof = await desk(http).roles.publisher.send(part("And more.", index=2, receipts=earlier, key="k2"))
    assert sent_record(http)["reply"] == {
        "root": {"uri": f"at://{DID}/app.bsky.feed.post/3kroot", "cid": "bafyreione"},
        "parent": {"uri": f"at://{DID}/app.bsky.feed.post/3kmiddle", "cid": "bafyreitwo"},
    }
    assert sent_record(http)["createdAt"] == "2023-11-14T22:13:20.002Z"
    assert (proof.part, body(http.requests[0])["rkey"]) == (2, record_key(CLAIMED, 2, "k2"))


@pytest.mark.parametrize(
    "pasted", [f"https://bsky.app/profile/{HANDLE}/post/3kroot", f"at://{DID}/app.bsky.feed.post/3kroot"]
)
async def test_a_thread_resumes_after_a_person_gave_the_link(pasted: str) -> None:
    http = FakeHttp()
    uri = f"at://{DID}/app.bsky.feed.post/3kroot"
    for _ in range(2):
        http.on("GET", GET, json_body={"uri": uri, "cid": "bafyreilooked", "value": {"text": "One"}})
    http.on("POST", PUT, json_body=written("x"))
    made = desk(http)
    told = Receipt(part=0, remote_id=pasted, url=pasted, at=NOW)
    outgoing = part("Two", index=1, receipts=(told,))
    assert made.roles.publisher.needs_preparing(outgoing)
    await made.roles.publisher.send(await _prepared(made, outgoing))
    ref = {"uri": uri, "cid": "bafyreilooked"}
    assert sent_record(http)["reply"] == {"root": ref, "parent": ref}


@pytest.mark.parametrize("link", ["https://example.com/x", "at://did:plc:other/app.bsky.feed.post/3kroot", ""])
async def test_a_link_to_somewhere_else_is_refused(link: str) -> None:
    told = Receipt(part=0, remote_id=link, url=link, at=NOW)
    with pytest.raises(Refused):
        await desk(FakeHttp()).roles.publisher.prepare(part("Two", index=1, receipts=(told,)), read_media)


# --- finding and deleting ---


async def test_a_part_in_doubt_is_found_by_its_key_without_a_session() -> None:
    http = FakeHttp().on("GET", GET, json_body=_sitting("Hi"))
    finder = desk(http, credentials={**SIGNED_IN, "access_jwt": ""}).roles.finder
    assert finder is not None
    proof = await finder.find(part("Hi"))
    assert proof == Receipt(
        part=0,
        remote_id=URI,
        url=f"https://bsky.app/profile/{HANDLE}/post/{RKEY}",
        at=moment(CLAIMED, 0),
        extra={"uri": URI, "cid": "bafyreisitting"},
    )


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, fault("RecordNotFound", "Could not locate record: at://x")),
        (400, fault("InvalidRequest", "Could not locate record: at://x")),
        (200, _sitting("Somebody else's words")),
    ],
)
async def test_absent_is_certain(status: int, answer: dict[str, Any]) -> None:
    finder = desk(FakeHttp().on("GET", GET, status=status, json_body=answer)).roles.finder
    assert finder is not None
    assert await finder.find(part("Hi")) is None


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (400, fault("InvalidRequest", "Could not find repo"), OutcomeUnknown),
        (502, None, Unavailable),
        (200, [], Unavailable),
    ],
)
async def test_what_can_not_be_read_is_not_absent(status: int, answer: object, error: type[DeskError]) -> None:
    finder = desk(FakeHttp().on("GET", GET, status=status, json_body=answer)).roles.finder
    assert finder is not None
    with pytest.raises(error):
        await finder.find(part("Hi"))


async def test_deleting() -> None:
    path = "/xrpc/com.atproto.repo.deleteRecord"
    http = FakeHttp()
    for _ in range(3):
        http.on("POST", path, json_body={})
    deleter = desk(http).roles.deleter
    assert deleter is not None
    await deleter.delete(receipt("3kgone"))
    kinds = ("post", "threadgate", "postgate")
    sent = [{"repo": DID, "collection": f"app.bsky.feed.{kind}", "rkey": "3kgone"} for kind in kinds]
    assert [body(request) for request in http.requests] == sent
    assert {request.effect for request in http.requests} == {Effect.REPEATABLE}
