"""What Slack's errors mean for the desk: one table, and one voice for what only the operator can mend."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_log = structlog.get_logger(__name__)


class Effect(StrEnum):
    """What a call that went wrong may have left behind."""

    NONE = "none"
    """It reads, or may be repeated."""
    MESSAGE = "message"
    """A message that nobody can take back unseen."""


class TooLate(DeskError):
    """A trigger that opened something already, or that is older than three seconds."""

    code = "too_late"


class ViewMoved(DeskError):
    """A modal that was closed, or changed by somebody faster."""

    code = "view_moved"


class PictureUnready(DeskError):
    """A picture in the message that Slack can't show yet, or not any more."""

    code = "picture_unready"


BOT: Final = "SLACK_BOT_TOKEN"
"""What troubles with the bot's token are filed under."""
APP: Final = "SLACK_APP_TOKEN"
"""The same for that of the socket."""
NETWORK: Final = (aiohttp.ClientError, OSError)
"""What a call raises when no answer came; a timeout is one of them."""
_INVITE: Final = "Type /invite and the desk's name in the channel, then try again."
_GONE: Final[Mapping[str, tuple[str, str]]] = {
    "channel_not_found": ("The desk can't see this channel.", _INVITE),
    "not_in_channel": ("The desk is not in this channel.", _INVITE),
    "is_archived": ("This channel is archived.", "Choose another channel."),
    "message_not_found": ("This message was deleted.", ""),
    "thread_not_found": ("This thread was deleted.", ""),
    "cant_update_message": ("This message is not the desk's.", ""),
    "user_not_in_channel": ("This person is not in the channel.", ""),
    "file_not_found": ("This file was deleted.", "Upload it again."),
    "file_deleted": ("This file was deleted.", "Upload it again."),
}
_REFUSED: Final[Mapping[str, str]] = {
    "cannot_dm_bot": "A bot takes no messages.",
    "user_disabled": "This person left the workspace.",
    "user_not_found": "This person is not in the workspace.",
    "users_not_found": "This person is not in the workspace.",
    "messages_tab_disabled": "The app's Messages tab is off, so it can't write to people.",
    "restricted_action": "The workspace lets nobody but some people post here.",
    "restricted_action_read_only_channel": "Nobody but some people may post in this channel.",
    "restricted_action_thread_only_channel": "In this channel only answers in threads are allowed.",
    "msg_too_long": "Slack takes no message of this length.",
    "msg_blocks_too_long": "Slack takes no message of this length.",
}
_TOKEN: Final = frozenset(
    {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
_RIGHTS: Final = frozenset(
    {"missing_scope", "no_permission", "org_login_required", "ekm_access_denied", "access_denied"}
    | {"team_access_not_granted", "two_factor_setup_required", "plan_upgrade_required"}
)
_TRIGGERS: Final = frozenset(
    {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired", "trigger_exchanged"}
)
_VIEWS: Final = frozenset({"not_found", "hash_conflict", "view_not_found"})
_DOWN: Final = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_WAIT: Final = 30
"""Seconds after a limit that names no time."""


def failure(error: Exception, method: str, effect: Effect, now: datetime) -> DeskError:
    """The error of a call in the desk's terms; nothing of the request or the answer's body is in it."""
    if isinstance(error, SlackApiError):
        return _answered(error, method, effect, now)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unavailable("Slack can't be reached.")
    return _lost(effect)


def _lost(effect: Effect) -> DeskError:
    if effect is Effect.MESSAGE:
        return OutcomeUnknown("Slack's answer was lost.", unchanged="The message may be there or not.")
    return Unavailable("Slack did not answer.")


def code_of(error: SlackApiError) -> str:
    """Slack's word for it; empty when the answer was none of Slack's."""
    data = error.response.data if hasattr(error.response, "data") else None
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _answered(error: SlackApiError, method: str, effect: Effect, now: datetime) -> DeskError:
    code, status = code_of(error), int(getattr(error.response, "status_code", 0) or 0)
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return paused(now + timedelta(seconds=_pause(error)))
    if status >= 500 or not code or code in _DOWN:
        return _lost(effect)
    return _named(code, method, error.response.data)


def paused(until: datetime) -> RateLimited:
    """Slack wants no more of a method until then."""
    return RateLimited("Slack asks for a pause.", until=until)


def _pause(error: SlackApiError) -> int:
    try:
        return max(1, int(error.response.headers.get("Retry-After", _WAIT)))
    except ValueError:
        return _WAIT


def _named(code: str, method: str, data: Mapping[str, Any]) -> DeskError:
    if code in _GONE:
        message, step = _GONE[code]
        return NotFound(message, next_step=step)
    if code in _REFUSED:
        return Refused(_REFUSED[code])
    if code in _TRIGGERS:
        return TooLate("Slack opens nothing for this click any more.", next_step="Press the button again.")
    if code in _VIEWS and method.startswith("views."):
        return ViewMoved("This form was closed or changed.", next_step="Open it again.")
    if code in _TOKEN or code in _RIGHTS:
        return _operators(code, method, data)
    told = [str(m) for m in data.get("response_metadata", {}).get("messages", ())]
    if any("slack file" in m for m in told):
        return PictureUnready("Slack can't show the picture yet.")
    _log.error("slack refused a call", method=method, error=code, reasons=told[:5])
    return Refused(f"Slack refused this ({code}).", fix="Try again; the log has the details.")


def _operators(code: str, method: str, data: Mapping[str, Any]) -> NeedsOperator:
    if code == "missing_scope":
        needed = str(data.get("needed", "?"))
        return NeedsOperator(
            f"Slack's app lacks the scope {needed}, which {method} needs.",
            next_step=f"Add {needed} under OAuth & Permissions of the app, and install it again.",
        )
    if code in _TOKEN:
        return NeedsOperator(
            f"Slack does not take the token ({code}).",
            next_step="Copy it from the app's page into the settings.",
        )
    return NeedsOperator(
        f"The workspace does not allow {method} ({code}).", next_step="Ask an admin of the Slack workspace."
    )


class Troubles:
    """What only the operator can mend, told once and again only after it changed."""

    def __init__(self) -> None:
        """None."""
        self._told: dict[str, str] = {}

    def note(self, where: str, error: NeedsOperator) -> None:
        """Log it unless it is what was told last about this."""
        sentence = f"{error.message} {error.next_step}".strip()
        known = sentence in self._told.values()
        self._told[where] = sentence
        if not known:
            _log.error("slack needs the operator", what=where, reason=sentence)

    def over(self, where: str) -> None:
        """It works again."""
        if self._told.pop(where, None) is not None:
            _log.warning("slack works again", what=where)

    @property
    def any(self) -> bool:
        """Whether something is not as it should be."""
        return bool(self._told)
