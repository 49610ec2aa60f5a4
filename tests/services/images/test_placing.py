"""Which slides each network shows: one rule, over every mix of kinds, limits and orders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.account import DocumentLimits, Limits, VideoLimits
from services.domain.errors import InvalidInput
from services.domain.ids import Digest
from services.domain.media import Attachment, Picture, PictureSize, Slide, called, slides_of, source_of
from services.images.placing import Placing, described, redescribed, shown, with_made
from tests.builders import a_document_item, a_media_item, a_picture, a_variant, a_video_item, an_attachment, an_origin
from tests.services.content.support import SPECS, account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.domain.media import Medium
    from services.domain.post import Variant

TERSE: Final = SPECS[0]
WIDE: Final = PictureSize(width=1600, height=900)
PLAIN: Final = Limits(text=300, unit="characters", images=4)
VIDEO, PAPER = VideoLimits(size=1 << 30), DocumentLimits(size=1 << 30)
FILMS: Final = replace(PLAIN, video=VIDEO)
MIXING: Final = replace(PLAIN, images=10, video=VIDEO, mixed=10)
PAPERS: Final = replace(FILMS, images=20, document=PAPER)


def picture(name: str) -> Slide:
    return Slide(sizes=(a_picture(a_media_item(digest=Digest(name)), alt=name),))


def painted(*names: str) -> Slide:
    return Slide(sizes=tuple(a_picture(a_media_item(digest=Digest(n)), origin=an_origin()) for n in names))


def film(name: str) -> Slide:
    return Slide(sizes=(an_attachment(a_video_item(digest=Digest(name)), alt=name),))


def paper(name: str) -> Slide:
    return Slide(sizes=(an_attachment(a_document_item(digest=Digest(name)), alt=name, poster=None),))


KINDS: Final[Mapping[str, Callable[[str], Slide]]] = {"p": picture, "v": film, "d": paper, "m": painted}


def slides(said: str) -> tuple[Slide, ...]:
    """As "p1 v2 m3" for a picture, a video and a painted picture; d is a document."""
    return tuple(KINDS[name[0]](name) for name in said.split())


def names(media: tuple[Medium, ...]) -> str:
    return " ".join(source_of(m).digest for m in media)


def seen(said: str, limits: Limits) -> str:
    return names(shown(slides(said), limits, TERSE, WIDE))


@pytest.mark.parametrize(
    ("there", "limits", "expected"),
    [
        ("", MIXING, ""),
        ("p1 p2", PLAIN, "p1 p2"),
        ("p1 p2 p3 p4 p5 p6", PLAIN, "p1 p2 p3 p4"),
        ("p1", replace(PLAIN, images=0), ""),
        ("v1", PLAIN, ""),
        ("v1 p2", PLAIN, "p2"),
        ("v1 p2 p3", FILMS, "v1"),
        ("p2 v1 p3", FILMS, "p2 p3"),
        ("v1 v2", FILMS, "v1"),
        ("p1 v2 p3", MIXING, "p1 v2 p3"),
        ("v1 v2 p3", MIXING, "v1 v2 p3"),
        (" ".join(f"p{n}" for n in range(12)), MIXING, " ".join(f"p{n}" for n in range(10))),
        ("v0 " + " ".join(f"p{n}" for n in range(12)), MIXING, "v0 " + " ".join(f"p{n}" for n in range(9))),
        ("d1 p2 p3", PAPERS, "d1"),
        ("p2 d1 p3", PAPERS, "p2 p3"),
        ("v1 d2", PAPERS, "v1"),
        ("d1 p2", MIXING, "p2"),
        ("m1", PLAIN, "m1"),
        ("p1 m2", PLAIN, "p1 m2"),
        ("v1 m2", FILMS, "v1"),
        ("v1 m2", MIXING, "v1"),
        ("v1 m2", PLAIN, "m2"),
        ("d1 m2", PAPERS, "d1"),
        ("m2 v1", FILMS, "v1"),
        ("v1 p2 m3", MIXING, "v1 p2"),
        ("p1 v2 m3", FILMS, "p1 m3"),
        ("m1 p2 d3", PAPERS, "m1 p2"),
        ("p1 v2 m3", MIXING, "p1 v2"),
    ],
)
def test_a_network_shows_what_it_takes_in_order(there: str, limits: Limits, expected: str) -> None:
    assert seen(there, limits) == expected


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ((1600, 900), "wide"),
        ((1080, 1350), "tall"),
        ((1080, 1920), "tall"),
        ((1200, 627), "wide"),
        ((640, 640), "tall"),
    ],
)
def test_of_a_painted_picture_the_nearest_shape_is_shown(wanted: tuple[int, int], chosen: str) -> None:
    sizes = (("wide", 1600, 900), ("small", 800, 450), ("tall", 1080, 1350))
    made = [a_media_item(digest=Digest(name), width=w, height=h) for name, w, h in sizes]
    slide = Slide(sizes=tuple(a_picture(item, origin=an_origin()) for item in made))
    width, height = wanted
    assert names(shown((slide,), PLAIN, TERSE, PictureSize(width=width, height=height))) == chosen


kinds = st.lists(st.sampled_from("pvdm"), max_size=40).map(lambda made: " ".join(f"{k}{n}" for n, k in enumerate(made)))
takes = st.builds(
    Limits,
    text=st.just(300),
    unit=st.just("characters"),
    images=st.integers(0, 35),
    mixed=st.just(0) | st.integers(2, 20),
    video=st.none() | st.just(VIDEO),
    document=st.none() | st.just(PAPER),
)


@given(kinds, takes)
def test_nothing_is_shown_that_is_not_taken_and_nothing_out_of_order(there: str, limits: Limits) -> None:
    media = shown(slides(there), limits, TERSE, WIDE)
    order = there.split()
    places = [order.index(source_of(m).digest) for m in media]
    assert places == sorted(set(places))
    attached = [m for m in media if isinstance(m, Attachment)]
    assert all(limits.video if m.moves else limits.document for m in attached)
    if attached and len(media) > 1:
        assert len(media) <= limits.mixed
        assert all(m.moves for m in attached)
        assert not any(isinstance(m, Picture) and m.origin for m in media)
    if not attached:
        assert len(media) <= limits.images


@given(kinds, takes)
def test_something_is_shown_wherever_something_is_taken(there: str, limits: Limits) -> None:
    taken = [
        s
        for s in slides(there)
        if (isinstance(s.first, Picture) and limits.images)
        or (isinstance(s.first, Attachment) and (limits.video if s.first.moves else limits.document))
    ]
    assert bool(shown(slides(there), limits, TERSE, WIDE)) is bool(taken)


def test_a_picture_the_network_can_not_fetch_stays_for_the_checks_to_say_and_a_painted_one_does_not() -> None:
    pulling = replace(TERSE, pulls_pictures=True)
    hidden = replace(PLAIN, images=0)
    assert names(shown(slides("p1 p2"), hidden, pulling, WIDE)) == "p1"
    assert shown(slides("m1"), hidden, pulling, WIDE) == ()


# -- adding --------------------------------------------------------------------------------------------------------


def desk(**limits: Limits) -> tuple[Placing, tuple[Variant, ...]]:
    """Accounts by the name of their network."""
    accounts = [replace(account(slug), limits=one) for slug, one in limits.items()]
    variants = tuple(a_variant(account_id=a.id, platform=a.platform) for a in accounts)
    return Placing({s.slug: s for s in SPECS}, {a.id: a for a in accounts}), variants


def added(there: str, new: str, **limits: Limits) -> str:
    placing, variants = desk(**(limits or {"terse": PLAIN}))
    variants = placing.placed(slides(there), variants)
    return " ".join(source_of(s.first).digest for s in placing.added(slides(there), slides(new), variants))


@pytest.mark.parametrize(
    ("there", "new", "limits", "expected"),
    [
        ("", "p1 p2", {}, "p1 p2"),
        ("p1", "p2", {}, "p1 p2"),
        ("m1", "p2", {}, "p2"),
        ("p1", "v2", {"terse": FILMS}, "v2 p1"),
        ("m1", "v2", {"terse": FILMS}, "v2"),
        ("p1", "v2", {"terse": FILMS, "roomy": PLAIN}, "v2 p1"),
        ("m1", "v2", {"terse": FILMS, "roomy": PLAIN}, "v2 m1"),
        ("p1", "v2", {"terse": MIXING}, "v2 p1"),
        ("v1", "p2", {"terse": MIXING}, "v1 p2"),
        ("v1", "v2", {"terse": FILMS}, "v2 v1"),
        ("p1 p2", "p1", {}, "p2 p1"),
        ("v1 p2", "p3 v4 p5", {"terse": MIXING}, "v1 p2 p3 v4 p5"),
        ("p1", "p2 p2", {}, "p1 p2"),
        ("d1 p2", "d3", {"terse": PAPERS, "roomy": PLAIN}, "d3 d1 p2"),
        ("p1 p2 p3 p4 p5", "d6", {"terse": PAPERS, "roomy": PLAIN}, "d6 p1 p2 p3 p4 p5"),
        ("p1 p2", "p3 p4 p5 p6", {}, "p1 p2 p3 p4 p5 p6"),
        ("v1", "p2", {"terse": FILMS}, "v1 p2"),
        ("", "p1 v2", {"terse": FILMS}, "p1 v2"),
        ("", "v1 v2", {"terse": FILMS}, "v1 v2"),
    ],
)
def test_what_is_brought_stands_beside_what_is_there(
    there: str, new: str, limits: dict[str, Limits], expected: str
) -> None:
    assert added(there, new, **limits) == expected


@pytest.mark.parametrize(
    ("new", "limits", "message"),
    [
        ("v1", PLAIN, "No network of this draft takes videos."),
        ("p1 d2", FILMS, "No network of this draft takes documents."),
        ("p1", replace(FILMS, images=0), "No network of this draft takes pictures."),
        (" ".join(f"p{n}" for n in range(36)), PLAIN, "There would be 36 pictures and videos; 35 is the most."),
    ],
)
def test_what_nobody_takes_is_refused_with_the_reason(new: str, limits: Limits, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        added("", new, terse=limits)
    assert (caught.value.message, caught.value.field) == (message, "upload")
    assert caught.value.next_step


def test_what_comes_again_without_words_keeps_those_it_has() -> None:
    placing, variants = desk(terse=PLAIN)
    bare = Slide(sizes=(replace(slides("p1")[0].first, alt=""),))
    assert [s.first.alt for s in placing.added(slides("p1 p2"), (bare,), variants)] == ["p2", "p1"]
    other = Slide(sizes=(replace(slides("p1")[0].first, alt="Other"),))
    assert [s.first.alt for s in placing.added(slides("p1 p2"), (other,), variants)] == ["p2", "Other"]


brought = kinds.map(lambda said: " ".join(f"{one}x" for one in said.split() if one[0] != "m")).filter(bool)


@given(kinds, brought, st.lists(takes, min_size=1, max_size=3))
def test_nothing_that_was_brought_is_lost_and_a_painted_one_only_where_it_is_shown_nowhere(
    there: str, new: str, limits: list[Limits]
) -> None:
    placing, variants = desk(**dict(zip(("terse", "middle", "roomy"), limits, strict=False)))
    fresh = slides(new)
    try:
        kept = placing.added(slides(there), fresh, placing.placed(slides(there), variants))
    except InvalidInput:
        return
    assert {*fresh, *(s for s in slides(there) if not s.made)} <= set(kept) <= {*fresh, *slides(there)}
    painted_ones = [s for s in kept if s.made]
    assert set(painted_ones) <= set(placing.seen(kept, variants))
    assert not (painted_ones and any(isinstance(s.first, Picture) for s in fresh))


# -- painted, described, derived -----------------------------------------------------------------------------------


def test_a_painted_picture_takes_the_place_of_the_one_before() -> None:
    made = painted("new")
    assert with_made(slides("p1 m2 p3"), made) == (*slides("p1"), made, *slides("p3"))
    assert with_made(slides("p1"), made) == (*slides("p1"), made)


def test_words_belong_to_a_slide_and_reach_every_network_that_shows_it() -> None:
    there = slides("v1 p2")
    fitted = replace(a_picture(a_media_item(digest=Digest("cut"))), whole=there[1].first.item)
    variants = [a_variant(media=(there[0].first,)), a_variant(media=(fitted,))]
    anew = described(there, {1: " A pier "})
    assert [s.first.alt for s in anew] == ["v1", "A pier"]
    assert [m.alt for v in redescribed(variants, anew) for m in v.media] == ["v1", "A pier"]


@given(kinds, takes, takes)
def test_slides_that_nobody_kept_follow_from_what_is_shown(there: str, one: Limits, other: Limits) -> None:
    media = [shown(slides(there), limits, TERSE, WIDE) for limits in (one, other)]
    derived = slides_of(media)
    assert all(any(s.yields(m) for s in derived) for several in media for m in several)
    brought = [s for s in derived if not s.made]
    assert [called(s.first) == "picture" for s in brought] == sorted(called(s.first) == "picture" for s in brought)
    assert sum(s.made for s in derived) <= 1
