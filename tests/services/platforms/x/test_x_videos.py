"""Videos and moving GIFs on X over a scripted wire: pieces, waiting, going on, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from services.content.attachments import picture_problems
from services.domain.errors import Refused, Unavailable
from services.domain.ids import Digest
from services.domain.media import Attachment, MediaItem, Picture, VideoFacts
from services.platforms.x import SPEC
from services.platforms.x.uploads import PIECE
from services.ports.http import Effect
from tests.services.platforms.x.helpers import (
    NOW,
    TIMELINE,
    TWEETS,
    UPLOAD,
    Desk,
    body,
    desk,
    listed,
    number,
    part,
    picture,
    post,
    problem,
    read_media,
)

FACTS: Final = VideoFacts(seconds=3.0, frame_rate=25.0, codec="h264", audio="aac")
INITIALIZE: Final = f"{UPLOAD}/initialize"
APPEND: Final = "/501/append"
FINALIZE: Final = "/501/finalize"
UNTIL: Final = (NOW + timedelta(days=1)).isoformat()
DONE: Final = {"media.0": "501", "media.until": UNTIL}
DROPPED: Final = problem("invalid-request", "Invalid Request", "Your media IDs are invalid.", 400)


def video(size: int = 2 * PIECE + 5, mime: str = "video/mp4", **facts: Any) -> Attachment:
    known = {"video": FACTS, **facts}
    item = MediaItem(digest=Digest("b" * 64), mime=mime, width=64, height=48, size=size, **known)
    return Attachment(item=item, alt="Waves")


def told(state: str = "", **info: object) -> dict[str, object]:
    data: dict[str, object] = {"id": "501", "media_key": "7_501", "expires_after_secs": 86_400}
    return {"data": {**data, "processing_info": {"state": state, **info}} if state else data}


def begun(one: Desk, pieces: int = 3) -> Desk:
    """Everything until the file is closed goes well."""
    one.http.on("POST", INITIALIZE, json_body=told())
    for _ in range(pieces):
        one.http.on("POST", APPEND, json_body={"data": {"expires_at": 1}})
    return one


async def put(one: Desk, **fields: Any) -> dict[str, str]:
    outgoing = part("Look", **({"media": (video(),)} | fields))
    return dict(await one.roles.publisher.prepare(outgoing, read_media))


async def stopped(one: Desk, words: str, **fields: Any) -> dict[str, str]:
    """The handles that a try leaves which does not get through."""
    with pytest.raises(Unavailable, match=words) as caught:
        await put(one, **fields)
    assert caught.value.next_step
    return dict(caught.value.handles)


async def test_a_video_goes_up_in_pieces_and_is_waited_for() -> None:
    one = begun(desk())
    one.http.on("POST", FINALIZE, json_body=told("pending", check_after_secs=4))
    one.http.on("GET", UPLOAD, json_body=told("in_progress", check_after_secs=9, progress_percent=40))
    one.http.on("GET", UPLOAD, json_body=told("succeeded"))
    assert one.roles.publisher.needs_preparing(part("Look", media=(video(),)))
    assert await put(one) == DONE
    one.http.finish()
    first, *pieces, _, look, _ = one.http.requests
    assert body(first) == {"media_type": "video/mp4", "total_bytes": 2 * PIECE + 5, "media_category": "tweet_video"}
    assert [(p.form, p.uploads[0].length, p.effect) for p in pieces] == [
        ((("segment_index", "0"),), PIECE, Effect.REPEATABLE),
        ((("segment_index", "1"),), PIECE, Effect.REPEATABLE),
        ((("segment_index", "2"),), 5, Effect.REPEATABLE),
    ]
    assert look.params == (("command", "STATUS"), ("media_id", "501"))
    assert one.clock.slept == [4.0, 9.0]
    one.http.on("POST", TWEETS, status=201, json_body={"data": {"id": number(NOW), "text": "Look"}})
    await one.roles.publisher.send(part("Look", media=(video(),), handles=DONE))
    assert body(one.http.requests[-1]) == {"text": "Look", "media": {"media_ids": ["501"]}}


async def test_what_is_ready_at_once_is_not_asked_about_and_kept() -> None:
    one = begun(desk())
    one.http.on("POST", FINALIZE, json_body=told())
    assert await put(one) == DONE
    assert await put(one, handles=DONE) == DONE
    one.http.finish()


async def test_a_lost_piece_is_sent_again_by_the_next_try() -> None:
    one = begun(desk(), pieces=1)
    one.http.on("POST", APPEND, lost=True)
    left = await stopped(one, "did not answer")
    assert left == {**DONE, "media.step": "1"}
    for _ in range(2):
        one.http.on("POST", APPEND, json_body={})
    one.http.on("POST", FINALIZE, json_body=told())
    assert await put(one, handles=left) == DONE
    turns = [r.form[0][1] for r in one.http.requests if r.url.endswith(APPEND)]
    assert turns == ["0", "1", "1", "2"]
    one.http.finish()


async def test_a_try_ends_in_time_and_the_next_goes_on() -> None:
    one = begun(desk(), pieces=2)
    read = one.read

    async def slow(item: MediaItem, start: int, length: int) -> bytes:
        one.clock.set(one.clock.now() + timedelta(minutes=6))
        return await read(item, start, length)

    one = desk(http=one.http, clock=one.clock, pieces=slow)
    left = await stopped(one, r"not up yet: 2,097,152 of 2,097,157 bytes")
    assert left["media.step"] == "2"


async def test_a_lost_end_is_asked_about_before_it_is_said_again() -> None:
    one = begun(desk())
    one.http.on("POST", FINALIZE, lost=True)
    left = await stopped(one, "did not answer")
    assert left == {**DONE, "media.step": "closed"}
    one.http.on("GET", UPLOAD, status=400, json_body=DROPPED)
    one.http.on("POST", FINALIZE, json_body=told("pending"))
    one.http.on("GET", UPLOAD, json_body=told("succeeded"))
    assert await put(one, handles=left) == DONE
    one.http.finish()


async def test_slow_processing_is_left_to_the_next_try() -> None:
    one = begun(desk())
    one.http.on("POST", FINALIZE, json_body=told("pending", check_after_secs=600))
    for _ in range(3):
        one.http.on("GET", UPLOAD, json_body=told("in_progress", check_after_secs=600))
    left = await stopped(one, "still processing the video")
    assert one.clock.slept == [30.0, 30.0, 30.0]
    one.http.finish()
    one.http.on("GET", UPLOAD, json_body=told("succeeded"))
    assert await put(one, handles=left) == DONE


@pytest.mark.parametrize("answer", [{"status": 400, "json_body": DROPPED}, {"status": 404, "json_body": {}}])
async def test_an_upload_that_x_dropped_on_the_way_begins_anew(answer: dict[str, Any]) -> None:
    one = begun(desk(), pieces=1)
    one.http.on("POST", APPEND, **answer)
    assert await stopped(one, "no longer has the video") == {}


async def test_an_upload_that_ends_soon_is_not_gone_on_with() -> None:
    old = {"media.0": "500", "media.until": (NOW + timedelta(minutes=4)).isoformat(), "media.step": "2"}
    one = begun(desk())
    one.http.on("POST", FINALIZE, json_body=told())
    assert await put(one, handles=old) == DONE


async def test_a_video_that_x_can_not_use_is_refused_with_its_reason() -> None:
    one = begun(desk())
    one.http.on("POST", FINALIZE, json_body=told("pending", check_after_secs=1))
    error = {"code": 1, "name": "InvalidMedia", "message": "Unsupported video codec."}
    one.http.on("GET", UPLOAD, json_body=told("failed", error=error))
    with pytest.raises(Refused, match=r"X can't use the video \(X says: Unsupported video codec\)") as caught:
        await put(one)
    assert "Export the video anew" in caught.value.fix
    silent = begun(desk())
    silent.http.on("POST", FINALIZE, json_body=told("failed"))
    with pytest.raises(Refused, match=r"can't use the video\.$"):
        await put(silent)


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        (video(mime="video/webm"), "is video/webm, which X does not take"),
        (video(size=512_000_001), "512,000,001 bytes, X takes 512,000,000"),
        (video(mime="application/pdf", video=None, pages=3), "a document, and X takes none"),
    ],
)
async def test_what_x_would_not_take_is_not_begun(attachment: Attachment, words: str) -> None:
    one = desk()
    with pytest.raises(Refused, match=words):
        await put(one, media=(attachment,))
    assert one.http.requests == []


async def test_a_video_is_found_by_its_upload_whatever_the_text() -> None:
    one = desk()
    assert one.roles.finder is not None
    shown = post(number(NOW), "https://t.co/a", attachments={"media_keys": ["7_501"]})
    one.http.on("GET", TIMELINE, json_body=listed(shown))
    sought = part("", media=(video(),), handles=DONE)
    found = await one.roles.finder.find(sought)
    assert found is not None
    assert found.remote_id == number(NOW)
    one.http.on("GET", TIMELINE, json_body=listed())
    assert await one.roles.finder.find(sought) is None


# -- GIFs ----------------------------------------------------------------------------------------------------------


async def frames(shown: Picture) -> bytes:
    return b"GIF89a" + b"\x21\xf9\x04" * int(shown.alt or 1)


def gif(count: int, **size: Any) -> Picture:
    made = picture(str(count), mime="image/gif")
    return replace(made, item=replace(made.item, **size))


async def test_a_gif_that_moves_goes_up_in_pieces_and_is_described_and_one_that_stands_is_a_picture() -> None:
    one = begun(desk(), pieces=1)
    one.http.on("POST", FINALIZE, json_body=told("pending", check_after_secs=1))
    one.http.on("GET", UPLOAD, json_body=told("succeeded"))
    one.http.on("POST", "/2/media/metadata", json_body={"data": {"id": "501"}})
    outgoing = part("", media=(gif(2),))
    assert await one.roles.publisher.prepare(outgoing, frames) == DONE
    assert body(one.http.requests[0])["media_category"] == "tweet_gif"
    assert body(one.http.requests[-1]) == {"id": "501", "metadata": {"alt_text": {"text": "2"}}}
    one.http.on("POST", UPLOAD, json_body={"data": {"id": "502"}})
    one.http.on("POST", "/2/media/metadata", json_body={"data": {"id": "502"}})
    still = await one.roles.publisher.prepare(part("", media=(gif(1),)), frames)
    assert still["media.0"] == "502"


async def test_a_gif_may_be_larger_than_a_picture_only_where_it_moves() -> None:
    large = gif(2, size=15_000_000)
    assert picture_problems(large.item, SPEC.default_limits, SPEC) == ()
    [problem] = picture_problems(gif(2, size=15_200_000).item, SPEC.default_limits, SPEC)
    assert problem.message == "A picture has 15.2 MB; X takes 15.0 MB."
    one = begun(desk(), pieces=1)
    one.http.on("POST", FINALIZE, json_body=told("succeeded"))
    assert await one.roles.publisher.prepare(part("", media=(replace(large, alt=""),)), two_frames) == DONE

    async def still(_: Picture) -> bytes:
        return b"GIF89a".ljust(6_000_000, b"x")

    with pytest.raises(Refused, match="6,000,000 bytes, X takes 5,242,880"):
        await one.roles.publisher.prepare(part("", media=(large,)), still)
    one.http.finish()


async def two_frames(_: Picture) -> bytes:
    return b"GIF89a" + b"\x21\xf9\x04" * 2


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        ((gif(2, size=15_000_001),), "15,000,001 bytes"),
        ((gif(2), picture()), "goes alone"),
        ((gif(351),), "351 frames"),
        ((gif(2, width=1281),), "1281 × 4"),
        ((gif(300, width=1200, height=1000),), "300,000,000 pixels"),
    ],
)
async def test_a_gif_that_x_would_not_take_is_refused(pictures: tuple[Picture, ...], words: str) -> None:
    one = desk()
    with pytest.raises(Refused, match=words):
        await one.roles.publisher.prepare(part("", media=pictures), frames)
    assert one.http.requests == []
