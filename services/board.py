"""Reading: pages of drafts, deliveries and cards, each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services import ledger
from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState
from services.domain.errors import NotFound
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from services.domain.account import Account
    from services.domain.ids import AccountId, DeliveryId, DraftId
    from services.domain.post import Revision
    from services.ledger import Snapshot
    from services.ports.storage import ShownCard, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """A delivery with its log and the account it goes to (None when that is gone)."""

    delivery: Delivery
    log: tuple[DeliveryLogEntry, ...]
    account: Account | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """A card's place in the channel with what it shows."""

    card: ShownCard
    snapshot: Snapshot
    record: DeliveryRecord | None


class Board:
    """What is on the desk."""

    def __init__(self, store: Store) -> None:
        """Only ever reads."""
        self._store = store

    async def draft(self, draft_id: DraftId) -> Snapshot:
        """One draft; raises `NotFound`."""
        return await self._store.read(lambda tx: ledger.snapshot(tx, ledger.find(tx, draft_id)))

    async def drafts(
        self, *, states: Collection[DraftState] | None = None, before: DraftId | None = None, limit: int = 50
    ) -> Sequence[Snapshot]:
        """Newest first; `states` are those people see, derived ones included."""
        stored = None if states is None else {_stored(s) for s in states}

        def work(tx: Transaction) -> list[Snapshot]:
            found: list[Snapshot] = []
            cursor = before
            while len(found) < limit:
                page = tx.drafts.list(states=stored, before=cursor, limit=limit)
                shots = (ledger.snapshot(tx, d) for d in page)
                found += [s for s in shots if states is None or s.state in states]
                if len(page) < limit:
                    break
                cursor = page[-1].id
            return found[:limit]

        return await self._store.read(work)

    async def search(self, words: str) -> Sequence[Snapshot]:
        """Up to five drafts whose number is, or whose brief or topic contains, these words."""
        wanted = words.casefold().strip().removeprefix("#")

        def work(tx: Transaction) -> list[Snapshot]:
            for draft in tx.drafts.list(limit=500):
                if draft.id == wanted:
                    return [ledger.snapshot(tx, draft)]
            hits = [
                d
                for d in tx.drafts.list(limit=500)
                if wanted in d.brief.text.casefold() or (d.revision and wanted in d.revision.outline.topic.casefold())
            ]
            return [ledger.snapshot(tx, d) for d in hits[:5]]

        return await self._store.read(work)

    async def revisions(self, draft_id: DraftId) -> Sequence[Revision]:
        """Every version, oldest first."""
        return await self._store.read(lambda tx: tx.drafts.revisions(draft_id))

    async def delivery(self, delivery_id: DeliveryId) -> DeliveryRecord:
        """One delivery; raises `NotFound`."""

        def work(tx: Transaction) -> DeliveryRecord:
            found = tx.deliveries.get(delivery_id)
            if found is None:
                raise NotFound("There is no such delivery.", next_step="The queue lists what is on its way.")
            return _record(tx, found, {a.id: a for a in tx.accounts.list()})

        return await self._store.read(work)

    async def deliveries(
        self, *, states: Collection[DeliveryState] | None = None, before: DeliveryId | None = None, limit: int = 50
    ) -> Sequence[DeliveryRecord]:
        """Newest first, with their logs."""

        def work(tx: Transaction) -> list[DeliveryRecord]:
            accounts = {a.id: a for a in tx.accounts.list()}
            return [_record(tx, d, accounts) for d in tx.deliveries.list(states=states, before=before, limit=limit)]

        return await self._store.read(work)

    async def shown(self, *, surface: str, before: str | None = None, limit: int = 50) -> Sequence[ShownItem]:
        """The channel's cards, newest first."""

        def work(tx: Transaction) -> list[ShownItem]:
            accounts = {a.id: a for a in tx.accounts.list()}
            items = []
            for card in tx.cards.list(surface=surface, before=before, limit=limit):
                draft = tx.drafts.get(card.draft_id)
                delivery = tx.deliveries.get(card.delivery_id) if card.delivery_id else None
                if draft is None:
                    continue
                record = _record(tx, delivery, accounts) if delivery else None
                items.append(ShownItem(card=card, snapshot=ledger.snapshot(tx, draft), record=record))
            return items

        return await self._store.read(work)


def _record(tx: Transaction, delivery: Delivery, accounts: Mapping[AccountId, Account]) -> DeliveryRecord:
    return DeliveryRecord(
        delivery=delivery, log=tuple(tx.deliveries.log(delivery.id)), account=accounts.get(delivery.account_id)
    )


def _stored(state: DraftState) -> DraftState:
    derived = {
        DraftState.SCHEDULED,
        DraftState.PUBLISHING,
        DraftState.PUBLISHED,
        DraftState.PARTLY_PUBLISHED,
        DraftState.FAILED,
    }
    return DraftState.APPROVED if state in derived else state
