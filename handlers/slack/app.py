"""The Bolt app: who an event is for, what hears it, and what is said when that goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped

from handlers.slack.listening import listen
from handlers.slack.wire import logger
from services.domain.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

    from handlers.slack.listening import Listening
    from handlers.slack.teams import Teams
    from handlers.slack.wire import Wire

NOT_HERE: Final = "The desk is not installed in this workspace any more. Ask whoever runs it to install it again."
_log = structlog.get_logger(__name__)
# Bolt looks into the environment by itself, finds our setting of the same name, and says that it will not use it.
logger.addFilter(lambda record: record.getMessage() != warning_client_prioritized_and_token_skipped())


class Authorize(AsyncAuthorize):
    """Finds the workspace something happened in, and leaves it in the context for the listeners."""

    def __init__(self, teams: Teams) -> None:  # the base keeps nothing
        """No call to Slack: the acknowledgement has three seconds."""
        self._teams = teams

    async def __call__(
        self, *, context: AsyncBoltContext, team_id: str | None, **others: object
    ) -> AuthorizeResult | None:
        """None where the desk is not installed."""
        del others
        try:
            team = await self._teams.get(team_id or "")
        except DeskError as error:
            _log.warning("something came from a workspace that is not ours", reason=error.message)
            return None
        context["team"] = team
        return AuthorizeResult(
            enterprise_id=None, team_id=team.id, bot_token=team.token, bot_id=team.bot_id, bot_user_id=team.bot_user
        )


def build_app(
    wire: Wire, teams: Teams, listening: Listening, *, signing_secret: str = "", flow: AsyncOAuthFlow | None = None
) -> AsyncApp:
    """The app, for a socket or for requests; without lazy listeners, which copy the pool of connections and fail."""
    authorize: Any = Authorize(teams)  # Bolt takes its own kind, and declares a function
    app = AsyncApp(
        client=wire.client(),
        authorize=authorize,
        signing_secret=signing_secret or "none: a socket proves itself by its token",
        oauth_flow=flow,
        user_facing_authorize_error_message=NOT_HERE,
        logger=logger,
        name="copydesk",
    )
    listen(app, listening)
    register: Callable[[Any], Any] = app.error
    register(_failed)
    return app


async def _failed(error: Exception) -> None:
    """A listener or what stands before it broke; what people asked for is guarded further inside."""
    _log.error("slack listener failed", exc_info=error)
