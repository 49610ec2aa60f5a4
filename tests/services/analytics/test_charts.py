"""The picture: drawn for every amount of data, the same each time, with words for those who can't see it.

`UPDATE_GOLDEN=1` writes the small copies anew; look at them before you keep them.
"""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from services.analytics.lines import nice_step
from services.analytics.material import AccountRow
from services.analytics.paper import Sheet, note, settable
from services.analytics.reading import read_numbers
from services.analytics.trend import series_names, trend
from services.domain.ids import AccountId, PlatformSlug
from services.domain.metrics import HourSum, post_id
from tests.services.analytics.cases import LABELS, NOW, Team, a_post, gains, material, tuesdays_at_nine

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from services.analytics.material import Material

GOLDEN: Final = Path(__file__).resolve().parents[2] / "golden" / "charts"
SMALL: Final = 300
"""Pixels of a golden copy's width: enough to see what moved."""
FAR: Final = 3.0
"""Mean difference of a point's brightness (0 to 255) that another build of the type's renderer may make."""


def three() -> Material:
    return material(
        [
            a_post(1, NOW - timedelta(days=3)),
            a_post(2, NOW - timedelta(days=5), likes=3, platform="bluesky", text="What would you ask a desk?"),
            a_post(3, NOW - timedelta(days=9), likes=40),
        ]
    )


def year() -> Material:
    usual = dict(zip(LABELS, (14.0, 9.0, 33.0, 4.0, 60.0, 2.0, 18.0, 5.0), strict=True))
    return material(Team(platforms=tuple(LABELS), days=364, per_day=0.35, usual=usual).posts(), days=364)


def foreign() -> Material:
    texts = ("東京の新しい店は日曜日に開きます", "Мы открываемся в воскресенье", "Grüße aus Köln, $5 or $6 ☕️ 100%")
    handles = (
        "the.very.long.official.handle.of.our.department@social.example.museum",
        "東京支店@a.test",
        "short@s.test",
    )
    posts = [
        replace(
            p, account_id=(a := AccountId(f"acc-{i % 3}")), platform=PlatformSlug("mastodon"), id=post_id(a, f"r{i}")
        )
        for i, p in enumerate(Team(days=28, seed=9, texts=texts).posts())
    ]
    accounts = [
        AccountRow(id=AccountId(f"acc-{i}"), platform=PlatformSlug("mastodon"), handle=h, followers=None)
        for i, h in enumerate(handles)
    ]
    return material(posts, accounts=accounts)


CASES: Final[dict[str, Callable[[], Material]]] = {
    "one-post": lambda: material([a_post(1, NOW - timedelta(days=3))]),
    "three-posts": three,
    "six-weeks": lambda: material(Team(better=tuesdays_at_nine, per_day=1.6).posts(), days=42),
    "year-of-eight": year,
    "foreign": foreign,
}


def opened(png: bytes) -> Image:
    from PIL import Image

    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("name", CASES)
def test_the_picture_is_the_one_that_was_looked_at(name: str) -> None:
    from PIL import ImageChops, ImageStat

    drawing = read_numbers(CASES[name]()).drawing
    assert drawing is not None
    image = opened(drawing.png)
    assert (image.width, image.height) == (drawing.width, drawing.height)
    small = image.convert("L").resize((SMALL, round(SMALL * image.height / image.width)))
    path, words = GOLDEN / f"{name}.png", GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        small.save(path, optimize=True)
        words.write_text(drawing.alt + "\n", encoding="utf-8")
    assert drawing.alt == words.read_text(encoding="utf-8").rstrip("\n")
    kept = opened(path.read_bytes())
    assert small.size == kept.size
    assert ImageStat.Stat(ImageChops.difference(small, kept)).mean[0] < FAR


def test_a_picture_of_everything_is_as_tall_as_planned() -> None:
    drawing = read_numbers(CASES["six-weeks"]()).drawing
    assert drawing is not None
    assert (drawing.width, drawing.height) == (1200, 1350)
    assert drawing.alt.startswith("Four charts, 42 days to Mon 2 Mar 2026. 1. ")
    assert "2. Tuesdays at 9:00 earn 3.3 times as much as the others (6 of 129 posts" in drawing.alt


