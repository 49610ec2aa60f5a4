"""Accounts that somebody connected after asking for it in a chat: the channel where they asked hears of it, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from handlers.views.connecting import connected_card
from handlers.views.sheet import sheet
from services.domain.errors import DeskError, OutcomeUnknown, RateLimited, Unavailable

if TYPE_CHECKING:
    from handlers.chat.copies import Surfaces
    from handlers.desk import Desk
    from handlers.surface import Surface
    from handlers.views.sheet import Sheet
    from services.connection_news import News

_log = structlog.get_logger(__name__)


class ConnectedThere:
    """What is owed waits in rows; each is taken before it is told, because twice is worse than never."""

    def __init__(self, desk: Desk, surfaces: Surfaces) -> None:
        """One for all chats."""
        self._desk = desk
        self._surfaces = surfaces

    async def sweep(self) -> None:
        """Tell what waits; a chat that is down is tried again in the next round."""
        owed = self._desk.services.connecting.news
        for passage in await owed.list():
            surface = self._surfaces.get(passage.origin.surface) if passage.origin else None
            news = await owed.take(passage) if surface else None
            if surface is None or news is None:
                continue
            try:
                await self._tell(surface, news)
            except (Unavailable, RateLimited) as error:
                await owed.put_back(news)
                _log.warning("a chat hears of a connected account later", surface=surface.name, reason=error.message)
            except DeskError as error:
                _log.warning("a chat was not told of a connected account", surface=surface.name, reason=error.message)

    async def _tell(self, surface: Surface, news: News) -> None:
        """In the channel; where the desk may not speak, to the one who connected it alone."""
        by = news.person.name if news.person else "Somebody"
        made = sheet(connected_card(news.accounts, self._desk.services.platforms, by=by), surface.limits)
        try:
            await surface.send(news.origin.channel, made)
        except (Unavailable, RateLimited, OutcomeUnknown):
            raise
        except DeskError:
            await self._whisper(surface, news, made)

    async def _whisper(self, surface: Surface, news: News, made: Sheet) -> None:
        if news.person is None:
            return
        for one in await self._desk.services.identities.links(news.person):
            if one.surface == surface.name:
                await surface.tell(one.team, one.user, made)
                return
