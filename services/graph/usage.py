"""How much of Meta's patience is left, read from the headers that come with some answers.

Source: developers.facebook.com, "Rate limits" of the Graph API, 2026: percentages of calls and of time, and for
business use cases the minutes until access is regained.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from services.ports.http import Answer

SLOW: Final = 75
"""Percent from which calls are spread out."""
STOP: Final = 90
"""Percent from which nothing more is asked for a while."""
PAUSE: Final = timedelta(minutes=15)
"""How long to stop when the headers name no time: a quarter of the hour over which is counted."""
_HEADERS: Final = ("x-app-usage", "x-page-usage", "x-business-use-case-usage")
_PERCENTS: Final = ("call_count", "total_time", "total_cputime")
_REGAIN: Final = "estimated_time_to_regain_access"
_LONGEST: Final = timedelta(days=1)


def used(headers: Mapping[str, str]) -> int:
    """The highest of all percentages told, 0 when none is."""
    return max(
        (percent for entry in _entries(headers) for name in _PERCENTS if (percent := _int(entry, name))), default=0
    )


def regained_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When access comes back, as far as the headers say."""
    minutes = max((_int(entry, _REGAIN) for entry in _entries(headers)), default=0)
    return now + min(timedelta(minutes=minutes), _LONGEST) if minutes > 0 else None


def daily_posts(quota: Mapping[str, object]) -> int | None:
    """How many posts in 24 hours an answer about the publishing limit allows; None when it does not say."""
    listed = quota.get("data")
    told = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else quota
    config = told.get("config")
    total = _int(config, "quota_total") if isinstance(config, dict) else 0
    return total or None


def rest(answer: Answer, now: datetime) -> datetime | None:
    """Quiet once almost all is used, until access comes back."""
    return (regained_at(answer.headers, now) or now + PAUSE) if used(answer.headers) >= STOP else None


def _entries(headers: Mapping[str, str]) -> Iterator[Mapping[object, object]]:
    for name in _HEADERS:
        try:
            value: object = json.loads(headers.get(name, "{}"))
        except (ValueError, RecursionError):
            continue
        yield from _objects(value)


def _objects(value: object) -> Iterator[Mapping[object, object]]:
    """The object itself, or those it lists under ids of businesses and Pages."""
    if not isinstance(value, dict):
        return
    yield value
    for listed in value.values():
        if isinstance(listed, list):
            yield from (one for one in listed if isinstance(one, dict))


def _int(entry: Mapping[object, object], name: str) -> int:
    value = entry.get(name)
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 10**6 else 0
