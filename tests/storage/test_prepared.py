"""Statements sent straight to the driver mean what they would mean otherwise."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, insert, select, update

from services.domain.ids import AccountId, DraftId
from storage import codec
from storage.engine import sqlite_path
from storage.prepared import Prepared, words
from storage.store import SqlStore
from storage.tables import counters, people, workspace
from tests.builders import NOW, a_delivery, a_draft, a_log_entry, an_account
from tests.databases import fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.domain.account import Account
    from services.ports.storage import Transaction

ADA = {
    "id": "ada",
    "name": "Ada",
    "name_folded": "ada",
    "role": "viewer",
    "zone": "UTC",
    "created_at": NOW,
    "assigned": False,
    "zone_chosen": False,
    "aliases": "[]",
}


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An empty desk's database."""
    with closing(sqlite3.connect(sqlite_path(fresh_database(tmp_path)), isolation_level=None)) as opened:
        yield opened


def test_values_come_back_as_they_were_given(driver: sqlite3.Connection) -> None:
    assert Prepared(insert(people)).change(driver, ADA) == 1
    found = Prepared(select(people).where(people.c.created_at == bindparam("at"))).rows(driver, {"at": NOW})
    assert [(row.id, row.created_at) for row in found] == [("ada", NOW)]
    assert driver.execute("SELECT typeof(created_at) FROM people").fetchone() == ("integer",)


def test_switches_are_booleans_and_nothing_stays_nothing(driver: sqlite3.Connection) -> None:
    values = {"id": 1, "four_eyes": True, "submit_required": False, "late_minutes": 5, "frozen_by": None}
    Prepared(insert(workspace)).change(driver, {**values, "frozen_at": None, "pictures": "each_draft"})
    row = Prepared(select(workspace)).first(driver)
    assert row is not None
    assert (row.four_eyes, row.submit_required, row.frozen_at) == (True, False, None)
    assert type(row.four_eyes) is bool


def test_only_the_named_columns_are_set(driver: sqlite3.Connection) -> None:
    Prepared(insert(people)).change(driver, ADA)
    rename = Prepared(update(people).where(people.c.id == bindparam("of")), columns=["name"])
    assert rename.change(driver, {**ADA, "name": "Countess", "role": "admin", "of": "ada"}) == 1
    assert driver.execute("SELECT name, role FROM people").fetchall() == [("Countess", "viewer")]
    assert rename.change(driver, {"name": "Nobody", "of": "bo"}) == 0


def test_a_change_can_return_rows(driver: sqlite3.Connection) -> None:
    grown = update(counters).where(counters.c.name == "drafts").values(value=counters.c.value + 1)
    count = Prepared(grown.returning(counters.c.value))
    first, second = count.rows(driver)[0].value, count.rows(driver)[0].value
    assert second == first + 1


def test_a_forgotten_value_is_an_error_and_nothing_is_sent(driver: sqlite3.Connection) -> None:
    with pytest.raises(KeyError, match="zone"):
        Prepared(insert(people)).change(driver, {k: v for k, v in ADA.items() if k != "zone"})
    assert driver.execute("SELECT count(*) FROM people").fetchone() == (0,)


@pytest.mark.parametrize(("asked", "found"), [((), 0), (("viewer",), 1), (("admin", "viewer"), 1), (("admin",), 0)])
def test_one_of_some_words(driver: sqlite3.Connection, asked: tuple[str, ...], found: int) -> None:
    Prepared(insert(people)).change(driver, ADA)
    assert len(Prepared(select(people).where(people.c.role.in_(words(asked)))).rows(driver)) == found


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 513])
async def test_deliveries_of_any_number_of_drafts(tmp_path: Path, count: int) -> None:
    async with SqlStore.open(fresh_database(tmp_path)) as store:
        wanted = [DraftId(str(n)) for n in range(1, count + 1)]
        row = a_delivery(draft_id=DraftId(str(max(count, 1))))
        await store.write(lambda tx: tx.drafts.add(a_draft(id=row.draft_id)))
        await store.write(lambda tx: tx.deliveries.add(row, a_log_entry()))
        found = await store.read(lambda tx: tx.deliveries.for_drafts(wanted))
    assert {draft_id: len(rows) for draft_id, rows in found.items() if rows} == ({row.draft_id: 1} if count else {})
    assert list(found) == wanted


def _save(tx: Transaction, *, account: Account) -> None:
    tx.accounts.save(account)


async def test_what_is_kept_never_hides_a_change(tmp_path: Path) -> None:
    account = an_account(id=AccountId("a"), handle="old")
    async with SqlStore.open(fresh_database(tmp_path)) as store:
        await store.write(lambda tx: tx.accounts.add(account, b"x"))
        for handle in ("old", "new", "old"):
            changed = an_account(id=AccountId("a"), handle=handle)
            await store.write(partial(_save, account=changed))
            assert await store.read(lambda tx: tx.accounts.get(AccountId("a"))) == changed
    assert codec.load_limits(codec.dump_limits(account.limits)) == account.limits
