"""What a failed model call means, in one table: vendor and library errors become the desk's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.content.choice import SETTING
from services.domain.errors import DeskError, NeedsOperator, RateLimited, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DEFAULT_WAIT: Final = timedelta(seconds=60)
"""After a 429 that names no time: both vendors count per minute."""
LONGEST_WAIT: Final = timedelta(days=1)
_UNCHANGED: Final = "The draft is unchanged."
_AGAIN: Final = f"Try again, or set {SETTING} to another model or to offline."
_FILTER_CODES: Final = frozenset({"content_filter", "content_policy_violation", "moderation_blocked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed call and what its sentence needs; the error's own text is never shown: a server may echo a key."""

    error: Exception
    label: str
    model: str
    key_setting: str
    url_setting: str
    timeout: float
    now: datetime

    @property
    def subject(self) -> str:
        """The label as a sentence starts with it."""
        return self.label[:1].upper() + self.label[1:]

    def attribute(self, name: str) -> str:
        """A detail of the library's error as text, or nothing."""
        value = getattr(self.error, name, None)
        return "" if value is None else str(value)


def to_desk_error(failure: Failure) -> DeskError | None:
    """The first row of the table that fits; None for an error that is a mistake of ours and must surface."""
    for kind, explain in _table():
        if isinstance(failure.error, kind):
            return explain(failure)
    return None


def _table() -> tuple[tuple[type[Exception], Callable[[Failure], DeskError]], ...]:
    """From the specific to the general: the order decides."""
    from pydantic_ai import exceptions as ai

    return (
        (ai.ModelRequestTimeout, _timed_out),
        (ai.ModelTimeoutError, _timed_out),
        (TimeoutError, _timed_out),
        (ai.ModelConnectionError, _unreachable),
        (ai.ModelQuotaExceededError, _no_quota),
        (ai.ModelRateLimitError, _rate_limited),
        (ai.ModelAuthenticationError, _bad_key),
        (ai.ModelNotFoundError, _unknown_model),
        (ai.ModelContextWindowExceededError, _too_much),
        (ai.ModelServerError, _outage),
        (ai.ModelUnavailableError, _outage),
        (ai.ModelRequestRejectedError, _rejected),
        (ai.ContentFilterError, _refused),
        (ai.OutputTokenLimitExceeded, _cut_off),
        (ai.UnexpectedModelBehavior, _unusable),
        (ai.UsageLimitExceeded, _unusable),
        (ai.ModelAPIError, _unusable),
        # The library trips over 2xx answers of a shape it did not foresee, such as no choices at all.
        (LookupError, _unusable),
        (ValueError, _unusable),
        (TypeError, _unusable),
        (AttributeError, _unusable),
    )


def _timed_out(failure: Failure) -> DeskError:
    return Unavailable(
        f"The writing model timed out after {failure.timeout:g} s.", unchanged=_UNCHANGED, next_step=_AGAIN
    )


def _unreachable(failure: Failure) -> DeskError:
    return Unavailable(f"{failure.subject} could not be reached.", unchanged=_UNCHANGED, next_step=_AGAIN)


def _outage(failure: Failure) -> DeskError:
    status = failure.attribute("status_code")
    answered = f"answered with an error of its own ({status})" if status else "has an outage"
    return Unavailable(f"{failure.subject} {answered}.", unchanged=_UNCHANGED, next_step=_AGAIN)


def _no_quota(failure: Failure) -> DeskError:
    return NeedsOperator(
        f"The account behind {failure.key_setting} has no quota left at {failure.label}.",
        unchanged=_UNCHANGED,
        next_step=f"Check its billing, or set {SETTING} to another model or to offline.",
    )


def _rate_limited(failure: Failure) -> DeskError:
    seconds = getattr(failure.error, "retry_after", None)
    wait = DEFAULT_WAIT if seconds is None else timedelta(seconds=max(0.0, float(seconds)))
    return RateLimited(f"{failure.subject} asks to slow down.", until=failure.now + min(wait, LONGEST_WAIT))


def _bad_key(failure: Failure) -> DeskError:
    status = failure.attribute("status_code")
    return NeedsOperator(
        f"{failure.subject} does not accept {failure.key_setting} for {failure.model} ({status or 'no access'}).",
        unchanged=_UNCHANGED,
        next_step=f"Set {failure.key_setting} to a valid key and restart the desk.",
    )


def _unknown_model(failure: Failure) -> DeskError:
    return NeedsOperator(
        f"{failure.subject} has no model {failure.model} at this address.",
        unchanged=_UNCHANGED,
        next_step=f"Set {SETTING} to a model it offers; check {failure.url_setting} if that is set.",
    )


def _too_much(failure: Failure) -> DeskError:
    return Refused(f"The brief and its notes are more than {failure.model} can read.", fix="Shorten them.")


def _refused(failure: Failure) -> DeskError:
    return Refused(f"{failure.subject} declined to write this.", fix="Change the brief, or write the text yourself.")


def _rejected(failure: Failure) -> DeskError:
    code = failure.attribute("provider_error_code")
    if code in _FILTER_CODES:
        return _refused(failure)
    status = failure.attribute("status_code") or "no status"
    return NeedsOperator(
        f"{failure.subject} rejects requests for {failure.model} ({status}).",
        unchanged=_UNCHANGED,
        next_step=f"Set {SETTING} to another model.",
    )


def _cut_off(_: Failure) -> DeskError:
    return unusable("it was cut off at the output limit")


def _unusable(_: Failure) -> DeskError:
    return unusable("it did not have the form asked for")


def unusable(reason: str) -> Unavailable:
    """For an answer that came and is of no use."""
    return Unavailable(
        f"The writing model's answer could not be used: {reason}.", unchanged=_UNCHANGED, next_step=_AGAIN
    )
