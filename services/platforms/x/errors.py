"""The one table from what X answers to what follows from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.ports.http import Effect
from services.text import tidy_sentence

if TYPE_CHECKING:
    from services.ports.http import Answer

AGAIN: Final = "It is tried again by itself."
UPLOADED_ANEW: Final = "It is uploaded anew and tried again by itself."
_CONSOLE: Final = "X developer console (console.x.com)"
_CAPPED: Final = ("usage-capped", "usagecapexceeded", "usage cap")
_WRONG_KIND: Final = ("unsupported-authentication", "unsupported authentication")
_APP: Final = ("client-forbidden", "client-not-enrolled", "not permitted to access this feature")
_RIGHTS: Final = ("oauth1-permissions", "oauth1 app permissions", "insufficient scope", "required scopes")
_ACCOUNT: Final = ("user-suspended", "suspended", "account is locked", "temporarily locked")
_SAME: Final = ("duplicate content",)
_UNSAID: Final = ("", "forbidden")
"""What X says, lower case, when it gives no reason; so it answers a token that lacks a right."""
_SCOPES: Final = "tweet.read tweet.write users.read media.write offline.access tweet.moderate.write"
_FIXES: Final = (
    (("cashtag",), "Keep one $TICKER and write the others without $."),
    (("video",), "Use a video of at most 140 seconds."),
    (("reply", "replies", "mentioned", "conversation"), "X lets an app answer only those who mentioned the account."),
    (("url", "link"), "Leave the link out, or use another address."),
)
"""What a person can change, by words of the refusal."""
_GUESS: Final = "Leave out links, and all but one $TICKER, then try again; or publish it by hand."


class Gone(Refused):
    """The thing asked for does not exist (any more); callers that expect this catch it."""


class Duplicate(Refused):
    """X has a post of ours with exactly this text already; it does not say which."""


class Unexplained(NeedsOperator):
    """X refuses without a reason, which mostly means that the token lacks a right; callers that know which catch it."""


class Lapsed(Unavailable):
    """X has dropped what was uploaded; it is put up anew."""

    def __init__(self, message: str) -> None:
        """Keep no handles: none leads anywhere."""
        super().__init__(message, next_step=UPLOADED_ANEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A refusal as it came; the words are empty when the body was none of X's."""

    status: int
    kind: str
    """The end of its `type`, lower case: "invalid-request"."""
    words: str
    """Title and detail, fit to be shown."""
    effect: Effect

    def says(self, any_of: tuple[str, ...]) -> bool:
        """Whether its kind or words hold one of these."""
        told = f"{self.kind} {self.words}".casefold()
        return any(piece in told for piece in any_of)

    @property
    def quoted(self) -> str:
        """What X said, else how it refused, to be put behind a sentence."""
        return f" (X says: {self.words.rstrip('.')})" if self.words else f" (status {self.status})"


