"""What this channel gets by itself: the digest of each morning, and what waits for a decision."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Final

from handlers.notifications import PLACE
from handlers.views.digest import channel_card
from services.analytics.digest import HOUR
from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies

_HERE: Final = re.compile(r"report(?:s|ing)?\s+(?:here|on)(?:\s+at\s+(?P<at>.+))?", re.IGNORECASE)
_REVIEW: Final = re.compile(r"reviews?\s+(?:(?P<here>here|on)|off)", re.IGNORECASE)
_OFF: Final = re.compile(r"report(?:s|ing)?\s+off", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*([ap])?\.?(?:m\b\.?)?", re.IGNORECASE)
_EXAMPLE: Final = (
    "Write it like: channel report here at 09:00, channel report off, channel review here, or channel review off"
)


async def channel(call: Call) -> Replies:
    """Tell what this channel gets, or change it: "report here", "report here at 09:00", "report off", "review here"."""
    digests, actor, request = call.services.digests, call.request.actor, call.request
    place = request.channel or PLACE
    if found := _REVIEW.fullmatch(call.rest):
        await _route(call, place, here=found["here"] is not None)
    elif _OFF.fullmatch(call.rest):
        await digests.unsubscribe(actor, request.surface, place)
    elif found := _HERE.fullmatch(call.rest):
        at = read_hour(found["at"]) if found["at"] else HOUR
        await digests.subscribe(actor, request.surface, place, at=at, zone=request.clock_zone)
    elif call.rest:
        raise InvalidInput(f"I can't read “{call.rest[:60]}”.", next_step=_EXAMPLE)
    return await _told(call, place)


async def _route(call: Call, place: str, *, here: bool) -> None:
    """Show what waits for a decision in this channel, or no more."""
    request, routing = call.request, call.services.routing
    if request.visitor is None:
        msg = "The page shows what waits for a decision as it is."
        raise InvalidInput(msg, next_step="Type this in the chat channel that is to show it.")
    change = routing.review_here if here else routing.review_off
    await change(request.actor, request.surface, place)


async def _told(call: Call, place: str) -> Replies:
    request = call.request
    digest = await call.services.digests.subscription(request.surface, place)
    if request.visitor is None:
        return call.whisper(channel_card(digest, call.look()))
    channels = await call.services.routing.review_channels(request.surface)
    return call.whisper(channel_card(digest, call.look(), review=any(c.place == place for c in channels)))


def read_hour(text: str) -> time:
    """A time of day: "09:00", "9am", "17:30"; raises `InvalidInput`."""
    found = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (-1, 0)
    half = (found[3] or "").casefold() if found else ""
    if found and half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif found and (half or not found[2]):
        hour = -1  # "9" alone may be the morning or the evening
    if not 0 <= hour <= 23 or minute > 59:
        raise InvalidInput(f"“{text.strip()[:40]}” is no time of day.", next_step="Write it like 09:00 or 9am.")
    return time(hour, minute)
