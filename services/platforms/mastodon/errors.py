"""The one table from what a server answers to what follows from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, OutcomeUnknown, Refused, Unavailable
from services.ports.http import Effect
from services.text import tidy_sentence

if TYPE_CHECKING:
    from services.ports.http import Answer

AGAIN = "It is tried again by itself."
UPLOADED_ANEW = "It is uploaded anew and tried again by itself."
_PROCESSING = ("finished processing", "not been processed", "still being processed", "not ready")
_MEDIA_GONE = ("media not found", "or already attached", "already been attached", "attachment not found")


class Gone(Refused):
    """The thing asked for does not exist (any more); callers that expect this catch it."""


class NotReady(Unavailable):
    """The server still works on what was uploaded."""


def said(answer: Answer) -> str:
    """The server's own sentence, safe to show; empty when it sent none we can read."""
    try:
        body: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    words = body.get("error")
    more = body.get("error_description")
    parts = [w for w in (words, more) if isinstance(w, str) and w.strip()]
    return tidy_sentence(": ".join(parts))


def problem(answer: Answer, right: str) -> DeskError:
    """The error for an answer that is not 2xx; `right` is the scope the call needs, named when it is missing."""
    words = said(answer)
    match answer.status:
        case 401:
            return NeedsReauth(
                f"The server does not accept the access token{_quoted(words)}.",
                next_step="Connect again with /desk connect mastodon, or a new token (Preferences, Development).",
            )
        case 403:
            return _forbidden(words, right)
        case 404 | 410:
            return Gone(f"The server does not know this{_quoted(words)}.", fix="Check whether it was deleted there.")
        case 413:
            return Refused("The file is too large for the server.", fix="Use a smaller file.")
        case 422:
            return _unprocessable(words)
        case 408 | 409 | 425:
            return _not_now(answer)
        case 405 | 406 | 501:
            return NeedsOperator(
                f"The server does not offer what the desk needs (status {answer.status}).",
                next_step="Check that base_url is the root of a Mastodon-compatible server.",
            )
        case status:
            return _moved(answer) if status < 400 else _refused(status, words)


def _refused(status: int, words: str) -> Refused:
    return Refused(f"The server refused it (status {status}){_quoted(words)}.", fix="Change it as the server asks.")


def _not_now(answer: Answer) -> DeskError:
    """A timeout or a race told by the server or a proxy leaves open what became of the first attempt."""
    if answer.effect is Effect.IRREVERSIBLE and answer.status != 425:
        return OutcomeUnknown(f"The server did not say whether it worked (status {answer.status}).")
    return Unavailable(f"The server could not do it now (status {answer.status}).", next_step=AGAIN)


def _unprocessable(words: str) -> DeskError:
    if _says(words, _PROCESSING):
        return NotReady("The server is still processing a picture or video.", next_step=AGAIN)
    if _says(words, _MEDIA_GONE):
        return Unavailable(
            f"The server no longer has what was uploaded{_quoted(words)}.",
            next_step=UPLOADED_ANEW,
        )
    return _refused(422, words)


def _forbidden(words: str, right: str) -> DeskError:
    if not words:
        return NeedsOperator(
            "The server, or a firewall before it, refuses this desk (status 403).",
            next_step="Check with the server's administrators, or set the extra headers they ask for.",
        )
    if _says(words, ("scope",)):
        return NeedsReauth(
            f'The access token lacks the right "{right}" (the server says: {words}).',
            next_step=f'Connect again with /desk connect mastodon, or a new access token with "{right}" ticked.',
        )
    return NeedsReauth(
        f"The server does not let this account do it{_quoted(words)}.",
        next_step="Look at the account there, then connect again with /desk connect mastodon.",
    )


def _moved(answer: Answer) -> DeskError:
    target = tidy_sentence(answer.headers.get("location", ""), 120)
    where = f" to {target}" if target else ""
    return NeedsOperator(
        f"The server redirects{where} instead of answering.",
        next_step="Connect the account with that server's base_url.",
    )


def _says(words: str, any_of: tuple[str, ...]) -> bool:
    lower = words.casefold()
    return any(piece in lower for piece in any_of)


def _quoted(words: str) -> str:
    return f" (it says: {words.rstrip('.')})" if words else ""
