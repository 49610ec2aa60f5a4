"""The one table from what LinkedIn answers to what follows from it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
_DUPLICATE: Final = re.compile(r"urn:li:(?:share|ugcPost|comment):[\w():,-]*\w\)?")
_VERSIONS: Final = ("version_missing", "nonexistent_version")
_WORKING: Final = ("media_asset_waiting_upload", "media_asset_processing")
"""What an upload is called that is there and not ready; all others are made anew."""
_WAVERING: Final = "resource is forbidden"
_JITTER_MINUTES: Final = 10


class Gone(Refused):
    """The thing asked for does not exist (any more); callers that expect this catch it."""


class Hidden(NeedsReauth):
    """The token may not do this; callers that only try catch it."""


class Wavering(Hidden):
    """A refusal that LinkedIn sometimes takes back; callers may try once more."""


class NotReady(Unavailable):
    """LinkedIn is still working on what the post shows."""


class Expired(Unavailable):
    """The place to upload to has ended."""


class Duplicate(Refused):
    """LinkedIn has this post already; `urn` is the one it names, empty when it names none."""

    def __init__(self, message: str, *, urn: str) -> None:
        """Keep the name, which is proof that the post is there."""
        super().__init__(message, fix="Look at the account; to say it again, change the words.")
        self.urn = urn


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A refusal as it came; the words are empty when the body was none of LinkedIn's."""

    status: int
    code: str
    """Codes of the refusal and of its inputs, lower case, with spaces between them."""
    words: str
    effect: Effect

    @property
    def quoted(self) -> str:
        """What LinkedIn said, else how it refused, to be put behind a sentence."""
        return f" (LinkedIn says: {self.words.rstrip('.')})" if self.words else f" (status {self.status})"


def read_fault(answer: Answer) -> Fault:
    """Understand a refusal whatever its body is: JSON, a web page, or nothing."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    fields = body if isinstance(body, dict) else {}
    details = fields.get("errorDetails")
    inputs = details.get("inputErrors") if isinstance(details, dict) else None
    entries = [one for one in inputs if isinstance(one, dict)] if isinstance(inputs, list) else []
    codes = [fields.get("code"), fields.get("error"), *(one.get("code") for one in entries)]
    words = [fields.get("message"), fields.get("error_description"), *(one.get("description") for one in entries)]
    return Fault(
        status=answer.status,
        code=" ".join(code for code in codes if isinstance(code, str)).lower(),
        words=tidy_sentence(": ".join(dict.fromkeys(w.strip() for w in words if isinstance(w, str) and w.strip()))),
        effect=answer.effect,
    )


def explain(fault: Fault, *, right: str, refreshable: bool) -> DeskError:
    """What a refused call means; `right` is the permission it needs, named when it is missing."""
    if "duplicate_post" in fault.code or (fault.status in {409, 422} and "duplicate" in fault.words.casefold()):
        found = _DUPLICATE.search(fault.words)
        return Duplicate(f"LinkedIn has this post already{fault.quoted}.", urn=found.group() if found else "")
    if fault.status == 426 or any(code in fault.code for code in _VERSIONS):
        return NeedsOperator(
            f"LinkedIn has retired the version of its API that this account asks for{fault.quoted}.",
            next_step="Where you sign in, set a newer LINKEDIN_VERSION (YYYYMM); otherwise give it with account add.",
        )
    match fault.status:
        case 400 | 422 if "media_asset" in fault.code:
            return _unusable(fault)
        case 401:
            return NeedsReauth(
                f"LinkedIn does not accept the access token{fault.quoted}.",
                next_step="Connect again with /desk connect linkedin, or a new token from the developer portal; it "
                "lives 60 days.",
                refreshable=refreshable,
            )
        case 403:
            return _forbidden(fault, right)
        case 404 | 410:
            return Gone(f"LinkedIn does not know this{fault.quoted}.", fix="Check whether it was deleted there.")
        case 408 | 425:
            return _lost(fault)
        case 413:
            return Refused("The file is too large for LinkedIn.", fix="Use a smaller file.")
        case status if status < 400 or status in {405, 406, 415}:
            return NeedsOperator(
                f"The server does not answer as LinkedIn does (status {status}).",
                next_step="Check the account's base_url and whatever stands in front of that server.",
            )
        case _:
            fix = "Change it as LinkedIn says, then try again."
            return Refused(f"LinkedIn can't take it as it is{fault.quoted}.", fix=fix)


def _unusable(fault: Fault) -> DeskError:
    if "failed" in fault.code:
        return Refused(f"LinkedIn could not read what the post shows{fault.quoted}.", fix="Use another file.")
    kind = NotReady if any(word in fault.code for word in _WORKING) else Unavailable
    return kind(f"LinkedIn is not done with what the post shows{fault.quoted}.", next_step=AGAIN)


def _forbidden(fault: Fault, right: str) -> DeskError:
    if not fault.words and not fault.code:
        return NeedsOperator(
            "LinkedIn, or a firewall before it, refuses this desk without saying why (status 403).",
            next_step="Look at the app in LinkedIn's developer portal; then try again.",
        )
    kind = Wavering if _WAVERING in fault.words.casefold() else Hidden
    return kind(
        f"The access token lacks the permission {right}, or the member has no role on the page{fault.quoted}.",
        next_step=f"Connect again with /desk connect linkedin, or with a token that has {right}.",
    )


def _lost(fault: Fault) -> DeskError:
    message = f"LinkedIn could not say whether it worked (status {fault.status})."
    if fault.effect is Effect.IRREVERSIBLE and fault.status != 425:
        return OutcomeUnknown(message)
    return Unavailable(message, next_step=AGAIN)


def too_fast(error: RateLimited, *, now: datetime, author: str) -> RateLimited:
    """LinkedIn counts by the day and names no time, so it is the next midnight UTC, a little apart for each account."""
    if error.dated:
        return error
    spread = hashlib.sha256(author.encode()).digest()[0] * _JITTER_MINUTES / 256
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return RateLimited(
        "The day's calls to LinkedIn are used up.",
        until=midnight + timedelta(minutes=spread),
        said=error.said,
        dated=False,
    )
