"""Social identities as rows, their credentials only ever as sealed bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, delete, insert, select, update

from services.domain.account import Account, Dedupe, Health
from services.domain.errors import NotFound
from services.domain.ids import AccountId, PlatformSlug
from storage import codec
from storage.repositories.base import Repository
from storage.tables import accounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

_OPENLY = tuple(column for column in accounts.c if column.name != "sealed")


def _query() -> Select[Any]:
    return select(*_OPENLY)


class Accounts(Repository):
    """Implements the port's `AccountRepository`."""

    __slots__ = ()

    def get(self, account_id: AccountId) -> Account | None:
        """By id, without its credentials."""
        row = self._select(_query().where(accounts.c.id == account_id)).first()
        return None if row is None else _account(row)

    def by_identity(self, platform: str, remote_id: str, base_url: str) -> Account | None:
        """The same identity added before."""
        same = (accounts.c.platform == platform, accounts.c.remote_id == remote_id, accounts.c.base_url == base_url)
        row = self._select(_query().where(*same)).first()
        return None if row is None else _account(row)

    def list(self) -> Sequence[Account]:
        """In order of creation."""
        return [_account(row) for row in self._select(_query().order_by(accounts.c.created_at, accounts.c.id))]

    def add(self, account: Account, sealed: bytes) -> None:
        """Raises `Conflict` when the id or the identity is taken."""
        self._change(insert(accounts), {**_columns(account), "sealed": sealed}, what="account")

    def save(self, account: Account) -> None:
        """All but the credentials; raises `NotFound` when there is no such account."""
        changed = self._change(update(accounts).where(accounts.c.id == account.id), _columns(account), what="account")
        if not changed:
            raise _missing(account.id)

    def sealed(self, account_id: AccountId) -> bytes:
        """The credentials as they lie; raises `NotFound`."""
        row = self._select(select(accounts.c.sealed).where(accounts.c.id == account_id)).first()
        if row is None:
            raise _missing(account_id)
        return bytes(row.sealed)

    def reseal(self, account_id: AccountId, sealed: bytes, *, expected: bytes | None = None) -> bool:
        """Compare and set; False when the account is gone or somebody else resealed it first."""
        row = update(accounts).where(accounts.c.id == account_id)
        if expected is not None:
            row = row.where(accounts.c.sealed == expected)
        return self._change(row.values(sealed=sealed), what="account") == 1

    def remove(self, account_id: AccountId) -> None:
        """Removing what is gone already is fine; deliveries keep the id for the record."""
        self._change(delete(accounts).where(accounts.c.id == account_id), what="account")


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
    }


def _account(row: Row[Any]) -> Account:
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
    )
