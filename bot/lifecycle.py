"""Start order, signals, and stopping without losing what is being sent."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import structlog

from bot import bootstrap, datadir, practising, registry, serving
from bot.chatting import Mounted, chatting
from bot.clock import SWEEP_EVERY
from bot.collecting import collecting
from bot.practice_feed import HttpPracticeFeed
from handlers.dispatcher import Dispatcher
from handlers.elsewhere import Elsewhere
from handlers.notifications import PLACE, SURFACE
from handlers.surface import Link
from services.domain.events import DeliveriesPlanned

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Sequence

    from bot.bootstrap import Desk
    from bot.chatting import Chats
    from bot.config import Settings
    from bot.practising import PracticeLine
    from services.domain.events import Event

_log = structlog.get_logger(__name__)
GRACE: Final = 35.0
"""Seconds for a call to a network to end: its own timeout and a little."""
LIMITS_EVERY: Final = timedelta(hours=1)
DIGESTS_EVERY: Final = timedelta(seconds=15)
"""How late a digest may be, and how soon after a start the one that was missed comes."""
STUCK_AFTER: Final = timedelta(minutes=5)
"""Far longer than a writer may take: a draft that is still being written then was left behind."""
LINE_EVERY: Final = timedelta(seconds=3)
"""How late the page may know of the first real account."""


class Part(StrEnum):
    """Which part of the desk this process is."""

    ALL = "all"
    SURFACES = "surfaces"
    WORKER = "worker"


async def run(settings: Settings, part: Part) -> None:
    """Start, tell where the page is, and serve until a signal; raises `StartProblem` before anything was changed."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        listener = None
        if part is not Part.WORKER:
            listener = serving.bind(settings.COPYDESK_HOST, settings.COPYDESK_PORT)
            stack.callback(listener.close)
        if part is not Part.SURFACES:
            stack.enter_context(bootstrap.only_publisher(settings))
        desk = await stack.enter_async_context(bootstrap.desk(settings))
        accounts = await desk.services.accounts.list()
        practice = practising.wanted(settings.COPYDESK_PRACTICE, accounts)
        root = practising.practice_root(accounts)
        if practice and part is not Part.SURFACES:
            root = await stack.enter_async_context(practising.practice_networks(settings, desk.services.accounts))
        if part is not Part.SURFACES:
            await stack.enter_async_context(_publishing(desk))
        if listener is not None:
            line = practising.PracticeLine(settings.COPYDESK_PRACTICE, desk.services.accounts, running=practice)
            client = await stack.enter_async_context(bootstrap.local_client())
            feed = HttpPracticeFeed(client, root) if practice else None
            await stack.enter_async_context(_doors(desk, listener, part, line, feed))
        await stopping.wait()
        _log.info("stopping")


@asynccontextmanager
async def _doors(
    desk: Desk, listener: socket.socket, part: Part, practice: PracticeLine, feed: HttpPracticeFeed | None
) -> AsyncIterator[None]:
    """The HTTP face and the page, with a link for the first sign-in."""
    # In a thread, because importing the web framework takes a third of a second and posts may be due.
    links = await asyncio.to_thread(registry.one_time_links, desk.token, desk.clock)
    told: list[Chats] = []
    app = await asyncio.to_thread(
        registry.open_web,
        desk.services,
        token=desk.token,
        secret=datadir.derived(desk.token, "sessions"),
        sign_in=links,
        host=desk.settings.COPYDESK_HOST,
        public_url=desk.settings.COPYDESK_PUBLIC_URL,
        practice=practice,
        readiness=lambda: _readiness(desk, part, told),
        undo=timedelta(seconds=desk.settings.COPYDESK_UNDO_SECONDS),
        practice_feed=feed,
    )
    desk.bus.subscribe(app.state.door.notifications.notice)
    services = desk.services
    interrupted = await services.drafts.recover_interrupted(older_than=desk.clock.now())
    if interrupted:
        _log.warning("drafts were being written when the desk stopped", count=interrupted)
    unpainted = await services.illustration.recover_interrupted(older_than=desk.clock.now())
    if unpainted:
        _log.warning("pictures were being made when the desk stopped", count=unpainted)

    async def recover() -> None:
        before = desk.clock.now() - STUCK_AFTER
        await services.drafts.recover_interrupted(older_than=before)
        await services.illustration.recover_interrupted(older_than=before)

    desk.rounds.every(LINE_EVERY, practice.look, "practice line")
    desk.rounds.every(STUCK_AFTER, recover, "drafts left behind")
    if part is Part.SURFACES:
        elsewhere = Elsewhere(services.store, desk.bus.publish)
        desk.bus.subscribe(elsewhere.hear)
        desk.rounds.every(SWEEP_EVERY, elsewhere.look, "steps of another process")
        desk.rounds.start()
    front = Mounted(app)
    page = registry.page_as(links, bootstrap.page_url(desk.settings))
    dispatcher = Dispatcher(replace(app.state.door.desk, page=page))
    async with serving.serving(front, listener), chatting(desk, dispatcher) as chats:
        front.mounts = chats.mounts
        told.append(chats)
        _say(bootstrap.page_url(desk.settings), links.new(), practice=practice())
        try:
            yield
        finally:
            app.state.door.close()
            if part is Part.SURFACES:
                desk.rounds.stop()


def _readiness(desk: Desk, part: Part, chats: Sequence[Chats]) -> tuple[bool, dict[str, str], dict[str, str]]:
    """The schema was proved when the store was opened; the surfaces are told without waiting for them."""
    here = part is not Part.SURFACES
    ready = desk.engine.healthy() or not here
    engine = "in another process" if not here else "ok" if ready else "starting or in trouble"
    parts = {"schema": "ok", "web": "ok", "engine": engine}
    states = chats[0].states() if chats else dict.fromkeys(registry.CHATS, Link.CONNECTING.value)
    return ready, parts, {"web": "serving", **states}


@asynccontextmanager
async def _publishing(desk: Desk) -> AsyncIterator[None]:
    """The engine with its alarm and rounds, in the process that holds the data directory's lock."""

    def hear(event: Event) -> None:
        if isinstance(event, DeliveriesPlanned):
            desk.engine.wake(event.earliest)

    desk.bus.subscribe(hear)
    if not desk.settings.COPYDESK_DATABASE_URL:  # The lock says nothing about a database outside the data directory.
        await desk.dispatcher.take_over()
    await desk.services.digests.subscribe_default(SURFACE, PLACE)
    desk.rounds.every(SWEEP_EVERY, desk.engine.wake, "sweep")
    desk.rounds.every(SWEEP_EVERY, desk.services.control.resume_ready, "accounts that work again")
    desk.rounds.every(DIGESTS_EVERY, desk.services.digests.run_due, "digests")
    desk.rounds.every(LIMITS_EVERY, desk.services.accounts.reread_limits, "limits", at_once=True)
    desk.rounds.start()
    await desk.engine.start()
    try:
        async with collecting(desk.collector, desk.bus, desk.rounds, desk.services.reports.recent):
            yield
    finally:
        desk.rounds.stop()
        await desk.engine.stop(GRACE)


def _say(url: str, token: str, *, practice: bool) -> None:
    """The two lines a person waits for."""
    lines = [f"Copydesk is ready: {url}/signin?token={token}"]
    if practice:
        lines.append("Practice mode: the networks are stand-ins and nothing leaves this machine.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
