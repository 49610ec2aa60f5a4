"""What a call's end means for its row, as lawful steps. Pure but for the jitter handed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never

from services.domain.delivery import UNFINISHED, DeliveryState
from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, RateLimited, Refused, Unavailable, Unreached
from services.publishing.gates import HoldKind, Stop
from services.publishing.parts import is_last, progress
from services.publishing.retry import Again, GiveUp, Hold, Random, decide, trying_since

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.domain.delivery import Delivery, Receipt
    from services.publishing.change import Change

NOTHING_HAPPENED: Final = (Refused, RateLimited, Unavailable, NeedsReauth, NeedsOperator)
"""The errors of an irreversible call after which it is certain that nothing became public."""
FIRST_WATCH: Final = timedelta(seconds=5)
"""Before the network is first asked how far it is."""
BY_ITSELF: Final = "It is tried again by itself."
"""What an error says of the next step; the log names the time instead."""
_REPEATED: Final = 2
"""From this call on there was one before it."""
IN_DOUBT: Final = "It is not known yet whether this went out; the desk is finding out."


def landed(change: Change, receipt: Receipt, *, at: datetime, label: str, verb: str = "published") -> Change:
    """The next part is live: PUBLISHED after the last one, else SCHEDULED at once for the part that follows."""
    row = change.after
    last, count, part = is_last(row), len(row.variant.parts), row.next_part + 1
    changed = change.live(receipt)
    if last:
        return changed.to(DeliveryState.PUBLISHED, at=at, note=f"{label} {verb} it: {receipt.url}")
    note = f"{label} {verb} part {part} of {count}: {receipt.url}"
    return changed.to(DeliveryState.SCHEDULED, at=at, note=note).let_go(next_at=at)


def working(change: Change, handles: Mapping[str, str], *, at: datetime, label: str) -> Change:
    """The network took the part and works on it: it is asked from now on, and never sent again for that."""
    kept = change.holding({**change.after.handles, **handles})
    note = f"{label} took it and works on it."
    return kept.to(DeliveryState.PROCESSING, at=at, note=note).let_go(next_at=at + FIRST_WATCH, problem="")


def failed(change: Change, error: DeskError, *, at: datetime, label: str, random: Random) -> Change:
    """Certainly nothing happened: again later, never, or when the account is well."""
    verdict = decide(error, trying_since=trying_since(change.after), now=at, random=random)
    begun = error.handles if isinstance(error, Unavailable | RateLimited) else {}
    if begun:
        change = change.holding({**begun, UNFINISHED: "yes"})
    elif _begins_anew(change.after, error):
        change = change.holding({})
    match verdict:
        case Again():
            problem = verdict.problem.removesuffix(BY_ITSELF).strip()
            note = f"{label}: {problem} Tried again at {verdict.at:%d %b %H:%M:%S} UTC."
            return change.to(DeliveryState.SCHEDULED, at=at, note=note).let_go(
                next_at=verdict.at, problem=verdict.problem
            )
        case GiveUp():
            note = f"{label}: {verdict.problem} {progress(change.after)}".strip()
            return change.to(DeliveryState.FAILED, at=at, note=note).problem(verdict.problem)
        case Hold():
            return Stop(to=DeliveryState.HELD, problem=f"{HoldKind.ACCOUNT}{verdict.problem}").change(change, at=at)
        case _:
            assert_never(verdict)


def _begins_anew(row: Delivery, error: DeskError) -> bool:
    """Whether the next try prepares its own: an upload that expired or could not be fetched looks like this.

    What a call was made with stays while that call may have been seen: it is how a network tells a repeat from a
    second post.
    """
    if row.state is DeliveryState.SENDING and isinstance(error, Unreached | NeedsOperator):
        return isinstance(error, NeedsOperator) and row.attempts < _REPEATED
    return isinstance(error, Unavailable | Refused | NeedsOperator)


def in_doubt(change: Change, reason: str, *, at: datetime, settling: timedelta) -> Change:
    """The call may have had its effect: never repeated blindly, first looked into after `settling`."""
    changed = change.to(DeliveryState.UNCERTAIN, at=at, note=reason).let_go(next_at=at + settling, problem=IN_DOUBT)
    return replace(changed, after=replace(changed.after, probes=0))
