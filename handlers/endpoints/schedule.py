"""A draft's time: words are read back before they count, and everything can be taken back until it is sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from handlers.endpoints.queue import list_scheduled
from handlers.views.actions import Verb, action_for
from handlers.views.forms import schedule_form
from handlers.views.notice import when_notice
from services.domain.errors import InvalidInput
from services.domain.ids import DraftId
from services.slots import suggest
from services.when import read_when

if TYPE_CHECKING:
    from collections.abc import Callable

    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.actions import Action
    from handlers.views.form import Form


async def schedule(call: Call) -> Replies:
    """An instant counts at once; words come back as a button with the absolute time."""
    return await _plan(call, call.button, asked_time(call.text))


def asked_time(text: Callable[[str], str]) -> str:
    """The time of the form's answers: a chosen slot, else words, else a day with a time of day.

    Raises `InvalidInput` (field "when") when only half of a day and a time is there.
    """
    words = text("slot").strip() or text("when").strip()
    day, clock = text("date").strip(), text("time").strip()
    if words or not (day or clock):
        return words
    if not clock:
        raise InvalidInput("The time of day is missing.", next_step="Give it as 17:30.", field="when")
    if not day:
        raise InvalidInput("The day is missing.", next_step="Choose one.", field="when")
    return f"{day}T{clock}"


async def schedule_command(call: Call) -> Replies:
    """What is planned; or "12 tomorrow 9am" to plan draft 12."""
    number, _, words = call.rest.partition(" ")
    number = number.removeprefix("#")
    if not number.isascii() or not number.isdigit():
        return await list_scheduled(call)
    snapshot = await call.services.board.draft(DraftId(number))
    return await _plan(call, action_for(snapshot, Verb.SCHEDULE), words)


async def _plan(call: Call, action: Action, words: str) -> Replies:
    zone = call.request.clock_zone
    when = await asyncio.to_thread(read_when, words, now=call.services.clock.now(), zone=zone)
    if when.exact:
        return call.update(await call.services.calendar.schedule(call.request.actor, action.ref, when.at))
    return call.whisper(when_notice(action, when.at, words, call.look()))


async def ask_when(call: Call) -> Form:
    """When it goes out."""
    look = call.look()
    return schedule_form(call.button, look, suggest(look.now, look.zone, await call.services.piles.planned()))


async def when(call: Call) -> Replies:
    """The confirmed instant that the button carries."""
    try:
        at = datetime.fromtimestamp(int(call.button.extra), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise InvalidInput("This button carries no time.", next_step="Choose the time again.", field="when") from None
    return call.update(await call.services.calendar.schedule(call.request.actor, call.button.ref, at))


async def unschedule(call: Call) -> Replies:
    """Take the time away."""
    return call.update(await call.services.calendar.unschedule(call.request.actor, call.button.ref))


async def publish(call: Call) -> Replies:
    """Send it as soon as the time to undo has passed."""
    return call.update(await call.services.calendar.publish_now(call.request.actor, call.button.ref))


async def undo(call: Call) -> Replies:
    """Take "publish now" back."""
    return call.update(await call.services.calendar.undo(call.request.actor, call.button.ref))
