"""A poll beside a text: what people choose for it, and how the server reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from services.domain.account import PollLimits
from services.domain.errors import Refused
from services.polls import poll_option, poll_problems
from services.ports.options import YES, Choice, PostOption, switch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.domain.account import Account, Limits
    from services.domain.post import Problem, Variant
    from services.ports.platform import OutgoingPart

POLLS: Final = PollLimits(answers=4, characters=50)
"""Mastodon's own defaults."""
HOURS: Final = PostOption(
    name="poll_hours",
    title="The poll ends after",
    choices=(
        Choice(value="24", text="1 day"),
        Choice(value="1", text="1 hour"),
        Choice(value="6", text="6 hours"),
        Choice(value="12", text="12 hours"),
        Choice(value="72", text="3 days"),
        Choice(value="168", text="7 days"),
    ),
)
MULTIPLE: Final = switch("poll_multiple", "Several answers may be chosen")
POLL_OPTIONS: Final = (
    replace(
        poll_option(POLLS),
        most=2000,
        help="Two to four answers of at most 50 characters, one a line; some servers take more. It is in the first "
        "post, and instead of pictures.",
    ),
    HOURS,
    MULTIPLE,
)
_HOUR: Final = 3600


def hours_within(shortest: int | None, longest: int | None) -> tuple[str, ...]:
    """The choices of `HOURS` that a server takes, which tells its bounds in seconds."""
    least, most = shortest or 0, longest or 10**9
    return tuple(one.value for one in HOURS.choices if least <= int(one.value) * _HOUR <= most)


def poll_body(part: OutgoingPart, answers: Sequence[str], limits: Limits) -> dict[str, object]:
    """The poll as the server reads it; raises `Refused` for a time that it does not take."""
    chosen = part.options.get(HOURS.name) or HOURS.default
    taken = limits.choices_of(HOURS.name) or tuple(one.value for one in HOURS.choices)
    if chosen not in taken:
        raise Refused(f"A poll can't run for {chosen} hours on this server.", fix=f"Choose one of {', '.join(taken)}.")
    return {
        "options": list(answers),
        "expires_in": int(chosen) * _HOUR,
        "multiple": part.options.get(MULTIPLE.name) == YES,
    }


def check_options(variant: Variant, account: Account) -> Iterable[Problem]:
    """See `OptionCheck`."""
    return poll_problems(variant, account.limits, "the server")
