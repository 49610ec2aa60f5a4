"""The chats of this process: opened for the tokens there are, connected, and told what happens until the desk stops."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot import registry
from handlers.chat.copies import Copies
from handlers.chat.desk import ChatDesk
from handlers.chat.news import News
from handlers.surface import Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from bot.bootstrap import Desk
    from handlers.dispatcher import Dispatcher
    from handlers.surface import Surface

SWEEP_EVERY: Final = timedelta(seconds=15)
"""How late a chat may hear of what it could not be told at once."""
FORGET_EVERY: Final = timedelta(hours=1)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    """What is open, and what it serves over HTTP by the first part of the path."""

    surfaces: Mapping[str, Surface]
    mounts: Mapping[str, ASGIApp]

    def states(self) -> dict[str, str]:
        """Every chat the desk knows, in a word each."""
        links = {name: surface.link for name, surface in self.surfaces.items()}
        return {name: links.get(name, Link.OFF).value for name in registry.CHATS}


@asynccontextmanager
async def chatting(desk: Desk, dispatcher: Dispatcher) -> AsyncIterator[Chats]:
    """Connected while the block lasts; a chat that can't be reached keeps nothing else from starting."""
    surfaces: dict[str, Surface] = {}
    mounts: dict[str, ASGIApp] = {}
    copies = Copies(dispatcher.desk, surfaces, desk.settings.COPYDESK_TIMEZONE)
    chat = ChatDesk(dispatcher, copies)
    for name, open_chat in registry.CHATS.items():
        # In a thread, because importing a chat's library takes a third of a second and posts may be due.
        opened = await asyncio.to_thread(open_chat, chat, desk.services, desk.settings, desk.vault)
        if opened is not None:
            surfaces[name] = opened.surface
            mounts |= opened.mounts
    if not surfaces:
        yield Chats(surfaces={}, mounts={})
        return
    news = News(dispatcher.desk, surfaces, copies)
    desk.bus.subscribe(copies.hear)
    desk.bus.subscribe(news.hear)
    desk.rounds.every(SWEEP_EVERY, news.sweep, "what chats were not told")
    desk.rounds.every(FORGET_EVERY, news.forget, "events that can't come again")
    async with AsyncExitStack() as stack:
        stack.callback(copies.close)
        for surface in surfaces.values():
            stack.push_async_callback(_stop, surface)
            await surface.start()
        telling = asyncio.create_task(news.run(), name="chat news")
        stack.push_async_callback(_end, telling)
        yield Chats(surfaces=surfaces, mounts=mounts)


async def _stop(surface: Surface) -> None:
    try:
        await surface.stop()
    except Exception:  # noqa: BLE001 - whatever a chat's library does at its end, the desk stops in order
        _log.exception("a chat did not stop in order", surface=surface.name)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class Mounted:
    """The web app with what chats serve beside it, each of which proves its callers in its own way."""

    def __init__(self, app: ASGIApp) -> None:
        """Nothing is beside it yet."""
        self._app = app
        self.mounts: Mapping[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """By the first part of the path."""
        first = str(scope.get("path", "")).split("/", 2)[1:2]
        beside = self.mounts.get(first[0]) if first and scope["type"] == "http" else None
        await (beside or self._app)(scope, receive, send)
