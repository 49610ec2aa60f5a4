"""What Discord's refusals mean for the desk, in one table."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from services.domain.errors import (
    DeskError,
    InvalidInput,
    NeedsOperator,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.ports.clock import Clock

UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_MESSAGE: Final = 10008
HAS_THREAD: Final = 160004
PUT_AWAY: Final = 50083
"""A thread that was quiet for so long that Discord archived it."""
_GONE: Final[Mapping[int, str]] = {
    UNKNOWN_CHANNEL: "The channel is gone from Discord.",
    10004: "The server is gone, or the bot was removed from it.",
    UNKNOWN_MESSAGE: "The message is gone from Discord.",
    10013: "This person is not on Discord any more.",
    50001: "The bot can't see this channel in Discord.",
}
"""Codes of docs.discord.com, 2026-08."""
_ACCESS: Final = "Give the bot's role “View Channel” there, or add the bot to the channel."
_RIGHTS: Final = (
    "Give the bot's role the permissions “Send Messages”, “Send Messages in Threads”, “Create Public Threads” and "
    "“Attach Files” in this channel."
)
_AGAIN: Final = "The desk tries again by itself."
_LOST: Final = (aiohttp.ClientError, OSError, TimeoutError)
TROUBLE: Final = (discord.DiscordException, *_LOST)
"""Everything a call to Discord may raise for what happens outside."""


@contextmanager
def speaking(clock: Clock, *, posting: bool = False) -> Iterator[None]:
    """Whatever a call inside raises, as the desk's error; `posting` where a lost answer may mean that it is up."""
    try:
        yield
    except TROUBLE as error:
        raise told(error, clock, posting=posting) from error


def told(error: Exception, clock: Clock, *, posting: bool = False) -> DeskError:
    """The error by what follows from it."""
    if isinstance(error, discord.RateLimited):
        return RateLimited("Discord takes no more just now.", until=clock.now() + timedelta(seconds=error.retry_after))
    if isinstance(error, discord.HTTPException):
        return _refusal(error, clock, posting=posting)
    if posting and not isinstance(error, aiohttp.ClientConnectorError):
        return OutcomeUnknown("Discord did not say whether the message is up.", unchanged="The draft is unchanged.")
    return Unavailable("Discord can't be reached.", unchanged="The draft is unchanged.", next_step=_AGAIN)


def _refusal(error: discord.HTTPException, clock: Clock, *, posting: bool) -> DeskError:
    if error.code in _GONE or error.status == 404:
        words = _GONE.get(error.code, "Discord does not know this any more.")
        return NotFound(words, next_step=_ACCESS if error.code == 50001 else "")
    if error.status == 401:
        return NeedsOperator("Discord does not know the bot's token.", next_step=WRONG_TOKEN)
    if error.status == 429:
        return RateLimited("Discord takes no more just now.", until=clock.now() + _retry_after(error))
    if error.status >= 500 and posting:
        return OutcomeUnknown("Discord did not say whether the message is up.", unchanged="The draft is unchanged.")
    if error.status >= 500:
        return Unavailable("Discord has trouble.", unchanged="The draft is unchanged.", next_step=_AGAIN)
    if error.code == 50007:
        return Refused("This person takes no messages from the desk in Discord.", fix="They can allow direct messages.")
    if error.code == 50013:
        return NeedsOperator("The bot may not write here in Discord.", next_step=_RIGHTS)
    if error.code == 40005:
        return InvalidInput("The picture is too large for Discord.", next_step="Use a smaller one.")
    return Refused(f"Discord refused this ({error.status}, code {error.code}).", fix="The log has what it said.")


def _retry_after(error: discord.HTTPException) -> timedelta:
    """What the header says; a minute where the guard before Discord says nothing."""
    given = str(error.response.headers.get("Retry-After", ""))
    return timedelta(seconds=float(given) if given.replace(".", "", 1).isdigit() else 60)


WRONG_TOKEN: Final = "Copy the token again from the app's page “Bot” into DISCORD_TOKEN, then restart the desk."  # noqa: S105 - a sentence about it
