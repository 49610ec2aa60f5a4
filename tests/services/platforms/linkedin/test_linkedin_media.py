"""Videos, documents and polls on LinkedIn over a scripted wire: ranges, waiting, what is kept for the next try."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.domain.account import Account
from services.domain.errors import DeskError, NeedsOperator, OutcomeUnknown, Refused, Unavailable
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import Attachment, MediaItem, VideoFacts
from services.domain.post import Severity, Variant
from services.platforms.linkedin import SPEC
from services.ports.http import HttpRequest, Stream
from services.ports.platform import OutgoingPart
from tests.services.platforms.linkedin.helpers import (
    API,
    HOUR,
    MEMBER,
    NOW,
    PAGE,
    POSTS,
    TOKEN,
    URN,
    Desk,
    body,
    desk,
    duplicate_of,
    part,
    picture,
    post,
    read_media,
    refusal,
)

VIDEOS, DOCUMENTS = "/rest/videos", "/rest/documents"
VIDEO = "urn:li:video:V1"
PAPER = "urn:li:document:D1"
LOOK = "/rest/videos/urn%3Ali%3Avideo%3AV1"
FILE = bytes(range(256)) * 400
SECRET = "s3cret"


async def pieces(item: MediaItem, start: int, length: int) -> bytes:
    """The file behind every attachment here."""
    return FILE[: item.size][start : start + length]


def video(alt: str = "", **facts: Any) -> Attachment:
    given = {"mime": "video/mp4", "width": 1080, "height": 1080, "size": len(FILE), **facts}
    seconds = given.pop("seconds", 30.0)
    moving = VideoFacts(seconds=seconds, frame_rate=30.0, codec="h264", audio="aac")
    return Attachment(item=MediaItem(digest=Digest("b" * 64), video=moving, **given), alt=alt)


def paper(alt: str = "", *, size: int = 900, pages: int = 3, mime: str = "application/pdf") -> Attachment:
    item = MediaItem(digest=Digest("c" * 64), mime=mime, width=0, height=0, size=size, pages=pages)
    return Attachment(item=item, alt=alt)


def begun(one: Desk, cut: int = 60_000, host: str = "www.linkedin.com", **more: object) -> None:
    """The answer that names two places for a video's bytes."""
    where = f"https://{host}/dms-uploads/{SECRET}"
    ranges = [
        {"uploadUrl": f"{where}/1", "firstByte": 0, "lastByte": cut - 1},
        {"uploadUrl": f"{where}/2", "firstByte": cut, "lastByte": len(FILE) - 1},
    ]
    value = {"video": VIDEO, "uploadToken": "tok", "uploadInstructions": ranges, **more}
    one.http.on("POST", VIDEOS, json_body={"value": value})


def taken(one: Desk, number: int, etag: str = "") -> None:
    one.http.on("PUT", f"/{number}", status=200, body="", headers={"ETag": etag or f'"part-{number}"'})


def uploaded(one: Desk, *states: str) -> None:
    """A whole upload, with what one is told who asks afterwards."""
    begun(one)
    taken(one, 1)
    taken(one, 2)
    one.http.on("POST", VIDEOS, json_body={})
    for state in states:
        one.http.on("GET", LOOK, json_body={"id": VIDEO, "status": state})


def reading(**more: Any) -> Desk:
    return desk(pieces=pieces, **more)


async def prepared(one: Desk, outgoing: OutgoingPart) -> dict[str, str]:
    """The handles, with time passing while it waits."""
    work = asyncio.ensure_future(one.roles.publisher.prepare(outgoing, read_media))
    for _ in range(90):
        if work.done():
            break
        await one.clock.advance(1)
    return dict(await work)


async def carried(request: HttpRequest) -> bytes:
    assert isinstance(request.content, Stream)
    data = b"".join([piece async for piece in request.content.read()])
    assert len(data) == request.content.size
    return data


