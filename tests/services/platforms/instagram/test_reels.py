"""Videos and stories on Instagram: fetched or sent as bytes, waited for, and found where stories are listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.errors import NeedsOperator, OutcomeUnknown, Refused, Unavailable
from services.domain.ids import Digest
from services.domain.media import Attachment, MediaItem, PictureSize, VideoFacts
from services.domain.post import Variant
from services.graph.publishing import CONTAINER, WAITED
from services.platforms.instagram import SPEC
from services.ports.http import HttpRequest, Stream
from services.ports.platform import Connection, Roles
from tests.fakes.http import FakeHttp
from tests.services.graph.support import MovingClock
from tests.services.platforms.instagram.test_adapter import (
    BASE,
    ME,
    account,
    nothing,
    part,
    picture,
    roles,
    signing_in,
)

if TYPE_CHECKING:
    from services.domain.media import Medium
    from services.ports.platform import OutgoingPart

CONTENT = b"a video"
PLACE = "https://rupload.facebook.com/ig-api-upload/v26.0/C0"


def film(seconds: float = 9.0, size: int = len(CONTENT), **changes: Any) -> Attachment:
    facts = VideoFacts(seconds=seconds, frame_rate=30.0, codec="h264", audio="aac")
    item = MediaItem(digest=Digest("7"), mime="video/mp4", width=540, height=960, size=size, video=facts)
    return Attachment(item=replace(item, **changes), alt="Waves")


def moving(**changes: Any) -> OutgoingPart:
    return part(media=(film(),), **changes)


async def pieces(_: MediaItem, start: int, length: int) -> bytes:
    return CONTENT[start : start + length]


def of_facebook(http: FakeHttp, *, known: bool = True) -> Roles:
    """The account by Facebook Login, of a desk that nobody out there can reach."""
    return SPEC.connect(
        Connection(
            credentials={"access_token": "EAAG", "user_id": ME},
            base_url=BASE,
            http=http,
            clock=MovingClock(),
            account=account() if known else None,
            pieces=pieces,
        )
    )


async def sent(outgoing: OutgoingPart) -> object:
    http = FakeHttp().on("POST", f"/v26.0/{ME}/media", json_body={"id": "C0"})
    http.on("GET", "/C0", json_body={"status_code": "FINISHED"})
    await roles(http).publisher.prepare(outgoing, nothing)
    http.finish()
    return http.requests[0].json


ADDRESS = "https://desk.example/pulled/7?video/mp4+video/quicktime"


async def test_a_video_is_a_reel() -> None:
    assert await sent(moving()) == {"media_type": "REELS", "video_url": ADDRESS, "caption": "Hello"}
    apart = await sent(moving(text="", options={"share_to_feed": "false"}))
    assert apart == {"media_type": "REELS", "video_url": ADDRESS, "share_to_feed": "false"}


async def test_a_story_has_one_thing_and_no_words() -> None:
    story = {"share_as": "story", "share_to_feed": "false"}
    assert await sent(moving(options=story)) == {"media_type": "STORIES", "video_url": ADDRESS}
    tall = part(media=(picture(width=56),), options=story)
    assert await sent(tall) == {"media_type": "STORIES", "image_url": "https://desk.example/pulled/1?image/jpeg"}


async def carousel(*media: Medium) -> list[object]:
    """What is asked of the network for several of them."""
    http = FakeHttp()
    for place in range(len(media)):
        http.on("POST", f"/{ME}/media", json_body={"id": f"C{place}"})
        http.on("GET", f"/C{place}", json_body={"status_code": "FINISHED"})
    http.on("POST", f"/{ME}/media", json_body={"id": "C"}).on("GET", "/C", json_body={"status_code": "FINISHED"})
    assert await roles(http).publisher.prepare(part(media=media), nothing) == {CONTAINER: "C"}
    http.finish()
    return [request.json for request in http.requests if request.method == "POST"]


async def test_pictures_and_videos_are_a_carousel_in_their_order() -> None:
    moving = {"media_type": "VIDEO", "video_url": ADDRESS, "is_carousel_item": "true"}
    still = {"image_url": "https://desk.example/pulled/2?image/jpeg", "alt_text": "A tide", "is_carousel_item": "true"}
    whole = {"media_type": "CAROUSEL", "caption": "Hello", "children": "C0,C1"}
    assert await carousel(film(), picture(2)) == [moving, still, whole]
    assert await carousel(picture(2), film()) == [still, moving, whole]
    assert (await carousel(film(), film()))[:2] == [moving, moving]
    assert len(await carousel(*[picture(n) for n in range(9)], film())) == 11


@pytest.mark.parametrize(
    ("outgoing", "reached", "told"),
    [
        (part(media=(picture(1), picture(2)), options={"share_as": "story"}), True, "2 pictures, Instagram takes 1"),
        (part(media=(film(), picture(2)), options={"share_as": "story"}), True, "2 pictures and videos, Instagram tak"),
        (part(media=(film(), *[picture(n) for n in range(10)])), True, "11 pictures and videos, Instagram takes 10."),
        (part(media=(picture(1), film(mime="video/webm"))), True, "video/webm"),
        (part(media=(film(), film(size=300_000_001))), True, "300,000,001"),
        (part(media=(film(), picture(width=79))), True, "of this shape"),
        (part(media=(film(), picture(1))), False, "fetches pictures"),
        (part(media=(film(), film())), False, "fetches videos"),
        (part(options={"share_as": "billboard"}), True, "billboard"),
        (part(media=(film(mime="video/webm"),)), True, "video/webm"),
        (part(media=(film(size=300_000_001),)), True, "300,000,001"),
        (part(media=(film(video=None, mime="application/pdf"),)), True, "document"),
        (moving(), False, "can't reach it"),
    ],
)
async def test_what_would_be_refused_is_not_sent(outgoing: OutgoingPart, reached: bool, told: str) -> None:
    http = FakeHttp()
    with pytest.raises(Refused, match=told):
        await roles(http, reached=reached).publisher.prepare(outgoing, nothing)
    assert http.requests == []


# -- bytes ---------------------------------------------------------------------------------------------------------


async def body_of(request: HttpRequest) -> bytes:
    assert isinstance(request.content, Stream)
    read: AsyncIterator[bytes] = request.content.read()
    return b"".join([piece async for piece in read])


@pytest.mark.parametrize("named", [True, False])
async def test_a_desk_out_of_reach_sends_the_bytes_itself(named: bool) -> None:
    made = {"id": "C0", "uri": PLACE} if named else {"id": "C0"}
    http = FakeHttp().on("POST", f"/{ME}/media", json_body=made)
    http.on("POST", "/ig-api-upload/v26.0/C0", json_body={"success": True})
    http.on("GET", "/C0", json_body={"status_code": "FINISHED"})
    handles = await of_facebook(http).publisher.prepare(moving(), nothing)
    assert handles == {CONTAINER: "C0"}
    begun, push, _ = http.requests
    assert begun.json == {"media_type": "REELS", "caption": "Hello", "upload_type": "resumable"}
    assert push.url == PLACE
    assert (push.headers["Authorization"], push.headers["offset"], push.headers["file_size"]) == (
        "OAuth EAAG",
        "0",
        "7",
    )
    assert await body_of(push) == CONTENT
    assert "EAAG" not in repr(push)


@pytest.mark.parametrize(
    "place", ["https://evil.example/a", "http://rupload.facebook.com/a", "https://notfacebook.com/a", "nowhere"]
)
async def test_bytes_and_token_go_nowhere_else(place: str) -> None:
    http = FakeHttp().on("POST", f"/{ME}/media", json_body={"id": "C0", "uri": place})
    with pytest.raises(NeedsOperator, match="not Meta's"):
        await of_facebook(http).publisher.prepare(moving(), nothing)
    assert len(http.requests) == 1


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, {"debug_info": {"retriable": False, "message": "Request processing failed"}}, Refused),
        (400, {"debug_info": {"retriable": True, "message": "Wait"}}, Unavailable),
        (500, {}, Unavailable),
        (412, {"debug_info": "odd"}, Unavailable),
        (400, {"error": {"code": 6000, "error_subcode": 1363030, "message": "Too late"}}, Unavailable),
    ],
)
async def test_an_upload_that_fails_says_whether_another_try_helps(
    status: int, answer: dict[str, Any], kind: type[Exception]
) -> None:
    http = FakeHttp().on("POST", f"/{ME}/media", json_body={"id": "C0", "uri": PLACE})
    http.on("POST", "/ig-api-upload/v26.0/C0", status=status, json_body=answer)
    with pytest.raises(kind) as caught:
        await of_facebook(http).publisher.prepare(moving(), nothing)
    assert getattr(caught.value, "handles", {}) == {}


async def test_what_a_desk_out_of_reach_can_post_depends_on_the_way_in() -> None:
    bytes_alone = (await of_facebook(signing_in(FakeHttp()), known=False).verifier.verify()).limits
    assert (bytes_alone.images, bytes_alone.mixed, bytes_alone.video) == (0, 0, SPEC.default_limits.video)
    nothing_at_all = (await roles(signing_in(FakeHttp()), known=False, reached=False).verifier.verify()).limits
    assert (nothing_at_all.images, nothing_at_all.mixed, nothing_at_all.video) == (0, 0, None)
    both = (await roles(signing_in(FakeHttp()), known=False).verifier.verify()).limits
    assert (both.images, both.mixed, both.video) == (10, 10, SPEC.default_limits.video)


# -- waiting and finding -------------------------------------------------------------------------------------------


async def test_a_slow_video_is_waited_for_again_and_not_begun_anew() -> None:
    http = FakeHttp().on("POST", f"/{ME}/media", json_body={"id": "C0"})
    for _ in range(15):
        http.on("GET", "/C0", json_body={"status_code": "IN_PROGRESS"})
    with pytest.raises(Unavailable) as slow:
        await roles(http).publisher.prepare(moving(), nothing)
    assert slow.value.handles == {WAITED: "C0"}
    http.on("GET", "/C0", json_body={"status_code": "FINISHED"})
    publisher = roles(http).publisher
    waiting = moving(handles=slow.value.handles)
    assert publisher.needs_preparing(waiting)
    assert await publisher.prepare(waiting, nothing) == {CONTAINER: "C0"}
    http.finish()


@pytest.mark.parametrize(
    ("state", "reason", "kind"),
    [
        ("ERROR", "Error: Media upload has failed with error code 2207026", Refused),
        ("ERROR", "Error: Media upload has failed with error code 2207052", NeedsOperator),
        ("EXPIRED", "Expired: Media was not published within 24 hours.", Unavailable),
    ],
)
async def test_a_video_that_comes_to_nothing_says_why(state: str, reason: str, kind: type[Exception]) -> None:
    http = FakeHttp().on("GET", "/C0", json_body={"status_code": state, "status": reason})
    with pytest.raises(kind) as caught:
        await roles(http).publisher.prepare(moving(handles={WAITED: "C0"}), nothing)
    assert getattr(caught.value, "handles", {}) == {}


def story(remote_id: str, at: str = "2026-11-23T09:00:10+0000") -> dict[str, str]:
    return {"id": remote_id, "timestamp": at, "permalink": f"https://i/stories/{remote_id}"}


async def test_a_story_whose_answer_was_lost_is_found_among_the_stories() -> None:
    outgoing = moving(options={"share_as": "story"}, handles={CONTAINER: "C1"})
    http = FakeHttp().on("GET", "/C1", json_body={"status_code": "PUBLISHED"})
    http.on("GET", f"/{ME}/stories", json_body={"data": [story("S1"), story("S0", "2026-11-23T08:00:00+0000")]})
    finder = roles(http).finder
    assert finder is not None
    found = await finder.find(outgoing)
    assert found is not None
    assert (found.remote_id, found.url) == ("S1", "https://i/stories/S1")
    http.on("GET", "/C1", json_body={"status_code": "PUBLISHED"}).on("GET", f"/{ME}/stories", json_body={"data": []})
    with pytest.raises(OutcomeUnknown, match="does not show it yet"):
        await finder.find(outgoing)


# -- what may be chosen --------------------------------------------------------------------------------------------


def problems(**changes: Any) -> list[str]:
    known = account()
    made: dict[str, Any] = {"account_id": known.id, "platform": known.platform, "parts": ("Hello",), **changes}
    return [problem.message for problem in SPEC.check_options(Variant(**made), known)]


def test_a_story_is_upright() -> None:
    chosen = {"share_as": "story"}
    assert SPEC.picture_for(chosen) == PictureSize(width=1080, height=1920)
    assert SPEC.picture_for({"share_as": "feed"}) == SPEC.picture_for({}) == SPEC.picture
    narrowest, widest = SPEC.limits_for(SPEC.default_limits, chosen).image_ratio or (0.0, 0.0)
    sizes = [(1080, 1920), (720, 1279), (750, 1334), (1081, 1920)]
    assert all(narrowest <= width / height <= widest for width, height in sizes)
    assert not any(narrowest <= width / height <= widest for width, height in [(1080, 1350), (1125, 2436)])


def test_a_story_shows_one_and_a_carousel_is_all_of_one_shape() -> None:
    story = SPEC.limits_for(SPEC.default_limits, {"share_as": "story"})
    assert (story.images, story.mixed, story.video) == (1, 0, SPEC.default_limits.video)
    assert SPEC.alike
    assert SPEC.limits_for(SPEC.default_limits, {"share_as": "feed"}) == SPEC.default_limits


async def test_bytes_are_for_one_video_alone() -> None:
    http = FakeHttp()
    with pytest.raises(Refused, match="fetches videos"):
        await of_facebook(http).publisher.prepare(part(media=(film(), film())), nothing)
    assert http.requests == []


def test_a_story_takes_one_short_thing() -> None:
    chosen = {"share_as": "story"}
    long = film(seconds=63.4, size=123_000_000)
    assert problems(options=chosen, media=(long,)) == [
        "The video is 63.4 seconds long; a story takes 60.",
        "The video has 123 MB; a story takes 100 MB.",
    ]
    assert problems(options=chosen, media=(film(seconds=60.0),)) == []
    assert problems(options=chosen, media=(picture(1),)) == []
    assert problems(media=(long, picture(1), picture(2))) == []
