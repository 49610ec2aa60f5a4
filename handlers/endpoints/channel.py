"""What this channel gets by itself: the digest of each morning."""

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
_OFF: Final = re.compile(r"report(?:s|ing)?\s+off", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*([ap])?\.?(?:m\b\.?)?", re.IGNORECASE)
_EXAMPLE: Final = "Write it like: channel report here at 09:00, or channel report off"


async def channel(call: Call) -> Replies:
    """Tell what this channel gets, or change it: "report here", "report here at 09:00", "report off"."""
    digests, actor, request = call.services.digests, call.request.actor, call.request
    place = request.channel or PLACE
    if not call.rest:
        return call.whisper(channel_card(await digests.subscription(request.surface, place), call.look()))
    if _OFF.fullmatch(call.rest):
        await digests.unsubscribe(actor, request.surface, place)
        return call.whisper(channel_card(None, call.look()))
    found = _HERE.fullmatch(call.rest)
    if found is None:
        raise InvalidInput(f"I can't read “{call.rest[:60]}”.", next_step=_EXAMPLE)
    at = read_hour(found["at"]) if found["at"] else HOUR
    wanted = await digests.subscribe(actor, request.surface, place, at=at, zone=request.clock_zone)
    return call.whisper(channel_card(wanted, call.look()))


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
