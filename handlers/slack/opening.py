"""Putting the Slack surface together from the settings there are: over a socket, or over requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handlers.chat.arrivals import Arrivals
from handlers.slack.app import build_app
from handlers.slack.failures import BOT, Troubles
from handlers.slack.files import Uploads
from handlers.slack.http import Doorway, RequestLink
from handlers.slack.listening import Listening
from handlers.slack.oauth import build_flow
from handlers.slack.people import People
from handlers.slack.socket import SocketLink
from handlers.slack.surface import SlackSurface
from handlers.slack.teams import SURFACE, InstalledTeams, OneTeam
from handlers.slack.wire import Wire
from handlers.surface import Link
from handlers.tasks import Tasks
from services.domain.errors import NeedsOperator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slack_bolt.app.async_app import AsyncApp
    from starlette.types import ASGIApp

    from handlers.chat.desk import ChatDesk
    from handlers.slack.oauth import TicketedFlow, Tickets
    from handlers.slack.surface import Connection
    from handlers.slack.teams import Teams
    from services.facade import Services
    from services.ports.vault import Vault

_DOCS: Final = "See docs/how-to/slack.md."


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """What the operator set; empty means unset."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_base_url: str = ""
    public_url: str = ""

    @property
    def installs(self) -> bool:
        """Whether workspaces install the app from the browser."""
        return bool(self.client_id and self.client_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The surface, and what it serves over HTTP by the first part of the path."""

    surface: SlackSurface
    mounts: Mapping[str, ASGIApp]


class _Nowhere:
    """`Connection` for settings that lack something: it is told once, and the rest of the desk runs."""

    link: Final = Link.IN_TROUBLE

    def __init__(self, troubles: Troubles, lack: NeedsOperator) -> None:
        self._troubles = troubles
        self._lack = lack

    async def start(self) -> None:
        """Tell it."""
        self._troubles.note("settings", self._lack)

    async def stop(self) -> None:
        """Nothing is open."""


def open_slack(desk: ChatDesk, services: Services, vault: Vault, settings: SlackSettings, tickets: Tickets) -> Opened:
    """The surface for these settings, not yet connected; one that lacks something says so and stays in trouble."""
    return _Opening(desk, services, vault, settings, tickets).opened()


class _Opening:
    """The parts, and how they hang together."""

    def __init__(
        self, desk: ChatDesk, services: Services, vault: Vault, settings: SlackSettings, tickets: Tickets
    ) -> None:
        self.services, self.vault, self.settings, self.tickets = services, vault, settings, tickets
        self.clock, store = services.clock, services.store
        self.wire, self.troubles, tasks = Wire(self.clock, settings.api_base_url), Troubles(), Tasks(self.clock)
        self.one = OneTeam(self.wire, settings.bot_token)
        self.installed = InstalledTeams(store, vault)
        self.requests = not settings.app_token
        self.teams: Teams = self.installed if self.requests and settings.installs else self.one
        self.surface = SlackSurface(
            wire=self.wire,
            teams=self.teams,
            uploads=Uploads(self.wire, store, services.media, self.clock, tasks),
            clock=self.clock,
            tasks=tasks,
            troubles=self.troubles,
        )
        self.flow: TicketedFlow | None = None
        self.offered = False
        self.arrivals = Arrivals(self.clock)
        people = People(self.wire, store, self.clock)
        self.listening = Listening(desk, self.surface, people, tasks, self.clock, arrivals=self.arrivals)

    def opened(self) -> Opened:
        missing = lack(self.settings)
        if missing is not None:
            return self._over(_Nowhere(self.troubles, missing))
        if not self.requests:
            return self._over(self._socket())
        doorway = Doorway(self.arrivals)
        return self._over(self._door(doorway), {SURFACE: doorway})

    def _over(self, connection: Connection, mounts: Mapping[str, ASGIApp] | None = None) -> Opened:
        self.surface.connect(connection)
        return Opened(surface=self.surface, mounts=mounts or {})

    def _socket(self) -> SocketLink:
        return SocketLink(
            build=lambda: build_app(self.wire, self.teams, self.listening),
            wire=self.wire,
            team=self.one,
            app_token=self.settings.app_token,
            clock=self.clock,
            troubles=self.troubles,
            arrivals=self.arrivals,
        )

    def _door(self, doorway: Doorway) -> RequestLink:
        return RequestLink(
            build=self._app,
            doorway=doorway,
            prove=self._prove,
            what="installation" if self.settings.installs else BOT,
            clock=self.clock,
            troubles=self.troubles,
        )

    def _app(self) -> AsyncApp:
        secret = self.settings.signing_secret
        self.flow = self._flow() if self.settings.installs else None
        return build_app(self.wire, self.teams, self.listening, signing_secret=secret, flow=self.flow)

    def _flow(self) -> TicketedFlow:
        return build_flow(
            wire=self.wire,
            store=self.services.store,
            vault=self.vault,
            clock=self.clock,
            teams=self.installed,
            tickets=self.tickets,
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
            public_url=self.settings.public_url,
        )

    async def _prove(self) -> str:
        """That the token works; where workspaces install the app, that one of them did."""
        if self.flow is None:
            return (await self.one.get()).id
        if await self.services.store.read(lambda tx: tx.installations.list(SURFACE)):
            return SURFACE
        if not self.offered:
            self.offered = True
            self.flow.offer()
        raise NeedsOperator(
            "The desk is installed in no Slack workspace yet.", next_step="The link to install it is in this log."
        )


def lack(settings: SlackSettings) -> NeedsOperator | None:
    """The first setting without which nothing can work."""
    if not settings.app_token and not settings.signing_secret:
        what = "SLACK_APP_TOKEN is missing, so Slack can't reach the desk."
        return NeedsOperator(what, next_step=f"Set it, or SLACK_SIGNING_SECRET for HTTP mode. {_DOCS}")
    if settings.app_token and not settings.bot_token:
        return NeedsOperator("SLACK_BOT_TOKEN is missing.", next_step=f"Set it beside SLACK_APP_TOKEN. {_DOCS}")
    if not settings.bot_token and not settings.installs:
        what = "SLACK_BOT_TOKEN is missing."
        return NeedsOperator(what, next_step=f"Set it, or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET. {_DOCS}")
    if settings.installs and not settings.app_token and not settings.public_url:
        what = "COPYDESK_PUBLIC_URL is missing, so Slack can't send people back after they install the app."
        return NeedsOperator(what, next_step=f"Set it to the https address of the desk. {_DOCS}")
    return None
