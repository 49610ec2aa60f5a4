"""The small checks the post lexicon is made of; each names the place that is wrong."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from bot.practice.text import graphemes, storable

if TYPE_CHECKING:
    from bot.practice.kinds import Json

DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,20})?(Z|[+-]\d\d:\d\d)")
URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s]+", re.IGNORECASE)
DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]")
AT_URI = re.compile(r"at://(did:[a-z]+:[a-zA-Z0-9._:%-]+)/([a-zA-Z0-9.-]+)/([a-zA-Z0-9._:~-]+)")
LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*")
LONGEST_URI = 8_192


class FlawError(ValueError):
    """A record that breaks its lexicon; the message names the place."""


def thing(value: object, at: str, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Json:
    """Insist on an object with these fields and no others."""
    if not isinstance(value, dict):
        message = f"{at} must be an object"
        raise FlawError(message)
    for name in sorted(required - set(value)):
        message = f'{at} must have the property "{name}"'
        raise FlawError(message)
    for name in sorted(set(value) - required - optional):
        message = f'{at} has an unknown property "{name}"'
        raise FlawError(message)
    return value


def text(value: object, at: str, *, most: int | None = None, most_bytes: int | None = None) -> str:
    """Insist on a string of at most `most` graphemes and `most_bytes` UTF-8 bytes."""
    if not isinstance(value, str) or not storable(value):
        message = f"{at} must be a string"
        raise FlawError(message)
    if most_bytes is not None and len(value.encode()) > most_bytes:
        message = f"{at} must not be longer than {most_bytes} bytes"
        raise FlawError(message)
    if most is not None and graphemes(value) > most:
        message = f"{at} must not be longer than {most} graphemes"
        raise FlawError(message)
    return value


def whole(value: object, at: str, *, least: int) -> int:
    """Insist on a whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        message = f"{at} must be an integer not less than {least}"
        raise FlawError(message)
    return value


def many(value: object, at: str, *, most: int, least: int = 0) -> list[object]:
    """Insist on a list of a certain length."""
    if not isinstance(value, list):
        message = f"{at} must be an array"
        raise FlawError(message)
    if len(value) > most:
        message = f"{at} must not have more than {most} elements"
        raise FlawError(message)
    if len(value) < least:
        message = f"{at} must not have fewer than {least} elements"
        raise FlawError(message)
    return value


def shaped(value: object, at: str, pattern: re.Pattern[str], what: str) -> str:
    """Insist on a string of a certain form."""
    found = text(value, at, most_bytes=LONGEST_URI)
    if pattern.fullmatch(found) is None:
        message = f"{at} must be {what}"
        raise FlawError(message)
    return found


def moment(value: object, at: str) -> str:
    """Insist on an RFC 3339 time with a zone."""
    what = "a valid atproto datetime (both RFC-3339 and ISO-8601)"
    found = shaped(value, at, DATETIME, what)
    try:
        datetime.fromisoformat(found)
    except ValueError:
        message = f"{at} must be {what}"
        raise FlawError(message) from None
    return found


def named(value: object, at: str, name: str) -> None:
    """Insist on a certain `$type`."""
    if value != name:
        message = f"{at}/$type must be {name}"
        raise FlawError(message)