def read_fault(answer: Answer) -> Fault:
    """Understand a refusal whatever its body is: JSON, a web page, or nothing."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    fields = body if isinstance(body, dict) else {}
    kind = fields.get("type")
    words = [_text(fields.get("title")), _text(fields.get("detail"))]
    errors = fields.get("errors")
    for one in errors[:3] if isinstance(errors, list) else ():
        if isinstance(one, dict):
            words += [_text(one.get("message")), _text(one.get("detail"))]
    oauth = [_text(fields.get("error")), _text(fields.get("error_description"))]
    told = dict.fromkeys(word for word in (*words, *oauth) if word)
    return Fault(
        status=answer.status,
        kind=kind.rpartition("/")[2].lower() if isinstance(kind, str) else "",
        words=tidy_sentence(": ".join(told)),
        effect=answer.effect,
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def explain(fault: Fault, *, refreshable: bool) -> DeskError:
    """What a refused call means; nothing happened unless the answer is `OutcomeUnknown`."""
    if fault.says(_WRONG_KIND):
        return NeedsOperator(
            f"X does not take this kind of sign-in for the call{fault.quoted}.",
            next_step="Connect the account with the keys of OAuth 1.0a, or with an OAuth 2 token of a user.",
        )
    match fault.status:
        case 400:
            return _invalid(fault)
        case 401:
            return NeedsReauth(
                f"X does not accept the account's keys or token{fault.quoted}.",
                next_step=f"Connect the account again with /desk connect x, or with new ones from the {_CONSOLE}.",
                refreshable=refreshable,
            )
        case 402:
            return NeedsOperator(
                f"The credits at X are used up; nothing was posted and nothing charged{fault.quoted}.",
                next_step=f"Add credits or raise the spending limit in the {_CONSOLE}.",
            )
        case 403:
            return _forbidden(fault)
        case 404 | 410:
            return Gone(f"X does not know this{fault.quoted}.", fix="Check whether it was deleted there.")
        case 413:
            return Refused("The file is too large for X.", fix="Use a smaller one.")
        case 408 | 425:
            return _lost(fault)
        case status if status < 400 or status in {405, 406, 415}:
            return NeedsOperator(
                f"The server does not answer as X does (status {status}).",
                next_step="Check the account's base_url and whatever stands in front of that server.",
            )
        case _:
            return Refused(f"X refused it{fault.quoted}.", fix="Change it as X says, then try again.")


def _invalid(fault: Fault) -> DeskError:
    if fault.says(("media id", "media_id")):
        return Lapsed(f"X no longer has what was uploaded{fault.quoted}.")
    if fault.says(("too long",)):
        return Refused(f"The text is too long for X{fault.quoted}.", fix="Shorten it.")
    return Refused(f"X can't take it as it is{fault.quoted}.", fix="Change it as X says, then try again.")


def _forbidden(fault: Fault) -> DeskError:
    if fault.says(_SAME):
        return Duplicate(
            f"X has a post of this account with exactly this text already{fault.quoted}.",
            fix="Look at the account; to say it again, change the words.",
        )
    if fault.says(_ACCOUNT):
        return NeedsReauth(
            f"X has locked or suspended this account{fault.quoted}.",
            next_step="Sign in at x.com to see why; once it works there: /desk connect x",
        )
    if fault.says(_RIGHTS):
        return NeedsReauth(
            f"The app may only read{fault.quoted}.",
            next_step=f"Set the app's permissions to “Read and write” in the {_CONSOLE}, then "
            f"connect again with /desk connect x, or with new tokens (scopes {_SCOPES}).",
        )
    if fault.says(_APP):
        return NeedsOperator(
            f"The app's access at X does not include this{fault.quoted}.",
            next_step=f"Look at the app's project and access in the {_CONSOLE}.",
        )
    if fault.words.casefold() in _UNSAID:
        return Unexplained(
            "X, or a firewall before it, refuses this desk without saying why (status 403).",
            next_step=f"Connect again with /desk connect x and all of the scopes {_SCOPES}; if that is no help, look "
            f"at the app in the {_CONSOLE}.",
        )
    fix = next((fix for words, fix in _FIXES if fault.says(words)), _GUESS)
    return Refused(f"X does not allow this post{fault.quoted}.", fix=fix)


def _lost(fault: Fault) -> DeskError:
    message = f"X could not say whether it worked (status {fault.status})."
    if fault.effect is Effect.IRREVERSIBLE and fault.status != 425:
        return OutcomeUnknown(message)
    return Unavailable(message, next_step=AGAIN)


def too_fast(error: RateLimited) -> DeskError:
    """A refusal for going too fast; a cap that is used up is no matter of waiting some minutes.

    One that comes while calls are left in X's own window is another cap, of which X tells no end.
    """
    if any(word in error.said.casefold() for word in _CAPPED):
        return NeedsOperator(
            "The month's usage cap at X is used up; nothing was posted.",
            next_step=f"Raise the cap in the {_CONSOLE}, or wait for the next month.",
        )
    if error.left:
        return NeedsOperator(
            "X takes no more from this app for now, though calls are left in its window; nothing was posted.",
            next_step=f"Look at the app's usage and limits in the {_CONSOLE}; a cap of the day ends by itself.",
        )
    return error
