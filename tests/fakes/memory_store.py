"""The store in memory, with the same rules as the real one, for tests of everything above it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Final, TypeVar

from services.domain.actor import Workspace
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.ids import DraftId
from services.domain.post import DraftState
from services.ports.storage import WriteInRead
from tests.fakes.memory_chat import MemoryChat, MemoryIdentities, MemoryInstallations, MemoryPassages, Talk
from tests.fakes.memory_numbers import MemoryComments, MemoryDigests, MemoryMetrics, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.brand import Brand
    from services.domain.delivery import Delivery, DeliveryLogEntry
    from services.domain.ids import AccountId, BrandId, DeliveryId, Digest, PersonId
    from services.domain.media import MediaItem
    from services.domain.post import Approval, AuditEntry, Draft, Revision
    from services.ports.storage import ShownCard, Transaction

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

_IN_HAND: Final = frozenset({DeliveryState.PREPARING, DeliveryState.SENDING})


@dataclass(slots=True)
class _State:
    """Everything remembered; copied before each write, so that an exception leaves the old one standing."""

    workspace: Workspace = field(default_factory=Workspace)
    last_number: int = 0
    people: dict[PersonId, Person] = field(default_factory=dict)
    brands: dict[BrandId, Brand] = field(default_factory=dict)
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    sealed: dict[AccountId, bytes] = field(default_factory=dict)
    media: dict[Digest, MediaItem] = field(default_factory=dict)
    posters: dict[Digest, Digest] = field(default_factory=dict)
    drafts: dict[DraftId, tuple[Draft, int | None]] = field(default_factory=dict)
    """Without the revision, whose number stands beside."""
    revisions: dict[tuple[DraftId, int], Revision] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    deliveries: dict[DeliveryId, Delivery] = field(default_factory=dict)
    log: tuple[tuple[DeliveryId, DeliveryLogEntry], ...] = ()
    budgets: dict[tuple[AccountId, str], datetime] = field(default_factory=dict)
    cards: dict[tuple[str, str, str], ShownCard] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=Numbers)
    talk: Talk = field(default_factory=Talk)

    def twin(self) -> _State:
        """One level deep: the values themselves never change."""
        twin = copy(self)
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if isinstance(value, dict):
                setattr(twin, name, dict(value))
        twin.numbers = self.numbers.twin()
        twin.talk = self.talk.twin()
        return twin


class _Repository:
    """What all repositories share: the state, and whether it may be changed."""

    def __init__(self, state: _State, *, writable: bool) -> None:
        self._all = state
        self._writable = writable

    @property
    def _own(self) -> _State:
        """The state, for changing or locking."""
        self._require_write()
        return self._all

    def _require_write(self) -> None:
        if not self._writable:
            msg = "A read can't write."
            raise WriteInRead(msg)


def _insert(rows: dict[K, V], key: K, row: V, what: str) -> None:
    if key in rows:
        msg = f"This {what} is here already."
        raise Conflict(msg)
    rows[key] = row


def _require(rows: Mapping[K, V], key: K, what: str) -> V:
    if key not in rows:
        msg = f"There is no {what} {key}."
        raise NotFound(msg)
    return rows[key]


def _number(draft_id: DraftId) -> int | None:
    """The draft's number, None for text that is no such number."""
    plain = draft_id.isascii() and draft_id.isdigit() and (draft_id == "0" or not draft_id.startswith("0"))
    return int(draft_id) if plain and len(draft_id) < 19 else None


def _require_number(draft_id: DraftId) -> int:
    number = _number(draft_id)
    if number is None:
        msg = f"{draft_id!r} is no draft number."
        raise InvalidInput(msg)
    return number


class _People(_Repository):
    def get(self, person_id: PersonId) -> Person | None:
        return self._all.people.get(person_id)

    def by_name(self, name: str) -> Person | None:
        return next((p for p in self.list() if p.name.casefold() == name.casefold()), None)

    def add(self, person: Person) -> None:
        _insert(self._own.people, person.id, person, "person")

    def save(self, person: Person) -> None:
        _require(self._own.people, person.id, "person")
        self._own.people[person.id] = person

    def remove(self, person_id: PersonId) -> None:
        self._require_write()
        if self._all.talk.speaks_for(person_id):
            msg = f"A chat account still speaks for {person_id}."
            raise Conflict(msg)
        self._own.people.pop(person_id, None)

    def list(self) -> Sequence[Person]:
        return sorted(self._all.people.values(), key=lambda p: (p.created_at, p.id))


