"""TikTok's own counting, its choices, and how videos are cut."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.ids import AccountId, PlatformSlug
from services.domain.post import Severity, Variant
from services.platforms.tiktok import SPEC
from services.platforms.tiktok.pieces import LARGEST, PIECE, cut
from tests.services.platforms.tiktok.helpers import account, picture, video

RULES, LIMITS = SPEC.rules, SPEC.default_limits


def problems(text: str) -> list[tuple[str, str, Severity]]:
    return [(p.code, p.fix, p.severity) for p in RULES.measure(text, LIMITS).problems]


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("👋", 2), ("👨‍👩‍👧‍👦", 11), ("日", 1), ("cafe\u0301", 4), ("\ud800", 1)]
)
def test_utf_16_units_are_counted(text: str, length: int) -> None:
    found = RULES.measure(text, LIMITS)
    assert (found.length, found.limit, found.unit) == (length, 4000, "UTF-16 units")


def test_a_text_has_its_bounds() -> None:
    assert problems("a" * 4000) == []
    assert problems("👋" * 2001) == [("too_long", "Shorten by 2.", Severity.BLOCK)]
    assert problems(" ".join(f"#tag{n}" for n in range(5))) == []
    assert problems(" ".join(f"#tag{n}" for n in range(7))) == [("many_tags", "Remove 2.", Severity.WARN)]
    assert problems("See https://example.com/a") == [("dead_link", "Name the link in the profile.", Severity.WARN)]


@given(st.text(min_size=1).map(lambda text: text * 99))
def test_every_part_fits_and_nothing_is_lost(text: str) -> None:
    parts = RULES.split(text, LIMITS)
    assert all(RULES.measure(one, LIMITS).length <= LIMITS.text for one in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_tags_and_names_are_clickable_and_links_are_not() -> None:
    marks = SPEC.marks("See https://example.com/@not#here and #builds by @ann.b, or mail a@example.com")
    assert [mark.shown for mark in marks] == ["#builds", "@ann.b"]


# -- choices -------------------------------------------------------------------------------------------------------


def test_who_can_see_it_is_asked_and_everything_else_is_off() -> None:
    known = {one.name: one for one in SPEC.options}
    assert (known["privacy_level"].asked, known["privacy_level"].default) == (True, "")
    assert [one.value for one in known["privacy_level"].choices] == [
        "PUBLIC_TO_EVERYONE",
        "MUTUAL_FOLLOW_FRIENDS",
        "FOLLOWER_OF_CREATOR",
        "SELF_ONLY",
    ]
    switches = [one for one in SPEC.options if one.name not in {"privacy_level", "title"}]
    assert {one.name for one in switches} == {
        "allow_comment",
        "allow_duet",
        "allow_stitch",
        "brand_content_toggle",
        "brand_organic_toggle",
        "is_aigc",
        "auto_add_music",
    }
    assert all(one.default == "" and one.shown and not one.asked for one in switches)


def variant(text: str = "Hello", *, moves: bool = False, **options: str) -> Variant:
    shown: dict[str, Any] = {"media": (video(),)} if moves else {"media": (picture(),)}
    return Variant(account_id=AccountId("1"), platform=PlatformSlug("tiktok"), parts=(text,), options=options, **shown)


@pytest.mark.parametrize(
    ("given_", "codes"),
    [
        (variant(), []),
        (variant(brand_content_toggle="yes", privacy_level="PUBLIC_TO_EVERYONE"), []),
        (variant(brand_content_toggle="yes", privacy_level="SELF_ONLY"), ["branded_private"]),
        (variant(brand_organic_toggle="yes", privacy_level="SELF_ONLY"), []),
        (variant(is_aigc="yes"), ["photo_ai"]),
        (variant(is_aigc="yes", moves=True), []),
        (variant(title="👋" * 45), []),
        (variant(title="👋" * 46), ["title_too_long"]),
        (variant("x" * 2201), []),
        (variant("x" * 2200, moves=True), []),
        (variant("x" * 2201, moves=True), ["too_long_for_video"]),
    ],
)
def test_choices_that_do_not_go_together_block(given_: Variant, codes: list[str]) -> None:
    found = list(SPEC.check_options(given_, account()))
    assert [one.code for one in found] == codes
    assert all(one.severity is Severity.BLOCK and one.fix.endswith(".") for one in found)


@pytest.mark.parametrize(
    ("given_", "agreed"),
    [
        (variant(), "Music Usage Confirmation"),
        (variant(brand_organic_toggle="yes", moves=True), "Music Usage Confirmation"),
        (variant(brand_content_toggle="yes"), "Branded Content Policy and Music Usage Confirmation"),
    ],
)
def test_the_creator_is_named_and_what_posting_agrees_to(given_: Variant, agreed: str) -> None:
    creator = replace(account(), name="Drift Seas", handle="driftseas")
    words = f"this goes to Drift Seas (@driftseas). By posting, you agree to TikTok's {agreed}."
    assert SPEC.terms(given_, creator) == words


def test_without_a_public_address_only_videos_go_out() -> None:
    hidden = SPEC.unreachable(replace(LIMITS, images=0))
    assert hidden is not None
    assert "COPYDESK_PUBLIC_URL" in hidden.fix
    assert SPEC.unreachable(LIMITS) is None


# -- pieces --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "piece", "count", "last"),
    [
        (3_145_728, 3_145_728, 1, 3_145_728),
        (64_000_001, 64_000_000, 1, 64_000_001),
        (150_000_000, 64_000_000, 2, 86_000_000),
        (4_294_967_296, 64_000_000, 67, 70_967_296),
    ],
)
def test_a_video_is_cut_as_tiktok_wants_it(size: int, piece: int, count: int, last: int) -> None:
    found = cut(size, LARGEST)
    assert (found.piece, found.count, found.last) == (piece, count, (size - last, last))


def test_the_documents_own_example() -> None:
    found = cut(50_000_123, 10_000_000)
    assert (found.count, found.last) == (5, (40_000_000, 10_000_123))


@given(st.integers(min_value=1, max_value=4_000_000_000))
def test_our_pieces_keep_every_rule(size: int) -> None:
    found = cut(size, PIECE)
    spans = list(found.spans())
    assert spans[-1] == found.last
    assert sum(length for _, length in spans) == size
    assert [start for start, _ in spans] == [sum(length for _, length in spans[:n]) for n in range(len(spans))]
    assert found.count == size // found.piece == len(spans) <= 1000
    assert found.piece == size or 5_000_000 <= found.piece <= 64_000_000
    assert found.last[1] <= 128_000_000
