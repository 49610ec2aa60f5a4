"""Slack as a place for cards: puts them up, redraws them, and tells people in their own conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from handlers.slack.failures import BOT, Effect, PictureUnready, Troubles
from handlers.slack.pace import Pace
from handlers.slack.places import Place, parse_place
from handlers.slack.render import LIMITS, message
from handlers.slack.teams import SURFACE
from handlers.surface import Link, Sent
from services.domain.errors import DeskError, NeedsOperator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.slack.files import Uploads
    from handlers.slack.render import Message
    from handlers.slack.teams import Team, Teams
    from handlers.slack.wire import Wire
    from handlers.tasks import Tasks
    from handlers.views.sheet import Sheet, SurfaceLimits
    from services.ports.clock import Clock

PICTURES_WITHIN: Final = 3.0
"""Seconds a new card waits for its pictures; after that it goes up without and is redrawn."""
_GRACE: Final = 5.0
_CONVERSATIONS: Final = 2000


class Connection(Protocol):
    """The way in: a socket, or requests that Slack sends."""

    @property
    def link(self) -> Link:
        """Whether it is open."""
        ...

    async def start(self) -> None:
        """Connect in the background."""
        ...

    async def stop(self) -> None:
        """Take nothing more in."""
        ...


class SlackSurface:
    """`Surface` over the Web API."""

    name: Final = SURFACE
    label: Final = "Slack"

    def __init__(
        self, *, wire: Wire, teams: Teams, uploads: Uploads, clock: Clock, tasks: Tasks, troubles: Troubles
    ) -> None:
        """`connect` names the way in before it is started."""
        self.wire = wire
        self.teams = teams
        self.uploads = uploads
        self.troubles = troubles
        self._clock = clock
        self._tasks = tasks
        self._pace = Pace(clock)
        self._connection: Connection | None = None
        self._conversations: dict[tuple[str, str], str] = {}
        """By team and person: their conversation with the desk."""

    def connect(self, connection: Connection) -> None:
        """Take this way in."""
        self._connection = connection

    @property
    def limits(self) -> SurfaceLimits:
        """What one message holds."""
        return LIMITS

    @property
    def link(self) -> Link:
        """Whether it reaches Slack, and Slack takes what it says."""
        link = self._connection.link if self._connection is not None else Link.OFF
        return Link.IN_TROUBLE if link is not Link.OFF and self.troubles.any else link

    async def start(self) -> None:
        """Connect in the background and stay connected."""
        if self._connection is not None:
            await self._connection.start()

    async def stop(self) -> None:
        """Take nothing more in, finish what is being said, and disconnect."""
        if self._connection is not None:
            await self._connection.stop()
        await self._tasks.drain(_GRACE)
        await self.wire.close()

    async def send(self, channel: str, sheet: Sheet, *, thread: str = "") -> Sent:
        """Put a card up where everybody sees it."""
        where = parse_place(channel)
        team = await self._team(where.team)
        return await self.post(team, where.channel, sheet, parse_place(thread).thread if thread else "")

    async def update(self, place: str, sheet: Sheet) -> Sent:
        """Redraw it; pictures that Slack has not taken in yet are not waited for."""
        where = parse_place(place)
        team = await self._team(where.team)

        async def put(made: Message) -> str:
            await self.call(
                team,
                "chat.update",
                lambda c: c.chat_update(channel=where.channel, ts=where.ts, text=made.text, blocks=made.blocks),
            )
            return place

        return await self._drawn(team, sheet, 0.0, put)

    async def tell(self, team: str, user: str, sheet: Sheet) -> Sent:
        """Put a card into the conversation with one person."""
        known = await self._team(team)
        return await self.post(known, await self.conversation(known, user), sheet, "")

    def channel_of(self, place: str) -> str:
        """The channel of a message."""
        where = parse_place(place)
        return str(Place(team=where.team, channel=where.channel))

    async def permalink(self, place: str) -> str | None:
        """An address that leads to a message; None where it can't be had."""
        where = parse_place(place)
        try:
            told = await self.call(
                await self._team(where.team),
                "chat.getPermalink",
                lambda c: c.chat_getPermalink(channel=where.channel, message_ts=where.ts),
            )
        except DeskError:
            return None
        return str(told["permalink"])

    async def post(self, team: Team, channel: str, sheet: Sheet, thread: str) -> Sent:
        """A message, and below it the file that has the rest."""

        async def put(made: Message) -> str:
            await self._pace.turn(f"{team.id}/{channel}")
            return await self.say(team, channel, made, thread)

        sent = await self._drawn(team, sheet, PICTURES_WITHIN, put)
        if sheet.file is not None:
            await self.uploads.share(team, sheet.file, parse_place(sent.place))
        return sent

    async def say(self, team: Team, channel: str, made: Message, thread: str) -> str:
        """The call that puts a message up; gives its place. Links in it unfold into nothing."""
        told = await self.call(
            team,
            "chat.postMessage",
            lambda c: c.chat_postMessage(
                channel=channel,
                text=made.text,
                blocks=made.blocks,
                thread_ts=thread or None,
                unfurl_links=False,
                unfurl_media=False,
            ),
            effect=Effect.MESSAGE,
        )
        return str(Place(team=team.id, channel=str(told["channel"]), ts=str(told["ts"]), parent=thread))

    async def whisper(self, team: Team, sheet: Sheet, put: Callable[[Message], Awaitable[str]]) -> None:
        """A message for one person, which nobody can redraw: it waits for its pictures a little longer."""
        await self._drawn(team, sheet, 2 * PICTURES_WITHIN, put)

    async def conversation(self, team: Team, user: str) -> str:
        """The channel between a person and the desk; raises `Refused` for those who take no messages."""
        key = (team.id, user)
        if key not in self._conversations:
            told = await self.call(team, "conversations.open", lambda c: c.conversations_open(users=user))
            if len(self._conversations) > _CONVERSATIONS:
                self._conversations.clear()
            self._conversations[key] = str(told["channel"]["id"])
        return self._conversations[key]

    async def forget(self, team: str) -> None:
        """The desk was taken out of this team."""
        await self.teams.forget(team)
        for key in [k for k in self._conversations if k[0] == team]:
            del self._conversations[key]

    async def _team(self, team: str) -> Team:
        try:
            found = await self.teams.get(team)
        except NeedsOperator as error:
            self.troubles.note(BOT, error)
            raise
        self.troubles.over(BOT)
        return found

    async def _drawn(self, team: Team, sheet: Sheet, patience: float, put: Callable[[Message], Awaitable[str]]) -> Sent:
        """With the pictures that are there; one that Slack lost is taken in anew while the card is up without it."""
        found = await self.uploads.ids(team, sheet.images, patience)
        try:
            return Sent(place=await put(message(sheet, found.files)), whole=not found.pending)
        except PictureUnready:
            self.uploads.doubt(team, sheet.images)
            return Sent(place=await put(message(sheet, {})), whole=False)

    async def call(
        self,
        team: Team,
        method: str,
        run: Callable[[AsyncWebClient], Awaitable[Any]],
        *,
        effect: Effect = Effect.NONE,
    ) -> dict[str, Any]:
        """As the wire does, with the operator told of what only they can mend."""
        try:
            told = await self.wire.call(team.token, method, run, effect=effect)
        except NeedsOperator as error:
            self.troubles.note(method, error)
            raise
        self.troubles.over(method)
        return told