class _Accounts(_Repository):
    def get(self, account_id: AccountId) -> Account | None:
        return self._all.accounts.get(account_id)

    def by_identity(self, platform: str, remote_id: str, base_url: str) -> Account | None:
        wanted = (platform, remote_id, base_url)
        return next((a for a in self._all.accounts.values() if _identity(a) == wanted), None)

    def list(self) -> Sequence[Account]:
        return sorted(self._all.accounts.values(), key=lambda a: (a.created_at, a.id))

    def add(self, account: Account, sealed: bytes) -> None:
        self._unique(account)
        _insert(self._own.accounts, account.id, account, "account")
        self._own.sealed[account.id] = sealed

    def save(self, account: Account) -> None:
        _require(self._own.accounts, account.id, "account")
        self._unique(account)
        self._own.accounts[account.id] = account

    def _unique(self, account: Account) -> None:
        if any(a.id != account.id and _identity(a) == _identity(account) for a in self._all.accounts.values()):
            msg = "This account is here already."
            raise Conflict(msg)

    def sealed(self, account_id: AccountId) -> bytes:
        return _require(self._all.sealed, account_id, "account")

    def reseal(self, account_id: AccountId, sealed: bytes, *, expected: bytes | None = None) -> bool:
        now = self._own.sealed.get(account_id)
        if now is None or (expected is not None and now != expected):
            return False
        self._own.sealed[account_id] = sealed
        return True

    def remove(self, account_id: AccountId) -> None:
        self._own.accounts.pop(account_id, None)
        self._own.sealed.pop(account_id, None)


def _identity(account: Account) -> tuple[str, str, str]:
    return (account.platform, account.remote_id, account.base_url)


class _Brands(_Repository):
    def get(self, brand_id: BrandId) -> Brand | None:
        return self._all.brands.get(brand_id)

    def put(self, brand: Brand) -> None:
        self._own.brands[brand.id] = brand

    def list(self) -> Sequence[Brand]:
        return sorted(self._all.brands.values(), key=lambda b: (b.name, b.id))


