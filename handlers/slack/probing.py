"""Whether Slack takes the settings there are: asked by hand, before the desk is started or beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.manifest import SCOPES
from handlers.slack.failures import APP, BOT
from handlers.slack.opening import lack
from handlers.slack.wire import Wire
from services.domain.errors import NeedsOperator

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.slack.opening import SlackSettings
    from services.ports.clock import Clock


async def probe(settings: SlackSettings, clock: Clock) -> str:
    """Where it would work, in a few words; raises `NeedsOperator` for what can't, and what the Web API raises."""
    missing = lack(settings)
    if missing is not None:
        raise missing
    wire = Wire(clock, settings.api_base_url)
    try:
        if settings.app_token:
            await _socket(wire, settings.app_token)
        elif settings.installs:
            return "workspaces install it with a link from the log"
        return await _bot(wire, settings.bot_token)
    finally:
        await wire.close()


async def _socket(wire: Wire, token: str) -> None:
    """That a socket may be opened; none is."""
    try:
        await wire.call(None, "apps.connections.open", lambda c: c.apps_connections_open(app_token=token))
    except NeedsOperator as error:
        raise NeedsOperator(f"{APP}: {error.message}", next_step=error.next_step) from None


async def _bot(wire: Wire, token: str) -> str:
    """Who the token is, and that it may do what the manifest asks for."""
    granted: set[str] = set()

    async def asked(client: AsyncWebClient) -> Any:
        answer = await client.auth_test()
        granted.update(s.strip() for s in str(answer.headers.get("x-oauth-scopes", "")).split(","))
        return answer

    try:
        told = await wire.call(token, "auth.test", asked)
    except NeedsOperator as error:
        raise NeedsOperator(f"{BOT}: {error.message}", next_step=error.next_step) from None
    lacking = [scope for scope in SCOPES if scope not in granted]
    if lacking and granted - {""}:
        raise NeedsOperator(
            f"Slack's app lacks {', '.join(lacking)}.",
            next_step="Add it under OAuth & Permissions of the app, and install it again.",
        )
    return f"works in {told.get('team') or told['team_id']} as {told.get('user') or told['user_id']}"
