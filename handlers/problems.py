"""One table from an error's class to what people and programs are told."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from handlers.request import Outcome, Whisper
from handlers.views.notice import problem_notice
from services.domain.delivery import IllegalStep
from services.domain.errors import (
    Busy,
    Conflict,
    DeskError,
    Forbidden,
    InvalidInput,
    NeedsOperator,
    NeedsReauth,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StillWorking,
    Unavailable,
    UnknownWord,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from handlers.request import Replies

STATUS: Final[Mapping[type[DeskError], int]] = {
    InvalidInput: 422,
    UnknownWord: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    IllegalStep: 409,
    Refused: 422,
    RateLimited: 429,
    Busy: 503,
    Unavailable: 503,
    NeedsReauth: 503,
    NeedsOperator: 503,
    OutcomeUnknown: 503,
    StillWorking: 503,
}
"""HTTP's number for each class of error."""


class Unexpected(DeskError):
    """A bug of ours: logged in full, told in one sentence."""

    code = "unexpected"

    def __init__(self) -> None:
        """Nothing of the cause is told outside."""
        super().__init__(
            "Something went wrong inside the desk.",
            unchanged="What was saved is saved.",
            next_step="Try again; the log has the details.",
        )


def status_of(error: DeskError) -> int:
    """The number of the error's own class or the nearest above it; 500 when there is none."""
    return next((STATUS[c] for c in type(error).__mro__ if c in STATUS), 500)


def outcome_of(error: DeskError, replies: Replies = ()) -> Outcome:
    """The error as an answer; without other replies a notice says it."""
    return Outcome(status=status_of(error), replies=replies or (Whisper(card=problem_notice(error)),), error=error)


@contextmanager
def of_several(number: int, count: int, *, what: str = "File", field: str = "upload") -> Iterator[None]:
    """What goes wrong inside is said of this one of so many, at their field."""
    try:
        yield
    except (InvalidInput, NotFound, Unavailable) as error:
        which = f"{what} {number} of {count}: " if count > 1 else ""
        raise InvalidInput(
            f"{which}{error.message}", unchanged=error.unchanged, next_step=error.next_step, field=field
        ) from None