def test_the_same_numbers_make_the_same_bytes() -> None:
    first, second = (read_numbers(three()).drawing for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "posts",
    [
        [],
        [replace(a_post(1, NOW - timedelta(hours=1)), latest=None)],
        [a_post(n, NOW - timedelta(days=n), likes=0, comments=0, shares=0) for n in range(1, 25)],
    ],
    ids=["none", "unmeasured", "zeros"],
)
def test_where_nothing_came_in_there_is_no_picture(posts: list[object]) -> None:
    assert read_numbers(material(posts)).drawing is None  # type: ignore[arg-type]  # a table of posts


def test_posts_that_only_lost_draw_no_week() -> None:
    posts = [a_post(n, NOW - timedelta(days=n), likes=-(n % 2), comments=0, shares=0) for n in range(1, 20)]
    assert read_numbers(material(posts)).drawing is None


def test_what_was_not_measured_is_a_gap_and_never_zero() -> None:
    posts = [a_post(n, NOW - timedelta(days=1 + n), likes=7, comments=0, shares=0) for n in range(20)]
    rows = [h for i, h in enumerate(gains(posts)) if i not in {4, 5}]
    found = trend(material(posts, days=20, hours=rows), most=4)
    assert found is not None
    assert (found.size, found.gaps) == (1, True)
    assert [i for i, p in enumerate(found.total) if p is None] == [4, 5]
    assert {p for p in found.total if p is not None} == {7.0}


def test_a_provided_zero_is_a_point() -> None:
    posts = [a_post(n, NOW - timedelta(days=1 + n), likes=n % 2, comments=0, shares=0) for n in range(20)]
    found = trend(material(posts, days=20), most=4)
    assert found is not None
    assert found.total.count(0.0) == 10
    assert not found.gaps


def test_hours_that_provide_nothing_are_gaps() -> None:
    silent = [
        HourSum(account_id=AccountId("a"), platform=PlatformSlug("mastodon"), hour=NOW - timedelta(days=d), samples=3)
        for d in range(1, 15)
    ]
    assert trend(material([], days=14, hours=silent), most=4) is None


def test_more_than_four_lines_become_three_and_the_others() -> None:
    found = trend(year(), most=4)
    assert found is not None
    assert [line.label for line in found.series] == ["Instagram", "LinkedIn", "TikTok", "5 others"]
    assert found.size == 7


def test_names_that_cannot_be_set_become_the_networks_own() -> None:
    names = series_names(foreign(), wide=False)
    assert names[AccountId("acc-1")] == "Mastodon"
    assert names[AccountId("acc-2")] == "@short@s.test"
    twins = [a_post(n, NOW - timedelta(days=2), account=f"acc-{n}") for n in range(2)]
    accounts = [
        AccountRow(id=AccountId(f"acc-{n}"), platform=PlatformSlug("mastodon"), handle="東京", followers=None)
        for n in range(2)
    ]
    assert sorted(series_names(material(twins, accounts=accounts), wide=False).values()) == ["Mastodon", "Mastodon 2"]


def test_only_what_the_type_has_letters_for_is_set() -> None:
    assert settable("Grüße aus Köln ☕️ $5") == "Grüße aus Köln $5"
    assert settable("東京の新しい店") == ""
    assert settable("Open 東京") == "Open"
    assert settable("Open 東京", least=1) == ""
    assert settable("") == ""


def test_words_are_cut_and_broken_to_fit() -> None:
    sheet = Sheet(200)
    cut = sheet.fit("a rather long line of words that goes on", 200, **note())
    assert cut.endswith("…")
    assert sheet.width_of(cut, **note()) <= 200
    lines = sheet.wrap("a rather long line of words that goes on and on", 260, 2, **note())
    assert len(lines) == 2
    assert all(sheet.width_of(line, **note()) <= 260 for line in lines)
    assert sheet.wrap("", 260, 2, **note()) == []


def test_grid_lines_are_round_and_few() -> None:
    for span in (0.5, 1, 3, 7, 12, 84, 99, 101, 440, 2_500, 99_999):
        step = nice_step(span)
        assert step == int(step) >= 1
        assert span / step <= 4
