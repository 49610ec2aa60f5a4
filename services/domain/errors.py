"""Errors named by their consequence, so that a caller decides by what follows and never by who raised it.

Two families share one shape. What a person did: `InvalidInput`, `UnknownWord`, `NotFound`, `Forbidden`, `Conflict`,
`Busy`.
What the world answered: `Refused`, `RateLimited`, `Unavailable`, `NeedsReauth`, `OutcomeUnknown`, `StillWorking`,
`NeedsOperator`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class DeskError(Exception):
    """The base of every expected error: what happened, what is unchanged, and the next step."""

    code: ClassVar[str] = "error"

    def __init__(
        self, message: str, *, unchanged: str = "Nothing changed.", next_step: str = "", field: str | None = None
    ) -> None:
        """Keep the sentences apart, so that each surface can set them in its own way."""
        super().__init__(message)
        self.message = message
        self.unchanged = unchanged
        self.next_step = next_step
        self.field = field


class InvalidInput(DeskError):
    """What was given can't be used as it is; `field` names the form field at fault."""

    code = "invalid_input"


class UnknownWord(DeskError):
    """A command word that is not ours; `suggestion` is the whole text as it was probably meant."""

    code = "unknown_word"

    def __init__(self, message: str, *, suggestion: str | None = None, next_step: str = "") -> None:
        """Carry the text that would have worked, when one is near."""
        super().__init__(message, next_step=next_step)
        self.suggestion = suggestion


class NotFound(DeskError):
    """The thing asked for is not here."""

    code = "not_found"


class Forbidden(DeskError):
    """This person may not do this; the text says who may."""

    code = "forbidden"


class Conflict(DeskError):
    """Somebody else was faster, or the card was older than the draft."""

    code = "conflict"


class Busy(DeskError):
    """The desk can't take more just now; trying again in a moment is safe."""

    code = "busy"


class Refused(DeskError):
    """A network or a vendor said a final no to this content; `fix` is what a person can change."""

    code = "refused"

    def __init__(self, message: str, *, fix: str = "", field: str | None = None) -> None:
        """Make the fix the next step."""
        super().__init__(message, next_step=fix, field=field)
        self.fix = fix


class GivenUp(Refused):
    """A network took a post and gave it up by a fault of its own: certainly not live, and the same may be sent anew."""

    code = "given_up"


class RateLimited(DeskError):
    """Certainly nothing happened, and nothing may be tried before `until` (aware, UTC).

    `handles` are what preparing left on the network so far; without any the next try goes on from what it had before.
    """

    code = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        until: datetime,
        next_step: str = "",
        said: str = "",
        dated: bool = True,
        left: int | None = None,
        handles: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the instant to the second as the network gave it; `dated` is False when it gave none.

        `said` is the beginning of its answer and `left` how many calls its headers leave in the window, from which a
        platform may read that waiting alone is no help.
        """
        super().__init__(message, next_step=next_step or f"Tried again at {until:%H:%M:%S} UTC.")
        self.until = until
        self.said = said
        self.dated = dated
        self.left = left
        self.handles = handles or {}


class Unavailable(DeskError):
    """Certainly nothing happened: never sent, or turned away before any effect.

    `handles` are what preparing left on the network so far: the next try goes on from them, without any it begins anew.
    """

    code = "unavailable"

    def __init__(
        self,
        message: str,
        *,
        unchanged: str = "Nothing changed.",
        next_step: str = "",
        handles: Mapping[str, str] | None = None,
    ) -> None:
        """Keep nothing of what was prepared unless it is said."""
        super().__init__(message, unchanged=unchanged, next_step=next_step)
        self.handles = handles or {}


class Unreached(Unavailable):
    """No connection came about, so that what was prepared is as it was."""


class NeedsReauth(DeskError):
    """The credentials don't work; certainly nothing happened.

    `refreshable` says that a token refresh may cure it without a person.
    """

    code = "needs_reauth"

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "Connect the account again with /desk connect.",
        refreshable: bool = False,
    ) -> None:
        """Default to asking a person."""
        super().__init__(message, next_step=next_step)
        self.refreshable = refreshable


class OutcomeUnknown(DeskError):
    """The request may or may not have taken effect; it must be looked up, never blindly repeated."""

    code = "outcome_unknown"


class StillWorking(DeskError):
    """The network took it and works on it: it becomes public, or not, without another call.

    `handles` are what to ask for it by.
    """

    code = "still_working"

    def __init__(self, message: str, *, handles: Mapping[str, str]) -> None:
        """Keep what the network called it."""
        super().__init__(message, next_step="It is asked again by itself.")
        self.handles = handles


class NeedsOperator(DeskError):
    """Billing, app review, a quota or a retired version: whoever runs the desk must act."""

    code = "needs_operator"
