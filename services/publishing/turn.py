"""One turn of the dispatcher as one transaction: marks of what finished, claims that lapsed, and what is due now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services.domain.delivery import Delivery, DeliveryState
from services.publishing.change import Change, write_change
from services.publishing.gates import find_stop
from services.publishing.reconcile import state_since, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.ids import AccountId
    from services.ports.storage import Transaction
    from services.publishing.allowance import Allowance
    from services.publishing.settings import DispatchSettings

ASKED: Final = frozenset({DeliveryState.PROCESSING, DeliveryState.UNCERTAIN})
"""The states in which only the network knows more."""
LOOKED_AT: Final = ASKED | {DeliveryState.SCHEDULED}
"""The states in which a row waits for the dispatcher."""
_ROUNDS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row that is ours: PREPARING or SENDING to be published, PROCESSING or UNCERTAIN to be looked into."""

    delivery: Delivery
    account: Account | None
    asked_since: datetime
    """Since when only the network knows more."""
    wanted: bool
    """Whether it may still be sent (no freeze, approval stands)."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """What a turn did, for telling and starting after its commit."""

    changed: list[Delivery] = field(default_factory=list)
    refused: list[Delivery] = field(default_factory=list)
    """Marks that came too late: another worker has the row."""
    jobs: list[Job] = field(default_factory=list)
    more: bool = False
    """True when rows may be due that this turn did not reach."""
    next_wake: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a turn depends on, fixed before it runs so that the store may run it again."""

    now: datetime
    settings: DispatchSettings
    marks: Sequence[Change]
    free: int
    """Slots without work; 0 claims nothing."""
    busy: Collection[AccountId]
    limited: Mapping[AccountId, datetime]
    """Accounts whose network asked to wait, and until when."""
    needs_preparing: Callable[[Delivery], bool]
    allowance: Allowance


def take_turn(tx: Transaction, plan: Plan) -> Turn:
    """Run the turn; every row changed in it is in the answer."""
    turn = Turn()
    for mark in plan.marks:
        (turn.changed if write_change(tx, mark) else turn.refused).append(mark.after)
    turn.changed += sweep(tx, now=plan.now)
    if plan.free > 0:
        _claim(tx, plan, turn)
    turn.next_wake = tx.deliveries.next_wake(LOOKED_AT)
    return turn


def _claim(tx: Transaction, plan: Plan, turn: Turn) -> None:
    """Fill the free slots with one row per account; the others of an account are spread out behind it."""
    until = plan.now + plan.settings.lease
    taken: dict[AccountId, int] = dict.fromkeys(plan.busy, 0)
    for _ in range(_ROUNDS):
        wanted = plan.free - len(turn.jobs)
        if wanted <= 0:
            return
        owner = plan.settings.owner
        rows = tx.deliveries.claim(LOOKED_AT, now=plan.now, owner=owner, lease_until=until, limit=wanted)
        for row in rows:
            _place(tx, plan, turn, taken, row)
        if len(rows) < wanted:
            return
    turn.more = True


def _place(tx: Transaction, plan: Plan, turn: Turn, taken: dict[AccountId, int], row: Delivery) -> None:
    limit = plan.limited.get(row.account_id)
    if limit is not None and limit > plan.now:
        problem = f"The network asked to wait until {limit:%H:%M:%S} UTC."
        write_change(tx, Change.of(row).untaken().let_go(next_at=limit, problem=row.problem or problem))
        return
    if row.account_id in taken:
        behind = taken[row.account_id] = taken[row.account_id] + 1
        write_change(tx, Change.of(row).untaken().let_go(next_at=plan.now + plan.settings.spacing * behind))
        return
    admitted = _admit(tx, plan, turn, row)
    if admitted is not None:
        taken[row.account_id] = 0
        turn.jobs.append(admitted)


def _admit(tx: Transaction, plan: Plan, turn: Turn, row: Delivery) -> Job | None:
    """Take the first step with a claimed row, unless something speaks against it."""
    account = tx.accounts.get(row.account_id)
    asked = row.state in ASKED
    stop = find_stop(tx, row, now=plan.now, first_look=not asked)
    if asked:
        since = state_since(tx.deliveries.log(row.id), row.state, row.sending_at or plan.now)
        return Job(delivery=row, account=account, asked_since=since, wanted=stop is None)
    change = begin(row, plan) if stop is None else stop.change(row, at=plan.now)
    if stop is None and change.after.state is DeliveryState.SENDING:
        wait = plan.allowance.spend(tx, row, account, now=plan.now)
        if wait is not None:
            write_change(tx, Change.of(row).untaken().let_go(next_at=wait.until, problem=wait.problem))
            return None
    if not write_change(tx, change):
        return None
    turn.changed.append(change.after)
    if stop is not None:
        return None
    return Job(delivery=change.after, account=account, asked_since=plan.now, wanted=True)


def begin(row: Delivery, plan: Plan) -> Change:
    """PREPARING, or straight to SENDING when there is nothing to prepare."""
    note = f"Claimed by {plan.settings.owner}."
    if plan.needs_preparing(row):
        return Change.of(row).to(DeliveryState.PREPARING, at=plan.now, note=note)
    return Change.of(row).to(DeliveryState.SENDING, at=plan.now, note=note).begun(at=plan.now)
