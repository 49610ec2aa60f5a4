"""The one table from what TikTok answers to what follows from it.

Source: developers.tiktok.com, "Error Handling" and "Content Posting API: Get Post Status", 2024 and 2025, and a
reference distilled from them in July 2026: every answer carries `error.code`, which is "ok" when all went well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import (
    DeskError,
    GivenUp,
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
    from collections.abc import Mapping

    from services.ports.http import Answer

AGAIN: Final = "It is tried again by itself."
ANEW: Final = "It is prepared anew and tried again by itself."
WINDOW: Final = timedelta(minutes=1)
"""Over what TikTok counts calls; it tells no time."""
OK: Final = "ok"
_PORTAL: Final = "TikTok for Developers (developers.tiktok.com)"
_HOSTING: Final = (
    "Check that COPYDESK_PUBLIC_URL leads to this desk from outside, without a login before it, then send it again."
)
_APP_TIKTOK: Final = "Open the account in the TikTok app and see what it says."


class Gone(Refused):
    """TikTok does not know it (any more); callers that expect this catch it."""


class UploadEnded(Unavailable):
    """The address that a video goes to has ended or is at another place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A refusal as it came; the words are empty when the body was none of TikTok's."""

    status: int
    code: str
    words: str
    log_id: str
    """By which TikTok's support finds the call."""
    effect: Effect

    @property
    def quoted(self) -> str:
        """What TikTok said, else how it refused, to be put behind a sentence."""
        if not self.code:
            return f" (status {self.status})"
        said = self.code if not self.words else f"{self.code}: {self.words.rstrip('.')}"
        return f" (TikTok says: {said}{f'; log id {self.log_id}' if self.log_id else ''})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    kind: type[NeedsOperator | Refused]
    message: str
    step: str

    def error(self, quoted: str) -> DeskError:
        message = f"{self.message}{quoted}."
        if issubclass(self.kind, Refused):
            return self.kind(message, fix=self.step)
        return self.kind(message, next_step=self.step)


_AUDIT: Final = f"the app's review and audit at {_PORTAL}"
_TABLE: Final[Mapping[str, _Meaning]] = {
    "unaudited_client_can_only_post_to_private_accounts": _Meaning(
        kind=NeedsOperator,
        message="The app is not audited yet, so it posts for private accounts alone, and for their own eyes",
        step=f"Finish {_AUDIT}. Until then make the account private in the TikTok app, choose “Only you” under Who can "
        "see it, and send it again.",
    ),
    "reached_active_user_cap": _Meaning(
        kind=NeedsOperator,
        message="The app has posted for as many accounts today as it may unaudited",
        step=f"Send it again tomorrow. More accounts a day take {_AUDIT}.",
    ),
    "url_ownership_unverified": _Meaning(
        kind=NeedsOperator,
        message="TikTok fetches photos only from an address that the app has proved to own",
        step=f"Add COPYDESK_PUBLIC_URL to the app's URL properties at {_PORTAL} and verify it.",
    ),
    "app_version_check_failed": _Meaning(
        kind=NeedsOperator, message="The account's TikTok app is too old for this", step="Update the TikTok app."
    ),
    "spam_risk_user_banned_from_posting": _Meaning(
        kind=Refused, message="TikTok has banned this account from posting", step=_APP_TIKTOK
    ),
    "spam_risk": _Meaning(kind=Refused, message="TikTok takes this for spam", step=_APP_TIKTOK),
    "spam_risk_text": _Meaning(
        kind=Refused, message="TikTok takes the text for spam", step="Write it in other words, then send it again."
    ),
    "privacy_level_option_mismatch": _Meaning(
        kind=Refused,
        message="The account can't post for these people to see",
        step="Choose another under Who can see it.",
    ),
    "invalid_file_upload": _Meaning(
        kind=Refused, message="TikTok does not take the file", step="Use another one, such as an MP4 with H.264."
    ),
    "photo_pull_failed": _Meaning(kind=Refused, message="TikTok could not fetch the photos", step=_HOSTING),
    "video_pull_failed": _Meaning(kind=Refused, message="TikTok could not fetch the video", step=_HOSTING),
    "picture_size_check_failed": _Meaning(
        kind=Refused, message="A photo is too large for TikTok", step="Use one of at most 1080 × 1920 and 20 MB."
    ),
    "internal": _Meaning(
        kind=GivenUp, message="TikTok failed to process it by a fault of its own", step="Send it again."
    ),
    "publish_cancelled": _Meaning(
        kind=Refused, message="It was cancelled at TikTok", step="Send it again if it is still wanted."
    ),
}
_CONNECT: Final = "Connect the account again with /desk connect tiktok, and allow everything that is asked for."
_RIGHTS: Final = frozenset({"scope_not_authorized", "scope_permission_missed", "auth_removed"})
_TOO_MANY: Final[Mapping[str, str]] = {
    "spam_risk_too_many_posts": "The account has had as many posts through programs today as TikTok allows",
    "spam_risk_too_many_pending_share": "Too many drafts wait in the account's TikTok inbox; post or delete some there",
}
_GONE: Final = frozenset({"invalid_publish_id", "publish_id_not_found"})


