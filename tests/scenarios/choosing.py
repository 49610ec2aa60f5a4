"""What people choose in Discord where they would type words elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

Options = dict[str, str]
_CHOSEN: Final = re.compile(r"\b(\w+)=(\S+)")


def options_of(text: str) -> tuple[str, Options] | None:
    """The command and its options; None for words that no command begins with."""
    word, _, rest = text.partition(" ")
    maker = _MAKERS.get(word)
    return (word, maker(rest.strip())) if maker else None


def _draft(rest: str) -> Options:
    chosen = {found[1]: found[2] for found in _CHOSEN.finditer(rest)}
    brief, _, networks = _CHOSEN.sub("", rest).strip().partition(" for ")
    told = {"brief": brief.strip(), "networks": networks.strip(), **chosen}
    return {name: value for name, value in told.items() if value}


def _channel(rest: str) -> Options:
    purpose, _, at = rest.partition(" at ")
    return {name: value for name, value in (("purpose", purpose), ("at", at)) if value}


def _settings(rest: str) -> Options:
    name, _, value = rest.partition(" ")
    if not rest:
        return {}
    if name in {"zone", "late"}:
        return {name: value}
    return {"link": value} if name == "link" and value else {"switch": rest}


def _roles(rest: str) -> Options:
    person, _, role = rest.partition("=")
    return {"person": person, "role": role} if role else {}


def _accounts(rest: str) -> Options:
    word, _, which = rest.partition(" ")
    return {"options": which} if word == "options" else {}


def _one(name: str) -> Callable[[str], Options]:
    return lambda rest: {name: rest} if rest else {}


_MAKERS: Final[Mapping[str, Callable[[str], Options]]] = {
    "draft": _draft,
    "thread": _draft,
    "queue": _one("view"),
    "show": _one("draft"),
    "report": _one("period"),
    "channel": _channel,
    "settings": _settings,
    "roles": _roles,
    **{word: lambda _: {} for word in ("freeze", "thaw", "help")},
    "accounts": _accounts,
}
