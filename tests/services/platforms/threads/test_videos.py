"""Videos, polls and spoilers on Threads."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.errors import Refused
from services.domain.ids import Digest
from services.domain.media import Attachment, MediaItem, VideoFacts
from services.domain.post import Variant
from services.platforms.threads import SPEC
from tests.fakes.http import FakeHttp
from tests.services.platforms.threads.test_adapter import (
    account,
    nothing,
    part,
    picture,
    receipt,
    roles,
    sent,
    signing_in,
)

if TYPE_CHECKING:
    from services.ports.platform import OutgoingPart


def film(alt: str = "Waves", **changes: Any) -> Attachment:
    facts = VideoFacts(seconds=9.0, frame_rate=30.0, codec="h264")
    item = MediaItem(digest=Digest("7"), mime="video/mp4", width=540, height=960, size=10, video=facts)
    return Attachment(item=replace(item, **changes), alt=alt)


async def test_a_video_is_fetched_and_carries_its_words() -> None:
    shown = {"media_type": "VIDEO", "video_url": "https://desk.example/pulled/7?2"}
    assert await sent(part(media=(film(),))) == [{**shown, "alt_text": "Waves", "text": "Hello"}]
    assert await sent(part("", media=(film(alt=""),))) == [shown]


async def test_pictures_and_videos_are_a_carousel_in_their_order() -> None:
    moving, still, silent, whole = await sent(part(media=(film(), picture(2), film(alt=""))), containers=4)
    item = {"is_carousel_item": "true"}
    assert moving == {
        "media_type": "VIDEO",
        "video_url": "https://desk.example/pulled/7?2",
        "alt_text": "Waves",
        **item,
    }
    assert still == {
        "media_type": "IMAGE",
        "image_url": "https://desk.example/pulled/2?2",
        "alt_text": "A tide",
        **item,
    }
    assert silent == {"media_type": "VIDEO", "video_url": "https://desk.example/pulled/7?2", **item}
    assert whole == {"media_type": "CAROUSEL", "text": "Hello", "children": "C0,C1,C2"}
    hidden = await sent(part(media=(film(), picture(2)), options={"is_spoiler_media": "yes"}), containers=3)
    assert [one.get("is_spoiler_media") for one in hidden] == [None, None, "true"]


async def test_what_is_shown_can_be_hidden_and_replies_be_approved() -> None:
    chosen = {"is_spoiler_media": "yes", "enable_reply_approvals": "yes"}
    told = {"is_spoiler_media": "true", "enable_reply_approvals": "true"}
    [moving] = await sent(part(media=(film(),), options=chosen))
    [still] = await sent(part(media=(picture(),), options=chosen))
    first, _, whole = await sent(part(media=(picture(1), picture(2)), options=chosen), containers=3)
    assert [set(told.items()) <= set(one.items()) for one in (moving, still, whole)] == [True] * 3
    assert set(told) & set(first) == set()
    [words] = await sent(part(options=chosen))
    assert set(words) == {"media_type", "text", "enable_reply_approvals"}
    [later] = await sent(part(index=1, receipts=(receipt(),), options=chosen))
    assert set(later) == {"media_type", "text", "reply_to_id"}


async def test_a_poll_goes_with_the_first_words() -> None:
    options = {"poll": "Tea\n\n  Coffee \nGrüner  Tee"}
    [asked] = await sent(part(options=options))
    assert json.loads(asked["poll_attachment"]) == {"option_a": "Tea", "option_b": "Coffee", "option_c": "Grüner Tee"}
    [later] = await sent(part(index=1, receipts=(receipt(),), options=options))
    assert "poll_attachment" not in later


@pytest.mark.parametrize(
    ("outgoing", "reached", "told"),
    [
        (part(media=(film(),)), False, "fetches videos"),
        (part(media=(film(), picture())), False, "fetches pictures and videos"),
        (part(media=(picture(), film(mime="video/webm"))), True, "video/webm"),
        (part(media=(film(), *[picture(n) for n in range(20)])), True, "21 pictures and videos, Threads takes 20."),
        (part(media=(film(), picture(size=8_000_001))), True, "8000001"),
        (part(options={"poll": "Tea\nCoffee"}, media=(picture(), film())), True, "one of them"),
        (part(media=(film(mime="video/webm"),)), True, "video/webm"),
        (part(media=(film(size=1_000_000_001),)), True, "1,000,000,001"),
        (part(media=(film(video=None, mime="application/pdf"),)), True, "document"),
        (part(options={"poll": "Tea"}), True, "1 answer"),
        (part(options={"poll": "Tea\n" + "x" * 26}), True, "26 characters"),
        (part(options={"poll": "Tea\nCoffee"}, media=(picture(),)), True, "one of them"),
        (part(options={"poll": "Tea\nCoffee"}, media=(film(),)), True, "one of them"),
    ],
)
async def test_what_would_be_refused_is_not_sent(outgoing: OutgoingPart, reached: bool, told: str) -> None:
    http = FakeHttp()
    with pytest.raises(Refused, match=told):
        await roles(http, reached=reached).publisher.prepare(outgoing, nothing)
    assert http.requests == []


async def test_without_a_way_to_the_desk_there_are_no_videos() -> None:
    identity = await roles(signing_in(FakeHttp()), known=False, reached=False).verifier.verify()
    assert (identity.limits.video, identity.limits.mixed, identity.limits.poll) == (None, 0, SPEC.default_limits.poll)


def test_a_poll_is_judged_in_the_draft() -> None:
    def problems(**changes: Any) -> list[str]:
        known = account()
        made: dict[str, Any] = {"account_id": known.id, "platform": known.platform, "parts": ("Hello",), **changes}
        return [one.code for one in SPEC.check_options(Variant(**made), known)]

    assert problems() == []
    assert problems(options={"poll": "Tea\nCoffee"}) == []
    assert problems(options={"poll": "Tea\ntea"}, media=(film(),)) == ["poll_beside", "poll_answer_twice"]
    assert problems(options={"poll": "\n".join("abcde")}) == ["poll_answers"]
