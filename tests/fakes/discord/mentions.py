"""Whom a message names, whom it rings, and whether the app said that it wants that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.fakes.discord.basics import Json, Path, Problem

EVERYBODY: Final = re.compile(r"@(?:everyone|here)\b")
PEOPLE: Final = re.compile(r"<@!?(\d+)>")
ROLES: Final = re.compile(r"<@&(\d+)>")
KINDS: Final = frozenset({"roles", "users", "everyone"})
LISTED: Final = 100


def problems(allowed: Any) -> Iterator[Problem]:
    """What is wrong with `allowed_mentions`."""
    path: Path = ("allowed_mentions",)
    parse = allowed.get("parse") or []
    if wrong := set(parse) - KINDS:
        words = f"Value must be one of {sorted(KINDS)}, not {sorted(wrong)}."
        yield Problem(path=(*path, "parse"), code="BASE_TYPE_CHOICES", message=words)
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        if listed and kind in parse:
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            yield Problem(path=path, code="MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message=words)
        if len(listed) > LISTED:
            words = f"Must be {LISTED} or fewer in length."
            yield Problem(path=(*path, kind), code="BASE_TYPE_MAX_LENGTH", message=words)


def open_to_anything(allowed: Any) -> str:
    """Why a payload could ring somebody the app did not choose, if so."""
    if not isinstance(allowed, dict):
        return "has no allowed_mentions"
    parse = allowed.get("parse")
    return "" if parse == [] else f"has allowed_mentions whose parse is {parse}, not []"


def named(text: str) -> list[str]:
    """The people a text names, in order."""
    return list(dict.fromkeys(PEOPLE.findall(text)))


def rings(text: str, allowed: Json | None, mentionable: Callable[[str], bool]) -> set[str]:
    """Ids of people and roles, and `everyone`, who are told of a text; without a word from the app all are."""
    chosen = {"parse": sorted(KINDS)} if allowed is None else allowed
    parse = chosen.get("parse") or []
    people = {one for one in PEOPLE.findall(text) if "users" in parse or one in map(str, chosen.get("users") or [])}
    roles = {one for one in ROLES.findall(text) if "roles" in parse or one in map(str, chosen.get("roles") or [])}
    everybody = {"everyone"} if "everyone" in parse and EVERYBODY.search(text) else set()
    return people | {role for role in roles if mentionable(role)} | everybody
