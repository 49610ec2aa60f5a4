"""Videos, reels and stories of a Page: sent in pieces, published once, watched, and found by the video itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.errors import DeskError, OutcomeUnknown, Refused, StillWorking, Unavailable
from services.domain.ids import Digest
from services.domain.media import Attachment, MediaItem, PictureSize, VideoFacts
from services.domain.post import Variant
from services.platforms.facebook import SPEC
from services.platforms.facebook.videos import Stage, read_look
from services.ports.http import Effect, HttpRequest, Stream
from services.ports.platform import Connection, Roles
from tests.fakes.http import FakeHttp
from tests.services.graph.support import MovingClock, fault
from tests.services.platforms.facebook.test_adapter import BASE, PAGE, account, listing, part, picture, post, read

if TYPE_CHECKING:
    from services.ports.platform import OutgoingPart

CONTENT = bytes(range(10))
READY = {"video_status": "ready", "publishing_phase": {"status": "complete", "publish_status": "published"}}
BUSY = {"video_status": "processing", "uploading_phase": {"status": "complete"}}
WAITS = {"video_status": "upload_complete", "publishing_phase": {"status": "not_started"}}
BROKEN = {
    "video_status": "error",
    "processing_phase": {"status": "error", "errors": [{"code": 1363008, "message": "Resolution too low."}]},
}


def film(seconds: float = 9.0, size: int = len(CONTENT), **changes: Any) -> Attachment:
    facts = VideoFacts(seconds=seconds, frame_rate=30.0, codec="h264")
    item = MediaItem(digest=Digest("7"), mime="video/mp4", width=1080, height=1920, size=size, video=facts)
    return Attachment(item=replace(item, **changes), alt="Waves")


def moving(chosen: str = "", **changes: Any) -> OutgoingPart:
    return part(media=(film(),), options={"share_as": chosen} if chosen else {}, **changes)


async def pieces(_: MediaItem, start: int, length: int) -> bytes:
    return CONTENT[start : start + length]


def roles(http: FakeHttp, clock: MovingClock | None = None) -> Roles:
    return SPEC.connect(
        Connection(
            credentials={"access_token": "EAAP", "page_id": PAGE},
            base_url=BASE,
            http=http,
            clock=clock or MovingClock(),
            account=account(),
            pieces=pieces,
        )
    )


def offsets(start: int, end: int, **more: str) -> dict[str, str]:
    return {"start_offset": str(start), "end_offset": str(end), **more}


BEGUN = offsets(0, 6, video_id="V1", upload_session_id="S1")
SENT = {"video": "V1", "session": "S1"}


def phase(request: HttpRequest) -> str:
    return dict(request.params)["upload_phase"]


# -- sending -------------------------------------------------------------------------------------------------------


async def test_a_video_goes_up_piece_by_piece_and_nothing_is_public() -> None:
    http = FakeHttp().on("POST", f"/{PAGE}/videos", json_body=BEGUN)
    http.on("POST", f"/{PAGE}/videos", json_body=offsets(6, 10)).on(
        "POST", f"/{PAGE}/videos", json_body=offsets(10, 10)
    )
    publisher = roles(http).publisher
    assert publisher.needs_preparing(moving())
    assert await publisher.prepare(moving(), read) == SENT
    assert not publisher.needs_preparing(moving(handles=SENT))
    assert await publisher.prepare(moving(handles=SENT), read) == SENT
    begin, one, two = http.requests
    assert (phase(begin), dict(begin.form)) == ("start", {"file_size": "10"})
    assert [(phase(r), dict(r.form)["start_offset"], r.uploads[0].data) for r in (one, two)] == [
        ("transfer", "0", CONTENT[:6]),
        ("transfer", "6", CONTENT[6:]),
    ]
    assert {r.effect for r in http.requests} == {Effect.REPEATABLE}


async def test_an_upload_that_breaks_off_goes_on_where_it_stopped() -> None:
    http = FakeHttp().on("POST", "/videos", json_body=BEGUN).on("POST", "/videos", json_body=offsets(6, 10))
    http.on("POST", "/videos", lost=True)
    with pytest.raises(Unavailable) as broken:
        await roles(http).publisher.prepare(moving(), read)
    assert broken.value.handles == {"begun": "V1", "session": "S1", "start": "6", "end": "10"}
    http.on("POST", "/videos", json_body=offsets(10, 10))
    again = moving(handles=broken.value.handles)
    assert roles(http).publisher.needs_preparing(again)
    assert await roles(http).publisher.prepare(again, read) == SENT
    assert dict(http.requests[-1].form)["start_offset"] == "6"


async def test_a_piece_whose_answer_was_lost_is_not_sent_twice() -> None:
    http = FakeHttp().on("POST", "/videos", json_body=BEGUN)
    http.on("POST", "/videos", status=400, json_body=fault(6000, 1363037, error_data=offsets(6, 10)))
    http.on("POST", "/videos", json_body=offsets(10, 10))
    assert await roles(http).publisher.prepare(moving(), read) == SENT
    assert [r.uploads[0].data for r in http.requests[1:]] == [CONTENT[:6], CONTENT[6:]]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([BEGUN, fault(6000, 1363037, error_data=offsets(0, 6))], Unavailable),
        ([BEGUN, fault(6000, 1363037, error_data="odd")], Unavailable),
        ([BEGUN, fault(6000, 1363030)], Unavailable),
        ([BEGUN, fault(6000, 1363037)], Unavailable),
        ([BEGUN, fault(6000)], Refused),
        ([BEGUN, offsets(0, 6)], Unavailable),
        ([BEGUN, offsets(8, 99)], Unavailable),
        ([BEGUN, {}], Unavailable),
        ([{}], Unavailable),
        ([{**BEGUN, "video_id": ""}], Unavailable),
        ([fault(6000, 1363023)], Refused),
    ],
)
async def test_an_upload_that_came_to_nothing_is_begun_anew(
    answers: list[dict[str, Any]], kind: type[DeskError]
) -> None:
    http = FakeHttp()
    for answer in answers:
        http.on("POST", "/videos", status=400 if "error" in answer else 200, json_body=answer)
    with pytest.raises(kind) as caught:
        await roles(http).publisher.prepare(moving(), read)
    assert getattr(caught.value, "handles", {}) == {}


@pytest.mark.parametrize(("chosen", "edge"), [("reel", "video_reels"), ("story", "video_stories")])
async def test_a_reel_and_a_story_go_up_as_one_body(chosen: str, edge: str) -> None:
    place = "https://rupload.facebook.com/video-upload/v26.0/V1"
    http = FakeHttp().on("POST", f"/{PAGE}/{edge}", json_body={"video_id": "V1", "upload_url": place})
    http.on("POST", "/video-upload/v26.0/V1", json_body={"success": True})
    assert await roles(http).publisher.prepare(moving(chosen), read) == {"video": "V1"}
    push = http.requests[1]
    assert (push.url, push.headers["Authorization"], push.headers["file_size"]) == (place, "OAuth EAAP", "10")
    assert isinstance(push.content, Stream)
    http.on("POST", f"/{PAGE}/{edge}", json_body={"video_id": "V1"})
    with pytest.raises(Unavailable):
        await roles(http).publisher.prepare(moving(chosen), read)


# -- publishing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "edge", "fields"),
    [
        ("", "videos", {"upload_session_id": "S1", "description": "Hello"}),
        ("reel", "video_reels", {"video_id": "V1", "video_state": "PUBLISHED", "description": "Hello"}),
    ],
)
async def test_one_call_publishes_it_and_a_few_looks_find_it(chosen: str, edge: str, fields: dict[str, str]) -> None:
    http, clock = FakeHttp().on("POST", f"/{PAGE}/{edge}", json_body={"success": True}), MovingClock()
    http.on("GET", "/V1", json_body={"status": BUSY}).on("GET", "/V1", json_body={"status": READY, "post_id": "9"})
    http.on("GET", f"/{PAGE}_9", json_body=post(f"{PAGE}_9"))
    receipt = await roles(http, clock).publisher.send(moving(chosen, handles=SENT))
    assert (receipt.remote_id, receipt.url) == (f"{PAGE}_9", f"https://www.facebook.com/{PAGE}_9")
    commit = http.requests[0]
    assert (phase(commit), commit.effect, dict(commit.form)) == ("finish", Effect.IRREVERSIBLE, fields)
    assert clock.slept == [1.0, 2.0]


async def test_a_story_shows_no_words_and_is_named_at_once() -> None:
    http = FakeHttp().on("POST", f"/{PAGE}/video_stories", json_body={"success": True, "post_id": "9"})
    http.on("GET", f"/{PAGE}_9", status=400, json_body=fault(100, 33))
    receipt = await roles(http).publisher.send(moving("story", handles=SENT))
    assert (receipt.remote_id, receipt.url) == (f"{PAGE}_9", f"https://www.facebook.com/{PAGE}_9")
    assert dict(http.requests[0].form) == {"video_id": "V1"}


async def test_what_takes_longer_is_watched_until_it_is_live() -> None:
    http = FakeHttp().on("POST", "/videos", json_body={"success": True})
    for _ in range(3):
        http.on("GET", "/V1", json_body={"status": BUSY})
    with pytest.raises(StillWorking) as working:
        await roles(http).publisher.send(moving(handles=SENT))
    assert working.value.handles == SENT
    watcher = roles(http).watcher
    assert watcher is not None
    http.on("GET", "/V1", json_body={"status": BUSY})
    assert await watcher.watch(moving(handles=SENT)) is None
    told = {"status": READY, "permalink_url": "/reel/1/", "created_time": "2026-11-23T09:00:10+0000"}
    http.on("GET", "/V1", json_body=told)
    live = await watcher.watch(moving(handles=SENT))
    assert live is not None
    assert (live.remote_id, live.url) == ("V1", "https://www.facebook.com/reel/1/")
    http.on("GET", "/V1", json_body={"status": BROKEN})
    with pytest.raises(Refused, match="Resolution too low"):
        await watcher.watch(moving(handles=SENT))


async def test_a_look_that_fails_says_nothing_about_the_post() -> None:
    http = FakeHttp().on("POST", "/videos", json_body={"success": True}).on("GET", "/V1", lost=True)
    with pytest.raises(StillWorking):
        await roles(http).publisher.send(moving(handles=SENT))
    http.on("POST", "/videos", json_body={"success": True}).on("GET", "/V1", json_body={"status": BROKEN})
    with pytest.raises(Refused, match="Resolution too low"):
        await roles(http).publisher.send(moving(handles=SENT))


async def test_an_answer_that_says_nothing_is_in_doubt() -> None:
    with pytest.raises(OutcomeUnknown):
        await roles(FakeHttp().on("POST", "/videos", json_body={})).publisher.send(moving(handles=SENT))
    with pytest.raises(Unavailable):
        await roles(FakeHttp()).publisher.send(moving())


async def test_what_was_published_before_is_refused_and_found() -> None:
    def refusing(**look: Any) -> FakeHttp:
        return FakeHttp().on("POST", "/videos", status=400, json_body=fault(100, 33)).on("GET", "/V1", **look)

    live = refusing(json_body={"status": READY, "post_id": f"{PAGE}_9"})
    live.on("GET", f"/{PAGE}_9", json_body=post(f"{PAGE}_9"))
    assert (await roles(live).publisher.send(moving(handles=SENT))).remote_id == f"{PAGE}_9"
    for look, kind in (
        ({"json_body": {"status": WAITS}}, Refused),
        ({"json_body": {"status": BROKEN}}, Refused),
        ({"status": 400, "json_body": fault(100, 33)}, Refused),
        ({"json_body": {"status": BUSY}}, StillWorking),
        ({"lost": True}, OutcomeUnknown),
    ):
        with pytest.raises(kind):
            await roles(refusing(**look)).publisher.send(moving(handles=SENT))
    expired = FakeHttp().on("POST", "/videos", status=400, json_body=fault(6000, 1363030))
    expired.on("GET", "/V1", json_body={"status": {"video_status": "expired"}})
    with pytest.raises(Unavailable):
        await roles(expired).publisher.send(moving(handles=SENT))


# -- a lost answer -------------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_told_by_the_video() -> None:
    async def found(**look: Any) -> str | None:
        http = FakeHttp().on("GET", "/V1", **look).on("GET", f"/{PAGE}_9", json_body=post(f"{PAGE}_9"))
        finder = roles(http).finder
        assert finder is not None
        receipt = await finder.find(moving(handles=SENT))
        return None if receipt is None else receipt.remote_id

    assert await found(json_body={"status": READY, "post_id": "9"}) == f"{PAGE}_9"
    assert await found(json_body={"status": WAITS}) is None
    assert await found(json_body={"status": BROKEN}) is None
    assert await found(status=400, json_body=fault(100, 33)) is None
    with pytest.raises(StillWorking):
        await found(json_body={"status": BUSY})


@pytest.mark.parametrize(
    ("video", "stage"),
    [
        ({}, Stage.WORKING),
        ({"status": "odd"}, Stage.WORKING),
        ({"status": {"video_status": "a word of tomorrow"}}, Stage.WORKING),
        ({"status": {"video_status": "uploading"}}, Stage.THERE),
        ({"status": {"video_status": "upload_complete", "processing_phase": {"status": "in_progress"}}}, Stage.WORKING),
        ({"status": {"video_status": "expired"}}, Stage.THERE),
        ({"status": {"video_status": "upload_failed"}}, Stage.FAILED),
        ({"status": {"processing_phase": {"status": "error", "error": {"message": "No."}}}}, Stage.FAILED),
        ({"status": BUSY, "post_id": "9"}, Stage.LIVE),
    ],
)
def test_a_look_is_read_with_care(video: dict[str, Any], stage: Stage) -> None:
    assert read_look(video).stage is stage


# -- stories with a photo ------------------------------------------------------------------------------------------


async def test_a_photo_is_a_story_and_is_found_among_them() -> None:
    options, handles = {"share_as": "story"}, {"photo.0": "71"}
    http = FakeHttp().on("POST", f"/{PAGE}/photo_stories", json_body={"success": True, "post_id": "9"})
    http.on("GET", f"/{PAGE}_9", json_body=post(f"{PAGE}_9"))
    outgoing = part(media=(picture(),), options=options, handles=handles)
    assert (await roles(http).publisher.send(outgoing)).remote_id == f"{PAGE}_9"
    assert dict(http.requests[0].form) == {"photo_id": "71"}
    finder = roles(http).finder
    assert finder is not None
    http.on("GET", "/stories", json_body=listing({"post_id": "9", "media_id": "71"}))
    http.on("GET", f"/{PAGE}_9", json_body=post(f"{PAGE}_9"))
    found = await finder.find(outgoing)
    assert found is not None
    assert found.remote_id == f"{PAGE}_9"
    http.on("GET", "/stories", json_body=listing({"post_id": "8", "media_id": "70"}))
    with pytest.raises(OutcomeUnknown, match="archive"):
        await finder.find(outgoing)


# -- what may be chosen --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outgoing", "told"),
    [
        (part(options={"share_as": "reel"}, media=(picture(),)), "A reel is a video."),
        (part(options={"share_as": "story"}, media=(picture(1), picture(2))), "A story shows one picture."),
        (part(options={"share_as": "billboard"}, media=(picture(),)), 'Facebook shares nothing as "billboard".'),
        (part(media=(film(mime="video/webm"),)), "The video is video/webm, which Facebook does not take."),
        (part(media=(film(video=None, mime="application/pdf"),)), "This is a document, and Facebook takes none."),
    ],
)
async def test_what_would_be_refused_is_not_sent(outgoing: OutgoingPart, told: str) -> None:
    http = FakeHttp()
    with pytest.raises(Refused) as caught:
        await roles(http).publisher.prepare(outgoing, read)
    assert (caught.value.message, http.requests) == (told, [])


async def test_a_story_of_words_alone_is_not_sent() -> None:
    http = FakeHttp()
    with pytest.raises(Refused, match="one picture"):
        await roles(http).publisher.send(part(options={"share_as": "story"}))
    assert http.requests == []


def problems(chosen: str, **changes: Any) -> list[str]:
    known = account()
    made: dict[str, Any] = {"account_id": known.id, "platform": known.platform, "parts": ("Hello",), **changes}
    return [one.message for one in SPEC.check_options(Variant(options={"share_as": chosen}, **made), known)]


def test_a_reel_and_a_story_have_their_measures() -> None:
    wide = {"width": 1920, "height": 1080}
    for chosen in ("reel", "story"):
        assert problems(chosen, media=(film(),)) == []
        assert problems(chosen, media=(film(width=540, height=960),)) == []
        [message] = problems(chosen, media=(film(**wide),))
        assert message == f"The video is 1920 × 1080; a {chosen} is nine wide and sixteen high."
        [message] = problems(chosen, media=(film(width=360, height=640),))
        assert message == f"The video is 360 × 640; a {chosen} has at least 540 × 960."
    assert problems("reel", media=(film(seconds=75.0),)) == []
    assert problems("story", media=(film(seconds=75.0),)) == ["The video is 75 seconds long; a story takes 3 to 60."]
    assert problems("reel", media=(film(seconds=2.0),)) == ["The video is 2 seconds long; a reel takes 3 to 90."]
    assert problems("reel", media=(film(size=1_100_000_000),)) == ["The video has 1100 MB; a reel takes 1000 MB."]
    assert problems("feed", media=(film(seconds=999.0, **wide),)) == []
    assert problems("reel", media=(picture(),)) == ["A reel is a video."]
    assert problems("story", media=(picture(),)) == []
    assert problems("story") == ["A story shows a picture or a video; there is none."]


def test_a_story_of_a_page_shows_one_thing_in_whatever_shape_it_has() -> None:
    story = SPEC.limits_for(SPEC.default_limits, {"share_as": "story"})
    assert (story.images, story.mixed, story.video) == (1, 0, SPEC.default_limits.video)
    assert story.image_ratio is None
    assert SPEC.picture_for({"share_as": "story"}) == PictureSize(width=1080, height=1920)
    assert SPEC.limits_for(SPEC.default_limits, {"share_as": "reel"}) == SPEC.default_limits
