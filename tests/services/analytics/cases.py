"""Materials that the store would give, from nothing at all to a year on eight networks, always the same."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.analytics.material import AccountRow, Material
from services.domain.ids import AccountId, DraftId, PlatformSlug
from services.domain.metrics import HourSum, MeasuredPost, PostMetrics, SlotSum, post_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOW: Final = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
ZONE: Final = "Europe/Berlin"
LAST: Final = date(2026, 3, 1)
LABELS: Final = {
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "linkedin": "LinkedIn",
    "threads": "Threads",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "tiktok": "TikTok",
    "x": "X",
}


def a_post(
    number: int,
    at: datetime,
    *,
    platform: str = "mastodon",
    account: str = "",
    text: str = "We open on Sunday",
    likes: int | None = 10,
    comments: int | None = 2,
    shares: int | None = 1,
    impressions: int | None = None,
    reach: int | None = None,
    pictures: int = 0,
    parts: int = 1,
    draft: str = "",
    age: timedelta = timedelta(days=7),
) -> MeasuredPost:
    """A post that was looked at `age` after it went out."""
    account_id = AccountId(account or f"acc-{platform}")
    remote = f"r{number}"
    return MeasuredPost(
        id=post_id(account_id, remote),
        account_id=account_id,
        platform=PlatformSlug(platform),
        remote_id=remote,
        url=f"https://social.test/{remote}",
        text=text,
        pictures=pictures,
        parts=parts,
        published_at=at,
        draft_id=DraftId(draft) if draft else None,
        latest=PostMetrics(
            remote_id=remote,
            at=at + age,
            likes=likes,
            comments=comments,
            shares=shares,
            impressions=impressions,
            reach=reach,
        ),
    )


def material(
    posts: Sequence[MeasuredPost] = (),
    *,
    days: int = 28,
    accounts: Sequence[AccountRow] | None = None,
    hours: Sequence[HourSum] | None = None,
    zone: str = ZONE,
) -> Material:
    """The rows a store would have made of these posts, all gained in the hour of publication unless said otherwise."""
    local = ZoneInfo(zone)
    first = LAST - timedelta(days=days - 1)
    own = sorted((p for p in posts if p.published_at.astimezone(local).date() >= first), key=lambda p: p.published_at)
    if accounts is None:
        seen = dict.fromkeys((p.account_id, p.platform) for p in posts)
        accounts = [AccountRow(id=a, platform=p, handle=f"{a}@social.test", followers=None) for a, p in seen]
    return Material(
        first=first,
        last=LAST,
        now=NOW,
        today=NOW.astimezone(local).date(),
        zone=zone,
        labels=LABELS,
        accounts=tuple(accounts),
        posts=tuple(reversed(own)),
        hours=tuple(gains(posts) if hours is None else hours),
        slots=tuple(slots(own)),
        top=tuple(sorted(own, key=lambda p: -_earned(p))[:5]),
    )


def _earned(post: MeasuredPost) -> int:
    latest = post.latest
    return sum(v or 0 for v in (latest.likes, latest.comments, latest.shares)) if latest else 0


def gains(posts: Sequence[MeasuredPost]) -> list[HourSum]:
    """Everything gained within the hour of publication."""
    found: dict[tuple[datetime, str], HourSum] = {}
    for post in sorted(posts, key=lambda p: p.published_at):
        hour = post.published_at.replace(minute=0, second=0, microsecond=0)
        row = found.get((hour, post.account_id)) or HourSum(
            account_id=post.account_id, platform=post.platform, hour=hour, samples=0
        )
        latest = post.latest
        if latest is not None:
            found[hour, post.account_id] = replace(
                row,
                samples=row.samples + 1,
                likes=_plus(row.likes, latest.likes),
                comments=_plus(row.comments, latest.comments),
                shares=_plus(row.shares, latest.shares),
            )
    return list(found.values())


def slots(posts: Sequence[MeasuredPost]) -> list[SlotSum]:
    """By hour of publication."""
    found: dict[tuple[datetime, str], SlotSum] = {}
    for post in posts:
        hour = post.published_at.replace(minute=0, second=0, microsecond=0)
        row = found.get((hour, post.account_id)) or SlotSum(
            account_id=post.account_id, platform=post.platform, hour=hour, posts=0
        )
        latest = post.latest
        found[hour, post.account_id] = replace(
            row,
            posts=row.posts + 1,
            likes=_plus(row.likes, latest.likes if latest else None),
            comments=_plus(row.comments, latest.comments if latest else None),
            shares=_plus(row.shares, latest.shares if latest else None),
        )
    return list(found.values())


def _plus(before: int | None, value: int | None) -> int | None:
    return before if value is None else (before or 0) + value


@dataclass(slots=True, kw_only=True)
class Team:
    """A made-up history: how often it posts, where, and what makes a post earn more."""

    platforms: tuple[str, ...] = ("mastodon", "bluesky")
    days: int = 42
    per_day: float = 1.2
    seed: int = 7
    usual: dict[str, float] = field(default_factory=lambda: {"mastodon": 14.0, "bluesky": 9.0})
    better: Callable[[datetime, MeasuredPost], float] = lambda _at, _post: 1.0
    texts: tuple[str, ...] = (
        "Build times are down by a third since we cache the test layers",
        "7 things we learned from moving our queue to one table",
        "What would you ask a desk that answers? Tell us below",
        "Release 4.2 is out: faster search, quieter notifications, and a long list of small repairs",
    )

    def posts(self) -> list[MeasuredPost]:
        """Every one of them, the oldest first."""
        chance, zone = random.Random(self.seed), ZoneInfo(ZONE)
        made: list[MeasuredPost] = []
        for back in range(self.days - 1, -1, -1):
            day = LAST - timedelta(days=back)
            for platform in self.platforms:
                for _ in range(int(self.per_day) + (chance.random() < self.per_day % 1)):
                    hour = chance.choice((8, 9, 9, 9, 11, 12, 14, 15, 17, 18, 20))
                    at = datetime(day.year, day.month, day.day, hour, chance.randrange(60), tzinfo=zone)
                    made.append(self._post(len(made), at.astimezone(UTC), platform, chance))
        return made

    def _post(self, number: int, at: datetime, platform: str, chance: random.Random) -> MeasuredPost:
        draft = a_post(
            number,
            at,
            platform=platform,
            text=chance.choice(self.texts),
            pictures=int(chance.random() < 0.4),
            age=min(timedelta(days=7), NOW - at),
        )
        level = self.usual.get(platform, 8.0) * self.better(at, draft) * chance.lognormvariate(-0.18, 0.6)
        likes = round(level * 0.7)
        assert draft.latest is not None
        latest = replace(
            draft.latest,
            likes=likes,
            comments=round(level * 0.12),
            shares=round(level * 0.18),
            impressions=round(level * 30) if platform == "mastodon" else None,
        )
        return replace(draft, latest=latest)


def tuesdays_at_nine(at: datetime, post: MeasuredPost) -> float:
    """A team whose readers come on Tuesday mornings."""
    del post
    local = at.astimezone(ZoneInfo(ZONE))
    return 3.2 if (local.weekday(), local.hour) == (1, 9) else 1.0
