"""What accounts have spent of what networks let them send, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import budgets

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.ids import AccountId

_ONE = Prepared(
    select(budgets.c.tat).where(budgets.c.account_id == bindparam("of"), budgets.c.window == bindparam("name"))
)
_NEW = insert(budgets)
_PUT = Prepared(_NEW.on_conflict_do_update(index_elements=["account_id", "window"], set_={"tat": _NEW.excluded.tat}))


class Budgets(Repository):
    """Implements the port's `BudgetRepository`."""

    __slots__ = ()

    def get(self, account_id: AccountId, window: str) -> datetime | None:
        """See the port."""
        row = _ONE.first(self._driver, {"of": account_id, "name": window})
        return None if row is None else row.tat

    def put(self, account_id: AccountId, window: str, until: datetime) -> None:
        """See the port."""
        self._require_write()
        self._change(_PUT, {"account_id": account_id, "window": window, "tat": until}, what="budget")
