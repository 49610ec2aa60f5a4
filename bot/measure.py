"""The verb `measure`: texts in, each network's own count out; no account and no desk needed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.problems import StartProblem
from services.selection import nearest

if TYPE_CHECKING:
    from services.ports.platform import Measure, Platforms, PlatformSpec


def measure(platforms: Platforms, platform: str, document: str) -> list[dict[str, object]]:
    """One object a text, in input order; raises `StartProblem` for an unknown network or a wrong document."""
    spec = spec_of(platforms, platform)
    return [as_json(spec.rules.measure(text, spec.default_limits)) for text in _texts(document)]


def spec_of(platforms: Platforms, platform: str) -> PlatformSpec:
    """The platform called so; raises `StartProblem` with the nearest name."""
    for slug, spec in platforms.items():
        if slug == platform.casefold():
            return spec
    near = nearest(platform, list(platforms))
    hint = f"Did you mean {near}?" if near else f"It can be {', '.join(sorted(platforms))}."
    raise StartProblem(f"I don't know a network called “{platform}”.", hint)


def _texts(document: str) -> list[str]:
    shape = 'Give an object such as {"texts": ["Hello"]} on standard input.'
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        raise StartProblem("The input is not JSON.", shape) from None
    texts = value.get("texts") if isinstance(value, dict) else None
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
        raise StartProblem("The input has no list of texts.", shape)
    for number, text in enumerate(texts, start=1):
        if not _encodable(text):
            raise StartProblem(f"Text {number} holds half a character (a lone surrogate).", "Give it as valid UTF-8.")
    return texts


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_json(found: Measure) -> dict[str, object]:
    """A measure in the fixed shape; `also` has the same one."""
    return {
        "length": found.length,
        "limit": found.limit,
        "unit": found.unit,
        "also": None if found.also is None else as_json(found.also),
        "valid": found.valid,
        "problems": [
            {"code": p.code, "severity": p.severity.value, "message": p.message, "fix": p.fix} for p in found.problems
        ],
    }