async def sent(one: Desk, outgoing: OutgoingPart) -> dict[str, Any]:
    one.http.on("POST", POSTS, status=201, body="", headers={"X-RestLi-Id": URN})
    await one.roles.publisher.send(outgoing)
    found: dict[str, Any] = body(one.http.requests[-1])["content"]
    return found


# -- videos --------------------------------------------------------------------------------------------------------


async def test_a_video_goes_out_in_the_ranges_that_linkedin_names() -> None:
    one = reading()
    uploaded(one, "PROCESSING", "AVAILABLE")
    shown = part("The tide turns.\nSee how.", media=(video("A wave breaks"),))
    assert one.roles.publisher.needs_preparing(shown)
    handles = await prepared(one, shown)
    begin, first, second, end, *_ = one.http.requests
    wish = {"owner": PAGE, "fileSizeBytes": len(FILE), "uploadCaptions": False, "uploadThumbnail": False}
    assert body(begin) == {"initializeUploadRequest": wish}
    assert (await carried(first), await carried(second)) == (FILE[:60_000], FILE[60_000:])
    assert {r.headers["Content-Type"] for r in (first, second)} == {"application/octet-stream"}
    parts = {"video": VIDEO, "uploadToken": "tok", "uploadedPartIds": ["part-1", "part-2"]}
    assert body(end) == {"finalizeUploadRequest": parts}
    assert set(handles) == {"attached", "made_at"}
    assert handles["attached"] == VIDEO
    assert SECRET not in repr(handles) + repr(one.http.requests[1].headers)
    content = await sent(one, replace(shown, handles=handles))
    assert content == {"media": {"id": VIDEO, "title": "A wave breaks", "altText": "A wave breaks"}}
    one.http.finish()


@pytest.mark.parametrize(
    ("text", "attachment", "title"),
    [
        ("  \nThe tide turns.\nSee how.", video(), "The tide turns."),
        ("@[Acme](urn:li:organization:1) ships", video(), "Acme ships"),
        ("x" * 140, video(), "x" * 99 + "…"),
        ("", video(), "Video"),
        ("Words", paper("The tides\nof 2026"), "The tides"),
        ("", paper(), "Document"),
    ],
)
async def test_a_title_is_the_first_line_there_is(text: str, attachment: Attachment, title: str) -> None:
    one = reading()
    content = await sent(one, part(text, media=(attachment,), handles={"attached": VIDEO}))
    assert content == {"media": {"id": VIDEO, "title": title}}


async def test_a_lost_range_is_sent_again_and_an_ended_place_is_not() -> None:
    one = reading()
    begun(one)
    one.http.on("PUT", "/1", status=503)
    one.http.on("PUT", "/1", lost=True)
    taken(one, 1)
    taken(one, 2)
    one.http.on("POST", VIDEOS, json_body={})
    one.http.on("GET", LOOK, json_body={"status": "AVAILABLE"})
    await prepared(one, part("Look", media=(video(),)))
    puts = [r for r in one.http.requests if r.method == "PUT"]
    assert [r.url[-1] for r in puts] == ["1", "1", "1", "2"]
    assert [await carried(r) for r in puts[:3]] == [FILE[:60_000]] * 3
    assert one.clock.slept == [1.0, 5.0]
    begun(one)
    one.http.on("PUT", "/1", status=403, json_body=refusal(403, "EXPIRED", "expired"))
    with pytest.raises(Unavailable, match="expired") as caught:
        await prepared(one, part("Look", media=(video(),)))
    assert dict(caught.value.handles) == {}
    assert SECRET not in f"{caught.value!r} {caught.value}"


async def test_a_range_that_is_never_taken_leaves_nothing() -> None:
    one = reading()
    begun(one)
    for _ in range(3):
        one.http.on("PUT", "/1", status=500)
    with pytest.raises(Unavailable):
        await prepared(one, part("Look", media=(video(),)))
    begun(one)
    for _ in range(3):
        one.http.on("PUT", "/1", status=200, body="")
    with pytest.raises(Unavailable, match="no name"):
        await prepared(one, part("Look", media=(video(),)))


