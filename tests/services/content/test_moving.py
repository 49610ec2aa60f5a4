"""Videos and documents against what a network takes: every limit is named exactly, and once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.content.attachments import attachment_problems
from services.content.checks import check
from services.content.moving import length
from services.domain.account import DocumentLimits, Limits, VideoLimits
from services.domain.media import Attachment, MediaItem
from services.domain.post import Severity, Variant
from tests.builders import a_brand, a_document_item, a_video_item, an_attachment, some_video_facts
from tests.services.content.support import SPECS, account

TERSE: Final = SPECS[0]
STRICT: Final = VideoLimits(
    size=10_000_000,
    types=("video/mp4", "video/quicktime"),
    seconds=(3.0, 180.0),
    ratio=(0.5, 2.0),
    side=(360, 1920),
    width=1280,
    pixels=1_500_000,
    frame_rate=(23.0, 60.0),
    codecs=("h264", "hevc"),
    audio=("aac",),
    streamable=True,
)
FITS: Final = replace(a_video_item(), width=720, height=1280, size=9_000_000)
CODES: Final = (
    "video_kind",
    "video_size",
    "video_index",
    "video_too_long",
    "video_too_short",
    "video_shape",
    "video_side",
    "video_width",
    "video_pixels",
    "video_frame_rate",
    "video_codec",
    "video_audio",
)


def found(item: MediaItem, *, alt: str = "Waves", limits: dict[str, Any], **facts: Any) -> list[tuple[str, str, str]]:
    said = account("terse", limits=Limits(**{"text": 300, "unit": "characters", **limits}))
    attachment = Attachment(item=item, alt=alt)
    variant = Variant(account_id=said.id, platform=said.platform, parts=("One",), media=(attachment,))
    problems = attachment_problems(variant, said, replace(TERSE, **facts))
    assert all(p.severity is Severity.BLOCK for p in problems)
    return [(p.code, p.message, p.fix) for p in problems]


def film(**facts: Any) -> MediaItem:
    return replace(FITS, video=some_video_facts(**facts))


def test_nothing_is_wrong_with_what_a_network_takes() -> None:
    assert found(FITS, limits={"video": STRICT}) == []
    assert found(FITS, limits={"video": STRICT}, needs_media=True, pulls_videos=True) == []
    assert found(a_document_item(), limits={"document": DocumentLimits(size=2_000_000, pages=8)}) == []
    assert found(FITS, limits={"video": VideoLimits(size=9_000_000)}) == []


@pytest.mark.parametrize(
    ("item", "code", "message", "fix"),
    [
        (
            replace(FITS, mime="video/webm"),
            "video_kind",
            "Terse does not take WebM videos.",
            "Use one of MP4, MOV.",
        ),
        (
            replace(FITS, size=12_345_678),
            "video_size",
            "The video has 12.3 MB; Terse takes 10.0 MB.",
            "Export it smaller.",
        ),
        (
            replace(FITS, size=10_000_001),
            "video_size",
            "The video has 10,000,001 bytes; Terse takes 10,000,000.",
            "Export it smaller.",
        ),
        (
            film(streamable=False),
            "video_index",
            "The video's index comes last; Terse takes it only when it comes first.",
            "Upload it once more: the desk puts it first.",
        ),
        (film(seconds=192.0), "video_too_long", "The video is 3:12 long; Terse takes 3:00.", "Cut it to 3:00."),
        (film(seconds=180.01), "video_too_long", "The video is 3:00.1 long; Terse takes 3:00.", "Cut it to 3:00."),
        (
            film(seconds=2.97),
            "video_too_short",
            "The video is 0:02.9 long; Terse takes them from 0:03 on.",
            "Use a longer one.",
        ),
        (
            replace(FITS, width=360, height=1280),
            "video_shape",
            "The video is 360 × 1280; Terse takes from 0.5 to 2 times as wide as high.",
            "Crop it.",
        ),
        (
            replace(FITS, width=300, height=400),
            "video_side",
            "The video is 300 × 400 pixels; Terse takes sides from 360 to 1,920.",
            "Export it larger.",
        ),
        (
            replace(FITS, width=1300, height=900),
            "video_width",
            "The video is 1,300 pixels wide; Terse takes 1,280.",
            "Export it at 1280 × 886 or smaller.",
        ),
        (
            replace(FITS, width=1200, height=1300),
            "video_pixels",
            "The video has 1,560,000 pixels; Terse takes 1,500,000.",
            "Export it at 1176 × 1274 or smaller.",
        ),
        (
            film(frame_rate=120.0),
            "video_frame_rate",
            "The video has 120 pictures a second; Terse takes from 23 to 60.",
            "Export it with 30 pictures a second.",
        ),
        (
            film(codec="vp9"),
            "video_codec",
            "The video is made with VP9; Terse takes H.264, HEVC.",
            "Export it with H.264.",
        ),
        (
            film(audio="opus"),
            "video_audio",
            "The video's sound is Opus; Terse takes AAC.",
            "Export it with AAC.",
        ),
    ],
)
def test_each_limit_is_named_exactly(item: MediaItem, code: str, message: str, fix: str) -> None:
    assert found(item, limits={"video": STRICT}) == [(code, message, fix)]


@pytest.mark.parametrize(("size", "fits"), [((1920, 1080), "1280 × 720"), ((1440, 1440), "1144 × 1144")])
def test_a_video_that_is_too_large_is_told_the_largest_size_that_keeps_its_shape(
    size: tuple[int, int], fits: str
) -> None:
    limits = {"video": VideoLimits(size=9_000_000, side=(32, 1280), pixels=1280 * 1024)}
    said = found(replace(FITS, width=size[0], height=size[1]), limits=limits)
    assert [code for code, _, _ in said] == ["video_side", "video_pixels"]
    assert {fix for _, _, fix in said} == {f"Export it at {fits} or smaller."}


def test_a_silent_video_is_taken_whatever_sound_is() -> None:
    assert found(film(audio=""), limits={"video": STRICT}) == []


def test_a_network_without_videos_or_documents_says_so() -> None:
    step = "Remove it, or use a picture."
    assert found(FITS, limits={}) == [("no_videos", "Terse takes no videos.", step)]
    assert found(a_document_item(), limits={"video": STRICT}) == [("no_documents", "Terse takes no documents.", step)]


def test_a_network_that_cannot_reach_the_desk_says_what_to_set() -> None:
    knows = replace(TERSE.default_limits, video=STRICT)
    fetches = "Terse fetches videos from the desk and can't reach it."
    step = "Set COPYDESK_PUBLIC_URL to an https address that leads here"
    hidden: dict[str, Any] = {"limits": {"images": 0}, "pulls_videos": True, "default_limits": knows}
    assert found(FITS, **hidden) == [("no_public_url", fetches, f"{step}, or post without a video.")]
    assert found(FITS, **hidden, needs_media=True) == [("no_public_url", fetches, f"{step}.")]
    pushed: dict[str, Any] = {"limits": {"images": 0, "video": STRICT}, "pulls_pictures": True}
    assert found(FITS, **pushed, needs_media=True) == []


def test_documents_have_limits_of_their_own() -> None:
    limits = {"document": DocumentLimits(size=1_000_000, pages=5)}
    assert found(a_document_item(mime="application/zip"), limits=limits) == [
        ("document_kind", "Terse does not take application/zip documents.", "Use one of PDF."),
        ("document_size", "The document has 1.2 MB; Terse takes 1.0 MB.", "Export it smaller."),
        ("document_pages", "The document has 8 pages; Terse takes 5.", "Remove 3."),
    ]


def test_the_words_for_those_who_cannot_see_it_have_a_limit() -> None:
    limits = {"video": STRICT, "alt_text": 10}
    message = "The video's description is longer than 10 characters."
    assert found(FITS, alt="Long waves roll in", limits=limits) == [
        ("alt_too_long", message, "Shorten the description.")
    ]
    assert found(FITS, limits=limits) == []


videos = st.builds(
    replace,
    st.just(FITS),
    mime=st.sampled_from(["video/mp4", "video/webm", "video/quicktime"]),
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    size=st.integers(1, 20_000_000),
    video=st.builds(
        some_video_facts,
        seconds=st.floats(0.1, 400),
        frame_rate=st.floats(1, 240),
        codec=st.sampled_from(["h264", "vp9"]),
        audio=st.sampled_from(["", "aac", "opus"]),
        streamable=st.booleans(),
    ),
)


def within(item: MediaItem) -> bool:
    """Said once more, in another way."""
    facts = item.video
    assert facts is not None
    sides = sorted([item.width, item.height])
    return all(
        [
            item.mime != "video/webm",
            item.size <= 10_000_000,
            3.0 <= facts.seconds <= 180.0,
            item.height <= 2 * item.width <= 4 * item.height,
            sides[0] >= 360,
            sides[1] <= 1920,
            item.width <= 1280,
            item.width * item.height <= 1_500_000,
            23.0 <= facts.frame_rate <= 60.0,
            facts.codec == "h264",
            facts.audio != "opus",
            facts.streamable,
        ]
    )


@given(videos)
def test_whatever_the_facts_there_is_one_problem_a_limit_and_none_within(item: MediaItem) -> None:
    problems = found(item, limits={"video": STRICT})
    codes = Counter(code for code, _, _ in problems)
    assert set(codes) <= set(CODES)
    assert all(count == 1 for count in codes.values())
    assert (not problems) == within(item)
    assert all(message.endswith(".") and fix.endswith(".") for _, message, fix in problems)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.5, "0:00.5"),
        (3, "0:03"),
        (59.99, "0:59.9"),
        (60, "1:00"),
        (192, "3:12"),
        (3723, "1:02:03"),
        (14_400, "4:00:00"),
    ],
)
def test_a_length_is_told_as_players_show_it(seconds: float, told: str) -> None:
    assert length(seconds) == told


def test_a_video_alone_is_a_post_and_wants_words() -> None:
    codes = {p.code: p.message for p in check("", a_brand(), media=(an_attachment(alt=""),))}
    assert codes == {
        "no_text": "There is a video but no text.",
        "alt_text": "The video has no words for those who can't see it.",
    }
    paper = an_attachment(item=a_document_item(), alt="")
    assert [p.message for p in check("Read on.", a_brand(), media=(paper,))] == ["The document has no title."]
    assert check("Look.", a_brand(), media=(an_attachment(),)) == ()
