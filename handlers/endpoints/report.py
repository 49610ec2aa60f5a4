"""What the numbers of a period say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from handlers.request import Show
from handlers.views.digest import report_card
from services.analytics.report import DAYS, MOST_DAYS
from services.domain.errors import InvalidInput
from services.selection import nearest

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies

_PERIOD: Final = re.compile(r"(?<![\w.-])(\d{1,6}) ?(days?|d|weeks?|w)\b", re.IGNORECASE)
_EXAMPLE: Final = "Write it like: report 28d, report 6w, or report 28d mastodon"


async def report(call: Call) -> Replies:
    """Charts and sentences for the channel: "report", "report 7d", "report 6w bluesky"."""
    days, platform = read_report(call.rest, call.desk.labels)
    made = await call.services.reports.recent(days, zone=call.request.clock_zone, platform=platform)
    return (Show(card=report_card(made, call.look())),)


def read_report(text: str, labels: dict[str, str]) -> tuple[int, str]:
    """Days and platform, in any order; raises `InvalidInput` for what is neither."""
    found = _PERIOD.search(text)
    days = _days(found) if found else DAYS
    words = text.replace(found[0], " ", 1).split() if found else text.split()
    words = [w for w in words if w.casefold() not in {"for", "on"}]
    if not words:
        return days, ""
    if len(words) > 1:
        raise InvalidInput(f"I can't read “{text[:60]}” as a period and a network.", next_step=_EXAMPLE)
    return days, _platform(words[0], labels)


def _days(found: re.Match[str]) -> int:
    number = int(found[1]) * (7 if found[2][0].casefold() == "w" else 1)
    if not 1 <= number <= MOST_DAYS:
        msg = f"A report covers 1 to {MOST_DAYS} days; “{found[0]}” is {number:,}."
        raise InvalidInput(msg, next_step=_EXAMPLE)
    return number


def _platform(word: str, labels: dict[str, str]) -> str:
    known = {name.casefold(): slug for slug, label in labels.items() for name in (slug, label)}
    if word.casefold() in known:
        return known[word.casefold()]
    if re.match(r"-?\d", word):
        raise InvalidInput(f"I can't read “{word[:40]}” as a period.", next_step=_EXAMPLE)
    near = nearest(word, sorted(known))
    hint = f"Did you mean {labels[known[near]]}?" if near else f"There are {', '.join(labels.values())}."
    raise InvalidInput(f"I don't know a network called “{word[:40]}”.", next_step=hint)
