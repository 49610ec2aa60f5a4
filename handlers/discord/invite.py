"""What the bot needs to be allowed, each with its reason, and the address by which it is invited with just that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final[Mapping[str, str]] = {
    "view_channel": "see the channels the desk works in",
    "send_messages": "put up cards, decisions and reports",
    "send_messages_in_threads": "tell a draft's new versions in its thread",
    "create_public_threads": "open that thread below the card",
    "attach_files": "show pictures and charts, and hand over texts too long for a message",
}
"""By Discord's name of the permission."""
SCOPES: Final[Mapping[str, str]] = {
    "bot": "be a member of the server, with the permissions below",
    "applications.commands": "offer /desk and “Draft from message”",
}
INTENTS: Final[Mapping[str, str]] = {
    "guilds": "know the servers, channels and roles",
    "guild_messages": "hear when somebody mentions the bot; other messages come without their words",
    "dm_messages": "hear what somebody writes to the bot",
}
"""What Discord tells the bot of; none of these has to be approved by Discord."""


def permissions() -> discord.Permissions:
    """All of them as Discord's number."""
    return discord.Permissions(**dict.fromkeys(REASONS, True))


def intents() -> discord.Intents:
    """All of them as the library takes them."""
    wanted = discord.Intents.none()
    for name in INTENTS:
        setattr(wanted, name, True)
    return wanted


def invite_link(application: int | str) -> str:
    """Where somebody who manages a server lets the bot in."""
    return discord.utils.oauth_url(application, permissions=permissions(), scopes=tuple(SCOPES))
