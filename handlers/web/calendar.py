"""The calendar: what goes out when, by week and by month, and moving it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from handlers.request import Request as DeskRequest
from handlers.views.actions import Action, Verb, action_for, parse_action
from handlers.views.calendar import entry, fill
from handlers.views.card import MAX_TITLE, Button, Card, Note, Tone, short
from handlers.views.draft import draft_card_id, topic
from handlers.views.hours import FIRST, LAST, days, monday, month
from handlers.views.notice import problem_notice
from handlers.web.auth import not_ours
from handlers.web.door import Said, door_of
from handlers.web.html import page
from handlers.web.within import stranger
from services.domain.errors import DeskError, InvalidInput, NotFound
from services.domain.ids import DraftId
from services.planning import read_plan
from services.when import read_when

if TYPE_CHECKING:
    from handlers.request import Outcome
    from handlers.views.look import Look
    from handlers.web.door import Door
    from services.ledger import Snapshot

router = APIRouter(include_in_schema=False)
_WEEK, _MONTH = "week", "month"
_PER_DAY: Final = 4
"""Posts of a day that the month shows; the rest is one link away."""
_VERBS: Final = frozenset({Verb.SCHEDULE, Verb.WHEN, Verb.UNSCHEDULE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a reader looks at."""

    view: str
    day: date
    """Any day of it."""

    @property
    def first(self) -> date:
        """The Monday it begins with."""
        return monday(self.day) if self.view == _WEEK else month(self.day)[0]

    @property
    def count(self) -> int:
        """Days shown."""
        return 7 if self.view == _WEEK else month(self.day)[1]

    @property
    def title(self) -> str:
        """As "23–29 November 2026" or "November 2026"."""
        if self.view == _MONTH:
            return f"{self.day:%B %Y}"
        first, last = self.first, self.first + timedelta(days=6)
        if first.year != last.year:
            return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"
        start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B} "
        return f"{start}–{' ' if ' ' in start else ''}{last.day} {last:%B %Y}"

    def path(self, *, view: str = "", day: date | None = None, **more: str) -> str:
        """Its address, or that of another one."""
        at = day or self.day
        return f"/calendar?{urlencode({'view': view or self.view, 'day': at.isoformat(), **more})}"

    @property
    def before(self) -> str:
        """The address of what comes before; empty at the beginning of time."""
        day = self.first - timedelta(days=1) if self.view == _WEEK else self.day.replace(day=1) - timedelta(days=1)
        return self.path(day=day) if day > FIRST else ""

    @property
    def after(self) -> str:
        """The address of what follows; empty at its end."""
        if self.view == _WEEK:
            day = self.first + timedelta(days=7)
        else:
            day = (self.day.replace(day=1) + timedelta(days=31)).replace(day=1)
        return self.path(day=day) if day < LAST else ""


def read_span(view: str, day: str, today: date) -> Span:
    """What an address asks for; raises `InvalidInput` for a day that is none."""
    try:
        asked = date.fromisoformat(day) if day else today
    except ValueError:
        asked = None
    if asked is None or not FIRST < asked < LAST:
        msg = f"“{day[:40]}” is no day this calendar can show."
        raise InvalidInput(msg, next_step="Write it as 2027-01-31.", field="day")
    return Span(view=_MONTH if view == _MONTH else _WEEK, day=asked)


