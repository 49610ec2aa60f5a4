"""What a failed picture means: the sentences every vendor of pictures shares; drafts go on without them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsOperator, RateLimited, Refused, Unavailable
from services.images.choice import SETTING

if TYPE_CHECKING:
    from datetime import datetime

DEFAULT_WAIT: Final = timedelta(seconds=60)
"""After a 429 that names no time."""
LONGEST_WAIT: Final = timedelta(days=1)
UNCHANGED: Final = "The draft is unchanged."
_AGAIN: Final = "Try again, or upload a picture."
_OTHER: Final = f"set {SETTING} to another model or to offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whom the sentences are about; the vendor's own words are never shown: a server may echo a key."""

    label: str
    """As in "the server at OPENAI_BASE_URL"."""
    model: str
    key_setting: str
    url_setting: str

    @property
    def subject(self) -> str:
        """The label as a sentence starts with it."""
        return self.label[:1].upper() + self.label[1:]

    def timed_out(self, seconds: float) -> Unavailable:
        """No answer in time."""
        return Unavailable(f"The image model timed out after {seconds:g} s.", unchanged=UNCHANGED, next_step=_AGAIN)

    def unreachable(self) -> Unavailable:
        """No connection."""
        return Unavailable(f"{self.subject} could not be reached.", unchanged=UNCHANGED, next_step=_AGAIN)

    def outage(self, status: int | None = None) -> Unavailable:
        """The server's own trouble."""
        told = f"answered with an error of its own ({status})" if status else "has an outage"
        return Unavailable(f"{self.subject} {told}.", unchanged=UNCHANGED, next_step=_AGAIN)

    def unusable(self, reason: str) -> Unavailable:
        """An answer came and is of no use."""
        return Unavailable(
            f"The image model's answer could not be used: {reason}.", unchanged=UNCHANGED, next_step=_AGAIN
        )

    def bad_key(self, status: int) -> NeedsOperator:
        """The key is wrong, or may not use this model."""
        return NeedsOperator(
            f"{self.subject} does not accept {self.key_setting} for {self.model} ({status}).",
            unchanged=UNCHANGED,
            next_step=f"Set {self.key_setting} to a valid key with access to this model and restart the desk.",
        )

    def no_quota(self) -> NeedsOperator:
        """Nothing left to pay with."""
        return NeedsOperator(
            f"The account behind {self.key_setting} has no quota left at {self.label}.",
            unchanged=UNCHANGED,
            next_step=f"Check its billing, or {_OTHER}.",
        )

    def no_model(self, current: str) -> NeedsOperator:
        """Retired, misspelt, or not offered there; `current` names what is."""
        return NeedsOperator(
            f"{self.subject} has no image model {self.model}; it may have been retired.",
            unchanged=UNCHANGED,
            next_step=f"Set {SETTING} to {current}, or to offline.",
        )

    def rejected(self, status: int) -> NeedsOperator:
        """The request itself is not taken."""
        return NeedsOperator(
            f"{self.subject} rejects picture requests for {self.model} ({status}).",
            unchanged=UNCHANGED,
            next_step=f"Check {self.url_setting} if that is set, or {_OTHER}.",
        )

    def refused(self) -> Refused:
        """The content is not wanted there."""
        return Refused(f"{self.subject} declined to paint this.", fix="Describe another scene, or upload a picture.")

    def rate_limited(self, now: datetime, wait: timedelta | None = None) -> RateLimited:
        """Too many at once."""
        until = now + min(max(wait or DEFAULT_WAIT, timedelta(0)), LONGEST_WAIT)
        return RateLimited(f"{self.subject} asks to slow down.", until=until)