class _Drafts(_Repository):
    def next_id(self) -> DraftId:
        self._own.last_number += 1
        return DraftId(str(self._own.last_number))

    def get(self, draft_id: DraftId) -> Draft | None:
        row = self._all.drafts.get(draft_id)
        return None if row is None else self._whole(*row)

    def _whole(self, draft: Draft, number: int | None) -> Draft:
        return draft if number is None else replace(draft, revision=self._all.revisions.get((draft.id, number)))

    def lock(self, draft_id: DraftId) -> Draft | None:
        self._require_write()
        return self.get(draft_id)

    def add(self, draft: Draft) -> None:
        number = _require_number(draft.id)
        _insert(self._own.drafts, draft.id, _apart(draft), "draft")
        self._own.last_number = max(self._own.last_number, number)

    def save(self, draft: Draft) -> None:
        _require(self._own.drafts, draft.id, "draft")
        self._own.drafts[draft.id] = _apart(draft)

    def add_revision(self, draft_id: DraftId, revision: Revision) -> None:
        _require(self._own.drafts, draft_id, "draft")
        _insert(self._own.revisions, (draft_id, revision.number), revision, "revision")

    def revision(self, draft_id: DraftId, number: int) -> Revision | None:
        return self._all.revisions.get((draft_id, number))

    def revisions(self, draft_id: DraftId) -> Sequence[Revision]:
        own = (r for (of, _), r in self._all.revisions.items() if of == draft_id)
        return sorted(own, key=lambda r: r.number)

    def list(
        self, *, states: Collection[DraftState] | None = None, before: DraftId | None = None, limit: int = 50
    ) -> Sequence[Draft]:
        below = None if before is None else _number(before) or 0
        found = [
            (number, row)
            for draft_id, row in self._all.drafts.items()
            if (number := int(draft_id)) >= 0
            and (states is None or row[0].state in states)
            and (below is None or number < below)
        ]
        found.sort(key=lambda pair: -pair[0])
        return [self._whole(*row) for _, row in found[:limit]]

    def picturing(self) -> Sequence[Draft]:
        rows = sorted(self._all.drafts.items(), key=lambda pair: int(pair[0]))
        return [self._whole(*row) for _, row in rows if row[0].picturing is not None]

    def placed(self, *, since: datetime, until: datetime, limit: int = 1000) -> Sequence[Draft]:
        cancelled = DeliveryState.CANCELLED
        due = {
            d.draft_id for d in self._all.deliveries.values() if d.state is not cancelled and since <= d.due_at < until
        }
        rows = [
            row
            for draft_id, row in self._all.drafts.items()
            if draft_id in due or (row[0].planned_at is not None and since <= row[0].planned_at < until)
        ]
        rows.sort(key=lambda row: -int(row[0].id))
        return [self._whole(*row) for row in rows[:limit]]

    def unplaced(self, *, limit: int = 50) -> Sequence[Draft]:
        free = [r for r in self._all.drafts.values() if r[0].state is DraftState.APPROVED and r[0].planned_at is None]
        free.sort(key=lambda row: -int(row[0].id))
        return [self._whole(*row) for row in free[:limit]]

    def add_approval(self, approval: Approval) -> None:
        _require(self._own.drafts, approval.draft_id, "draft")
        self._own.approvals += (approval,)

    def approvals(self, draft_id: DraftId) -> Sequence[Approval]:
        return [a for a in self._all.approvals if a.draft_id == draft_id]

    def add_audit(self, entry: AuditEntry) -> None:
        _require(self._own.drafts, entry.draft_id, "draft")
        self._own.audit += (entry,)

    def audit(self, draft_id: DraftId) -> Sequence[AuditEntry]:
        return [e for e in self._all.audit if e.draft_id == draft_id]

    def count(self, states: Collection[DraftState]) -> int:
        return sum(draft.state in states and number is not None for draft, number in self._all.drafts.values())

    def audits(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Sequence[AuditEntry]]:
        return {draft_id: self.audit(draft_id) for draft_id in draft_ids}

    def many(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Draft]:
        found = ((draft_id, self.get(draft_id)) for draft_id in draft_ids)
        return {draft_id: draft for draft_id, draft in found if draft is not None}


def _apart(draft: Draft) -> tuple[Draft, int | None]:
    return replace(draft, revision=None), draft.revision.number if draft.revision else None


