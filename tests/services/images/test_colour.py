"""Colours: contrast as WCAG counts it, inks that can be read on any ground, names for those who can't see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.brand import Palette
from services.images.colour import (
    BLACK,
    READABLE,
    WHITE,
    Rgb,
    contrast,
    luminance,
    mix,
    name_of,
    parse,
    readable,
    schemes,
)

colours = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))


def hexed(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, expected: float) -> None:
    assert contrast(parse(one), parse(other)) == pytest.approx(expected, abs=0.005)


def test_luminance_weighs_green_most() -> None:
    assert [round(luminance(c), 4) for c in ((255, 0, 0), (0, 255, 0), (0, 0, 255))] == [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("value", ["", "#12", "blue", "#gggggg", "#1234567"])
def test_what_is_no_colour_is_black(value: str) -> None:
    assert parse(value) == BLACK


@given(ink=colours, ground=colours)
def test_an_ink_can_be_read_on_every_ground(ink: Rgb, ground: Rgb) -> None:
    assert contrast(readable(ink, ground), ground) >= READABLE


@given(ink=colours, ground=colours)
def test_an_ink_that_can_be_read_stays(ink: Rgb, ground: Rgb) -> None:
    if contrast(ink, ground) >= READABLE:
        assert readable(ink, ground) == ink


@given(one=colours, other=colours)
def test_mixing_starts_at_one_colour_and_ends_at_the_other(one: Rgb, other: Rgb) -> None:
    assert (mix(one, other, 0), mix(one, other, 1)) == (one, other)
    assert mix(one, one, 0.5) == pytest.approx(one, abs=1)


def test_halfway_between_black_and_white_looks_halfway() -> None:
    assert mix(BLACK, WHITE, 0.5) == pytest.approx((99, 99, 99), abs=2)


@given(background=colours, text=colours, accent=colours)
def test_every_palette_gives_four_schemes_whose_letters_can_be_read(background: Rgb, text: Rgb, accent: Rgb) -> None:
    palette = Palette(background=hexed(background), text=hexed(text), accent=hexed(accent))

    for scheme in schemes(palette):
        assert contrast(scheme.ink, scheme.ground) >= READABLE
        assert contrast(scheme.accent, scheme.ground) >= READABLE
        assert contrast(scheme.shape, scheme.ground) >= 1.5


def test_a_palette_that_can_be_read_is_used_as_it_is() -> None:
    first = schemes(Palette(background="#14202b", text="#efeadf", accent="#ff8a7a"))[0]

    assert [hexed(c) for c in (first.ground, first.ink, first.accent)] == ["#14202b", "#efeadf", "#ff8a7a"]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("#000000", "black"),
        ("#ffffff", "white"),
        ("#808080", "grey"),
        ("#14202b", "dark blue"),
        ("#b3261e", "red"),
        ("#2f6b3c", "green"),
        ("#f2b705", "yellow"),
        ("#3b2fff", "blue"),
    ],
)
def test_colours_have_names(value: str, name: str) -> None:
    assert name_of(parse(value)) == name
