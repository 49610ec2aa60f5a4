"""What is claimed, with what sample, and above all what is not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from services.analytics.frame import opens_with_number, opens_with_question, posts_frame
from services.analytics.insights import best_slot, findings, platform_ratio, rates
from services.analytics.material import AccountRow
from services.analytics.reading import read_numbers
from services.analytics.wording import change, mean, percent, sample, times
from services.domain.ids import AccountId, PlatformSlug, PostId
from services.domain.wording import listed
from tests.services.analytics.cases import NOW, ZONE, Team, a_post, material, tuesdays_at_nine

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.analytics.material import Material
    from services.domain.insight import Finding
    from services.domain.metrics import MeasuredPost


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def claims(of: Material) -> dict[str, Finding]:
    return {f.kind: f for f in findings(of, posts_frame(of))}


def many(count: int, *, make: Callable[[int], dict[str, object]], spread: float = 0.3) -> list[MeasuredPost]:
    """Posts of two accounts over four weeks whose likes scatter around `level`."""
    chance, made = random.Random(3), []
    for n in range(count):
        fields = dict(make(n))
        level = float(str(fields.pop("level", 20)))
        likes = round(level * chance.lognormvariate(0, spread))
        post = a_post(n, ago(27 - n * 26 / count), likes=likes, comments=0, shares=0)
        made.append(replace(post, **fields))  # type: ignore[arg-type]  # a table of fields
    return made


def test_nothing_is_said_about_nothing() -> None:
    empty = material([])
    assert claims(empty) == {}
    assert rates(empty, posts_frame(empty)) == ()
    assert read_numbers(empty).sentences == ("Nothing was published in these 28 days.",)


def test_one_post_is_told_and_nothing_is_claimed() -> None:
    one = material([a_post(1, ago(3), impressions=400)])
    assert claims(one) == {}
    assert read_numbers(one).sentences == (
        "1 post of 28 days earned 13 likes, comments and shares.",
        "1 post has had a day to earn; comparisons begin at 16.",
    )


def test_posts_without_numbers_yet_are_told_apart_from_zeros() -> None:
    fresh = replace(a_post(1, ago(0.01)), latest=None)
    assert read_numbers(material([fresh])).sentences == ("1 post went out in 28 days. Its numbers are not in yet.",)
    unknown = a_post(2, ago(3), likes=None, comments=None, shares=None)
    assert read_numbers(material([unknown])).sentences == ("1 post went out in 28 days. Its numbers are not in yet.",)
    table = posts_frame(material([unknown, a_post(3, ago(4), likes=None, comments=4, shares=None)]))
    assert sorted(table["earned"].fillna(-1)) == [-1, 4]


def test_all_zeros_make_no_claim_and_no_division() -> None:
    zeros = material([a_post(n, ago(1 + n), likes=0, comments=0, shares=0, impressions=50) for n in range(24)])
    assert [f.kind for f in claims(zeros).values()] == ["rate_low"]
    assert claims(zeros)["rate_low"].text == "On Mastodon 0.0 % of impressions became likes, comments and shares"


def test_ties_stand_out_nowhere() -> None:
    same = material([a_post(n, ago(1 + n * 0.9), pictures=n % 2, draft=str(n)) for n in range(28)])
    assert claims(same) == {}
    told = "Nothing stands out among 28 posts: the differences are as small as chance makes them."
    assert told in read_numbers(same).sentences


def test_counters_that_go_back_are_counted_as_given_back() -> None:
    posts = [a_post(n, ago(1 + n)) for n in range(5)]
    made = material(posts)
    hours = tuple(replace(h, likes=-4, comments=0, shares=0) if i == 0 else h for i, h in enumerate(made.hours))
    text = read_numbers(replace(made, hours=hours)).sentences[0]
    assert text.startswith("5 posts of 28 days earned 65 likes, comments and shares")
    broken = a_post(9, ago(2), likes=-5)
    assert posts_frame(material([broken]))["earned"].tolist() == [3.0]


def test_networks_are_compared_from_five_posts_on_each_side() -> None:
    def two(high: int, low: int, count: int) -> Material:
        fine = [a_post(n, ago(2 + n), likes=high, comments=0, shares=0) for n in range(count)]
        weak = [a_post(50 + n, ago(2 + n), likes=low, comments=0, shares=0, platform="bluesky") for n in range(count)]
        return material([*fine, *weak])

    assert platform_ratio(two(21, 10, 4), posts_frame(two(21, 10, 4))) is None
    assert platform_ratio(two(20, 10, 6), posts_frame(two(20, 10, 6))) is None  # not over 2
    found = platform_ratio(two(21, 10, 6), posts_frame(two(21, 10, 6)))
    assert found is not None
    assert found.text == "Mastodon earns 2.1 times what Bluesky does, per post"
    assert found.basis == "12 posts, 28 days · 21 against 10 likes, comments and shares per post"
    nothing = platform_ratio(two(21, 0, 6), posts_frame(two(21, 0, 6)))
    assert nothing is not None
    assert nothing.text == "Mastodon earns 21 per post, Bluesky nothing"


def test_posts_younger_than_a_day_are_not_compared() -> None:
    old = [a_post(n, ago(2 + n), likes=40) for n in range(6)]
    young = [a_post(50 + n, ago(0.2), likes=1, platform="bluesky", age=timedelta(hours=3)) for n in range(6)]
    assert platform_ratio(material([*old, *young]), posts_frame(material([*old, *young]))) is None


def test_an_engagement_rate_names_what_it_is_taken_of() -> None:
    accounts = [
        AccountRow(id=AccountId(f"acc-{p}"), platform=PlatformSlug(p), handle=p, followers=f)
        for p, f in (("mastodon", 500), ("bluesky", None), ("threads", None), ("x", 1000))
    ]
    posts = [
        a_post(1, ago(2), impressions=100, reach=50),
        a_post(2, ago(2), platform="threads", reach=130),
        a_post(3, ago(2), platform="x"),
        a_post(4, ago(2), platform="bluesky"),
    ]
    made = material(posts, accounts=accounts)
    found = {r.platform: (r.basis, r.value and round(r.value, 3)) for r in rates(made, posts_frame(made))}
    assert found == {
        "mastodon": ("impressions", 0.13),
        "threads": ("reach", 0.1),
        "x": ("followers", 0.013),
        "bluesky": ("", None),
    }
    assert read_numbers(made).sentences[-1] == (
        "Engagement rate: n/a, because Bluesky gave neither impressions nor reach nor followers."
    )


@pytest.mark.parametrize(
    ("impressions", "kind"), [(1000, "rate_low"), (650, None), (217, None), (200, "rate_high")], ids=str
)
def test_rates_below_two_and_above_six_percent_speak_up(impressions: int, kind: str | None) -> None:
    made = material([a_post(n, ago(2 + n), comments=1, shares=2, impressions=impressions) for n in range(5)])
    assert [k for k in claims(made) if k.startswith("rate")] == ([kind] if kind else [])


@pytest.mark.parametrize(("comments", "kind"), [(0, "talk_low"), (1, None), (2, None), (3, "talk_high")])
def test_comments_per_like_speak_up_outside_their_band(comments: int, kind: str | None) -> None:
    made = material([a_post(n, ago(2 + n), likes=10, comments=comments) for n in range(6)])
    assert [k for k in claims(made) if k.startswith("talk")] == ([kind] if kind else [])


def test_too_few_likes_say_nothing_about_talk() -> None:
    made = material([a_post(n, ago(2 + n), likes=3, comments=0) for n in range(6)])
    assert claims(made) == {}


def test_an_hour_that_works_is_found_with_its_sample_and_spread() -> None:
    made = material(Team(better=tuesdays_at_nine, per_day=1.6).posts(), days=42)
    slot = best_slot(made, posts_frame(made))
    assert slot is not None
    assert (slot.weekday, slot.hour) == (1, 9)
    assert slot.finding.text == "Tuesdays at 9:00 earn 3.3 times as much as the others"
    assert slot.finding.basis == "6 of 129 posts, 42 days · 2.3–4.7× at 95 %"
    assert slot.finding.advice == "Plan what matters for a Tuesday at 9:00 (Europe/Berlin)."
    first, *rest = findings(made, posts_frame(made))
    assert first == slot.finding
    assert "weekday" not in {f.kind for f in rest}  # Tuesdays are better because of nine o'clock


def test_an_hour_is_read_on_the_clock_of_the_zone() -> None:
    posts = Team(better=tuesdays_at_nine, per_day=1.6).posts()
    made = material(posts, days=42, zone="America/New_York")
    slot = best_slot(made, posts_frame(made))
    assert slot is not None
    assert (slot.weekday, slot.hour) == (1, 3)


@pytest.mark.parametrize(
    ("kind", "make", "text"),
    [
        ("picture", lambda n: {"pictures": n % 2, "level": 20 + 25 * (n % 2)}, "Posts with a picture earn"),
        ("picture", lambda n: {"pictures": n % 2, "level": 45 - 25 * (n % 2)}, "Posts without a picture earn"),
        ("thread", lambda n: {"parts": 1 + 3 * (n % 2), "level": 20 + 25 * (n % 2)}, "Threads earn"),
        ("number", lambda n: {"text": "7 ways" if n % 2 else "Ways", "level": 20 + 25 * (n % 2)}, "Posts that open"),
        ("question", lambda n: {"text": "Why? So." if n % 2 else "So.", "level": 20 + 25 * (n % 2)}, "Posts that open"),
        ("length", lambda n: {"text": "w" * (300 if n % 2 else 20), "level": 20 + 25 * (n % 2)}, "Posts over 250"),
    ],
)
def test_what_makes_a_post_earn_more_is_found(kind: str, make: Callable[[int], dict[str, object]], text: str) -> None:
    found = claims(material(many(40, make=make)))
    assert kind in found
    assert found[kind].text.startswith(text)
    assert "of 40 posts, 28 days · " in found[kind].basis
    assert found[kind].basis.endswith("× at 95 %")


def test_seven_posts_on_one_side_claim_nothing() -> None:
    posts = many(40, make=lambda n: {"pictures": int(n < 7), "level": 90 if n < 7 else 10})
    assert "picture" not in claims(material(posts))
    posts = many(40, make=lambda n: {"pictures": int(n < 8), "level": 90 if n < 8 else 10})
    assert "picture" in claims(material(posts))


def test_versions_of_one_draft_count_as_one_when_sureness_is_told() -> None:
    def make(n: int) -> dict[str, object]:
        return {"pictures": n % 2, "level": 20 + 25 * (n % 2), "draft_id": f"d{n % 8}"}

    assert "picture" not in claims(material(many(40, make=make)))


def test_a_picture_is_not_praised_for_being_on_the_busier_network() -> None:
    busy = many(20, make=lambda _: {"pictures": 1, "level": 60})
    quiet = [
        replace(p, account_id=AccountId("acc-b"), platform=PlatformSlug("bluesky"), id=PostId(f"b{p.id}"), pictures=0)
        for p in many(20, make=lambda _: {"level": 10})
    ]
    assert "picture" not in claims(material([*busy, *quiet]))


def test_chance_alone_is_seldom_praised() -> None:
    """Forty teams for whom nothing matters: a report of eight comparisons may be fooled now and then, not often."""
    fooled = sum(
        any(k not in {"platform_ratio", "rate_low", "rate_high", "talk_low", "talk_high"} for k in claims(made))
        for seed in range(40)
        for made in [material(Team(seed=seed, per_day=0.8, usual={"mastodon": 12, "bluesky": 12}).posts(), days=42)]
    )
    assert fooled <= 6


def test_the_period_is_compared_with_the_one_before() -> None:
    now = [a_post(n, ago(3 + n), likes=30, comments=0, shares=0) for n in range(4)]
    before = [a_post(50 + n, ago(31 + n * 7.5), likes=20, comments=0, shares=0) for n in range(4)]
    assert read_numbers(material([*now, *before])).sentences[0] == (
        "4 posts of 28 days earned 120 likes, comments and shares; the period brought 50 % more than the one before."
    )


def test_a_period_before_that_was_measured_in_part_is_no_comparison() -> None:
    now = [a_post(n, ago(3 + n), likes=30, comments=0, shares=0) for n in range(4)]
    before = [a_post(50 + n, ago(31 + n), likes=20, comments=0, shares=0) for n in range(4)]
    text = read_numbers(material([*now, *before])).sentences[0]
    assert text == "4 posts of 28 days earned 120 likes, comments and shares."


def test_what_is_surest_comes_first_and_a_weekday_gives_way_to_the_week() -> None:
    def make(n: int) -> dict[str, object]:
        weekend = ago(27 - n * 26 / 80).astimezone(ZoneInfo(ZONE)).weekday() >= 5
        return {"pictures": n % 2, "level": (10 if weekend else 40) * (1.0 + 0.5 * (n % 2))}

    found = findings(material(many(80, make=make)), posts_frame(material(many(80, make=make))))
    assert [f.kind for f in found][:2] == ["weekend", "picture"]
    assert found[0].text.startswith("Posts from Monday to Friday earn ")
    assert found[0].advice == "Plan what matters for Monday to Friday."
    assert found[1].advice == "Add a picture."
    assert "weekday" not in {f.kind for f in found}


def test_openings_are_read() -> None:
    assert [opens_with_number(t) for t in ("7 ways", "“7 ways", "No 7", "", "#7")] == [True, True, False, False, True]
    texts = ("Why so? Because.", "Because. Why?", "Warum?", "なぜ？それは", "", "No stop")
    assert [opens_with_question(t) for t in texts] == [True, False, True, True, False, False]


def test_words_for_numbers() -> None:
    assert [times(r) for r in (1.62, 2.04, 3.0, 12.4)] == ["1.6 times", "twice", "three times", "12 times"]
    assert [change(n, 100) for n in (118, 100, 55, 400)] == [
        "18 % more than",
        "as many as",
        "45 % fewer than",
        "four times as many as",
    ]
    assert change(5, 0) == change(-2, 5) == ""
    assert [percent(0.0081), percent(0.123)] == ["0.8 %", "12 %"]
    assert [mean(9.04), mean(7.36), mean(1203.4)] == ["9", "7.4", "1,203"]
    assert [listed(list(parts)) for parts in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert sample(8, 41, 28) == "8 of 41 posts, 28 days"


def test_a_day_with_two_of_an_hour_is_one_day() -> None:
    zone = ZoneInfo(ZONE)
    twice = [datetime(2025, 10, 26, 2, 30, fold=fold, tzinfo=zone).astimezone(UTC) for fold in (0, 1)]
    table = posts_frame(replace(material([]), posts=tuple(a_post(n, at) for n, at in enumerate(twice))))
    assert table["hour"].tolist() == [2, 2]
    assert table["day"].nunique() == 1
