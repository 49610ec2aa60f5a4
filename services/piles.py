"""Reading piles of work: what waits for a decision, what is open, what was sent where; each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services import ledger
from services.board import DeliveryRecord, delivery_record
from services.domain.delivery import DeliveryState, derive_state
from services.domain.errors import NotFound
from services.domain.post import DraftState
from services.outlook import ASKING, WAITING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Workspace
    from services.domain.brand import Brand
    from services.domain.delivery import Delivery
    from services.domain.ids import AccountId, DeliveryId, DraftId
    from services.domain.post import Draft, Revision
    from services.ledger import Snapshot
    from services.ports.storage import Store, Transaction

OPEN: Final = frozenset(
    {
        DraftState.DRAFTING,
        DraftState.DRAFT,
        DraftState.IN_REVIEW,
        DraftState.APPROVED,
        DraftState.SCHEDULED,
        DraftState.PUBLISHING,
    }
)
_STORED_OPEN: Final = frozenset({DraftState.DRAFTING, DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED})
MOST: Final = 1000
"""Rows looked through for one page; what is older than these has waited too long to be waiting."""
_STEP: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A page of what waits, oldest first."""

    drafts: tuple[Snapshot, ...]
    first: int
    """How many of them are on the pages before: those skipped, or fewer where that leads beyond the end."""
    total: int
    """Drafts that fit the filter, on all pages."""
    questions: tuple[DeliveryRecord, ...]
    """The first deliveries that ask, oldest first, whatever the filter of drafts says about authors."""
    asking: int
    """How many ask in all."""
    authors: tuple[str, ...]
    accounts: Mapping[AccountId, Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One draft with everything that ever happened to it."""

    snapshot: Snapshot
    revisions: tuple[Revision, ...]
    """Oldest first."""
    deliveries: tuple[DeliveryRecord, ...]
    """Oldest first, cancelled ones and those of earlier versions included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A page of deliveries, newest first."""

    records: tuple[DeliveryRecord, ...]
    topics: Mapping[DraftId, str]
    accounts: tuple[Account, ...]
    older: DeliveryId | None
    """Where the next page goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account with what it did last."""

    account: Account
    published_at: datetime | None
    url: str | None
    planned: int
    """Posts that wait for their time, held ones not included."""
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Every account, and whether everything is held back."""

    standings: tuple[Standing, ...]
    workspace: Workspace


class Piles:
    """Only ever reads."""

    def __init__(self, store: Store) -> None:
        """Cheap: made wherever it is needed."""
        self._store = store

    async def waiting(self, *, author: str = "", platform: str = "", skip: int = 0, limit: int = 20) -> Waiting:
        """What wants a decision; `author` is a name, `platform` a slug, and empty means any."""

        def work(tx: Transaction) -> Waiting:
            accounts = {a.id: a for a in tx.accounts.list()}
            every = [d for d in tx.drafts.list(states=WAITING, limit=MOST) if d.revision is not None]
            fitting = [d for d in every if author in {"", d.author_name} and _is_for(d, platform)][::-1]
            asked = _asking(tx, platform)
            first = min(skip, max(len(fitting) - 1, 0) // limit * limit)
            return Waiting(
                drafts=tuple(ledger.snapshots(tx, fitting[first : first + limit])),
                first=first,
                total=len(fitting),
                questions=tuple(delivery_record(tx, d, accounts) for d in asked[:limit]),
                asking=len(asked),
                authors=tuple(sorted({d.author_name for d in every})),
                accounts=accounts,
            )

        return await self._store.read(work)

    async def open(self, *, limit: int = 200) -> tuple[Snapshot, ...]:
        """Everything that is not finished, oldest first."""

        def work(tx: Transaction) -> tuple[Snapshot, ...]:
            drafts = tx.drafts.list(states=_STORED_OPEN, limit=MOST)
            rows = tx.deliveries.for_drafts([d.id for d in drafts])
            unfinished = [d for d in drafts if derive_state(d, rows[d.id]) in OPEN]
            return tuple(ledger.snapshots(tx, unfinished[:limit][::-1]))

        return await self._store.read(work)

    async def life(self, draft_id: DraftId) -> Life:
        """One draft with its versions and deliveries; raises `NotFound`."""

        def work(tx: Transaction) -> Life:
            snapshot = ledger.snapshot(tx, ledger.find(tx, draft_id))
            return Life(
                snapshot=snapshot,
                revisions=tuple(tx.drafts.revisions(draft_id)),
                deliveries=tuple(delivery_record(tx, d, snapshot.accounts) for d in tx.deliveries.for_draft(draft_id)),
            )

        return await self._store.read(work)

    async def sent(
        self,
        *,
        states: Collection[DeliveryState] | None = None,
        account_id: AccountId | None = None,
        before: DeliveryId | None = None,
        limit: int = 50,
    ) -> Sent:
        """Deliveries of these states and this account."""

        def work(tx: Transaction) -> Sent:
            accounts = {a.id: a for a in tx.accounts.list()}
            rows, older = _fitting(tx, states, account_id, before, limit)
            drafts = {d: tx.drafts.get(d) for d in dict.fromkeys(r.draft_id for r in rows)}
            return Sent(
                records=tuple(DeliveryRecord(delivery=r, log=(), account=accounts.get(r.account_id)) for r in rows),
                topics={d: topic(found) for d, found in drafts.items() if found is not None},
                accounts=tuple(accounts.values()),
                older=older,
            )

        return await self._store.read(work)

    async def delivery(self, delivery_id: DeliveryId) -> tuple[DeliveryRecord, Draft]:
        """One delivery with every step, and its draft; raises `NotFound`."""

        def work(tx: Transaction) -> tuple[DeliveryRecord, Draft]:
            found = tx.deliveries.get(delivery_id)
            if found is None:
                raise NotFound("There is no such delivery.", next_step="The list has those there are.")
            accounts = {a.id: a for a in tx.accounts.list()}
            return delivery_record(tx, found, accounts), ledger.find(tx, found.draft_id)

        return await self._store.read(work)

    async def roster(self) -> Roster:
        """Every account with its last post and what is planned for it."""

        def work(tx: Transaction) -> Roster:
            live: dict[AccountId, Delivery] = {}
            for row in tx.deliveries.list(states={DeliveryState.PUBLISHED}, limit=MOST):
                if row.account_id not in live or _live_at(live[row.account_id]) < _live_at(row):
                    live[row.account_id] = row
            planned = tx.deliveries.list(states={DeliveryState.SCHEDULED, DeliveryState.HELD}, limit=MOST)
            return Roster(
                standings=tuple(_standing(a, live.get(a.id), planned) for a in tx.accounts.list()),
                workspace=tx.workspace(),
            )

        return await self._store.read(work)

    async def brands(self) -> Sequence[Brand]:
        """Every voice, by name."""
        return await self._store.read(lambda tx: tx.brands.list())

    async def planned(self) -> tuple[datetime, ...]:
        """The times that are taken: due deliveries, and drafts that go out once somebody approves them."""

        def work(tx: Transaction) -> tuple[datetime, ...]:
            rows = tx.deliveries.list(states={DeliveryState.SCHEDULED}, limit=MOST)
            drafts = tx.drafts.list(states=WAITING, limit=MOST)
            return (*(r.due_at for r in rows), *(d.planned_at for d in drafts if d.planned_at is not None))

        return await self._store.read(work)


def _asking(tx: Transaction, platform: str) -> list[Delivery]:
    """Deliveries that ask, oldest first."""
    rows = (d for d in tx.deliveries.list(states=ASKING, limit=MOST) if platform in {"", d.platform})
    return sorted(rows, key=lambda d: (d.due_at, d.id))


def topic(draft: Draft) -> str:
    """What a draft is about, on one line."""
    return " ".join(((draft.revision.outline.topic if draft.revision else "") or draft.brief.text).split())


def _is_for(draft: Draft, platform: str) -> bool:
    return not platform or (draft.revision is not None and any(v.platform == platform for v in draft.revision.variants))


def _fitting(
    tx: Transaction,
    states: Collection[DeliveryState] | None,
    account_id: AccountId | None,
    before: DeliveryId | None,
    limit: int,
) -> tuple[list[Delivery], DeliveryId | None]:
    """A page of rows and where the next one goes on; `MOST` rows are looked at, then it is enough for one page."""
    found: list[Delivery] = []
    cursor, seen = before, 0
    while seen < MOST:
        page = tx.deliveries.list(states=states, before=cursor, limit=_STEP)
        for row in page:
            if account_id is not None and row.account_id != account_id:
                continue
            if len(found) == limit:
                return found, found[-1].id
            found.append(row)
        if len(page) < _STEP:
            return found, None
        cursor, seen = page[-1].id, seen + len(page)
    return found, cursor


def _live_at(delivery: Delivery) -> datetime:
    return delivery.published_at or delivery.created_at


def _standing(account: Account, last: Delivery | None, planned: Sequence[Delivery]) -> Standing:
    mine = [d.state for d in planned if d.account_id == account.id]
    return Standing(
        account=account,
        published_at=last.published_at if last else None,
        url=last.url if last else None,
        planned=mine.count(DeliveryState.SCHEDULED),
        held=mine.count(DeliveryState.HELD),
    )