@router.get("/calendar")
async def calendar(request: Request, view: str = "", day: str = "", said: str = "") -> Response:
    """A week, or a month."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    look = door.call(await door.person(request)).look()
    today = look.local(look.now).date()
    span = read_span(view, day, today)
    shown = days(span.first, span.count, look.zone)
    plan = await door.services.store.read(lambda tx: read_plan(tx, since=shown[0].start, until=shown[-1].end))
    entries = tuple(entry(post, plan, look) for post in plan.posts)
    answer = door.said(said)
    return page(
        request,
        f"calendar_{span.view}.html",
        here="calendar",
        span=span,
        today=today,
        days=fill(shown, entries, look),
        total=len(entries),
        unplaced=[entry(post, plan, look) for post in plan.unplaced],
        per_day=_PER_DAY,
        zone=look.zone,
        frozen_by=plan.frozen_by,
        cut=plan.cut,
        notices=answer.cards if answer else (),
        about=answer.place if answer else "",
    )


@router.post("/calendar/move")
async def move(
    request: Request,
    *,
    csrf: Annotated[str, Form()] = "",
    id: Annotated[str, Form()] = "",  # noqa: A002 - the form's own name
    when: Annotated[str, Form()] = "",
    view: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Plan a post at an instant, and tell where it is now; a refusal tells why and leaves it where it was."""
    door = door_of(request)
    if not door.form_is_ours(request, csrf):
        return not_ours(request)
    actor = await door.person(request)
    look = door.call(actor).look()
    span = read_span(view, day, look.local(look.now).date())
    try:
        action = _planning(id)
        before = await door.services.board.draft(action.draft_id)
        when = await _instant(when, look) if action.verb is Verb.SCHEDULE else ""
    except DeskError as error:
        return _back(door, span, Said(cards=(problem_notice(error),)))
    fields = {"when": when} if action.verb is Verb.SCHEDULE else None
    outcome = await door.dispatcher.handle(DeskRequest(actor=actor, action=id, fields=fields))
    return _back(door, span, await _told(door, outcome, before, look))


def _planning(action_id: str) -> Action:
    """A button that plans; raises `InvalidInput` for any other."""
    action = parse_action(action_id)
    if action.verb not in _VERBS:
        raise InvalidInput("This button plans nothing.", next_step="Use it on the post's own card.", field="id")
    return action


async def _instant(when: str, look: Look) -> str:
    """A time on the reader's clock becomes an instant at once: the page tells what it was read as, with Undo."""
    found = await asyncio.to_thread(read_when, when, now=look.now, zone=look.zone)
    return found.at.isoformat()


async def _told(door: Door, outcome: Outcome, before: Snapshot, look: Look) -> Said:
    """What a move led to, as a notice with a way back."""
    where = draft_card_id(before.draft.id)
    if outcome.error is not None:
        return Said(cards=(problem_notice(outcome.error),), place=where)
    after = await door.services.board.draft(before.draft.id)
    return Said(cards=(moved_notice(before, after, look),), place=where)


def moved_notice(before: Snapshot, after: Snapshot, look: Look) -> Card:
    """Where a post stands now, where it was, and Undo while that is still to come."""
    was, now = before.draft.planned_at, after.draft.planned_at
    name = f"“{short(topic(after.draft), 60)}”"
    title = f"{name} goes out {look.moment(now)}" if now else f"{name} has no time now"
    if after.draft.planned_at == was:
        title = f"Nothing moved: {title}"
    told = [f"Before: {look.moment(was)}." if was else "It had no time before."]
    if not after.draft.approved_as_is and now:
        told.append("It still waits for approval, and goes out only with it.")
    return Card(
        card_id=f"notice-moved-{after.draft.id}",
        state="moved",
        title=short(title, MAX_TITLE),
        tone=Tone.GOOD,
        blocks=tuple(Note(text=t) for t in told),
        buttons=_undo(was, after, look),
    )


def _undo(was: datetime | None, after: Snapshot, look: Look) -> tuple[Button, ...]:
    if was == after.draft.planned_at:
        return ()
    if was is None:
        return (Button(id=action_for(after, Verb.UNSCHEDULE).encode(), label="Undo"),)
    if was <= look.now:
        return ()
    back = replace(action_for(after, Verb.WHEN), extra=str(int(was.timestamp())))
    return (Button(id=back.encode(), label="Undo"),)


def _back(door: Door, span: Span, said: Said) -> Response:
    return RedirectResponse(f"{span.path(said=door.say(said))}#notices", status_code=303)


@router.get("/calendar/open/{draft_id}")
async def open_draft(request: Request, draft_id: str) -> Response:
    """The draft's card on the channel, however far down it is."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    if not (draft_id.isascii() and draft_id.isdigit()):
        raise NotFound("There is no such draft.", next_step="The calendar shows the ones that are planned.")
    snapshot = await door.services.board.draft(DraftId(draft_id))
    place = draft_card_id(snapshot.draft.id)
    return RedirectResponse(f"/?said={door.say(Said(cards=(), place=place))}#{place}", status_code=303)