class _Deliveries(_Repository):
    def add(self, delivery: Delivery, entry: DeliveryLogEntry) -> None:
        if delivery.id not in self._own.deliveries:
            self._unique(delivery)
            _require(self._own.drafts, delivery.draft_id, "draft")
        _insert(self._own.deliveries, delivery.id, delivery, "delivery")
        self._own.log += ((delivery.id, entry),)

    def _unique(self, delivery: Delivery) -> None:
        cancelled = DeliveryState.CANCELLED
        rivals = (d for d in self._all.deliveries.values() if d.id != delivery.id and d.state is not cancelled)
        if delivery.state is not cancelled and any(_purpose(d) == _purpose(delivery) for d in rivals):
            msg = "This version is already planned for this account."
            raise Conflict(msg)

    def get(self, delivery_id: DeliveryId) -> Delivery | None:
        return self._all.deliveries.get(delivery_id)

    def lock(self, delivery_id: DeliveryId) -> Delivery | None:
        return self._own.deliveries.get(delivery_id)

    def for_draft(self, draft_id: DraftId) -> Sequence[Delivery]:
        return sorted((d for d in self._all.deliveries.values() if d.draft_id == draft_id), key=lambda d: d.id)

    def for_drafts(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Sequence[Delivery]]:
        return {draft_id: self.for_draft(draft_id) for draft_id in draft_ids}

    def list(
        self, *, states: Collection[DeliveryState] | None = None, before: DeliveryId | None = None, limit: int = 50
    ) -> Sequence[Delivery]:
        found = (
            d
            for d in self._all.deliveries.values()
            if (states is None or d.state in states) and (before is None or d.id < before)
        )
        return sorted(found, key=lambda d: d.id, reverse=True)[:limit]

    def claim(
        self, states: Collection[DeliveryState], *, now: datetime, owner: str, lease_until: datetime, limit: int
    ) -> Sequence[Delivery]:
        due = sorted(
            (
                d
                for d in self._own.deliveries.values()
                if d.state in states and d.next_at <= now and (d.lease_until is None or d.lease_until <= now)
            ),
            key=lambda d: (d.next_at, d.id),
        )
        claimed = [
            replace(
                d,
                fence=d.fence + 1,
                lease_owner=owner,
                lease_until=lease_until,
                first_claimed_at=d.first_claimed_at or now,
            )
            for d in due[:limit]
        ]
        self._own.deliveries.update((d.id, d) for d in claimed)
        return claimed

    def save(self, delivery: Delivery, *, fence: int, entry: DeliveryLogEntry | None = None) -> bool:
        stored = self._own.deliveries.get(delivery.id)
        if stored is None or stored.fence != fence:
            return False
        changed = replace(
            delivery,
            draft_id=stored.draft_id,
            revision=stored.revision,
            digest=stored.digest,
            account_id=stored.account_id,
            platform=stored.platform,
            variant=stored.variant,
            created_at=stored.created_at,
        )
        self._unique(changed)
        self._own.deliveries[delivery.id] = changed
        if entry is not None:
            self._own.log += ((delivery.id, entry),)
        return True

    def lapsed(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        ended = [
            (d.lease_until, d.id, d)
            for d in self._all.deliveries.values()
            if d.state in _IN_HAND and d.lease_until is not None and d.lease_until <= now
        ]
        return [d for _, _, d in sorted(ended, key=lambda row: row[:2])[:limit]]

    def end_leases(self, *, at: datetime) -> int:
        rows = self._own.deliveries
        longer = [d for d in rows.values() if d.lease_until is not None and d.lease_until > at]
        rows.update((d.id, replace(d, lease_until=at)) for d in longer)
        return len(longer)

    def next_wake(self, states: Collection[DeliveryState]) -> datetime | None:
        rows = self._all.deliveries.values()
        looks = [d.next_at for d in rows if d.state in states and d.lease_until is None]
        ends = [d.lease_until for d in rows if d.lease_until is not None]
        return min(looks + ends, default=None)

    def log(self, delivery_id: DeliveryId) -> Sequence[DeliveryLogEntry]:
        return [entry for of, entry in self._all.log if of == delivery_id]

    def count_by_state(self) -> Mapping[DeliveryState, int]:
        counts: dict[DeliveryState, int] = defaultdict(int)
        for delivery in self._all.deliveries.values():
            counts[delivery.state] += 1
        return dict(counts)


def _purpose(delivery: Delivery) -> tuple[DraftId, int, AccountId]:
    return (delivery.draft_id, delivery.revision, delivery.account_id)


class _Cards(_Repository):
    def put(self, card: ShownCard) -> None:
        own = self._own.cards
        if card.draft_id is not None:
            _require_number(card.draft_id)
        own[(card.card_id, card.surface, card.place)] = card

    def list(self, *, surface: str, before: str | None = None, limit: int = 50) -> Sequence[ShownCard]:
        """Each card once, in its newest place there, so that a page can be continued by the card's id."""
        newest: dict[str, ShownCard] = {}
        for card in sorted(self._all.cards.values(), key=lambda c: (c.created_at, c.place)):
            if card.surface == surface:
                newest[card.card_id] = card
        cards = sorted(newest.values(), key=lambda c: (c.created_at, c.card_id), reverse=True)
        if before is not None:
            ids = [c.card_id for c in cards]
            cards = cards[ids.index(before) + 1 :] if before in ids else []
        return cards[:limit]

    def places(self, draft_id: DraftId) -> Sequence[ShownCard]:
        own = (c for c in self._all.cards.values() if c.draft_id == draft_id)
        return sorted(own, key=lambda c: (c.created_at, c.card_id, c.surface, c.place))

    def shown(self, card_id: str) -> Sequence[ShownCard]:
        own = (c for c in self._all.cards.values() if c.card_id == card_id)
        return sorted(own, key=lambda c: (c.created_at, c.surface, c.place))

    def kept(self, surface: str, *, kinds: Collection[str], limit: int) -> Sequence[ShownCard]:
        own = (c for c in self._all.cards.values() if c.surface == surface and c.kind in kinds)
        return sorted(own, key=lambda c: (c.created_at, c.card_id, c.place), reverse=True)[:limit]

    def redraw(
        self, card_id: str, surface: str, place: str, *, told: int | None = None, drawn: str | None = None
    ) -> bool:
        card = self._own.cards.get((card_id, surface, place))
        if card is None:
            return False
        told, drawn = card.told if told is None else told, card.drawn if drawn is None else drawn
        self._own.cards[(card_id, surface, place)] = replace(card, told=told, drawn=drawn)
        return True

    def remove(self, card_id: str, *, surface: str | None = None, place: str | None = None) -> None:
        wanted = (card_id, surface, place)
        for key in [k for k in self._own.cards if all(w in {None, k[n]} for n, w in enumerate(wanted))]:
            del self._own.cards[key]


class _Media(_Repository):
    def get(self, digest: Digest) -> MediaItem | None:
        return self._all.media.get(digest)

    def put(self, item: MediaItem, *, at: datetime, poster: Digest | None = None) -> None:
        del at
        if item.digest in self._all.media:
            return
        self._own.media[item.digest] = item
        if poster is not None:
            self._own.posters[item.digest] = poster

    def poster(self, digest: Digest) -> MediaItem | None:
        of = self._all.posters.get(digest)
        return None if of is None else self._all.media.get(of)


class _Budgets(_Repository):
    def get(self, account_id: AccountId, window: str) -> datetime | None:
        return self._all.budgets.get((account_id, window))

    def put(self, account_id: AccountId, window: str, until: datetime) -> None:
        self._own.budgets[account_id, window] = until


class _Transaction(_Repository):
    """All repositories over one copy of the state."""

    def __init__(self, state: _State, *, writable: bool) -> None:
        super().__init__(state, writable=writable)
        self.people = _People(state, writable=writable)
        self.accounts = _Accounts(state, writable=writable)
        self.brands = _Brands(state, writable=writable)
        self.drafts = _Drafts(state, writable=writable)
        self.deliveries = _Deliveries(state, writable=writable)
        self.budgets = _Budgets(state, writable=writable)
        self.cards = _Cards(state, writable=writable)
        self.media = _Media(state, writable=writable)
        self.metrics = MemoryMetrics(state.numbers, writable=writable)
        self.comments = MemoryComments(state.numbers, writable=writable)
        self.digests = MemoryDigests(state.numbers, writable=writable)
        self.identities = MemoryIdentities(state.talk, state.people, writable=writable)
        self.installations = MemoryInstallations(state.talk, writable=writable)
        self.passages = MemoryPassages(state.talk, writable=writable)
        self.chat = MemoryChat(state.talk, writable=writable)

    def workspace(self) -> Workspace:
        return self._all.workspace

    def save_workspace(self, workspace: Workspace) -> None:
        self._own.workspace = workspace


class MemoryStore:
    """A `Store` that forgets everything at the end of the test."""

    def __init__(self) -> None:
        """Begin empty."""
        self._state = _State()
        self._writing = asyncio.Lock()
        self.commits = 0
        """How many writes were kept."""
        self.refuse_writes: Exception | None = None
        """Raised by every write while it is set: a disk that is full."""

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        """Run on a copy, and keep the copy only when `fn` returned; others get a turn first, as with the real store."""
        async with self._writing:
            await _turn()
            if self.refuse_writes is not None:
                raise self.refuse_writes
            state = self._state.twin()
            result = fn(_Transaction(state, writable=True))
            self._state = state
            self.commits += 1
            return result

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        """Run on what was last kept."""
        await _turn()
        return fn(_Transaction(self._state, writable=False))


async def _turn() -> None:
    """Give way to other tasks once."""
    loop = asyncio.get_running_loop()
    turn = loop.create_future()
    loop.call_soon(turn.set_result, None)
    await turn
