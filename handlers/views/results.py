"""Numbers as people read them: a dash where a network provides none, never a zero nobody measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from handlers.views.card import link_of, short
from handlers.views.hours import midnight
from services.domain.wording import listed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from handlers.views.look import Look
    from services.domain.account import Account
    from services.domain.ids import AccountId
    from services.domain.metrics import MeasuredPost, Moods, StoredComment
    from services.results import Numbers, Standing

PERIODS: Final = {"7d": (7, "7 days"), "28d": (28, "28 days"), "6w": (42, "6 weeks")}
"""By their word: days, and how people say it."""
DEFAULT: Final = "28d"
NONE: Final = "—"
COLUMNS: Final = (
    ("impressions", "Seen"),
    ("likes", "Likes"),
    ("comments", "Answers"),
    ("shares", "Shares"),
    ("clicks", "Clicks"),
)
"""Counters of the table, with their heads."""
_WARM: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """A measured post as a line."""

    text: str
    url: str
    network: str
    who: str
    when: str
    at: datetime
    counts: tuple[tuple[str, str], ...]
    """Head and number, or a dash."""
    share: int
    """Likes, answers and shares together, in per cent of the most on the page; 0 where nothing is known."""
    note: str
    """Why there are no numbers, or when the first ones come."""
    desk: bool
    draft_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """Somebody's answer: quoted, never obeyed."""

    author: str
    text: str
    mood: str
    tone: str
    network: str
    when: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow:
    """An account's followers."""

    network: str
    who: str
    followers: str
    gained: str
    posts: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodShare:
    """One part of how answers read; `start` and `width` are per cent of all."""

    word: str
    count: int
    start: float
    width: float
    tone: str


def span(period: str, look: Look) -> tuple[datetime, datetime]:
    """Whole days on the reader's clock, today included: the same all day long, so that a drawn chart can be kept."""
    count = PERIODS[period][0]
    today = look.local(look.now).date()
    return (
        midnight(today - timedelta(days=count - 1), look.zone),
        midnight(today + timedelta(days=1), look.zone),
    )


def number(value: int | None) -> str:
    """With thousands apart, a dash for what is not provided."""
    return NONE if value is None else f"{value:,}"


def columns(numbers: Numbers) -> tuple[list[tuple[str, str]], list[str]]:
    """The counters that at least one post has, and the heads of those that no network here provides."""
    latest = [p.latest for p in numbers.posts if p.latest is not None]
    found = [c for c in COLUMNS if any(getattr(one, c[0]) is not None for one in latest)]
    return found, [head for name, head in COLUMNS if (name, head) not in found] if latest else []


def post_rows(numbers: Numbers, accounts: Mapping[AccountId, Account], look: Look) -> list[PostRow]:
    """Newest first."""
    most = max((_engagement(p) or 0 for p in numbers.posts), default=0)
    shown, _ = columns(numbers)
    return [_row(p, most, shown, accounts, look) for p in numbers.posts]


def _engagement(post: MeasuredPost) -> int | None:
    if post.latest is None:
        return None
    known = [n for n in (post.latest.likes, post.latest.comments, post.latest.shares) if n is not None]
    return sum(known) if known else None


def _row(
    post: MeasuredPost,
    most: int,
    shown: list[tuple[str, str]],
    accounts: Mapping[AccountId, Account],
    look: Look,
) -> PostRow:
    latest = post.latest
    note = post.gap
    if not note and latest is None:
        note = f"First numbers {look.short_moment(post.next_at)}." if post.next_at else "Not measured."
    thread = f" (thread of {post.parts})" if post.parts > 1 else ""
    return PostRow(
        text=f"{short(post.text, 140) or 'A picture without words'}{thread}",
        url=link_of(post.url),
        network=look.network(post.platform),
        who=look.who(accounts.get(post.account_id)),
        when=look.short_moment(post.published_at),
        at=post.published_at,
        counts=tuple((head, number(getattr(latest, name) if latest else None)) for name, head in shown),
        share=round(100 * max(_engagement(post) or 0, 0) / most) if most else 0,
        note=note,
        desk=post.draft_id is not None,
        draft_id=post.draft_id or "",
    )


def answer_rows(numbers: Numbers, look: Look) -> list[AnswerRow]:
    """Newest first."""
    return [_answer(c, look) for c in numbers.comments]


def _answer(stored: StoredComment, look: Look) -> AnswerRow:
    word, tone = mood_word(stored.mood)
    comment = stored.comment
    return AnswerRow(
        author=comment.author,
        text=comment.text,
        mood=word,
        tone=tone,
        network=look.network(stored.platform),
        when=look.short_moment(comment.at),
        url=link_of(comment.url),
    )


def in_words(heads: list[str]) -> str:
    """As "Seen, shares and clicks"."""
    words = [heads[0], *(h.lower() for h in heads[1:])] if heads else []
    return listed(words)


def mood_word(mood: float | None) -> tuple[str, str]:
    """How an answer reads, and the tone it is set in."""
    if mood is None:
        return "not read", "quiet"
    if mood > _WARM:
        return "warm", "good"
    return ("critical", "danger") if mood < -_WARM else ("neutral", "quiet")


def mood_shares(moods: Moods | None) -> list[MoodShare]:
    """Parts of a bar, in a fixed order; empty without answers."""
    if moods is None or not moods.total:
        return []
    made, start = [], 0.0
    kinds = (
        ("warm", moods.warm, "good"),
        ("neutral", moods.neutral, "quiet"),
        ("critical", moods.critical, "danger"),
        ("not read", moods.unread, "unread"),
    )
    for word, count, tone in kinds:
        width = 100 * count / moods.total
        made.append(MoodShare(word=word, count=count, start=round(start, 2), width=round(width, 2), tone=tone))
        start += width
    return made


def standing_rows(numbers: Numbers, look: Look) -> list[StandingRow]:
    """In order of connection."""
    return [_standing(s, look) for s in numbers.standings]


def _standing(standing: Standing, look: Look) -> StandingRow:
    last, gained = standing.last, standing.gained
    return StandingRow(
        network=look.network(standing.account.platform),
        who=look.who(standing.account),
        followers=number(last.followers if last else None),
        gained=NONE if gained is None else f"{gained:+,}".replace("-", "−"),
        posts=number(last.posts if last else None),
        note=standing.account.health_note if last is None else "",
    )
