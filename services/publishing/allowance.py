"""What the networks let an account send, asked and taken in the transaction that commits a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.budget import NETWORK, Budget, Counted
from services.domain.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.delivery import Delivery
    from services.ports.platform import PlatformSpec
    from services.ports.storage import Transaction
    from services.publishing.connections import Connections

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing is left for now."""

    until: datetime
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Knows every network's budgets."""

    connections: Connections

    def spend(self, tx: Transaction, row: Delivery, account: Account | None, *, now: datetime) -> Wait | None:
        """Take the next part from every budget that counts it; when one is used up nothing is taken at all."""
        try:
            spec = self.connections.spec(row.platform)
        except NotFound:
            return None
        rest = tx.budgets.get(row.account_id, NETWORK)
        if rest is not None and rest > now:
            return Wait(until=rest, problem=f"{spec.label} asked to wait until {rest:%H:%M:%S} UTC.")
        counting = (budget for budget in budgets_of(spec, account) if budget.counts(row.next_part))
        spendings = [(b, b.spend(tx.budgets.get(row.account_id, b.window), now)) for b in counting]
        waits = [(found.wait_until, budget) for budget, found in spendings if found.wait_until is not None]
        if waits:
            until, budget = max(waits, key=lambda wait: wait[0])
            problem = f"{spec.label} takes {budget.sentence}, and these are used up."
            return Wait(until=until, problem=f"{problem} It goes on at {until:%d %b %H:%M} UTC.")
        for budget, found in spendings:
            tx.budgets.put(row.account_id, budget.window, found.spent_until)
        return None


def budgets_of(spec: PlatformSpec, account: Account | None) -> Sequence[Budget]:
    """Those of the network, and the account's own for the posts of a day where the network told one."""
    daily = account.limits.daily_posts if account is not None else None
    if daily is None:
        return spec.budgets
    of_day = [b for b in spec.budgets if b.period == _DAY and b.counted is not Counted.REPLIES]
    others = (b for b in spec.budgets if b not in of_day)
    counted = of_day[0].counted if of_day else Counted.ALL
    return (*others, Budget(window="day", posts=max(daily, 1), period=_DAY, counted=counted))
