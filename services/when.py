"""Times as people write them, read in their own zone; what could mean two things is asked back, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.domain.errors import InvalidInput

_EXAMPLES: Final = "Try “tomorrow 9am”, “Fri 17:30”, “in 2 hours” or 2027-01-31T09:00+01:00."
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*")
_RELATIVE: Final = re.compile(r"in (?:\d+|an?) ?(?:min(?:ute)?s?|hours?|h|days?|weeks?)", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"(?<![\d/.:-])(?:(?P<h24>\d{1,2}):(?P<m24>\d{2})(?!\s*[ap]\.?m)|(?P<h12>\d{1,2})(?::(?P<m12>\d{2}))?\s*(?P<half>[ap])\.?m\b\.?|(?P<noon>noon|midday))",
    re.IGNORECASE,
)
_TONIGHT: Final = re.compile(r"\btonight(?: at)? (\d{1,2})(:\d{2})?(?! ?[ap]\.?m|\d|:)", re.IGNORECASE)
_SLASHED: Final = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/\d{2,4})?(?!\d)")
_BARE_HOUR: Final = re.compile(r"(?:^|at |[a-z]\s)(\d{1,2})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """An instant (aware, UTC) a person meant; `exact` when written with its offset, so it needs no confirming."""

    at: datetime
    exact: bool


def read_when(text: str, *, now: datetime, zone: str) -> When:
    """Read a time in the person's zone; raises `InvalidInput` (field "when") for a past, unclear or missing time."""
    words = " ".join(text.split())
    if not words:
        raise _ask("When should it go out?")
    found = _exact(words, zone) or When(at=_spoken(words, now, zone), exact=False)
    if found.at <= now:
        shown = found.at.astimezone(ZoneInfo(zone))
        msg = f"“{words}” would be {shown:%a %d %b %Y %H:%M} ({zone}), and that is past."
        raise _ask(msg, "Give a time that is still to come.")
    return found


def _exact(words: str, zone: str) -> When | None:
    """An ISO date and time; without an offset it is on the person's clock and wants confirming."""
    if not _ISO.fullmatch(words):
        return None
    try:
        moment = datetime.fromisoformat(words.upper())
        exact = None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        msg = f"“{words}” looks like a date and time but is not a possible one."
        raise _ask(msg) from None
    if exact is not None:
        return When(at=exact, exact=True)
    return When(at=_on_clock(moment, zone), exact=False)


def _spoken(words: str, now: datetime, zone: str) -> datetime:
    import dateparser

    words = _TONIGHT.sub(lambda m: f"today {m[1]}{m[2] or ''}pm", words)
    relative = _RELATIVE.fullmatch(words)
    clock = None if relative else _clock(words)
    local_now = now.astimezone(ZoneInfo(zone))
    parsed: datetime | None = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "TIMEZONE": zone,
            "RETURN_AS_TIMEZONE_AWARE": True,
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": local_now.replace(tzinfo=None),
        },
    )
    if parsed is None:
        msg = f"I can't read “{words}” as a time."
        raise _ask(msg)
    if relative:
        return parsed.astimezone(UTC)
    if (parsed.hour, parsed.minute) != clock:
        msg = f"I can't tell which time “{words}” means."
        raise _ask(msg)
    if parsed.utcoffset() != parsed.replace(tzinfo=ZoneInfo(zone)).utcoffset():
        return parsed.astimezone(UTC)
    return _on_clock(parsed.replace(tzinfo=None), zone)


def _clock(words: str) -> tuple[int, int]:
    """The time of day as written; asks back where a half of the day, the time or the order of a date is missing."""
    slashed = _SLASHED.search(words)
    if slashed and int(slashed[1]) <= 12 and int(slashed[2]) <= 12 and slashed[1] != slashed[2]:
        msg = f"{slashed[0]} can be two different days."
        raise _ask(msg, "Write the month as a word, or as 2027-01-31.")
    found = _CLOCK.search(words)
    if found is None:
        bare = _BARE_HOUR.search(words)
        if bare:
            msg = f"Is “{bare[1]}” in the morning or in the evening?"
            raise _ask(msg, f"Write {bare[1]}am, {bare[1]}pm or a time such as 17:30.")
        msg = f"“{words}” has no time of day."
        raise _ask(msg)
    if found["noon"]:
        return 12, 0
    if found["h24"]:
        return int(found["h24"]), int(found["m24"])
    return int(found["h12"]) % 12 + (12 if found["half"].lower() == "p" else 0), int(found["m12"] or 0)


def _on_clock(moment: datetime, zone: str) -> datetime:
    """The instant at which the person's clock shows this; asks back when it shows it twice or never."""
    early, late = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    skipped = early.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != moment
    how = "is skipped" if skipped else "comes twice"
    msg = f"On that day {moment:%H:%M} {how} in {zone}, because the clocks change."
    raise _ask(msg, "Choose another time, or give it with its offset (…+01:00).")


def _ask(message: str, next_step: str = _EXAMPLES) -> InvalidInput:
    return InvalidInput(message, next_step=next_step, field="when")
