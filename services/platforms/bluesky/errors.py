"""The one table from the server's refusals to what they mean for the desk."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, OutcomeUnknown, Refused, Unavailable
from services.ports.http import Effect

if TYPE_CHECKING:
    from services.ports.http import Answer

_LONGEST: Final = 240
"""Characters of a server's sentence that are passed on."""
_INVISIBLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_TOKEN: Final = re.compile(r"\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?")

SIGN_IN_STEP: Final = (
    "Make an app password in Bluesky under Settings, Privacy and security, App passwords. "
    "Then connect the account again with it: /desk connect bluesky"
)
_TOKEN_REFUSED: Final = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})
_ACCOUNT_CLOSED: Final = {
    "AccountTakedown": "Bluesky has taken this account down.",
    "AccountSuspended": "Bluesky has suspended this account.",
    "AccountDeactivated": "This account is deactivated at Bluesky.",
}
_PASSING: Final = frozenset({"UpstreamFailure", "UpstreamTimeout", "InternalServerError", "NotEnoughResources"})
_NO_SUCH_METHOD: Final = frozenset({"XRPCNotSupported", "MethodNotImplemented"})
_TOO_LARGE: Final = frozenset({"BlobTooLarge", "PayloadTooLarge"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A refusal as it came: `name` and `message` are empty when the body was not the network's JSON."""

    status: int
    name: str
    message: str
    effect: Effect

    @property
    def sentence(self) -> str:
        """What the server said, fit to be shown."""
        return (
            f"Bluesky answered: {self.message}"
            if self.message
            else f"Bluesky answered {self.status} {self.name}".strip()
        )


def read_fault(answer: Answer) -> Fault:
    """Understand a refusal whatever its body is: JSON, a web page, or nothing."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    fields = body if isinstance(body, dict) else {}
    return Fault(
        status=answer.status,
        name=_readable(fields.get("error"), 60),
        message=_readable(fields.get("message"), _LONGEST),
        effect=answer.effect,
    )


def _readable(value: object, longest: int) -> str:
    if not isinstance(value, str):
        return ""
    text = " ".join(_INVISIBLE.sub(" ", _TOKEN.sub("[token]", value[: 8 * longest])).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def token_refused(fault: Fault) -> bool:
    """Whether it is the token that was turned away, and not the account behind it."""
    return fault.name not in _ACCOUNT_CLOSED and (fault.name in _TOKEN_REFUSED or fault.status == 401)


def explain(fault: Fault) -> DeskError:
    """What a refused call means; nothing happened unless the answer is `OutcomeUnknown`."""
    if fault.name in _ACCOUNT_CLOSED:
        return closed(fault.name)
    if token_refused(fault):
        return NeedsReauth("Bluesky no longer accepts the session.", refreshable=True)
    if fault.name in _TOO_LARGE or fault.status == 413:
        return Refused(f"The file is too large for this server. {fault.sentence}", fix="Use a smaller file.")
    if fault.name == "BlobNotFound":
        return Unavailable("The server no longer has what was uploaded.", next_step="It is uploaded again by itself.")
    if fault.name in _PASSING or fault.status in {408, 425}:
        return lost(fault.effect, fault.sentence)
    if _speaks_otherwise(fault):
        return NeedsOperator(
            f"The server does not answer as a Bluesky server does (status {fault.status}).",
            next_step="Check the account's base_url and whatever stands in front of that server.",
        )
    return Refused(fault.sentence, fix="Change the post as the answer says, then try again.")


def _speaks_otherwise(fault: Fault) -> bool:
    if fault.name in _NO_SUCH_METHOD or fault.status < 400:
        return True
    return not fault.name and fault.status in {403, 404, 405, 406, 410}


def explain_sign_in(fault: Fault) -> DeskError:
    """What a refused sign-in means; a further refresh can't cure it."""
    if fault.name == "AuthFactorTokenRequired":
        return NeedsReauth(
            "Bluesky asks for a code by e-mail, so this is the account's own password and not an app password.",
            next_step=SIGN_IN_STEP,
        )
    if fault.name in _ACCOUNT_CLOSED:
        return closed(fault.name)
    if token_refused(fault):
        return NeedsReauth("Bluesky does not accept this identifier with this app password.", next_step=SIGN_IN_STEP)
    return explain(fault)


def closed(name: str) -> NeedsReauth:
    """The account itself can't be used; `name` is the network's word for why."""
    return NeedsReauth(
        _ACCOUNT_CLOSED.get(name, "This account is not active at Bluesky."),
        next_step="Sign in at bsky.app to see why; once it works there: /desk connect bluesky",
    )


def lost(effect: Effect, message: str) -> DeskError:
    """A failure behind the server: unknown when the call could have been seen, otherwise simply tried again."""
    if effect is Effect.IRREVERSIBLE:
        return OutcomeUnknown(message)
    return Unavailable(message, next_step="It is tried again by itself.")
