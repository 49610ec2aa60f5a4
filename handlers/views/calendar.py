"""The calendar as values: which post stands on which day and hour, in words, and what moving it would press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handlers.views.actions import ACTS, Action, Verb
from handlers.views.card import Tone, link_of
from handlers.views.delivery import WORDS as DELIVERY_WORDS
from handlers.views.draft import TONES, WORDS, topic
from handlers.views.feed import feed_path
from handlers.views.hours import clock_time, place
from services.access import may
from services.domain.delivery import DeliveryState
from services.domain.post import DraftState
from services.ledger import CHANGEABLE, UNSENT

if TYPE_CHECKING:
    from datetime import date, datetime

    from handlers.views.hours import Day, Hour, Lap
    from handlers.views.look import Look
    from services.domain.account import Account
    from services.domain.delivery import Delivery
    from services.planning import Plan, PlannedPost

_MOVABLE: Final = CHANGEABLE - {DraftState.FAILED}
_LOUD: Final = (DeliveryState.NEEDS_HUMAN, DeliveryState.HELD)
"""Delivery states that say more than the draft's, the most urgent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """One account of a post: its network, and the post's own address once it is live."""

    network: str
    who: str
    word: str
    """How it stands there; empty while nothing was begun."""
    url: str = ""
    feed: str = ""
    """Where a practice post is on its network's feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post on the calendar."""

    draft_id: str
    topic: str
    at: datetime | None
    """None when it has no time yet."""
    time: str
    """On the reader's clock: "09:15"; empty without a time."""
    moment: str
    """The whole of it, with day and zone."""
    status: str
    tone: Tone
    places: tuple[Where, ...]
    move: str = ""
    """The id of its Schedule button; empty when it can't be moved."""

    @property
    def networks(self) -> str:
        """Each named once, with a number where it has several accounts."""
        names = [p.network for p in self.places]
        return ", ".join(f"{n} ({names.count(n)})" if names.count(n) > 1 else n for n in dict.fromkeys(names))

    @property
    def live(self) -> tuple[Where, ...]:
        """Where it can be seen."""
        return tuple(p for p in self.places if p.url)

    @property
    def feed(self) -> str:
        """The first of its places on a practice feed."""
        return next((p.feed for p in self.places if p.feed), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledLap:
    """A lap with its posts, and where the present is in it."""

    lap: Lap
    entries: tuple[Entry, ...]
    now: int | None = None
    """Quarters behind; None when the present is elsewhere."""
    gone: int = 0
    """How many of the entries are before the present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledHour:
    """A line of a day."""

    number: int
    laps: tuple[FilledLap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledDay:
    """A day with everything on it."""

    date: date
    label: str
    """As "Mon 23 Nov 2026"."""
    today: bool
    past: bool
    hours: tuple[FilledHour, ...]
    note: str
    """That the clocks change, in words; mostly empty."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of the day, by time."""
        found = (e for h in self.hours for lap in h.laps for e in lap.entries)
        return tuple(sorted(found, key=lambda e: (e.at is None, e.at)))


def entry(post: PlannedPost, plan: Plan, look: Look) -> Entry:
    """A post in words."""
    at = post.at
    status, tone = _status(post, look)
    return Entry(
        draft_id=post.draft.id,
        topic=topic(post.draft),
        at=at,
        time=clock_time(at, look.zone) if at else "",
        moment=look.moment(at) if at else "",
        status=status,
        tone=tone,
        places=_places(post, plan, look),
        move=_move(post, look),
    )


def _places(post: PlannedPost, plan: Plan, look: Look) -> tuple[Where, ...]:
    if post.deliveries:
        return tuple(_where(d, plan.accounts.get(d.account_id), look) for d in post.deliveries)
    revision = post.draft.revision
    return tuple(
        Where(network=look.network(v.platform), who=look.who(plan.accounts.get(v.account_id)), word="")
        for v in (revision.variants if revision else ())
    )


def _where(delivery: Delivery, account: Account | None, look: Look) -> Where:
    url = link_of(delivery.url)
    return Where(
        network=look.network(delivery.platform),
        who=look.who(account),
        word=DELIVERY_WORDS[delivery.state],
        url=url,
        feed=feed_path(delivery.platform, url) if url and account and account.practice else "",
    )


def _status(post: PlannedPost, look: Look) -> tuple[str, Tone]:
    states = {d.state for d in post.deliveries}
    for loud in _LOUD:
        if loud in states:
            return DELIVERY_WORDS[loud], Tone.WAITING
    if post.deliveries or post.state not in {DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED}:
        return WORDS[post.state], TONES.get(post.state, Tone.QUIET)
    if post.draft.revision is None:
        return "Not written", Tone.QUIET
    if post.state is not DraftState.APPROVED and post.at is not None and post.at <= look.now:
        return "Time passed, not approved", Tone.DANGER
    return WORDS[post.state], TONES.get(post.state, Tone.QUIET)


def _move(post: PlannedPost, look: Look) -> str:
    undoing = any(d.state in UNSENT and d.undo_until is not None and d.undo_until > look.now for d in post.deliveries)
    revision = post.draft.revision
    if revision is None or post.state not in _MOVABLE or undoing or not may(look.actor, ACTS[Verb.SCHEDULE].permission):
        return ""
    draft_id, digest = post.draft.id, revision.digest[:8]
    return Action(verb=Verb.SCHEDULE, draft_id=draft_id, revision=revision.number, digest=digest).encode()


def fill(shown: tuple[Day, ...], entries: tuple[Entry, ...], look: Look) -> tuple[FilledDay, ...]:
    """Every entry with a time in the shown days, exactly once, at its hour."""
    held: dict[tuple[int, datetime], list[Entry]] = {}
    for one in entries:
        found = place(one.at, shown) if one.at else None
        if found is not None:
            held.setdefault((found[0], found[1].start), []).append(one)
    today = look.local(look.now).date()
    return tuple(_fill_day(index, day, held, look, today) for index, day in enumerate(shown))


def _fill_day(
    index: int, day: Day, held: dict[tuple[int, datetime], list[Entry]], look: Look, today: date
) -> FilledDay:
    def filled(hour: Hour) -> FilledHour:
        laps = (_fill_lap(lap, tuple(held.get((index, lap.start), ())), look.now) for lap in hour.laps)
        return FilledHour(number=hour.number, laps=tuple(laps))

    return FilledDay(
        date=day.date,
        label=f"{day.date:%a} {day.date.day} {day.date:%b %Y}",
        today=day.date == today,
        past=day.date < today,
        hours=tuple(filled(hour) for hour in day.hours),
        note=_note(day),
    )


def _fill_lap(lap: Lap, entries: tuple[Entry, ...], now: datetime) -> FilledLap:
    quarter = int((now - lap.start).total_seconds() // 900) if lap.start <= now < lap.end else None
    gone = sum(e.at is not None and e.at <= now for e in entries)
    return FilledLap(lap=lap, entries=entries, now=quarter, gone=gone)


def _note(day: Day) -> str:
    length = (day.end - day.start).total_seconds() / 3600
    if length == 24:
        return ""
    way = "forward" if length < 24 else "back"
    return f"The clocks go {way}: {length:g} hours."
