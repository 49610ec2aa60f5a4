"""Reads what may be voted on, within the instance document's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.practice.mastodon.instance import POLL_ANSWERS, POLL_LETTERS, POLL_SECONDS
from bot.practice.mastodon.wire import TRUE_WORDS, invalid
from bot.practice.text import storable

if TYPE_CHECKING:
    from bot.practice.kinds import Json

FIELDS = frozenset({"options", "expires_in", "multiple", "hide_totals"})


def poll_of(value: object) -> Json | None:
    """Answer the poll of a status, or None when none was sent."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid("poll must be an object")
    for name in sorted(set(value) - FIELDS):
        raise invalid(f"Unknown fields: poll.{name}")
    answers = value.get("options")
    if not isinstance(answers, list) or not all(isinstance(one, str) and storable(one) for one in answers):
        raise invalid("Poll options must be a list of texts")
    if len(answers) < 2 or not all(one.strip() for one in answers):
        raise invalid("Poll options must have at least two items")
    if len(answers) > POLL_ANSWERS:
        raise invalid(f"Poll options can't contain more than {POLL_ANSWERS} items")
    if any(len(one) > POLL_LETTERS for one in answers):
        raise invalid(f"Poll options must not exceed {POLL_LETTERS} characters each")
    if len(set(answers)) < len(answers):
        raise invalid("Poll options contain duplicate items")
    return {
        "options": answers,
        "expires_in": _seconds(value.get("expires_in")),
        "multiple": str(value.get("multiple", "")).lower() in TRUE_WORDS,
    }


def _seconds(value: object) -> int:
    shortest, longest = POLL_SECONDS
    text = "" if isinstance(value, bool) else str(value)
    seconds = int(text) if text.isascii() and text.isdigit() else 0
    if seconds < shortest:
        raise invalid("Poll duration is too short")
    if seconds > longest:
        raise invalid("Poll duration is too far into the future")
    return seconds
