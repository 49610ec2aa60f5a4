"""Reading: pages of drafts, deliveries and cards, each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services import ledger
from services.domain.delivery import derive_state
from services.domain.errors import NotFound
from services.domain.ids import DraftId
from services.domain.insight import digest_day
from services.domain.post import DraftState
from services.outlook import outlook, waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from services.domain.account import Account
    from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState
    from services.domain.ids import AccountId, DeliveryId
    from services.domain.insight import Digest, Finding
    from services.domain.post import Draft, Revision
    from services.ledger import Snapshot
    from services.outlook import Outlook
    from services.ports.storage import ShownCard, Store, Transaction


SEARCHED: Final = 500
"""The newest drafts, in which words are looked for."""


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
    snapshot: Snapshot | None
    """None for a digest."""
    record: DeliveryRecord | None
    digest: Digest | None = None


class Board:
    """What is on the desk."""

    def __init__(self, store: Store) -> None:
        """Only ever reads."""
        self._store = store

    async def draft(self, draft_id: DraftId) -> Snapshot:
        """One draft; raises `NotFound`."""
        return await self._store.read(lambda tx: ledger.snapshot(tx, ledger.find(tx, draft_id)))

    async def with_version(self, draft_id: DraftId, number: int) -> tuple[Snapshot, Revision | None]:
        """One draft beside one of its versions (None when there is none of this number); raises `NotFound`."""

        def work(tx: Transaction) -> tuple[Snapshot, Revision | None]:
            return ledger.snapshot(tx, ledger.find(tx, draft_id)), tx.drafts.revision(draft_id, number)

        return await self._store.read(work)

    async def drafts(
        self, *, states: Collection[DraftState] | None = None, before: DraftId | None = None, limit: int = 50
    ) -> Sequence[Snapshot]:
        """Newest first; `states` are those people see, derived ones included."""
        stored = None if states is None else {_stored(s) for s in states}

        def work(tx: Transaction) -> list[Snapshot]:
            found: list[Draft] = []
            cursor = before
            while len(found) < limit:
                page = tx.drafts.list(states=stored, before=cursor, limit=limit)
                rows = tx.deliveries.for_drafts([d.id for d in page]) if states is not None else {}
                found += [d for d in page if states is None or derive_state(d, rows.get(d.id, ())) in states]
                if len(page) < limit:
                    break
                cursor = page[-1].id
            return ledger.snapshots(tx, found[:limit])

        return await self._store.read(work)

    async def search(self, words: str) -> Sequence[Snapshot]:
        """Up to five drafts whose number is, or whose brief or topic contains, these words."""
        wanted = " ".join(words.casefold().split()).removeprefix("#")

        def work(tx: Transaction) -> list[Snapshot]:
            exact = tx.drafts.get(DraftId(wanted))
            if exact is not None:
                return [ledger.snapshot(tx, exact)]
            hits = [d for d in tx.drafts.list(limit=SEARCHED) if wanted in _about(d)]
            return [ledger.snapshot(tx, d) for d in hits[:5]]

        return await self._store.read(work)

    async def revisions(self, draft_id: DraftId) -> Sequence[Revision]:
        """Every version, oldest first; raises `NotFound`."""
        return await self._store.read(lambda tx: tx.drafts.revisions(ledger.find(tx, draft_id).id))

    async def delivery(self, delivery_id: DeliveryId) -> DeliveryRecord:
        """One delivery; raises `NotFound`."""

        def work(tx: Transaction) -> DeliveryRecord:
            found = tx.deliveries.get(delivery_id)
            if found is None:
                raise NotFound("There is no such delivery.", next_step="The queue lists what is on its way.")
            return delivery_record(tx, found, {a.id: a for a in tx.accounts.list()})

        return await self._store.read(work)

    async def deliveries(
        self, *, states: Collection[DeliveryState] | None = None, before: DeliveryId | None = None, limit: int = 50
    ) -> Sequence[DeliveryRecord]:
        """Newest first, with their logs."""

        def work(tx: Transaction) -> list[DeliveryRecord]:
            accounts = {a.id: a for a in tx.accounts.list()}
            return [
                delivery_record(tx, d, accounts) for d in tx.deliveries.list(states=states, before=before, limit=limit)
            ]

        return await self._store.read(work)

    async def digest(self, surface: str, place: str, day: date) -> Digest:
        """What a channel was sent that day; raises `NotFound`."""
        found = await self._store.read(lambda tx: tx.digests.get(surface, place, day))
        if found is None or found.report is None:
            raise NotFound("There is no digest of that day.", next_step="For one of now, type: report")
        return found

    async def shown(self, *, surface: str, before: str | None = None, limit: int = 50) -> Sequence[ShownItem]:
        """The channel's cards, newest first."""
        return await self._store.read(lambda tx: _shown(tx, surface=surface, before=before, limit=limit))

    async def front(
        self, *, surface: str, before: str | None, limit: int, now: datetime, zone: str, learned: Finding | None = None
    ) -> tuple[Sequence[ShownItem], Outlook]:
        """The channel with what stands beside it, in one transaction."""

        def work(tx: Transaction) -> tuple[list[ShownItem], Outlook]:
            day = outlook(tx, now=now, zone=zone, learned=learned)
            return _shown(tx, surface=surface, before=before, limit=limit), day

        return await self._store.read(work)

    async def outlook(self, *, now: datetime, zone: str, learned: Finding | None = None) -> Outlook:
        """What stands beside the channel; `learned` is what was found out since the last digest."""
        return await self._store.read(lambda tx: outlook(tx, now=now, zone=zone, learned=learned))

    async def waiting(self) -> int:
        """How much waits for a decision."""
        return await self._store.read(waiting)


def _shown(tx: Transaction, *, surface: str, before: str | None, limit: int) -> list[ShownItem]:
    cards = tx.cards.list(surface=surface, before=before, limit=limit)
    drafts = tx.drafts.many([c.draft_id for c in cards if c.draft_id])
    snapshots = {s.draft.id: s for s in ledger.snapshots(tx, list(drafts.values()))}
    accounts = next((s.accounts for s in snapshots.values()), {})
    items: list[ShownItem] = []
    for card in cards:
        if (digest := _digest(tx, card)) is not None:
            items.append(ShownItem(card=card, snapshot=None, record=None, digest=digest))
            continue
        if card.draft_id is None or card.draft_id not in snapshots:
            continue
        delivery = tx.deliveries.get(card.delivery_id) if card.delivery_id else None
        record = delivery_record(tx, delivery, accounts) if delivery else None
        items.append(ShownItem(card=card, snapshot=snapshots[card.draft_id], record=record))
    return items


def _digest(tx: Transaction, card: ShownCard) -> Digest | None:
    """What a digest's card is drawn from; None for every other card."""
    day = digest_day(card.card_id) if card.draft_id is None else None
    found = tx.digests.get(card.surface, card.place, day) if day else None
    return found if found is not None and found.report is not None else None


def _about(draft: Draft) -> str:
    topic = draft.revision.outline.topic if draft.revision else ""
    return " ".join(f"{draft.brief.text} {topic}".casefold().split())


def delivery_record(tx: Transaction, delivery: Delivery, accounts: Mapping[AccountId, Account]) -> DeliveryRecord:
    """A delivery with what is known about it."""
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
