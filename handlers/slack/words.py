"""What people type in Slack as the plain words they meant: names for ids, addresses for links, signs for entities."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN: Final = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_USER: Final = re.compile(r"@([UW][A-Z0-9]+)")
_GROUP: Final = re.compile(r"!subteam\^(S[A-Z0-9]+)")
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_LOUD: Final = {"!here", "!channel", "!everyone"}


def people_in(text: str) -> frozenset[str]:
    """Ids of those who are mentioned without their name."""
    return frozenset(m[1] for target, shown in _TOKEN.findall(text) if not shown and (m := _USER.fullmatch(target)))


def spoken(text: str, *, bot: str = "", names: Mapping[str, str] | None = None) -> str:
    """The text without the desk's own name; `names` are those of people by id."""

    def one(found: re.Match[str]) -> str:
        return _one(found[1], found[2] or "", bot, names or {})

    return _plain(_TOKEN.sub(one, text)).strip()


def _one(target: str, shown: str, bot: str, names: Mapping[str, str]) -> str:
    if user := _USER.fullmatch(target):
        return "" if user[1] == bot else f"@{shown or names.get(user[1], user[1])}"
    if group := _GROUP.fullmatch(target):
        return f"group:{group[1]}({shown.removeprefix('@')})"
    if target[0] == "#":
        return f"#{shown or target[1:]}"
    if target[0] == "!":
        return f"@{target[1:]}" if target in _LOUD else shown or target[1:].partition("^")[0]
    return shown or target.removeprefix("mailto:") if target.startswith("mailto:") else target


def _plain(text: str) -> str:
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return text
