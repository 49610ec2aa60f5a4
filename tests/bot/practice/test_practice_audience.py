"""The audience is deterministic, never goes back, and can be learned from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.practice import audience
from bot.practice.audience import Traits
from bot.practice.kinds import Network
from bot.practice.voices import MOODS, REMARKS, VOICES, Mood
from tests.bot.practice.driving import FakeClock, Practice, record, running

MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def seen(text: str = "a" * 100, *, at: datetime = MORNING, picture: bool = False, part: bool = False) -> Traits:
    """The traits of a plain weekday-morning post, changed in one respect."""
    return audience.traits(text, picture=picture, part=part, at=at)


def likes(traits: Traits) -> float:
    """The mean final likes over many posts of one kind."""
    return mean(audience.final(7, Network.BLUESKY, f"post-{number}", traits).likes for number in range(200))


def replies(traits: Traits) -> float:
    """The mean number of replies over many posts of one kind."""
    return mean(len(audience.replies(7, Network.BLUESKY, f"post-{number}", traits)) for number in range(200))


def test_there_is_enough_to_say_and_no_remark_twice() -> None:
    assert len({remark.text for remark in REMARKS}) == len(REMARKS) >= 40
    assert {remark.mood for remark in REMARKS} == set(Mood) == {mood for mood, _ in MOODS}
    assert len({remark.language for remark in REMARKS}) >= 5
    assert sum("https://" in remark.text for remark in REMARKS) >= 3
    assert len({voice.name for voice in VOICES}) == len(VOICES) >= audience.MOST_REPLIES
    assert sum(share for _, share in MOODS) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (seen(), seen(at=MORNING.replace(hour=2))),
        (seen(), seen(at=MORNING.replace(hour=14))),
        (seen(), seen(at=MORNING + timedelta(days=4))),
        (seen(picture=True), seen()),
        (seen("a" * 99 + "5"), seen()),
        (seen(), seen("a" * 299)),
        (seen(), seen("a" * 60 + " https://example.com/a-page-about-it-all")),
        (seen(), seen(part=True)),
    ],
    ids=["night", "afternoon", "weekend", "picture", "number", "length", "link", "part"],
)
def test_timing_and_writing_make_a_difference(better: Traits, worse: Traits) -> None:
    assert likes(better) > likes(worse) * 1.1


def test_questions_are_answered() -> None:
    assert replies(seen("a" * 99 + "?")) > 1.8 * replies(seen())


def test_all_moods_occur_and_no_voice_speaks_twice() -> None:
    plans = [audience.replies(7, Network.MASTODON, f"p{number}", seen("why?")) for number in range(100)]
    assert {planned.remark.mood for plan in plans for planned in plan} == set(Mood)
    assert all(len({planned.voice.name for planned in plan}) == len(plan) for plan in plans)
    assert all(list(plan) == sorted(plan, key=lambda planned: planned.after) for plan in plans)


def test_the_same_seed_and_post_meet_the_same_audience() -> None:
    def drawn(seed: int, post: str) -> object:
        plan = audience.replies(seed, Network.MASTODON, post, seen("why?"))
        return audience.final(seed, Network.MASTODON, post, seen()), plan

    assert drawn(7, "p") == drawn(7, "p")
    assert drawn(7, "p") != drawn(8, "p")
    assert drawn(7, "p") != drawn(7, "q")


AGES = st.floats(0, 10 * audience.DAY)


@given(first=AGES, second=AGES, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_counts_never_go_backwards_and_end_at_their_final_value(
    first: float, second: float, hour: int, minute: int
) -> None:
    ends = audience.Counts(likes=97, reposts=11, quotes=3, bookmarks=7)
    start = MORNING.replace(hour=hour, minute=minute)
    young, old = (audience.counts(ends, start, age) for age in sorted((first, second)))
    for name in ("likes", "reposts", "quotes", "bookmarks"):
        assert 0 <= getattr(young, name) <= getattr(old, name) <= getattr(ends, name)
    assert audience.counts(ends, start, audience.SETTLED_AFTER) == ends


@given(age=AGES, hour=st.integers(0, 23))
def test_nights_are_quiet(age: float, hour: int) -> None:
    start = MORNING.replace(hour=hour)
    awake = audience.waking(start, age)
    assert 0.2 * age - 1e-6 <= awake <= age + 1e-6


def test_waking_counts_a_night_a_fifth() -> None:
    assert audience.waking(MORNING, 3600) == pytest.approx(3600)
    assert audience.waking(MORNING.replace(hour=23), 3600) == pytest.approx(720)
    assert audience.waking(MORNING.replace(hour=21, minute=30), 3600) == pytest.approx(1800 + 360)
    assert audience.waking(MORNING, audience.DAY) == pytest.approx(16 * 3600 + 0.2 * 8 * 3600)


async def test_a_day_of_likes_takes_a_day_divided_by_the_pace(practice: Practice) -> None:
    status = (await practice.toot("Which 3 flags do you always forget, and why do you think that is?")).json()

    async def liked() -> int:
        found = await practice.http.get(f"/mastodon/api/v1/statuses/{status['id']}")
        return int(found.json()["favourites_count"])

    seen_likes = []
    for _ in range(12):
        seen_likes.append(await liked())
        practice.clock.advance(minutes=2)
    assert seen_likes[0] == 0
    assert seen_likes == sorted(seen_likes)
    day = await liked()
    practice.clock.advance(days=1)
    final = await liked()
    assert 0.9 * final <= day <= final
    assert final > 5


async def test_followers_grow_and_survive_a_deletion(practice: Practice) -> None:
    async def followers() -> int:
        url = "/mastodon/api/v1/accounts/verify_credentials"
        return int((await practice.http.get(url, headers=practice.bearer)).json()["followers_count"])

    before = await followers()
    ids = [
        (await practice.toot(f"Release {number} is out, 40 % faster, what next?")).json()["id"] for number in range(5)
    ]
    practice.clock.advance(hours=2)
    grown = await followers()
    assert grown > before + 10
    await practice.http.delete(f"/mastodon/api/v1/statuses/{ids[0]}", headers=practice.bearer)
    assert await followers() == grown


async def test_an_edit_does_not_take_likes_away(practice: Practice) -> None:
    status = (await practice.toot("Which 3 flags do you always forget, and why do you think that is?")).json()
    practice.clock.advance(hours=2)
    url = f"/mastodon/api/v1/statuses/{status['id']}"
    before = (await practice.http.get(url)).json()
    await practice.http.put(url, json={"status": "x"}, headers=practice.bearer)
    after = (await practice.http.get(url)).json()
    for name in ("favourites_count", "reblogs_count", "replies_count"):
        assert after[name] == before[name] > 0


async def test_replies_and_counts_survive_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    database = tmp_path / "p.db"

    def shape(posts: list[dict[str, object]]) -> list[tuple[object, object]]:
        return [(post["id"], post["counters"]) for post in posts]

    async with running(database, clock) as practice:
        session = await practice.session()
        body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record("What now?")}
        await practice.call("com.atproto.repo.createRecord", body, session["accessJwt"])
        clock.advance(minutes=20)
        before = await practice.posts("bluesky")
        token = practice.token
    async with running(database, clock) as practice:
        assert shape(await practice.posts("bluesky")) == shape(before)
        assert practice.token == token
        known = await practice.ask("com.atproto.server.getSession", session["accessJwt"])
        assert known.status_code == 200


def _history_means(posts: list[dict[str, object]], wanted: Callable[[str], bool]) -> tuple[float, float]:
    def numbers(*, inside: bool) -> list[int]:
        return [post["counters"]["replies"] for post in posts if wanted(str(post["text"])) is inside]  # type: ignore[index]  # JSON

    return mean(numbers(inside=True)), mean(numbers(inside=False))


async def test_history_holds_a_finding(tmp_path: Path, clock: FakeClock) -> None:
    async with running(tmp_path / "p.db", clock, history_weeks=6) as practice:
        posts = await practice.posts("mastodon", "history") + await practice.posts("bluesky", "history")
        questions, others = _history_means(posts, lambda text: "?" in text)
        assert questions > 1.5 * others
