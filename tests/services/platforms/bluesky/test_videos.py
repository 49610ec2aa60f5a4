"""Videos on Bluesky over a scripted wire: vouched for, handed over, waited for, and frozen into the record."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.errors import DeskError, NeedsReauth, Refused, Unavailable
from services.domain.media import Attachment, MediaItem
from services.platforms.bluesky.keys import record_key
from services.ports.http import HttpRequest, Stream
from tests.fakes.http import FakeHttp
from tests.services.platforms.bluesky.support import (
    ACCESS,
    CLAIMED,
    DID,
    NOW,
    PDS,
    PUT,
    SIGNED_IN,
    Desk,
    bearer,
    desk,
    fault,
    part,
    read_media,
    sent_record,
    video,
    written,
)

if TYPE_CHECKING:
    from services.domain.ids import Digest
    from services.ports.platform import OutgoingPart

AUTH = "/xrpc/com.atproto.server.getServiceAuth"
LIMITS = "/xrpc/app.bsky.video.getUploadLimits"
UPLOAD = "/xrpc/app.bsky.video.uploadVideo"
STATUS = "/xrpc/app.bsky.video.getJobStatus"
SERVICE = "https://video.bsky.app"
RKEY = record_key(CLAIMED, 0, "k")
BLOB = {"$type": "blob", "ref": {"$link": "bafkreivideo"}, "mimeType": "video/mp4", "size": 3_000_000}
EMBED = {
    "$type": "app.bsky.embed.video",
    "video": BLOB,
    "alt": "A wave",
    "aspectRatio": {"width": 1080, "height": 1920},
}
FINE = {"canUpload": True, "remainingDailyVideos": 5, "remainingDailyBytes": 9_000_000_000}


async def pieces(item: MediaItem, start: int, length: int) -> bytes:
    return b"v" * max(0, min(length, item.size - start))


def job(state: str = "JOB_STATE_ENCODING", **more: object) -> dict[str, object]:
    return {"jobStatus": {"jobId": "j1", "did": DID, "state": state, **more}}


DONE = job("JOB_STATE_COMPLETED", blob=BLOB)


def asked(limits: object = FINE) -> FakeHttp:
    """The service says what it takes."""
    http = FakeHttp().on("GET", AUTH, json_body={"token": "limits.token"})
    return http.on("GET", LIMITS, json_body=limits)


def vouched() -> FakeHttp:
    """As far as handing over."""
    return asked().on("GET", AUTH, json_body={"token": "upload.token"})


def reading(http: FakeHttp, **more: Any) -> Desk:
    return desk(http, pieces=pieces, **more)


async def prepared(made: Desk, outgoing: OutgoingPart) -> dict[str, str]:
    return dict(await made.roles.publisher.prepare(outgoing, read_media))


async def embedded(made: Desk, outgoing: OutgoingPart) -> object:
    return json.loads((await prepared(made, outgoing))["record"])["embed"]


async def size_of(request: HttpRequest) -> int:
    assert isinstance(request.content, Stream)
    return sum([len(piece) async for piece in request.content.read()])


async def test_a_video_is_vouched_for_handed_over_and_frozen_into_the_record() -> None:
    http = vouched().on("POST", UPLOAD, json_body=job())
    http.on("GET", STATUS, json_body=job()).on("GET", STATUS, json_body=DONE)
    made = reading(http, extra_headers={"X-Gate": "open"})
    outgoing = part("Look", media=(video(),))
    assert made.roles.publisher.needs_preparing(outgoing)
    handles = await prepared(made, outgoing)
    first, limits, second, upload, *looks = http.requests
    until = str(int(NOW.timestamp()) + 29 * 60)
    assert first.url == second.url == f"{PDS}{AUTH}"
    assert (bearer(first), bearer(second)) == (ACCESS, ACCESS)
    assert list(first.params) == [
        ("aud", "did:web:video.bsky.app"),
        ("lxm", "app.bsky.video.getUploadLimits"),
        ("exp", until),
    ]
    assert list(second.params) == [
        ("aud", "did:web:amanita.us-east.host.bsky.network"),
        ("lxm", "com.atproto.repo.uploadBlob"),
        ("exp", until),
    ]
    assert (limits.url, bearer(limits)) == (f"{SERVICE}{LIMITS}", "limits.token")
    assert (upload.url, bearer(upload)) == (f"{SERVICE}{UPLOAD}", "upload.token")
    assert list(upload.params) == [("did", DID), ("name", "b" * 16 + ".mp4")]
    assert upload.headers["Content-Type"] == "video/mp4"
    assert await size_of(upload) == 3_000_000
    assert [(one.url, list(one.params), bearer(one)) for one in looks] == [
        (f"{SERVICE}{STATUS}", [("jobId", "j1")], "")
    ] * 2
    assert [("X-Gate" in one.headers) for one in http.requests] == [True, False, True, False, False, False]
    assert json.loads(handles["record"])["embed"] == EMBED
    http.on("POST", PUT, json_body=written(RKEY))
    await made.roles.publisher.send(replace(outgoing, handles=handles))
    assert sent_record(http)["embed"] == EMBED
    http.finish()


async def test_a_server_of_ones_own_on_this_machine_takes_videos_itself() -> None:
    http = vouched().on("POST", UPLOAD, json_body=DONE)
    credentials = {**SIGNED_IN, "pds": ""}
    made = reading(http, base_url="http://127.0.0.1:8123/bluesky", credentials=credentials)
    await prepared(made, part("Look", media=(video(),)))
    assert {one.url.split("/xrpc/")[0] for one in http.requests} == {"http://127.0.0.1:8123/bluesky"}
    assert http.requests[0].params[0] == http.requests[2].params[0] == ("aud", "did:web:127.0.0.1")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, DONE),
        (200, DONE["jobStatus"]),
        (409, {"error": "already_exists", "message": "Seen.", "jobId": "j1", "blob": BLOB}),
        (409, {"error": "already_exists", "jobStatus": {"jobId": "j1", "state": "JOB_STATE_COMPLETED", "blob": BLOB}}),
    ],
    ids=["done", "bare", "known", "known in an envelope"],
)
async def test_a_video_that_is_there_at_once_is_not_waited_for(status: int, answer: object) -> None:
    http = vouched().on("POST", UPLOAD, status=status, json_body=answer)
    assert await embedded(reading(http), part("Look", media=(video(),))) == EMBED


async def test_a_known_video_that_is_still_worked_on_is_waited_for() -> None:
    http = vouched().on("POST", UPLOAD, status=409, json_body={"error": "already_exists", "jobId": "j1"})
    http.on("GET", STATUS, json_body=DONE)
    assert await embedded(reading(http), part("Look", media=(video(),))) == EMBED


async def test_words_and_shape_are_left_out_when_nobody_knows_them() -> None:
    http = vouched().on("POST", UPLOAD, json_body=DONE)
    found = await embedded(reading(http), part("Look", media=(video(alt="", width=0),)))
    assert found == {"$type": "app.bsky.embed.video", "video": BLOB}


async def test_a_video_that_takes_long_is_gone_on_with() -> None:
    http = vouched().on("POST", UPLOAD, json_body=job())
    for _ in range(8):
        http.on("GET", STATUS, json_body=job())
    made = reading(http)
    outgoing = part("Look", media=(video(),))
    with pytest.raises(Unavailable, match="still processing") as caught:
        await prepared(made, outgoing)
    assert dict(caught.value.handles) == {"video_job": "j1"}
    assert (made.clock.now() - NOW).total_seconds() == 45
    again = replace(outgoing, handles=caught.value.handles)
    http.on("GET", STATUS, json_body=DONE)
    assert await embedded(made, again) == EMBED
    http.on("GET", STATUS, status=400, json_body=fault("InvalidRequest", "Job not found"))
    http.on("GET", AUTH, json_body={"token": "t"}).on("GET", LIMITS, json_body=FINE)
    http.on("GET", AUTH, json_body={"token": "t"}).on("POST", UPLOAD, json_body=DONE)
    assert await embedded(made, again) == EMBED
    http.finish()


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (job("JOB_STATE_FAILED", error="bad_codec", message="The codec is unknown."), Refused, "The codec is unknown"),
        (job("JOB_STATE_FAILED", error="bad_codec"), Refused, "bad_codec"),
        (job("JOB_STATE_FAILED", failureCode="encoding_failure"), Refused, "could not process"),
        (job("JOB_STATE_FAILED", failureCode="pds_upload_failure", message="Down."), Unavailable, "Down"),
        (job("JOB_STATE_COMPLETED"), Unavailable, "did not finish"),
        ({"jobStatus": {"state": "JOB_STATE_CREATED"}}, Unavailable, "did not finish"),
    ],
)
async def test_a_video_that_comes_to_nothing_says_why(told: object, kind: type[DeskError], words: str) -> None:
    http = vouched().on("POST", UPLOAD, json_body=told)
    with pytest.raises(kind, match=words) as caught:
        await prepared(reading(http), part("Look", media=(video(),)))
    assert caught.value.next_step
    assert not getattr(caught.value, "handles", None)


@pytest.mark.parametrize(
    ("limits", "kind", "words"),
    [
        (
            {"canUpload": False, "message": "Confirm your e-mail.", "error": "unconfirmed"},
            Refused,
            "Confirm your e-mail",
        ),
        ({"canUpload": False, "remainingDailyVideos": 0, "message": "Too many."}, Unavailable, "Too many"),
        ({"canUpload": True, "remainingDailyBytes": 2_999_999}, Unavailable, "used up"),
        ("nonsense", Unavailable, "not the expected JSON"),
    ],
)
async def test_what_is_more_than_the_service_takes_is_not_sent(
    limits: object, kind: type[DeskError], words: str
) -> None:
    http = asked(limits)
    with pytest.raises(kind, match=words):
        await prepared(reading(http), part("Look", media=(video(),)))
    assert [call for call in http.calls() if call.startswith("POST")] == []


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (503, "", Unavailable),
        (413, fault("PayloadTooLarge", "too large"), Refused),
        (400, fault("BlobTooLarge", "too large"), Refused),
        (400, fault("InvalidMimeType", "no video"), Refused),
        (401, fault("JwtExpired", "jwt expired"), Unavailable),
        (401, fault("AccountTakedown", "gone"), NeedsReauth),
        (200, "nonsense", Unavailable),
    ],
)
async def test_each_refusal_of_an_upload_has_its_consequence(
    status: int, answer: object, kind: type[DeskError]
) -> None:
    http = vouched().on("POST", UPLOAD, status=status, json_body=answer)
    with pytest.raises(kind) as caught:
        await prepared(reading(http), part("Look", media=(video(),)))
    assert "upload.token" not in f"{caught.value!r} {caught.value}"


async def test_a_pass_that_the_service_refuses_is_no_matter_of_the_session() -> None:
    http = FakeHttp().on("GET", AUTH, json_body={"token": "limits.token"})
    http.on("GET", LIMITS, status=401, json_body=fault("BadJwtAudience", "jwt audience does not match service did"))
    with pytest.raises(Unavailable, match="video service") as caught:
        await prepared(reading(http), part("Look", media=(video(),)))
    assert "limits.token" not in f"{caught.value!r} {caught.value}"
    http.on("GET", AUTH, status=401, json_body=fault("ExpiredToken", "Token has expired"))
    with pytest.raises(NeedsReauth) as ended:
        await prepared(reading(http), part("Look", media=(video(),)))
    assert ended.value.refreshable


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        (video(mime="video/quicktime"), "video/quicktime"),
        (video(size=300_000_001), "300,000,001 bytes"),
        (video(seconds=180.5), "at most 180"),
    ],
)
async def test_what_bluesky_would_not_take_is_not_uploaded(attachment: Attachment, words: str) -> None:
    http = FakeHttp()
    with pytest.raises(Refused, match=words) as caught:
        await prepared(reading(http), part("Look", media=(attachment,)))
    assert caught.value.fix
    assert http.requests == []


async def test_documents_are_not_taken() -> None:
    digest: Digest = video().item.digest
    paper = MediaItem(digest=digest, mime="application/pdf", width=0, height=0, size=9, pages=1)
    with pytest.raises(Refused, match="Bluesky takes none"):
        await prepared(reading(FakeHttp()), part("Look", media=(Attachment(item=paper),)))
