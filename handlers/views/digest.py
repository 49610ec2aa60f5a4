"""Reports and digests as cards: the picture, what it says, what to do next, what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from handlers.views.actions import Verb, carry
from handlers.views.card import MAX_TITLE, Button, Card, Field, Fields, ImageBlock, Note, Text, Tone, short
from services.analytics.digest import hour_of
from services.analytics.wording import count, day
from services.domain.insight import digest_card_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from handlers.views.card import Block
    from handlers.views.look import Look
    from services.domain.insight import Digest, Finding, Report, Subscription
    from services.domain.metrics import Moods

_FINDINGS: Final = 3
_REVIEW_ON: Final = "Each draft that waits for a decision is shown here. To end it: /desk channel review off"
_REVIEW_OFF: Final = "To see here what waits for a decision, an admin types: /desk channel review here"


def report_card(report: Report, look: Look) -> Card:
    """An asked-for report."""
    zone = ZoneInfo(report.zone)
    first, last = report.since.astimezone(zone).date(), report.until.astimezone(zone).date()
    days = (last - first).days
    network = f" · {look.network(report.platform)}" if report.platform else ""
    return Card(
        card_id=f"report-{days}d-{report.platform or 'all'}",
        state="report",
        title=short(f"Report · {count(days, 'day')} to {day(last)} {last.year}{network}", MAX_TITLE),
        blocks=tuple(_blocks(report)),
        buttons=_buttons(report),
    )


def digest_card(digest: Digest, look: Look) -> Card:
    """A morning's digest as it was sent; raises `ValueError` for one that was never made."""
    if digest.report is None:
        msg = "a digest without a report has no card"
        raise ValueError(msg)
    return Card(
        card_id=digest_card_id(digest.surface, digest.place, digest.day),
        state="digest",
        title=f"Digest · {day(digest.day)} {digest.day.year}",
        blocks=tuple(_blocks(digest.report)),
        buttons=_buttons(digest.report),
        audit=(f"Sent {look.moment(digest.sent_at)}",) if digest.sent_at else (),
    )


def _blocks(report: Report) -> Iterator[Block]:
    yield Text(text="\n".join(report.sentences))
    if report.picture is not None:
        item = report.picture.item
        url = f"/api/media/{item.digest}"
        yield ImageBlock(url=url, alt=report.picture.alt, width=item.width, height=item.height)
    advice = [f for f in report.findings if f.advice][:_FINDINGS]
    if advice:
        yield Fields(items=tuple(_advice(f) for f in advice))
    facts = [Field(name="Goes out next", text=_lines(report.planned, "Nothing is scheduled."))]
    facts.append(Field(name="Waits for a decision", text=_lines(report.waiting, "Nothing waits.")))
    if report.moods is not None:
        facts.append(Field(name="Replies", text=mood_line(report.moods)))
    yield Fields(items=tuple(facts))
    for gap in report.gaps:
        yield Note(text=f"Numbers missing: {gap}", tone=Tone.WARNING)


def _advice(finding: Finding) -> Field:
    return Field(name=finding.advice.rstrip("."), text=f"{finding.text} ({finding.basis}).")


def _lines(lines: tuple[str, ...], empty: str) -> str:
    return "\n".join(lines) or empty


def mood_line(moods: Moods) -> str:
    """How the replies read, counted; what can't be judged is said."""
    parts = [f"{moods.warm:,} warm", f"{moods.neutral:,} neutral", f"{moods.critical:,} critical"]
    if moods.unread:
        parts.append(f"{moods.unread:,} in a language or form that was not read")
    return f"{count(moods.total, 'reply', 'replies')}: {', '.join(parts)}"


def _buttons(report: Report) -> tuple[Button, ...]:
    action = carry(Verb.RUN, "queue review") if report.waiting else None
    return (Button(id=action, label="Show what waits"),) if action else ()


def channel_card(subscription: Subscription | None, look: Look, *, review: bool | None = None) -> Card:
    """What this channel gets by itself; `review` is None where what waits is shown in any case."""
    gets = [f"a digest each day at {subscription.at:%H:%M} ({subscription.zone})"] if subscription else []
    gets += ["what waits for a decision"] if review else []
    nothing = "no digest" if review is None else "nothing by itself"
    notes = [_digest_note(subscription, look)]
    if review is not None:
        notes.append(_REVIEW_ON if review else _REVIEW_OFF)
    return Card(
        card_id="notice-channel",
        state="channel",
        title=f"This channel gets {' and '.join(gets) or nothing}",
        blocks=tuple(Note(text=text) for text in notes),
    )


def _digest_note(subscription: Subscription | None, look: Look) -> str:
    if subscription is None:
        return "To get a digest each morning, an admin types: /desk channel report here at 08:00"
    return f"The next digest comes {look.moment(_next(subscription, look))}. To end it: /desk channel report off"


def _next(subscription: Subscription, look: Look) -> datetime:
    """The first time its hour comes from now on, and not before it was asked for."""
    today = look.now.astimezone(ZoneInfo(subscription.zone)).date()
    hours = (hour_of(subscription, today + timedelta(days=n)) for n in range(3))
    return next(h for h in hours if h > look.now and h >= subscription.since)
