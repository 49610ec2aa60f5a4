"""Discord as a place for cards: kept connected, written to, and read from through one client at a time."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from handlers.discord.client import QUIET, DeskClient
from handlers.discord.doing import Doing
from handlers.discord.drawing import Drawing
from handlers.discord.errors import HAS_THREAD, PUT_AWAY, TROUBLE, UNKNOWN_CHANNEL, WRONG_TOKEN, speaking
from handlers.discord.homes import Homes
from handlers.discord.inert import LIMITS
from handlers.discord.kept import Kept
from handlers.discord.places import PRIVATE, Place, place_of
from handlers.discord.who import NAME
from handlers.surface import Link, Sent
from handlers.tasks import Tasks
from handlers.views.card import short
from handlers.views.instants import plain
from services.domain.errors import Unavailable

if TYPE_CHECKING:
    from handlers.chat.desk import ChatDesk
    from handlers.views.sheet import Sheet, SurfaceLimits
    from services.facade import Services

_AGAIN: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between tries to connect; the last one for good."""
_AFTER_OPERATOR: Final = 300.0
"""Seconds until what only the operator can cure is looked at again."""
_KEPT_OPEN: Final = 10_080
"""Minutes of silence after which Discord puts a thread away: its longest, a week."""
WRONG: Final = 4004
"""The token."""
_GRACE: Final = 5.0
"""Seconds for what was begun to be answered."""
FATAL: Final = {
    WRONG: ("Discord does not know the bot's token.", WRONG_TOKEN),
    4012: ("Discord retired the version of its interface that the desk speaks.", "Update the desk."),
    4013: ("Discord does not know an intent the desk asks for.", "Update the desk."),
    4014: (
        "Discord does not allow an intent the desk asks for.",
        "In the developer portal, on the app's page “Bot”, allow it; the desk tries again by itself.",
    ),
}
"""Ends of a connection that no new try cures (docs.discord.com, 2026-08), and the next step."""
_ENDS: Final = (discord.LoginFailure, discord.PrivilegedIntentsRequired, discord.ConnectionClosed)
NOBODY: Final = discord.AllowedMentions.none()
"""Said once more at each edit, which forgets what the client was told."""
_log = structlog.get_logger(__name__)


