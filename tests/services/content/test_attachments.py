"""What blocks a variant besides its words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.content.attachments import attachment_problems
from services.domain.account import Limits
from services.domain.ids import Digest
from services.domain.media import MediaItem, Picture, PictureSize
from services.domain.post import Severity, Variant
from services.ports.platform import PictureShape
from tests.services.content.support import SPECS, account

TERSE = SPECS[0]


def picture(mime: str = "image/png", width: int = 1600, height: int = 900, number: int = 0) -> Picture:
    item = MediaItem(digest=Digest(str(number)), mime=mime, width=width, height=height, size=1)
    return Picture(item=item, alt="A tide.")


def found(
    *pictures: Picture, limits: dict[str, Any] | None = None, options: dict[str, str] | None = None, **facts: Any
) -> list[tuple[str, str, str]]:
    limited = Limits(**{"text": 300, "unit": "characters", **(limits or {})})
    spec = replace(TERSE, **facts)
    said = account("terse", limits=limited)
    variant = Variant(account_id=said.id, platform=said.platform, parts=("One",), media=pictures, options=options or {})
    problems = attachment_problems(variant, said, spec)
    assert all(p.severity is Severity.BLOCK for p in problems)
    return [(p.code, p.message, p.fix) for p in problems]


def test_nothing_is_wrong_with_what_a_network_takes() -> None:
    assert found() == []
    assert found(picture()) == []
    assert found(picture(), pulls_pictures=True, needs_media=True) == []


def test_a_choice_may_ask_for_a_shape_of_its_own() -> None:
    story = PictureShape(
        option="share_as", value="story", ratio=(0.5615, 0.5635), size=PictureSize(width=1080, height=1920)
    )
    taken: dict[str, Any] = {"limits": {"image_ratio": (0.8, 1.91)}, "shapes": (story,)}
    upright, even = picture(width=1080, height=1920), picture(width=1080, height=1080)
    assert found(upright, options={"share_as": "story"}, **taken) == []
    assert found(even, options={"share_as": "story"}, **taken) == [
        ("picture_shape", "The picture is 1080 × 1080; Terse takes it as 9:16 when shared like this.", "Crop it.")
    ]
    assert found(even, options={"share_as": "feed"}, **taken) == []
    assert [code for code, _, _ in found(upright, **taken)] == ["picture_shape"]


def test_a_network_that_cannot_reach_the_desk_says_what_to_set() -> None:
    hidden: dict[str, Any] = {"limits": {"images": 0}, "pulls_pictures": True}
    fetches = "Terse fetches pictures from the desk and can't reach it."
    step = "Set COPYDESK_PUBLIC_URL to an https address that leads here"
    assert found(picture(), **hidden) == [("no_public_url", fetches, f"{step}, or post without a picture.")]
    assert found(**hidden) == []
    assert found(needs_media=True, **hidden) == [
        ("no_public_url", fetches, f"{step}."),
        ("no_picture", "Terse takes no post without a picture.", "Add a picture."),
    ]


def test_a_picture_may_be_asked_for() -> None:
    assert found(needs_media=True) == [("no_picture", "Terse takes no post without a picture.", "Add a picture.")]


@pytest.mark.parametrize(
    ("mime", "pulls", "codes"),
    [
        ("image/jpeg", False, []),
        ("image/png", False, ["picture_kind"]),
        ("image/png", True, []),
        ("image/webp", True, []),
        ("image/gif", True, ["picture_kind"]),
    ],
)
def test_a_kind_that_would_be_refused_is_named(mime: str, pulls: bool, codes: list[str]) -> None:
    problems = found(picture(mime), limits={"image_types": ("image/jpeg",)}, pulls_pictures=pulls)
    assert [code for code, _, _ in problems] == codes


def test_the_kinds_it_takes_are_told() -> None:
    taken = {"image_types": ("image/jpeg", "image/png")}
    message = "Terse does not take GIF pictures."
    assert found(picture("image/gif"), limits=taken) == [("picture_kind", message, "Use one of JPEG, PNG.")]


@pytest.mark.parametrize(
    ("width", "height", "fits"), [(80, 100, True), (191, 100, True), (79, 100, False), (192, 100, False)]
)
def test_a_picture_too_narrow_or_too_wide_is_named(width: int, height: int, fits: bool) -> None:
    problems = found(picture(width=width, height=height), limits={"image_ratio": (0.8, 1.91)})
    message = f"The picture is {width} × {height}; Terse takes from 0.8 to 1.91 times as wide as high."
    assert problems == ([] if fits else [("picture_shape", message, "Crop it.")])


def test_the_same_picture_twice_is_told_once() -> None:
    assert len(found(picture("image/gif"), picture("image/gif"), limits={"image_types": ("image/jpeg",)})) == 1