def fault_of(answer: Answer) -> Fault | None:
    """What is wrong with an answer whatever its body is: JSON, a web page, or nothing; None when all is well."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    told = body.get("error") if isinstance(body, dict) else None
    error = told if isinstance(told, dict) else {}
    code = _text(error.get("code"))
    if answer.ok and code == OK:
        return None
    if answer.ok and not code:
        raise answer.unreadable()
    return Fault(
        status=answer.status,
        code=tidy_sentence(code, 80),
        words=tidy_sentence(_text(error.get("message"))),
        log_id=tidy_sentence(_text(error.get("log_id")), 60),
        effect=answer.effect,
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def explain(fault: Fault, *, now: datetime, refreshable: bool, scope: str) -> DeskError:
    """What a refused call that needs `scope` means; nothing happened unless the answer is `OutcomeUnknown`."""
    code = fault.code
    if code in _TABLE:
        return _TABLE[code].error(fault.quoted)
    if code in _RIGHTS:
        return NeedsReauth(f"The token may not do this: it lacks {scope}{fault.quoted}.", next_step=_CONNECT)
    if code in _TOO_MANY:
        return RateLimited(f"{_TOO_MANY[code]}{fault.quoted}.", until=_tomorrow(now))
    if code == "internal_error":
        return _open(f"TikTok has trouble of its own{fault.quoted}.", fault.effect)
    if code == "access_token_invalid":
        return _unaccepted(fault, refreshable=refreshable)
    if code == "rate_limit_exceeded":
        return RateLimited(f"TikTok asks to slow down{fault.quoted}.", until=now + WINDOW)
    if code in _GONE:
        return Gone(f"TikTok does not know this post{fault.quoted}.", fix="Look at the account.")
    return _by_status(fault, refreshable=refreshable)


def _by_status(fault: Fault, *, refreshable: bool) -> DeskError:
    """For codes of which the status says enough, for unknown ones, and for none at all."""
    match fault.status:
        case 401:
            return _unaccepted(fault, refreshable=refreshable)
        case 403 if not fault.code:
            return NeedsOperator(
                "TikTok, or a firewall before it, refuses this desk without saying why (status 403).",
                next_step=f"Look at the app at {_PORTAL}; then try again.",
            )
        case 408:
            return _open("TikTok could not say whether it worked (status 408).", fault.effect)
        case 425:
            return Unavailable("TikTok could not do it now (status 425).", next_step=AGAIN)
        case status if not fault.code and (status < 400 or status in {404, 405, 406, 415}):
            return NeedsOperator(
                f"The server does not answer as TikTok does (status {status}).",
                next_step="Check the account's base_url and whatever stands in front of that server.",
            )
        case _:
            return Refused(f"TikTok refused it{fault.quoted}.", fix="Change it as TikTok says, then try again.")


def _unaccepted(fault: Fault, *, refreshable: bool) -> NeedsReauth:
    return NeedsReauth(
        f"TikTok does not accept the account's token{fault.quoted}.",
        next_step="Connect the account again with /desk connect tiktok.",
        refreshable=refreshable,
    )


def _open(message: str, effect: Effect) -> DeskError:
    """For what leaves open whether it worked: a call that can't be taken back must not be made twice."""
    return OutcomeUnknown(message) if effect is Effect.IRREVERSIBLE else Unavailable(message, next_step=AGAIN)


def _tomorrow(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def failure(reason: str) -> Refused:
    """Why a post that TikTok took will never be live."""
    words = tidy_sentence(reason, 80)
    quoted = f" (TikTok says: {words})" if words else ""
    known = _TABLE.get(reason)
    if known is not None:
        kind = known.kind if issubclass(known.kind, Refused) else Refused
        return kind(f"{known.message}{quoted}.", fix=known.step)
    if reason.endswith("_check_failed"):
        return Refused(f"TikTok does not take the file{quoted}.", fix="Use a file within TikTok's limits.")
    return Refused(f"TikTok could not publish it{quoted}.", fix=_APP_TIKTOK)


def too_fast(error: RateLimited, now: datetime) -> RateLimited:
    """A refusal for going too fast: TikTok counts by the minute and does not tell when it is over."""
    if error.dated:
        return error
    return RateLimited(error.message, until=now + WINDOW, said=error.said, dated=False)
