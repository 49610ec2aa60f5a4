"""Installing the desk into a workspace from the browser: with a ticket from the log, and a state that is good once."""

from __future__ import annotations

import hashlib
import html
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urljoin

import structlog
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from handlers.manifest import OPTIONAL, SCOPES
from handlers.slack.failures import NETWORK
from handlers.slack.teams import SURFACE
from handlers.slack.wire import logger
from services.domain.errors import DeskError
from services.domain.identity import Installation

if TYPE_CHECKING:
    import logging
    from collections.abc import Sequence

    from slack_bolt.oauth.async_callback_options import AsyncFailureArgs, AsyncSuccessArgs
    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_sdk.oauth.installation_store.models.installation import Installation as SlackInstallation

    from handlers.slack.teams import InstalledTeams
    from handlers.slack.wire import Wire
    from services.ports.clock import Clock
    from services.ports.storage import Store
    from services.ports.vault import Vault

INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"
STATE_LIFE: Final = timedelta(minutes=10)
_OFFER_EVERY: Final = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


class Tickets(Protocol):
    """Words that open a door once: whoever installs the desk becomes an admin of it, so not everybody may."""

    def new(self) -> str:
        """A ticket."""
        ...

    def consume(self, token: str) -> object:
        """True the first time."""
        ...


class States(AsyncOAuthStateStore):
    """States as rows; only their digests are kept."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Rows and time."""
        self._store = store
        self._clock = clock

    @property
    def logger(self) -> logging.Logger:
        """The SDK's."""
        return logger

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """A state for ten minutes."""
        del args, kwargs
        state, ends = secrets.token_urlsafe(32), self._clock.now() + STATE_LIFE
        await self._store.write(lambda tx: tx.installations.add_state(_digest(state), expires_at=ends))
        return state

    async def async_consume(self, state: str) -> bool:
        """Good once."""
        now = self._clock.now()
        return await self._store.write(lambda tx: tx.installations.take_state(_digest(state), now=now))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Installed(AsyncInstallationStore):
    """Installations as rows, their tokens sealed for their team alone."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, teams: InstalledTeams) -> None:
        """`teams` hears of a new token."""
        self._store = store
        self._vault = vault
        self._clock = clock
        self._teams = teams

    @property
    def logger(self) -> logging.Logger:
        """The SDK's."""
        return logger

    async def async_save(self, installation: SlackInstallation) -> None:
        """Keep it; raises `BoltError` for one of a whole organisation, which has no team."""
        team = installation.team_id
        if not team or not installation.bot_token:
            raise BoltError("The desk is installed into one workspace at a time.")
        kept = {"bot_token": installation.bot_token, "bot_id": installation.bot_id or ""}
        sealed = self._vault.seal_installation(SURFACE, team, kept)
        row = Installation(
            surface=SURFACE,
            team=team,
            name=installation.team_name or team,
            bot_user=installation.bot_user_id or "",
            installed_by=installation.user_id or "",
            at=self._clock.now(),
        )
        try:
            await self._store.write(lambda tx: tx.installations.put(row, sealed))
        except DeskError as error:
            raise BoltError(error.message) from None
        self._teams.changed(team)
        _log.warning("slack workspace installed the desk", team=team, name=row.name)


class TicketedFlow(AsyncOAuthFlow):
    """Bolt's flow, which begins only with a ticket."""

    def __init__(
        self, *, wire: Wire, settings: AsyncOAuthSettings, public_url: str, tickets: Tickets, clock: Clock
    ) -> None:
        super().__init__(client=wire.client(), logger=logger, settings=settings)
        self._public_url = public_url
        self._tickets = tickets
        self._clock = clock
        self._offered = clock.now() - _OFFER_EVERY

    async def handle_installation(self, request: AsyncBoltRequest) -> BoltResponse:
        """On to Slack, or to the log."""
        if self._tickets.consume((request.query.get("ticket") or [""])[0]):
            return await super().handle_installation(request)
        if self._clock.now() - self._offered >= _OFFER_EVERY:
            self.offer()
        return page(403, "The way to install the desk is a link in its log.", "It is good once, for an hour.")

    def offer(self) -> None:
        """Put a way in where only whoever runs the desk reads it."""
        self._offered = self._clock.now()
        _log.warning(
            "to install the desk in Slack open", link=f"{self._public_url}{INSTALL}?ticket={self._tickets.new()}"
        )

    async def run_installation(self, code: str) -> SlackInstallation | None:
        """None when Slack did not take the code, or could not be asked."""
        try:
            return await super().run_installation(code)
        except NETWORK:
            return None


def build_flow(
    *,
    wire: Wire,
    store: Store,
    vault: Vault,
    clock: Clock,
    teams: InstalledTeams,
    tickets: Tickets,
    client_id: str,
    client_secret: str,
    public_url: str,
) -> TicketedFlow:
    """The way from /slack/install to a sealed token."""
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=[*SCOPES, *OPTIONAL],
        user_scopes=[],
        redirect_uri=f"{public_url}{REDIRECT}",
        install_path=INSTALL,
        redirect_uri_path=REDIRECT,
        install_page_rendering_enabled=False,
        authorization_url=urljoin(wire.base_url, "../oauth/v2/authorize"),
        installation_store=Installed(store, vault, clock, teams),
        state_store=States(store, clock),
        state_expiration_seconds=int(STATE_LIFE.total_seconds()),
        callback_options=AsyncCallbackOptions(success=_done, failure=_refused),
        logger=logger,
    )
    return TicketedFlow(wire=wire, settings=settings, public_url=public_url, tickets=tickets, clock=clock)


async def _done(args: AsyncSuccessArgs) -> BoltResponse:
    name = args.installation.team_name or "the workspace"
    said = page(200, f"The desk is in {name}.", "Invite it into a channel, and type /desk there.")
    said.headers["set-cookie"] = [args.settings.state_utils.build_set_cookie_for_deletion()]
    return said


async def _refused(args: AsyncFailureArgs) -> BoltResponse:
    _log.warning("slack installation failed", reason=args.reason)
    said = page(
        args.suggested_status_code,
        f"The desk was not installed ({args.reason}).",
        "Nothing changed. Begin again with a new link from the log.",
    )
    said.headers["set-cookie"] = [args.settings.state_utils.build_set_cookie_for_deletion()]
    return said


def page(status: int, what: str, then: str) -> BoltResponse:
    """Two sentences for a browser."""
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Copydesk</title>'
    body = f"{head}<h1>{html.escape(what)}</h1><p>{html.escape(then)}</p></html>"
    headers: dict[str, str | Sequence[str]] = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'",
        "referrer-policy": "no-referrer",
    }
    return BoltResponse(status=status, headers=headers, body=body)