class DiscordSurface:
    """`Surface` over discord.py."""

    name: Final = NAME
    label: Final = "Discord"
    limits: SurfaceLimits = LIMITS

    def __init__(
        self,
        chat: ChatDesk,
        services: Services,
        *,
        token: str,
        api_url: str = "",
        gateway_url: str = "",
        ready_within: float | None = None,
    ) -> None:
        """Empty addresses are Discord's own; they hold for the process."""
        if api_url:
            Route.BASE = api_url
        if gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
        self._token = token
        self._clock = services.clock
        self._store = services.store
        self._drawing = Drawing(services.store, services.media)
        self._ready_within = ready_within
        self.tasks = Tasks(services.clock)
        """What people asked for and is not answered yet."""
        self._homes = Homes(services.store, services.clock)
        self._doing = Doing(
            chat,
            self,
            self._drawing,
            services.media,
            homes=self._homes,
            kept=Kept(services.clock),
            clock=services.clock,
            tasks=self.tasks,
        )
        self._client: DeskClient | None = None
        self._link = Link.OFF
        self._told = ""
        self._keeping: asyncio.Task[None] | None = None
        logging.getLogger("discord.client").addFilter(QUIET)

    # Connection

    @property
    def link(self) -> Link:
        """Whether Discord is reached."""
        return self._link

    def linked(self, link: Link) -> None:
        """What the connection tells of itself."""
        if self._keeping is None:
            return
        if link is Link.CONNECTED:
            self._told = ""
        self._link = link

    async def start(self) -> None:
        """Connect in the background, again and again."""
        self._link = Link.CONNECTING
        self._keeping = asyncio.create_task(self._keep(), name="discord connection")

    async def stop(self) -> None:
        """Take nothing more in, answer what was begun, and disconnect."""
        keeping, self._keeping, self._link = self._keeping, None, Link.OFF
        self._doing.close()
        await self.tasks.drain(_GRACE)
        if keeping is not None:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def _keep(self) -> None:
        tries = 0
        while True:
            client = DeskClient(
                self._doing,
                self,
                homes=self._homes,
                store=self._store,
                clock=self._clock,
                ready_within=self._ready_within,
            )
            try:
                await client.login(self._token)
                self._client, tries = client, 0
                await client.connect()
                wait = _AGAIN[0]
            except _ENDS as error:
                wait = self._in_trouble(error)
            except TROUBLE as error:
                wait = _AGAIN[min(tries, len(_AGAIN) - 1)]
                self._say("Discord can't be reached.", "The desk tries again by itself.", reason=str(error))
            except Exception:  # noqa: BLE001 - whatever the library meets, the connection is tried again
                wait = _AGAIN[-1]
                _log.exception("the way to Discord broke")
            finally:
                self._client = None
                await client.close()
            tries += 1
            self.linked(Link.IN_TROUBLE)
            await self._clock.sleep(wait)

    def _in_trouble(self, error: Exception) -> float:
        """Tell the operator what only they can mend, and give the seconds until the next look."""
        own = {discord.LoginFailure: WRONG, discord.PrivilegedIntentsRequired: 4014}
        code = own.get(type(error), getattr(error, "code", 0))
        if code not in FATAL:
            self._say("Discord ended the connection.", "The desk tries again by itself.", code=code)
            return _AGAIN[-1]
        self._say(*FATAL[code])
        return _AFTER_OPERATOR

    def _say(self, message: str, next_step: str, **more: object) -> None:
        """Once, until it is another trouble or the connection worked in between."""
        if self._told != message:
            self._told = message
            _log.error(f"{message} {next_step}", **more)

    # Cards

    async def send(self, channel: str, sheet: Sheet, *, thread: str = "") -> Sent:
        """Put a card up in a channel, or in the thread below a message, which is opened when it is needed first."""
        where = place_of(channel)
        if not thread or where.guild == PRIVATE:
            return await self._post(where, where.channel, sheet)
        below = place_of(thread)
        inside = below.thread or below.message
        try:
            return await self._post(where, inside, sheet, in_thread=True)
        except _NoThread:
            await self._open_thread(below, short(plain(sheet.card.title), 100))
            return await self._post(where, inside, sheet, in_thread=True)

    async def update(self, place: str, sheet: Sheet) -> Sent:
        """Redraw it with the bot's own token, however old it is."""
        where = place_of(place)
        with speaking(self._clock):
            try:
                await self._edit(where, sheet)
            except discord.HTTPException as error:
                if error.code != PUT_AWAY:
                    raise
                await self._connected.http.edit_channel(where.holder, archived=False)
                await self._edit(where, sheet)
        return Sent(place=place)

    async def _edit(self, where: Place, sheet: Sheet) -> None:
        drawn = await self._drawing.drawn(sheet)
        message = self._room(where.holder).get_partial_message(int(where.message or 0))
        await message.edit(view=drawn.view, attachments=drawn.files, allowed_mentions=NOBODY)

    async def tell(self, team: str, user: str, sheet: Sheet) -> Sent:
        """A direct message."""
        del team
        with speaking(self._clock):
            room = await self._connected.create_dm(discord.Object(id=int(user)))
        return await self._post(Place(guild=PRIVATE, channel=str(room.id)), str(room.id), sheet)

    def channel_of(self, place: str) -> str:
        """Its channel, for what is in a thread too."""
        where = place_of(place)
        return Place(guild=where.guild, channel=where.channel).word

    async def permalink(self, place: str) -> str | None:
        """Discord's own address of it."""
        return place_of(place).link

    async def _post(self, where: Place, room: str, sheet: Sheet, *, in_thread: bool = False) -> Sent:
        """`nonce` keeps the library's own tries from putting it up twice."""
        drawn = await self._drawing.drawn(sheet)
        try:
            with speaking(self._clock, posting=True):
                sent = await self._room(int(room)).send(view=drawn.view, files=drawn.files, nonce=secrets.token_hex(12))
        except Exception as error:
            if in_thread and getattr(error.__cause__, "code", 0) == UNKNOWN_CHANNEL:
                raise _NoThread from error
            raise
        thread = room if in_thread else ""
        return Sent(place=Place(guild=where.guild, channel=where.channel, thread=thread, message=str(sent.id)).word)

    async def _open_thread(self, below: Place, name: str) -> None:
        """The thread of a message has its number; somebody else may have opened it meanwhile."""
        with speaking(self._clock):
            try:
                await self._connected.http.start_thread_with_message(
                    int(below.channel), int(below.message), name=name, auto_archive_duration=_KEPT_OPEN
                )
            except discord.HTTPException as error:
                if error.code != HAS_THREAD:
                    raise

    def _room(self, number: int) -> discord.PartialMessageable:
        return self._connected.get_partial_messageable(number)

    @property
    def _connected(self) -> DeskClient:
        if self._client is None:
            raise Unavailable("Discord is not reached at the moment.", next_step="The desk tries again by itself.")
        return self._client


class _NoThread(Exception):
    """The message has no thread yet."""
