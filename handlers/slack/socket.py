"""Socket Mode: one web socket that stays open, over which Slack hands everything in and takes the acknowledgements."""

from __future__ import annotations

import asyncio
import itertools
import logging
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Final

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from handlers.slack.failures import APP, BOT
from handlers.surface import Link
from services.content.structured import proxy_for
from services.domain.errors import DeskError, NeedsOperator, RateLimited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from handlers.chat.arrivals import Arrivals
    from handlers.slack.failures import Troubles
    from handlers.slack.teams import OneTeam
    from handlers.slack.wire import Wire
    from services.ports.clock import Clock

_PING: Final = 5.0
"""Seconds; a dead network is noticed at the next one."""
_LOOK_EVERY: Final = 10.0
_PATIENCE: Final = 4
"""Looks without a connection until the socket is thrown away: the SDK dials an address again that is used up."""
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_OPERATORS_PAUSE: Final = 60.0
_log = structlog.get_logger(__name__)
_quiet: Final = logging.getLogger("handlers.slack.socket")
_quiet.setLevel(logging.CRITICAL)  # every try to connect would be told with its traceback: the link tells it in a word


async def patiently(work: Callable[[], Awaitable[str]], where: str, troubles: Troubles, clock: Clock) -> str:
    """Try until it works, telling the operator once what only they can mend."""
    for number in itertools.count():
        try:
            found = await work()
        except NeedsOperator as error:
            troubles.note(where, error)
            wait = _OPERATORS_PAUSE
        except RateLimited as error:
            wait = max((error.until - clock.now()).total_seconds(), _PAUSES[0])
        except DeskError as error:
            wait = _PAUSES[min(number, len(_PAUSES) - 1)]
            _log.info("slack can't be reached yet", what=where, reason=error.message, seconds=wait)
        except Exception as error:  # noqa: BLE001 - whatever the library meets, it is tried again
            kind = type(error).__name__
            broken = NeedsOperator(f"Slack can't be asked ({kind}).", next_step=f"Look at {where} in the settings.")
            troubles.note(where, broken)
            wait = _OPERATORS_PAUSE
        else:
            troubles.over(where)
            return found
        await clock.sleep(wait)
    raise AssertionError  # the count has no end


class _Client(SocketModeClient):
    """The SDK's, with our patience for a new address and no proxy for this machine."""

    def __init__(self, wire: Wire, app_token: str, address: Callable[[], Awaitable[str]]) -> None:
        super().__init__(app_token=app_token, logger=_quiet, web_client=wire.client(), ping_interval=_PING)
        self._address = address

    async def issue_new_wss_url(self) -> str:
        url = await self._address()
        self.proxy = proxy_for(url)
        return url

    @property
    def open(self) -> bool:
        session = self.current_session
        return session is not None and not session.closed and not self.stale and not self.closed


class SocketLink:
    """`Connection` over Socket Mode."""

    def __init__(
        self,
        *,
        build: Callable[[], AsyncApp],
        wire: Wire,
        team: OneTeam,
        app_token: str,
        clock: Clock,
        troubles: Troubles,
        arrivals: Arrivals,
    ) -> None:
        """`build` makes the app once there is a loop."""
        self._arrivals = arrivals
        self._build = build
        self._wire = wire
        self._team = team
        self._token = app_token
        self._clock = clock
        self._troubles = troubles
        self._client: _Client | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def link(self) -> Link:
        """Whether the socket is open."""
        if self._running is None:
            return Link.OFF
        return Link.CONNECTED if self._client is not None and self._client.open else Link.CONNECTING

    async def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        self._running = asyncio.create_task(self._run(), name="slack socket")

    async def stop(self) -> None:
        """Close the socket: Slack hands everything else to somebody else, or again later."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        await self._close()

    async def _run(self) -> None:
        app = self._build()

        async def hear(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            form = request.payload.get("type") == "view_submission"  # which is acknowledged with the desk's answer
            with nullcontext() if form else self._arrivals.arriving():
                answer = await run_async_bolt_app(app, request)
                await send_async_response(client, request, answer, 0.0)

        await patiently(self._known, BOT, self._troubles, self._clock)
        while True:
            self._client = _Client(self._wire, self._token, self._address)
            self._client.socket_mode_request_listeners.append(hear)
            dial: Callable[[], Coroutine[object, object, None]] = self._client.connect
            dialling = asyncio.create_task(dial(), name="slack connect")
            try:
                await self._until_lost(self._client)
            finally:
                dialling.cancel()
            await self._close()

    async def _known(self) -> str:
        return (await self._team.get()).id

    async def _address(self) -> str:
        return await patiently(self._ask, APP, self._troubles, self._clock)

    async def _ask(self) -> str:
        token = self._token
        told = await self._wire.call(None, "apps.connections.open", lambda c: c.apps_connections_open(app_token=token))
        return str(told["url"])

    async def _until_lost(self, client: _Client) -> None:
        """Returns when the socket stays closed while Slack can be reached."""
        missed = 0
        while missed < _PATIENCE:
            await self._clock.sleep(_LOOK_EVERY)
            missed = 0 if client.open or self._troubles.any else missed + 1
        _log.warning("slack is dialled anew")

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            hang_up: Callable[[], Awaitable[None]] = client.close
            await hang_up()
