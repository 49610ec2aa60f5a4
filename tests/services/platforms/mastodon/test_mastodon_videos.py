"""Videos and polls over a scripted wire: streamed, waited for, gone on from, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from services.domain.account import Limits, PollLimits
from services.domain.errors import NotFound, Refused, Unavailable
from services.domain.ids import AccountId, Digest
from services.domain.media import Attachment, MediaItem, Picture, VideoFacts
from services.domain.post import Variant
from services.platforms.mastodon import SPEC
from services.platforms.mastodon.instance import limits_of
from services.platforms.mastodon.models import WireInstance
from services.ports.http import Stream
from tests.fakes.http import FakeHttp
from tests.services.platforms.mastodon.helpers import (
    ME,
    MovingClock,
    account,
    instance,
    part,
    picture,
    receipt,
    roles,
    status,
)

POST: Final = "/api/v1/statuses"
UPLOAD: Final = "/api/v2/media"
MEDIA: Final = "/api/v1/media/m1"
WHOLE: Final = bytes(range(200))
LIMITS: Final = SPEC.default_limits


def video(mime: str = "video/mp4", alt: str = "Waves", **facts: Any) -> Attachment:
    known = {"size": len(WHOLE), "video": VideoFacts(seconds=3.0, frame_rate=25.0, codec="h264"), **facts}
    return Attachment(item=MediaItem(digest=Digest("b" * 64), mime=mime, width=64, height=48, **known), alt=alt)


async def pieces(item: MediaItem, start: int, length: int) -> bytes:
    assert item == video().item
    return WHOLE[start : start + length]


async def no_media(_: Picture) -> bytes:
    raise AssertionError


async def put(http: FakeHttp, clock: MovingClock | None = None, **fields: Any) -> dict[str, str]:
    publisher = roles(http, known=account(), clock=clock, pieces=pieces).publisher
    outgoing = part(**({"media": (video(),)} | fields))
    assert publisher.needs_preparing(outgoing)
    return dict(await publisher.prepare(outgoing, no_media))


async def test_a_video_is_read_while_it_is_sent_and_waited_for() -> None:
    clock = MovingClock()
    http = FakeHttp().on("POST", UPLOAD, status=202, json_body={"id": "m1"})
    http.on("GET", MEDIA, status=206, json_body={"id": "m1"}).on("GET", MEDIA, json_body={"id": "m1"})
    assert await put(http, clock) == {"media.0": "m1"}
    http.finish()
    first = http.requests[0]
    assert first.form == (("description", "Waves"),)
    [file] = first.uploads
    assert (file.name, file.filename, file.mime, file.length) == ("file", "video.mp4", "video/mp4", 200)
    assert isinstance(file.data, Stream)
    assert b"".join([piece async for piece in file.data.read()]) == WHOLE
    assert 300 < first.timeout < 900
    assert clock.slept == [1.0, 1.0]


async def test_slow_processing_is_left_to_the_next_try() -> None:
    clock = MovingClock()
    http = FakeHttp().on("POST", UPLOAD, status=202, json_body={"id": "m1"})
    for _ in range(8):
        http.on("GET", MEDIA, status=206, json_body={"id": "m1"})
    with pytest.raises(Unavailable, match="still processing") as caught:
        await put(http, clock)
    assert (sum(clock.slept), caught.value.handles) == (45.0, {"media.0": "m1"})
    http.on("GET", MEDIA, json_body={"id": "m1"})
    assert await put(http, handles=caught.value.handles) == {"media.0": "m1"}
    http.finish()


async def test_a_look_that_is_lost_is_no_reason_to_upload_again() -> None:
    http = FakeHttp().on("POST", UPLOAD, status=202, json_body={"id": "m1"}).on("GET", MEDIA, lost=True)
    with pytest.raises(Unavailable) as caught:
        await put(http)
    assert caught.value.handles == {"media.0": "m1"}


async def test_an_upload_of_before_that_came_to_nothing_says_so() -> None:
    http = FakeHttp().on("GET", MEDIA, status=422, json_body={"error": "Error processing"})
    with pytest.raises(Refused, match=r"could not process a file\..*Error processing") as caught:
        await put(http, handles={"media.0": "m1"})
    assert caught.value.fix.startswith("Save it anew")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ({"status": 422, "json_body": {"error": "Error processing"}}, Refused, "could not process .*Error processing"),
        ({"status": 404}, Unavailable, "lost a file"),
    ],
)
async def test_processing_that_comes_to_nothing(answer: dict[str, Any], error: type[Exception], words: str) -> None:
    http = FakeHttp().on("POST", UPLOAD, status=202, json_body={"id": "m1"}).on("GET", MEDIA, **answer)
    with pytest.raises(error, match=words) as caught:
        await put(http)
    assert not getattr(caught.value, "handles", {})


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        (video("video/ogg"), "The video is video/ogg, which the server does not take."),
        (video(size=103_809_025), "The video has 103,809,025 bytes, the server takes 103,809,024."),
        (video("application/pdf", video=None, pages=3), "This is a document, and the server takes none."),
        (video(alt="a" * 1501), "An alt text has 1501 characters, the server takes 1500."),
    ],
)
async def test_what_the_server_would_not_take_is_not_uploaded(attachment: Attachment, words: str) -> None:
    http = FakeHttp()
    with pytest.raises(Refused) as caught:
        await put(http, media=(attachment,))
    assert (caught.value.message, http.requests) == (words, [])


async def test_a_server_without_videos_is_sent_none() -> None:
    publisher = roles(FakeHttp(), known=account(replace(LIMITS, video=None)), pieces=pieces).publisher
    with pytest.raises(Refused, match="a video, and the server takes none"):
        await publisher.prepare(part(media=(video(),)), no_media)


async def test_a_connection_that_reads_no_files_says_so() -> None:
    http = FakeHttp().on("POST", UPLOAD, json_body={"id": "m1"})
    await roles(http, known=account()).publisher.prepare(part(media=(video(),)), no_media)
    film = http.requests[0].uploads[0].data
    assert isinstance(film, Stream)
    with pytest.raises(NotFound):
        assert [piece async for piece in film.read()] == []


async def test_a_status_shows_its_video_and_may_hide_it() -> None:
    http = FakeHttp().on("POST", POST, json_body=status("111"))
    options = {"sensitive": "yes"}
    shown = part(media=(video(),), handles={"media.0": "m1"}, options=options)
    await roles(http).publisher.send(shown)
    assert http.requests[0].json == {
        "status": "Hello",
        "visibility": "public",
        "sensitive": True,
        "media_ids": ["m1"],
    }
    http.on("POST", POST, json_body=status("112"))
    await roles(http).publisher.send(part(options=options))
    assert http.requests[1].json == {"status": "Hello", "visibility": "public"}
    with pytest.raises(Unavailable, match="not uploaded yet"):
        await roles(http).publisher.send(part(media=(video(),)))


async def test_a_video_that_is_not_ready_when_it_is_sent_is_kept() -> None:
    told = {"error": "Cannot attach files that have not finished processing. Try again in a moment!"}
    http = FakeHttp().on("POST", POST, status=422, json_body=told)
    handles = {"media.0": "m1"}
    with pytest.raises(Unavailable, match="still processing") as caught:
        await roles(http).publisher.send(part(media=(video(),), handles=handles))
    assert caught.value.handles == handles
    http.on("POST", POST, status=422, json_body={"error": "attachment m1 is no good"})
    http.on("GET", MEDIA, status=206, json_body={"id": "m1"})
    with pytest.raises(Unavailable, match="still processing") as caught:
        await roles(http).publisher.send(part(media=(video(),), handles=handles))
    assert caught.value.handles == handles


async def test_a_video_is_found_by_its_upload() -> None:
    http = FakeHttp()
    found = status("111", "", media_attachments=[{"id": "m1"}])
    http.on("GET", f"/api/v1/accounts/{ME}/statuses", json_body=[found])
    http.on("GET", f"/api/v1/accounts/{ME}/statuses", json_body=[])
    finder = roles(http, known=account()).finder
    assert finder is not None
    receipt_found = await finder.find(part("", media=(video(),), handles={"media.0": "m1"}))
    assert receipt_found is not None
    assert receipt_found.remote_id == "111"


# -- polls ---------------------------------------------------------------------------------------------------------


async def test_a_poll_goes_out_with_the_first_part_alone() -> None:
    options = {"poll": "Bow\n Stern  end\n\n", "poll_hours": "72", "poll_multiple": "yes"}
    http = FakeHttp().on("POST", POST, json_body=status("111")).on("POST", POST, json_body=status("112"))
    await roles(http).publisher.send(part("Which?", count=2, options=options))
    poll = {"options": ["Bow", "Stern end"], "expires_in": 259_200, "multiple": True}
    assert http.requests[0].json == {"status": "Which?", "visibility": "public", "poll": poll}
    await roles(http).publisher.send(part("Why?", index=1, count=2, receipts=(receipt("111"),), options=options))
    assert "poll" not in dict(http.requests[1].json)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("options", "more", "words"),
    [
        ({"poll": "Bow"}, {}, "1 answer"),
        ({"poll": "a\nb\nc\nd"}, {}, "4 answers; the server takes 2 to 3"),
        ({"poll": "Bow\n" + "s" * 9}, {}, "9 characters; the server takes 8"),
        ({"poll": "Bow\nBOW"}, {}, "the same"),
        ({"poll": "Bow\nStern"}, {"media": (picture(),)}, "beside a picture or video"),
        ({"poll": "Bow\nStern"}, {"media": (video(),)}, "beside a picture or video"),
        ({"poll": "Bow\nStern", "poll_hours": "168"}, {}, "168 hours"),
    ],
)
async def test_a_poll_that_the_server_would_not_take_is_refused_and_blocks(
    options: dict[str, str], more: dict[str, Any], words: str
) -> None:
    limits = replace(LIMITS, poll=PollLimits(answers=3, characters=8), choices=(("poll_hours", ("24", "1")),))
    http = FakeHttp()
    with pytest.raises(Refused, match=words):
        await roles(http, known=account(limits)).publisher.send(part("Which?", options=options, **more))
    assert http.requests == []
    variant = Variant(account_id=AccountId("a1"), platform=SPEC.slug, parts=("Which?",), options=options, **more)
    problems = list(SPEC.check_options(variant, account(limits)))
    assert [words in problem.message for problem in problems] == ([] if "hours" in words else [True])


def told(**configuration: Any) -> Limits:
    known = instance()["configuration"] | configuration
    return limits_of(WireInstance.model_validate(instance(configuration=known)))


def test_limits_of_videos_and_polls_are_the_servers_own() -> None:
    media = {"supported_mime_types": ["image/png", "video/webm"], "video_size_limit": 7, "video_matrix_limit": 8}
    polls = {"max_options": 10, "max_characters_per_option": 100, "min_expiration": 7200, "max_expiration": 90_000}
    limits = told(media_attachments={**media, "video_frame_rate_limit": 30}, polls=polls)
    assert limits.video is not None
    assert (limits.video.types, limits.video.size, limits.video.pixels) == (("video/webm",), 7, 8)
    assert limits.video.frame_rate == (0.0, 30.0)
    assert limits.poll == PollLimits(answers=10, characters=100)
    assert limits.choices_of("poll_hours") == ("24", "6", "12")


def test_a_server_may_have_neither() -> None:
    limits = told(media_attachments={"supported_mime_types": ["image/png"]}, polls={"max_options": 0})
    assert (limits.video, limits.poll) == (None, None)
    silent = told(media_attachments={}, polls={"max_options": "?"})
    assert (silent.video, silent.poll, silent.choices) == (LIMITS.video, LIMITS.poll, ())
    variant = Variant(account_id=AccountId("a1"), platform=SPEC.slug, parts=("?",), options={"poll": "a\nb"})
    assert [p.message for p in SPEC.check_options(variant, account(limits))] == [
        "There is a poll, and the server takes none."
    ]
