"""Finding out what became of a call whose answer is unknown, and giving lapsed claims back. Pure but for `sweep`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe
from services.domain.delivery import Delivery, DeliveryState
from services.publishing.change import Change, write_change
from services.publishing.retry import PATIENCE
from services.publishing.settle import in_doubt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.delivery import DeliveryLogEntry
    from services.ports.storage import Transaction

LOOKING: Final = timedelta(minutes=10)
"""How long "nobody can tell" is asked again, after as long as the doubt lasts, before a person is asked."""
_FIRST_WAIT: Final = timedelta(seconds=5)
_LONGEST_WAIT: Final = timedelta(minutes=5)
_BATCH: Final = 200


class Way(StrEnum):
    """How to find out."""

    RESEND = "resend"
    """The same call with the same key: it can't post twice."""
    LOOK = "look"
    """Read what is there."""
    ASK = "ask"
    """Only a person can tell."""


def choose_way(
    delivery: Delivery,
    *,
    dedupe: Dedupe,
    key_life: timedelta | None,
    doubt_since: datetime,
    now: datetime,
    margin: timedelta,
    may_send: bool,
    has_finder: bool,
) -> Way:
    """Send again only while the key surely lives for the whole call (`margin`) and the post is still wanted."""
    if may_send and dedupe is Dedupe.KEY and delivery.sending_at is not None:
        alive = key_life is None or now + margin < delivery.sending_at + key_life
        if alive and now - doubt_since < PATIENCE:
            return Way.RESEND
    return Way.LOOK if has_finder else Way.ASK


def absent(change: Change, waits: Sequence[timedelta], *, at: datetime) -> Change:
    """A look found nothing, which is proof only after all `waits`, because a post may show late."""
    looks = change.after.probes + 1
    probed = replace(change, after=replace(change.after, probes=looks))
    if looks <= len(waits):
        note = "Looked for it: not there so far."
        return probed.remark(at=at, note=note).let_go(next_at=at + waits[looks - 1])
    note = f"Looked {looks} times, and by now it would show: it is not there, so it never went out."
    return proved_absent(probed, note, at=at)


def proved_absent(change: Change, note: str, *, at: datetime) -> Change:
    """Certainly not there: it is sent in the ordinary way, at once."""
    cleared = replace(change, after=replace(change.after, probes=0))
    return cleared.to(DeliveryState.SCHEDULED, at=at, note=note).let_go(next_at=at, problem="")


def unclear(change: Change, reason: str, *, at: datetime, doubt_since: datetime, patience: timedelta) -> Change:
    """This look told nothing: again after as long as the doubt lasts already, at most 5 min; past `patience` ask."""
    spent = at - doubt_since
    if spent >= patience:
        return ask(change, reason, at=at)
    wait = min(_LONGEST_WAIT, max(_FIRST_WAIT, spent))
    return change.remark(at=at, note=reason).let_go(next_at=at + wait)


def ask(change: Change, reason: str, *, at: datetime) -> Change:
    """Nobody but a person can tell."""
    problem = f"It may be live: {reason} Look at the account, then say whether it is there."
    return change.to(DeliveryState.NEEDS_HUMAN, at=at, note=problem).problem(problem)


def state_since(log: Sequence[DeliveryLogEntry], state: DeliveryState, fallback: datetime) -> datetime:
    """When the row last came into `state`; looks are logged as entries that stay there."""
    became = (e.at for e in reversed(log) if e.to_state is state and e.from_state is not state)
    return next(became, fallback)


def sweep(tx: Transaction, *, now: datetime) -> list[Delivery]:
    """Give back what a dead or stalled worker left: PREPARING had no effect, SENDING may have had."""
    changed = []
    for row in tx.deliveries.lapsed(now=now, limit=_BATCH):
        change = Change.of(row)
        if row.state is DeliveryState.SENDING:
            note = f"{row.lease_owner} stopped answering while sending."
            change = in_doubt(change, note, at=now, settling=timedelta())
        else:
            note = f"{row.lease_owner} stopped answering while preparing; nothing went out."
            change = change.to(DeliveryState.SCHEDULED, at=now, note=note).let_go(next_at=now)
        change = replace(change, after=replace(change.after, fence=row.fence + 1))
        if write_change(tx, change):
            changed.append(change.after)
    return changed
