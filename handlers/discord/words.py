"""What somebody wrote to the bot, as words: without the bot's name, and with people and roles by theirs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

_MENTION: Final = re.compile(r"<(@!?|@&|#)(\d{1,20})>")


def names(text: str, user: int) -> bool:
    """Whether the text itself calls this user; an answer to a message of theirs alone does not."""
    return any(found[1] in {"@", "@!"} and int(found[2]) == user for found in _MENTION.finditer(text))


def words_of(message: discord.Message, me: int) -> str:
    """The text as the desk's grammar reads it: people as @Name, roles as group:ID(Name), channels as #name."""
    people = {u.id: f"@{u.display_name}" for u in message.mentions}
    known = message.guild.roles if message.guild else ()
    roles = {r.id: f"group:{r.id}({r.name})" for r in known}
    channels = {c.id: f"#{c.name}" for c in message.channel_mentions}
    kinds: dict[str, Callable[[int, str], str]] = {"@&": roles.get, "#": channels.get}

    def said(found: re.Match[str]) -> str:
        number = int(found[2])
        if number == me and found[1] in {"@", "@!"}:
            return ""
        return kinds.get(found[1], people.get)(number, found[0])

    return _MENTION.sub(said, message.content).strip()
