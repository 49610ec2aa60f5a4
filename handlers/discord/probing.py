"""Whether Discord takes the settings there are: asked by hand, before the desk is started or beside it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord.http import Route

from handlers.discord.client import QUIET
from handlers.discord.errors import TROUBLE, told
from handlers.discord.invite import invite_link
from handlers.discord.surface import FATAL, WRONG
from services.domain.errors import NeedsOperator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.ports.clock import Clock


async def probe(token: str, clock: Clock, *, api_url: str = "") -> str:
    """Where it would work, in a few words; raises `NeedsOperator` for what can't, and what a call raises."""
    if api_url:
        Route.BASE = api_url
    logging.getLogger("discord.client").addFilter(QUIET)
    client = discord.Client(intents=discord.Intents.none())
    try:
        await client.login(token)
    except discord.LoginFailure:
        message, next_step = FATAL[WRONG]
        raise NeedsOperator(message, next_step=next_step) from None
    except TROUBLE as error:
        raise told(error, clock) from None
    finally:
        await client.close()
    return " ".join(_words(client.application))


def _words(app: discord.AppInfo | None) -> Iterator[str]:
    if app is None:
        return
    servers = app.approximate_guild_count
    yield f"works as {app.name} in {servers or 'no'} server{'' if servers == 1 else 's'}."
    if not servers:
        yield f"Invite it: {invite_link(app.id)}"
    if app.bot_public:
        yield "“Public Bot” is on, so no server is served but those of its first start."
