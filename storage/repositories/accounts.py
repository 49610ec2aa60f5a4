"""Social identities as rows, their credentials only ever as sealed bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from services.domain.account import Account, Dedupe, Health
from services.domain.errors import NotFound
from services.domain.ids import AccountId, PlatformSlug
from storage import codec
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import accounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.prepared import Row

_OPENLY = tuple(column for column in accounts.c if column.name != "sealed")

_ALL = select(*_OPENLY)
_SAME = (
    accounts.c.platform == bindparam("platform"),
    accounts.c.remote_id == bindparam("remote_id"),
    accounts.c.base_url == bindparam("base_url"),
)
_THIS = accounts.c.id == bindparam("of")
_RESEALED = update(accounts).where(_THIS)

_BY_ID = Prepared(_ALL.where(_THIS))
_BY_IDENTITY = Prepared(_ALL.where(*_SAME))
_LIST = Prepared(_ALL.order_by(accounts.c.created_at, accounts.c.id))
_ADD = Prepared(insert(accounts))
_SAVE = Prepared(update(accounts).where(_THIS), columns=[column.name for column in _OPENLY])
_SEALED = Prepared(select(accounts.c.sealed).where(_THIS))
_RESEAL = Prepared(_RESEALED, columns=["sealed"])
_RESEAL_IF = Prepared(_RESEALED.where(accounts.c.sealed == bindparam("expected")), columns=["sealed"])
_REMOVE = Prepared(delete(accounts).where(_THIS))


class Accounts(Repository):
    """Implements the port's `AccountRepository`."""

    __slots__ = ()

    def get(self, account_id: AccountId) -> Account | None:
        """By id, without its credentials."""
        row = _BY_ID.first(self._driver, {"of": account_id})
        return None if row is None else _account(row)

    def by_identity(self, platform: str, remote_id: str, base_url: str) -> Account | None:
        """The same identity added before."""
        same = {"platform": platform, "remote_id": remote_id, "base_url": base_url}
        row = _BY_IDENTITY.first(self._driver, same)
        return None if row is None else _account(row)

    def list(self) -> Sequence[Account]:
        """In order of creation."""
        return [_account(row) for row in _LIST.rows(self._driver)]

    def add(self, account: Account, sealed: bytes) -> None:
        """Raises `Conflict` when the id or the identity is taken."""
        self._change(_ADD, {**_columns(account), "sealed": sealed}, what="account")

    def save(self, account: Account) -> None:
        """All but the credentials; raises `NotFound` when there is no such account."""
        changed = self._change(_SAVE, {**_columns(account), "of": account.id}, what="account")
        if not changed:
            raise _missing(account.id)

    def sealed(self, account_id: AccountId) -> bytes:
        """The credentials as they lie; raises `NotFound`."""
        row = _SEALED.first(self._driver, {"of": account_id})
        if row is None:
            raise _missing(account_id)
        return bytes(row.sealed)

    def reseal(self, account_id: AccountId, sealed: bytes, *, expected: bytes | None = None) -> bool:
        """Compare and set; False when the account is gone or somebody else resealed it first."""
        statement = _RESEAL if expected is None else _RESEAL_IF
        values = {"of": account_id, "sealed": sealed, "expected": expected}
        return self._change(statement, values, what="account") == 1

    def remove(self, account_id: AccountId) -> None:
        """Removing what is gone already is fine; deliveries keep the id for the record."""
        self._change(_REMOVE, {"of": account_id}, what="account")


def _missing(account_id: AccountId) -> NotFound:
    return NotFound(f"There is no account {account_id}.")


def _columns(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "platform": account.platform,
        "handle": account.handle,
        "name": account.name,
        "remote_id": account.remote_id,
        "base_url": account.base_url,
        "dedupe": account.dedupe.value,
        "limits": codec.dump_limits(account.limits),
        "limits_at": account.limits_at,
        "health": account.health.value,
        "health_note": account.health_note,
        "practice": account.practice,
        "created_at": account.created_at,
        "options": codec.dump_options(account.options),
        "ends_at": account.ends_at,
    }


@lru_cache(maxsize=256)
def _account(row: Row) -> Account:
    return Account(
        id=AccountId(row.id),
        platform=PlatformSlug(row.platform),
        handle=row.handle,
        name=row.name,
        remote_id=row.remote_id,
        base_url=row.base_url,
        dedupe=Dedupe(row.dedupe),
        limits=codec.load_limits(row.limits),
        limits_at=row.limits_at,
        health=Health(row.health),
        health_note=row.health_note,
        practice=row.practice,
        created_at=row.created_at,
        options=codec.load_options(row.options),
        ends_at=row.ends_at,
    )
