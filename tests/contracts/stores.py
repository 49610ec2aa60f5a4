"""The stores that the contract is run over, and what fills them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from services.domain.delivery import DeliveryState
from services.domain.ids import AccountId, DraftId
from storage.store import SqlStore
from tests.builders import NOW, a_delivery, a_draft, a_log_entry
from tests.databases import fresh_database
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from services.domain.delivery import Delivery
    from services.domain.post import Draft, Revision
    from services.ports.storage import Store, Transaction

V = TypeVar("V")

KINDS: Final = ("memory", "sql")
MINUTE: Final = timedelta(minutes=1)
ONE, TWO = DraftId("1"), DraftId("2")
SCHEDULED: Final = DeliveryState.SCHEDULED


@asynccontextmanager
async def empty_store(kind: str, folder: Path) -> AsyncIterator[Store]:
    """A store of that kind with nothing in it."""
    if kind == "memory":
        yield MemoryStore()
        return
    async with SqlStore.open(fresh_database(folder)) as opened:
        yield opened


def put_all(put: Callable[[V], object], *values: V) -> None:
    """One after the other."""
    for value in values:
        put(value)


def put_draft(tx: Transaction, draft: Draft, *more: Revision) -> None:
    """A draft with the revision it carries, and others."""
    tx.drafts.add(draft)
    for revision in ((draft.revision,) if draft.revision else ()) + more:
        tx.drafts.add_revision(draft.id, revision)


async def with_drafts(store: Store, *ids: DraftId) -> None:
    """Drafts that deliveries can belong to."""
    await store.write(lambda tx: put_all(lambda id_: put_draft(tx, a_draft(id=id_)), *ids))


async def with_deliveries(store: Store, *rows: Delivery) -> None:
    """Rows of the outbox, each with the entry that made it."""
    await with_drafts(store, *sorted({row.draft_id for row in rows}))
    await store.write(lambda tx: put_all(lambda row: tx.deliveries.add(row, a_log_entry(row.state)), *rows))


def for_accounts(count: int) -> list[Delivery]:
    """Rows of one draft for as many accounts, due now."""
    return [a_delivery(account_id=AccountId(f"acc{n:02}"), due_at=NOW) for n in range(count)]
