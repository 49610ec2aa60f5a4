"""The outbox row: one frozen variant on its way to one account at one time, and the only lawful steps it may take."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.errors import Conflict, DeskError
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from services.domain.ids import AccountId, DeliveryId, Digest, DraftId, PlatformSlug
    from services.domain.post import Draft, Variant


class DeliveryState(StrEnum):
    """Where a delivery stands; the words are upper case because the log and the API print them so."""

    SCHEDULED = "SCHEDULED"
    PREPARING = "PREPARING"
    SENDING = "SENDING"
    PROCESSING = "PROCESSING"
    UNCERTAIN = "UNCERTAIN"
    NEEDS_HUMAN = "NEEDS_HUMAN"
    HELD = "HELD"
    PUBLISHED = "PUBLISHED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


_S = DeliveryState
DELIVERY_TRANSITIONS: Final[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
    _S.SCHEDULED: frozenset({_S.PREPARING, _S.SENDING, _S.CANCELLED, _S.HELD}),
    _S.PREPARING: frozenset({_S.SENDING, _S.SCHEDULED, _S.FAILED, _S.CANCELLED, _S.HELD}),
    _S.SENDING: frozenset({_S.PUBLISHED, _S.PROCESSING, _S.SCHEDULED, _S.FAILED, _S.UNCERTAIN}),
    _S.PROCESSING: frozenset({_S.PUBLISHED, _S.FAILED, _S.UNCERTAIN}),
    _S.UNCERTAIN: frozenset({_S.PUBLISHED, _S.SCHEDULED, _S.NEEDS_HUMAN}),
    _S.NEEDS_HUMAN: frozenset({_S.PUBLISHED, _S.SCHEDULED, _S.CANCELLED}),
    _S.HELD: frozenset({_S.SCHEDULED, _S.CANCELLED}),
    _S.FAILED: frozenset({_S.SCHEDULED}),
    _S.PUBLISHED: frozenset(),
    _S.CANCELLED: frozenset(),
}


class IllegalStep(DeskError):
    """A step the table does not know: a bug of ours, refused before it can do harm."""

    code = "illegal_step"


UNFINISHED: Final = "unfinished"
"""The handle beside others that preparing goes on from; no network sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The network's proof that a part is live."""

    part: int
    """0 for the post itself, then the parts of its thread."""
    remote_id: str
    url: str
    at: datetime
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the network needs to refer to it later (a record's cid)."""
    corrected: str = ""
    """What it says now, when it was corrected after it went live."""
    taken_down_at: datetime | None = None
    """When somebody took it down through the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLogEntry:
    """One step of a delivery's life, append only."""

    at: datetime
    from_state: DeliveryState | None
    """None for the entry that made the row."""
    to_state: DeliveryState
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One frozen variant → one account at one time. All instants are aware and UTC."""

    id: DeliveryId
    draft_id: DraftId
    revision: int
    digest: Digest
    """The approved content's digest, equal to the approval's."""
    account_id: AccountId
    platform: PlatformSlug
    variant: Variant
    state: DeliveryState
    due_at: datetime
    """When a person wants it out; never changed by retries."""
    next_at: datetime
    """When it may next be looked at: the due time, a retry's time, the next poll."""
    undo_until: datetime | None = None
    attempts: int = 0
    """Irreversible calls begun."""
    fence: int = 0
    """Grows with each claim; a worker whose number is old can no longer write."""
    lease_owner: str = ""
    lease_until: datetime | None = None
    first_claimed_at: datetime | None = None
    """Set once, at the first claim that began something: client-made record keys and times derive from it."""
    sending_at: datetime | None = None
    """When SENDING was last committed: a key's life counts from here."""
    handles: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What preparing left on the network (upload ids), repeatable and not public."""
    receipts: tuple[Receipt, ...] = ()
    problem: str = ""
    probes: int = 0
    """Look-ups made since it became uncertain."""
    created_at: datetime

    @property
    def key(self) -> str:
        """The idempotency key of the next unsent part: the same at every attempt, another for each part and row."""
        return hashlib.sha256(f"{self.id}:{len(self.receipts)}".encode()).hexdigest()[:32]

    @property
    def prepared(self) -> bool:
        """Whether preparing left all that the next part's call needs."""
        return bool(self.handles) and UNFINISHED not in self.handles

    @property
    def next_part(self) -> int:
        """Index of the first part without a receipt."""
        return len(self.receipts)

    @property
    def published_at(self) -> datetime | None:
        """When the first part went live."""
        return self.receipts[0].at if self.receipts and self.state is DeliveryState.PUBLISHED else None

    @property
    def url(self) -> str | None:
        """Where the post can be seen, once its first part is live."""
        return self.receipts[0].url if self.receipts else None

    @property
    def live(self) -> tuple[Receipt, ...]:
        """The parts that are public: those with proof that nobody took down since."""
        return tuple(receipt for receipt in self.receipts if receipt.taken_down_at is None)

    def words(self, receipt: Receipt) -> str:
        """What a part says on the network now."""
        return receipt.corrected or self.variant.parts[receipt.part]

    @property
    def remote_id(self) -> str | None:
        """The network's id of the post."""
        return self.receipts[0].remote_id if self.receipts else None


def step(delivery: Delivery, to: DeliveryState, *, at: datetime, note: str) -> tuple[Delivery, DeliveryLogEntry]:
    """The only way to change a delivery's state; raises `IllegalStep` on one the table does not allow.

    Leaving a claimed state drops the lease; the fence stays, so a late worker is still locked out.
    """
    if to not in DELIVERY_TRANSITIONS[delivery.state]:
        msg = f"A delivery can't go from {delivery.state} to {to}."
        raise IllegalStep(msg)
    entry = DeliveryLogEntry(at=at, from_state=delivery.state, to_state=to, note=note)
    held = to in {DeliveryState.PREPARING, DeliveryState.SENDING}
    changed = replace(
        delivery,
        state=to,
        lease_owner=delivery.lease_owner if held else "",
        lease_until=delivery.lease_until if held else None,
    )
    return changed, entry


STAGGER: Final = timedelta(seconds=1)
"""At most so long between two accounts of one draft, so that they don't all land in the same instant."""
ALL_WITHIN: Final = timedelta(seconds=2)
"""From the first of them to the last, however many there are."""


def stagger(count: int) -> timedelta:
    """Between two of so many accounts."""
    return min(STAGGER, ALL_WITHIN / max(count - 1, 1))


def freeze(
    draft: Draft,
    *,
    due_at: datetime,
    now: datetime,
    new_id: Callable[[], DeliveryId],
    undo_until: datetime | None = None,
) -> tuple[Delivery, ...]:
    """One delivery per variant of the approved revision; raises `Conflict` when no approval binds its content."""
    if not draft.approved_as_is or draft.revision is None:
        msg = "This version has not been approved, so nothing can be sent."
        raise Conflict(msg, next_step="Approve it first.")
    digest, apart = draft.revision.digest, stagger(len(draft.revision.variants))
    return tuple(
        Delivery(
            id=new_id(),
            draft_id=draft.id,
            revision=draft.revision.number,
            digest=digest,
            account_id=variant.account_id,
            platform=variant.platform,
            variant=variant,
            state=DeliveryState.SCHEDULED,
            due_at=due_at + apart * index,
            next_at=due_at + apart * index,
            undo_until=undo_until,
            created_at=now,
        )
        for index, variant in enumerate(draft.revision.variants)
    )


SETTLED: Final = frozenset({DeliveryState.PUBLISHED, DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.HELD})
"""States in which no worker has a delivery in hand, or takes it by itself."""
_OPEN: Final = frozenset(
    {
        DeliveryState.PREPARING,
        DeliveryState.SENDING,
        DeliveryState.PROCESSING,
        DeliveryState.UNCERTAIN,
        DeliveryState.NEEDS_HUMAN,
    }
)
_WAITING: Final = frozenset({DeliveryState.SCHEDULED, DeliveryState.HELD})


def derive_state(draft: Draft, deliveries: Iterable[Delivery]) -> DraftState:
    """The state people see: the stored one until deliveries exist, then what these say together.

    A row with a receipt has something in public, so cancelling or failing later doesn't make it as if never sent.
    """
    if draft.state is not DraftState.APPROVED or draft.revision is None:
        return draft.state
    number = draft.revision.number
    rows = [d for d in deliveries if d.revision == number and (d.state is not DeliveryState.CANCELLED or d.receipts)]
    states = {d.state for d in rows}
    if not rows:
        return DraftState.APPROVED
    if states & _OPEN:
        return DraftState.PUBLISHING
    if states & _WAITING:
        untouched = states <= _WAITING and not any(d.receipts for d in rows)
        return DraftState.SCHEDULED if untouched else DraftState.PUBLISHING
    if states == {DeliveryState.FAILED} and not any(d.receipts for d in rows):
        return DraftState.FAILED
    everywhere = {v.account_id for v in draft.revision.variants} <= {d.account_id for d in rows}
    return DraftState.PUBLISHED if states == {DeliveryState.PUBLISHED} and everywhere else DraftState.PARTLY_PUBLISHED