@pytest.mark.parametrize(
    "ranges",
    [
        [(0, 9)],
        [(0, len(FILE) - 2)],
        [(1, len(FILE) - 1)],
        [(0, 99), (101, len(FILE) - 1)],
        [(0, 99), (50, len(FILE) - 1)],
        [],
    ],
)
async def test_ranges_that_are_not_the_file_are_no_answer(ranges: list[tuple[int, int]]) -> None:
    one = reading()
    told = [{"uploadUrl": f"{API}/up/{n}", "firstByte": a, "lastByte": b} for n, (a, b) in enumerate(ranges)]
    begun(one, uploadInstructions=told)
    with pytest.raises(Unavailable):
        await prepared(one, part("Look", media=(video(),)))
    assert len(one.http.requests) == 1


async def test_the_token_goes_to_linkedins_hosts_only() -> None:
    one = reading()
    begun(one, host="linkedin.com.evil.example")
    with pytest.raises(NeedsOperator) as caught:
        await prepared(one, part("Look", media=(video(),)))
    assert [call for call in one.http.calls() if call.startswith("PUT")] == []
    assert SECRET not in f"{caught.value!r} {caught.value}"


async def test_a_video_that_takes_long_is_gone_on_with() -> None:
    one = reading()
    uploaded(one, *["PROCESSING"] * 8)
    shown = part("Look", media=(video(),))
    with pytest.raises(Unavailable, match="still processing a video") as caught:
        await prepared(one, shown)
    handles = caught.value.handles
    assert handles["attached"] == VIDEO
    one.http.on("GET", LOOK, json_body={"status": "AVAILABLE"})
    again = replace(shown, handles=handles)
    assert await prepared(one, again) == dict(handles)
    one.http.on("GET", LOOK, status=500)
    with pytest.raises(Unavailable) as passing:
        await prepared(one, again)
    assert passing.value.handles == handles
    one.http.on("GET", LOOK, status=404, json_body=refusal(404, "NOT_FOUND", "x"))
    with pytest.raises(Unavailable, match="no longer") as gone:
        await prepared(one, again)
    assert dict(gone.value.handles) == {}
    one.clock.set(one.clock.now() + 13 * HOUR)
    uploaded(one, "AVAILABLE")
    assert (await prepared(one, again))["made_at"] > handles["made_at"]


async def test_a_video_that_cannot_be_processed_is_refused_with_the_reason() -> None:
    one = reading()
    uploaded(one)
    told = {"status": "PROCESSING_FAILED", "processingFailureReason": "The codec is unknown."}
    one.http.on("GET", LOOK, json_body=told)
    with pytest.raises(Refused, match="The codec is unknown") as caught:
        await prepared(one, part("Look", media=(video(),)))
    assert "MP4" in caught.value.fix


async def test_a_member_waits_blindly_and_again_when_it_was_too_early() -> None:
    one = reading(author=MEMBER)
    uploaded(one)
    shown = part("Look", media=(video(),))
    handles = await prepared(one, shown)
    assert one.clock.slept == [20.0]
    ready = replace(shown, handles=handles)
    early = refusal(400, "MEDIA_ASSET_WAITING_UPLOAD", "waiting")
    one.http.on("POST", POSTS, status=400, json_body=early)
    with pytest.raises(Unavailable) as caught:
        await one.roles.publisher.send(ready)
    assert caught.value.handles == handles
    assert await prepared(one, ready) == handles
    one.clock.set(one.clock.now() + HOUR)
    one.http.on("POST", POSTS, status=400, json_body=early)
    with pytest.raises(Unavailable) as late:
        await one.roles.publisher.send(ready)
    assert dict(late.value.handles) == {}


