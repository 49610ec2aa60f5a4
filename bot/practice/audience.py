"""The simulated audience: every count is a pure function of the post and its age, so it never goes backwards."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from bot.practice.kinds import Network
from bot.practice.text import graphemes, links
from bot.practice.voices import MOODS, REMARKS, VOICES, Remark, Voice

if TYPE_CHECKING:
    from datetime import datetime

DAY = 86_400.0
HOUR = 3_600.0
SETTLED_AFTER = 7 * DAY
HALF_OF_LIFE = 5 * HOUR
NIGHT_PACE = 0.2
MORNING, NIGHT = 6, 22
SATURDAY = 5
WORKING_MORNING = range(8, 11)
READ_TO_THE_END = range(80, 181)
SKIPPED_BEYOND = 260
MOST_REPLIES = 12
BASE_LIKES = {
    Network.MASTODON: 14.0,
    Network.BLUESKY: 22.0,
    Network.X: 18.0,
    Network.LINKEDIN: 26.0,
    Network.THREADS: 26.0,
    Network.FACEBOOK: 17.0,
    Network.INSTAGRAM: 31.0,
    Network.TIKTOK: 44.0,
}
BASE_REPLIES = {
    Network.MASTODON: 1.6,
    Network.BLUESKY: 2.2,
    Network.X: 1.9,
    Network.LINKEDIN: 2.0,
    Network.THREADS: 2.6,
    Network.FACEBOOK: 2.4,
    Network.INSTAGRAM: 2.8,
    Network.TIKTOK: 2.3,
}
BASE_FOLLOWERS = {
    Network.MASTODON: 842,
    Network.BLUESKY: 1263,
    Network.X: 3120,
    Network.LINKEDIN: 2240,
    Network.THREADS: 2140,
    Network.FACEBOOK: 1875,
    Network.INSTAGRAM: 2960,
    Network.TIKTOK: 4380,
}
GROWTH_A_DAY = {
    Network.MASTODON: 2.3,
    Network.BLUESKY: 4.1,
    Network.X: 3.4,
    Network.LINKEDIN: 2.9,
    Network.THREADS: 5.2,
    Network.FACEBOOK: 1.7,
    Network.INSTAGRAM: 6.3,
    Network.TIKTOK: 9.4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What about a post the audience reacts to; `part` is true for a later part of a thread."""

    graphemes: int
    question: bool
    number: bool
    link: bool
    picture: bool
    part: bool
    weekday: int
    hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the audience did with a post, replies apart: those are posts of their own."""

    likes: int
    reposts: int
    quotes: int
    bookmarks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A reply that will come `after` audience seconds."""

    after: float
    voice: Voice
    remark: Remark


def chance(*parts: object) -> float:
    """Answer a number in [0, 1) that is always the same for the same words."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def traits(text: str, *, picture: bool, part: bool, at: datetime) -> Traits:
    """Read from a post what the audience will care about."""
    return Traits(
        graphemes=graphemes(text),
        question="?" in text,
        number=any(letter.isdigit() for letter in text),
        link=next(links(text), None) is not None,
        picture=picture,
        part=part,
        weekday=at.weekday(),
        hour=at.hour,
    )


def _timing(seen: Traits) -> float:
    if seen.hour >= NIGHT or seen.hour < MORNING:
        by_hour = 0.45
    elif seen.hour in WORKING_MORNING:
        by_hour = 1.5
    else:
        by_hour = 1.0
    return by_hour * (0.6 if seen.weekday >= SATURDAY else 1.0)


def _writing(seen: Traits) -> float:
    factor = 1.45 if seen.picture else 1.0
    factor *= 1.25 if seen.number else 1.0
    factor *= 1.1 if seen.question else 1.0
    factor *= 0.85 if seen.link else 1.0
    factor *= 0.35 if seen.part else 1.0
    if seen.graphemes in READ_TO_THE_END:
        return factor * 1.2
    return factor * (0.75 if seen.graphemes > SKIPPED_BEYOND else 1.0)


def final(seed: int, network: Network, post: str, seen: Traits) -> Counts:
    """Answer the counts a post ends with."""
    luck = math.exp(sum(chance(seed, post, "luck", turn) for turn in range(3)) * 0.5 - 0.75)
    reach = _timing(seen) * _writing(seen) * luck
    likes = BASE_LIKES[network] * reach
    return Counts(
        likes=round(likes),
        reposts=round(likes * (0.18 + 0.12 * chance(seed, post, "reposts"))),
        quotes=round(likes * 0.08 * chance(seed, post, "quotes")),
        bookmarks=round(likes * 0.2 * chance(seed, post, "bookmarks")),
    )


def waking(start: datetime, age: float) -> float:
    """Answer how many of the `age` seconds after `start` the audience was awake for; nights count a fifth."""
    days, rest = divmod(max(age, 0.0), DAY)
    total = days * (HOUR * (NIGHT - MORNING) + NIGHT_PACE * HOUR * (24 - NIGHT + MORNING))
    hour = start.hour + start.minute / 60 + start.second / HOUR
    while rest > 0:
        step = min(rest, (math.floor(hour) + 1 - hour) * HOUR)
        total += step * (1.0 if MORNING <= math.floor(hour) % 24 < NIGHT else NIGHT_PACE)
        rest -= step
        hour = math.floor(hour) + 1
    return total


def counts(ends: Counts, start: datetime, age: float) -> Counts:
    """Answer the counts of a post that has lived for `age` audience seconds."""
    share = 1.0 if age >= SETTLED_AFTER else 1.0 - math.exp(-waking(start, age) / HALF_OF_LIFE)
    return Counts(
        likes=int(ends.likes * share),
        reposts=int(ends.reposts * share),
        quotes=int(ends.quotes * share),
        bookmarks=int(ends.bookmarks * share),
    )


@lru_cache(maxsize=128)  # asked again when they appear, soon for a network's whole history
def replies(seed: int, network: Network, post: str, seen: Traits) -> tuple[Planned, ...]:
    """Answer every reply a post will get, earliest first; no voice speaks twice under one post."""
    wanted = BASE_REPLIES[network] * _timing(seen) * (2.4 if seen.question else 1.0) * (0.3 if seen.part else 1.0)
    number = min(MOST_REPLIES, int(wanted * (0.5 + chance(seed, post, "replies")) + chance(seed, post, "odd")))
    if not number:
        return ()
    voices = sorted(VOICES, key=lambda voice: chance(seed, post, "voice", voice.name))
    plan = [
        Planned(
            after=240.0 - 5 * HOUR * math.log(1 - 0.98 * chance(seed, post, "after", turn)),
            voice=voices[turn],
            remark=_remark(seed, post, turn),
        )
        for turn in range(number)
    ]
    return tuple(sorted(plan, key=lambda planned: planned.after))


def _remark(seed: int, post: str, turn: int) -> Remark:
    draw = chance(seed, post, "mood", turn)
    shares = accumulate(share for _, share in MOODS)
    mood = next((mood for (mood, _), top in zip(MOODS, shares, strict=True) if draw < top), MOODS[0][0])
    options = [remark for remark in REMARKS if remark.mood is mood]
    return options[int(chance(seed, post, "remark", turn) * len(options))]


def followers(network: Network, *, audience_days: float, likes: int) -> int:
    """Answer an account's followers: a slow growth by the day plus some of those who liked a post."""
    return BASE_FOLLOWERS[network] + int(GROWTH_A_DAY[network] * max(audience_days, 0.0)) + int(likes * 0.04)