@pytest.mark.parametrize(
    ("code", "kind"), [("MEDIA_ASSET_NOT_FOUND", Unavailable), ("MEDIA_ASSET_PROCESSING_FAILED", Refused)]
)
async def test_an_upload_that_is_no_more_is_made_anew_or_given_up(code: str, kind: type[DeskError]) -> None:
    one = reading()
    one.http.on("POST", POSTS, status=400, json_body=refusal(400, code, "It is not there."))
    handles = {"attached": VIDEO, "made_at": NOW.isoformat()}
    with pytest.raises(kind) as caught:
        await one.roles.publisher.send(part("Look", media=(video(),), handles=handles))
    assert not getattr(caught.value, "handles", None)


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        (video(mime="video/webm"), "video/webm"),
        (video(size=74_999), "none below 75,000"),
        (video(size=500_000_001), "LinkedIn takes 500,000,000"),
        (video(seconds=2.5), "takes 3 to 1800"),
        (video(seconds=1801), "takes 3 to 1800"),
        (video(width=2500, height=1000), "too wide or too tall"),
        (video(width=1000, height=2500), "too wide or too tall"),
        (paper(mime="application/zip"), "application/zip"),
        (paper(size=100_000_001), "LinkedIn takes 100,000,000"),
        (paper(pages=301), "301 pages"),
    ],
)
async def test_what_linkedin_would_not_take_is_not_uploaded(attachment: Attachment, words: str) -> None:
    one = reading()
    with pytest.raises(Refused, match=words) as caught:
        await one.roles.publisher.prepare(part("Look", media=(attachment,)), read_media)
    assert caught.value.fix
    assert one.http.requests == []


async def test_a_post_is_found_by_its_video_whatever_its_words_became() -> None:
    one = reading()
    assert one.roles.finder is not None
    shown = part("Look", media=(video(),), handles={"attached": VIDEO}, since=NOW)
    other = post("urn:li:share:9", "Look elsewhere", content={"media": {"id": "urn:li:video:V9"}})
    ours = post(URN, "Cut off", content={"media": {"id": VIDEO, "title": "Look"}})
    one.http.on("GET", POSTS, json_body={"elements": [other, ours]})
    found = await one.roles.finder.find(shown)
    assert found is not None
    assert found.remote_id == URN
    one.http.on("GET", POSTS, json_body={"elements": [post(URN, "", content={"media": {"id": "urn:li:video:V9"}})]})
    with pytest.raises(OutcomeUnknown, match="nobody can tell"):
        await one.roles.finder.find(part("", media=(video(),), since=NOW))


async def test_a_named_duplicate_with_our_video_is_the_post() -> None:
    one = reading()
    shown = part("Look", media=(video(),), handles={"attached": VIDEO, "made_at": NOW.isoformat()})
    one.http.on("POST", POSTS, status=422, json_body=duplicate_of(URN))
    there = post(URN, "Look", NOW + timedelta(seconds=2), content={"media": {"id": VIDEO}})
    one.http.on("GET", URN.replace(":", "%3A"), json_body=there)
    assert (await one.roles.publisher.send(shown)).remote_id == URN


async def test_a_post_is_not_sent_without_its_video() -> None:
    one = reading()
    with pytest.raises(Unavailable, match="not uploaded"):
        await one.roles.publisher.send(part("Look", media=(video(),)))


# -- documents -----------------------------------------------------------------------------------------------------


async def test_a_document_goes_out_whole_and_has_a_title() -> None:
    one = reading()
    value = {"uploadUrl": f"https://www.linkedin.com/dms-uploads/{SECRET}", "document": PAPER}
    one.http.on("POST", DOCUMENTS, json_body={"value": value})
    one.http.on("PUT", f"/{SECRET}", status=201, body="")
    one.http.on("GET", "/rest/documents/urn%3Ali%3Adocument%3AD1", json_body={"status": "AVAILABLE"})
    shown = part("Read", media=(paper("The tides of 2026"),))
    handles = await prepared(one, shown)
    assert body(one.http.requests[0]) == {"initializeUploadRequest": {"owner": PAGE}}
    assert await carried(one.http.requests[1]) == FILE[:900]
    assert one.http.requests[1].headers["Authorization"] == f"Bearer {TOKEN}"
    content = await sent(one, replace(shown, handles=handles))
    assert content == {"media": {"id": PAPER, "title": "The tides of 2026"}}


# -- polls ---------------------------------------------------------------------------------------------------------

POLL = {"poll": "Yes\n\n  No  \nMaybe", "poll_question": " Is it late? "}


def account() -> Account:
    return Account(
        id=AccountId("1"),
        platform=PlatformSlug("linkedin"),
        handle="driftseas",
        name="Drift Seas",
        remote_id=PAGE,
        base_url=API,
        dedupe=SPEC.dedupe,
        limits=SPEC.default_limits,
        limits_at=NOW,
        created_at=NOW,
    )


def told(options: dict[str, str], **more: Any) -> list[str]:
    """What blocks in a variant."""
    variant = Variant(account_id=AccountId("1"), platform=SPEC.slug, parts=("Hello",), options=options, **more)
    found = list(SPEC.check_options(variant, account()))
    assert {one.severity for one in found} <= {Severity.BLOCK}
    assert all(one.fix for one in found)
    return [one.message for one in found]


@pytest.mark.parametrize("author", [PAGE, MEMBER])
async def test_a_poll_is_asked_by_pages_and_members_alike(author: str) -> None:
    one = desk(author=author)
    outgoing = part("Tell us https://example.com/ship", options=POLL)
    assert not one.roles.publisher.needs_preparing(outgoing)
    assert await sent(one, outgoing) == {
        "poll": {
            "question": "Is it late?",
            "options": [{"text": "Yes"}, {"text": "No"}, {"text": "Maybe"}],
            "settings": {"duration": "ONE_DAY"},
        }
    }
    longer = part("Tell us", options={**POLL, "poll_duration": "FOURTEEN_DAYS"})
    assert (await sent(one, longer))["poll"]["settings"] == {"duration": "FOURTEEN_DAYS"}
    assert told(POLL) == []
    assert told({}) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"poll_question": ""}, "no question"),
        ({"poll_question": "a" * 141}, "141 characters; LinkedIn takes 140"),
        ({"poll": ""}, "has no answers"),
        ({"poll": "Yes"}, "1 answer; LinkedIn takes 2 to 4"),
        ({"poll": "1\n2\n3\n4\n5"}, "5 answers"),
        ({"poll": "Yes\n" + "a" * 31}, "31 characters"),
        ({"poll": "Yes\nYes"}, "the same"),
        ({"poll_duration": "ONE_YEAR"}, "length"),
    ],
)
async def test_a_poll_that_cannot_be_blocks_and_is_never_sent(wrong: dict[str, str], words: str) -> None:
    [message] = told({**POLL, **wrong})
    assert words in message
    one = desk()
    with pytest.raises(Refused, match=words):
        await one.roles.publisher.send(part("Tell us", options={**POLL, **wrong}))
    assert one.http.requests == []


async def test_a_poll_stands_alone() -> None:
    for shown in ({"media": (picture(),)}, {"media": (video(),)}):
        [message] = told(POLL, **shown)
        with pytest.raises(Refused) as caught:
            await desk().roles.publisher.send(part("Tell us", options=POLL, **shown))
        assert (caught.value.message, "poll" in message) == (message, True)


def test_a_video_that_is_too_small_is_told_beforehand() -> None:
    assert told({}, media=(video(size=74_999),)) == ["The video has 74,999 bytes, LinkedIn takes none below 75,000."]
    assert told({}, media=(video(),)) == []
    assert told({}, media=(paper(),)) == []
