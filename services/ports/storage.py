"""Remembering, as repositories in a transaction: a unit of work is a plain function that can't wait for a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person, Workspace
    from services.domain.brand import Brand
    from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState
    from services.domain.ids import AccountId, BrandId, DeliveryId, DraftId, PersonId
    from services.domain.ids import Digest as ContentDigest
    from services.domain.media import MediaItem
    from services.domain.post import Approval, AuditEntry, Draft, DraftState, Revision
    from services.ports.chat import ChatRepository, IdentityRepository, InstallationRepository
    from services.ports.numbers import CommentRepository, DigestRepository, MetricsRepository
    from services.ports.passages import PassageRepository

T = TypeVar("T")


class WriteInRead(RuntimeError):
    """A read tried to write or to lock: a bug of ours, refused before it can do harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCard:
    """A place where a card can be seen. `card_id` is stable; `place` is the surface's own reference."""

    card_id: str
    kind: str
    """"draft", "delivery" or "digest"."""
    draft_id: DraftId | None
    """None for a digest."""
    delivery_id: DeliveryId | None
    surface: str
    place: str
    created_at: datetime
    told: int = 0
    """The newest revision that was told in its thread."""
    drawn: str = ""
    """Digest of what it shows now; empty when that is not known."""


class PersonRepository(Protocol):
    """Who may use the desk."""

    def get(self, person_id: PersonId) -> Person | None:
        """None when nobody has this id."""
        ...

    def by_name(self, name: str) -> Person | None:
        """Exact match, case folded."""
        ...

    def add(self, person: Person) -> None:
        """Raises `Conflict` when the id or the name is taken."""
        ...

    def save(self, person: Person) -> None:
        """Raises `NotFound` for somebody who was never added."""
        ...

    def remove(self, person_id: PersonId) -> None:
        """Forget them; one who is gone already is fine, and what they did keeps their id and name.

        Raises `Conflict` while a chat account speaks for them.
        """
        ...

    def list(self) -> Sequence[Person]:
        """In order of arrival."""
        ...


class AccountRepository(Protocol):
    """Social identities; credentials only as sealed bytes."""

    def get(self, account_id: AccountId) -> Account | None:
        """None when it is not connected."""
        ...

    def by_identity(self, platform: str, remote_id: str, base_url: str) -> Account | None:
        """The account with this platform, remote id and base URL: at most one."""
        ...

    def list(self) -> Sequence[Account]:
        """In order of creation."""
        ...

    def add(self, account: Account, sealed: bytes) -> None:
        """Raises `Conflict` when the id or the identity is here already."""
        ...

    def save(self, account: Account) -> None:
        """Everything but the credentials; raises `NotFound`, and `Conflict` when another account has this identity."""
        ...

    def sealed(self, account_id: AccountId) -> bytes:
        """The sealed credentials; raises `NotFound`."""
        ...

    def reseal(self, account_id: AccountId, sealed: bytes, *, expected: bytes | None = None) -> bool:
        """Replace the sealed credentials; with `expected`, only when unchanged since they were read."""
        ...

    def remove(self, account_id: AccountId) -> None:
        """Forget it with its credentials; one that is gone already is fine."""
        ...


class BrandRepository(Protocol):
    """Voices."""

    def get(self, brand_id: BrandId) -> Brand | None:
        """None when it is not set up."""
        ...

    def put(self, brand: Brand) -> None:
        """Insert or replace by id."""
        ...

    def list(self) -> Sequence[Brand]:
        """By name."""
        ...


class DraftRepository(Protocol):
    """Drafts with their current revision, approvals and audit lines."""

    def next_id(self) -> DraftId:
        """A number never used before, as text."""
        ...

    def get(self, draft_id: DraftId) -> Draft | None:
        """With its current revision; None when there is no such draft."""
        ...

    def lock(self, draft_id: DraftId) -> Draft | None:
        """As `get`, and nobody else may change it until this transaction ends."""
        ...

    def add(self, draft: Draft) -> None:
        """Without its revision, which `add_revision` writes; raises `Conflict` when the number is taken."""
        ...

    def save(self, draft: Draft) -> None:
        """Everything but `revision`'s content, which `add_revision` wrote; the revision's number is kept."""
        ...

    def add_revision(self, draft_id: DraftId, revision: Revision) -> None:
        """Raises `Conflict` when the number is taken."""
        ...

    def revision(self, draft_id: DraftId, number: int) -> Revision | None:
        """One version; None when there is none of this number."""
        ...

    def revisions(self, draft_id: DraftId) -> Sequence[Revision]:
        """Oldest first."""
        ...

    def list(
        self, *, states: Collection[DraftState] | None = None, before: DraftId | None = None, limit: int = 50
    ) -> Sequence[Draft]:
        """Newest first by number, stored states; `before` continues a page."""
        ...

    def picturing(self) -> Sequence[Draft]:
        """Those a picture is being made for, oldest first."""
        ...

    def placed(self, *, since: datetime, until: datetime, limit: int = 1000) -> Sequence[Draft]:
        """Newest first: planned, or with a delivery that was not cancelled due, from `since` up to before `until`."""
        ...

    def unplaced(self, *, limit: int = 50) -> Sequence[Draft]:
        """Newest first: approved and without a planned time."""
        ...

    def add_approval(self, approval: Approval) -> None:
        """Append the fact; an edit never removes it. Raises `NotFound`."""
        ...

    def approvals(self, draft_id: DraftId) -> Sequence[Approval]:
        """Oldest first, those that no longer stand included."""
        ...

    def add_audit(self, entry: AuditEntry) -> None:
        """Append a line; raises `NotFound` when the draft is not here."""
        ...

    def audit(self, draft_id: DraftId) -> Sequence[AuditEntry]:
        """Oldest first."""
        ...

    def count(self, states: Collection[DraftState]) -> int:
        """How many that have a text are in one of these stored states."""
        ...

    def audits(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Sequence[AuditEntry]]:
        """As `audit`, for a page of drafts at once; each asked draft has an entry."""
        ...

    def many(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Draft]:
        """As `get`, for a page of drafts at once; one that is not here has no entry."""
        ...


class DeliveryRepository(Protocol):
    """The outbox."""

    def add(self, delivery: Delivery, entry: DeliveryLogEntry) -> None:
        """Raises `Conflict` when this draft, revision and account already has a row that is not cancelled."""
        ...

    def get(self, delivery_id: DeliveryId) -> Delivery | None:
        """None when there is no such delivery."""
        ...

    def lock(self, delivery_id: DeliveryId) -> Delivery | None:
        """As `get`, and nobody else may change it until this transaction ends."""
        ...

    def for_draft(self, draft_id: DraftId) -> Sequence[Delivery]:
        """Oldest first, cancelled ones included."""
        ...

    def for_drafts(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Sequence[Delivery]]:
        """As `for_draft`, for a page of drafts at once; each asked draft has an entry."""
        ...

    def list(
        self, *, states: Collection[DeliveryState] | None = None, before: DeliveryId | None = None, limit: int = 50
    ) -> Sequence[Delivery]:
        """Newest first; ids sort by creation."""
        ...

    def claim(
        self, states: Collection[DeliveryState], *, now: datetime, owner: str, lease_until: datetime, limit: int
    ) -> Sequence[Delivery]:
        """Lease rows in `states` with `next_at` ≤ now and no live lease, earliest first; each fence grows by one.

        The state is not changed: the caller takes the lawful step in the same transaction and saves it.
        """
        ...

    def save(self, delivery: Delivery, *, fence: int, entry: DeliveryLogEntry | None = None) -> bool:
        """Write all but the frozen variant while the stored fence is `fence`, and log; False when another took over."""
        ...

    def lapsed(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """PREPARING and SENDING rows whose lease has ended."""
        ...

    def end_leases(self, *, at: datetime) -> int:
        """Let no lease last longer than `at`, for a worker that knows it is alone; gives how many were cut short."""
        ...

    def next_wake(self, states: Collection[DeliveryState]) -> datetime | None:
        """The earliest of: `next_at` of unleased rows in `states`, and every lease's end."""
        ...

    def log(self, delivery_id: DeliveryId) -> Sequence[DeliveryLogEntry]:
        """Oldest first."""
        ...

    def count_by_state(self) -> Mapping[DeliveryState, int]:
        """How many rows are in each state; a state without rows may be missing."""
        ...


class CardRepository(Protocol):
    """Where each card was shown."""

    def put(self, card: ShownCard) -> None:
        """Insert or replace by (card_id, surface, place)."""
        ...

    def list(self, *, surface: str, before: str | None = None, limit: int = 50) -> Sequence[ShownCard]:
        """Newest first; `before` is the last card_id of the page before."""
        ...

    def places(self, draft_id: DraftId) -> Sequence[ShownCard]:
        """Every place where a card about this draft is shown, oldest first."""
        ...

    def shown(self, card_id: str) -> Sequence[ShownCard]:
        """Every place of one card, oldest first."""
        ...

    def kept(self, surface: str, *, kinds: Collection[str], limit: int) -> Sequence[ShownCard]:
        """The newest places of these kinds on a surface, newest first."""
        ...

    def redraw(
        self, card_id: str, surface: str, place: str, *, told: int | None = None, drawn: str | None = None
    ) -> bool:
        """Note what is there now, None leaves it as it was; False when no such place is remembered."""
        ...

    def remove(self, card_id: str, *, surface: str | None = None, place: str | None = None) -> None:
        """Forget the card everywhere, or only there; one that is gone already is fine."""
        ...


class MediaRepository(Protocol):
    """Facts about stored files."""

    def get(self, digest: ContentDigest) -> MediaItem | None:
        """None when no such file is kept."""
        ...

    def put(self, item: MediaItem, *, at: datetime, poster: ContentDigest | None = None) -> None:
        """Idempotent; `poster` is the kept picture that stands for it."""
        ...

    def poster(self, digest: ContentDigest) -> MediaItem | None:
        """The picture that stands for a video or document; None where there is none."""
        ...


class BudgetRepository(Protocol):
    """What accounts have spent of what networks let them send; see `services.domain.budget`."""

    def get(self, account_id: AccountId, window: str) -> datetime | None:
        """Until when all that was taken lasts at an even pace; None when nothing was taken yet."""
        ...

    def put(self, account_id: AccountId, window: str, until: datetime) -> None:
        """Replace it."""
        ...


class Transaction(Protocol):
    """All repositories of one unit of work."""

    @property
    def people(self) -> PersonRepository:
        """Who may use the desk."""
        ...

    @property
    def accounts(self) -> AccountRepository:
        """Social identities."""
        ...

    @property
    def brands(self) -> BrandRepository:
        """Voices."""
        ...

    @property
    def drafts(self) -> DraftRepository:
        """Drafts and their history."""
        ...

    @property
    def deliveries(self) -> DeliveryRepository:
        """The outbox."""
        ...

    @property
    def budgets(self) -> BudgetRepository:
        """What was spent of what networks allow."""
        ...

    @property
    def cards(self) -> CardRepository:
        """Where cards were shown."""
        ...

    @property
    def media(self) -> MediaRepository:
        """Facts about stored files."""
        ...

    @property
    def metrics(self) -> MetricsRepository:
        """Measured posts and their numbers."""
        ...

    @property
    def comments(self) -> CommentRepository:
        """Answers to our posts."""
        ...

    @property
    def digests(self) -> DigestRepository:
        """Daily reports and who gets them."""
        ...

    @property
    def identities(self) -> IdentityRepository:
        """Chat accounts and whom they speak for."""
        ...

    @property
    def installations(self) -> InstallationRepository:
        """Chat teams that let the desk in."""
        ...

    @property
    def passages(self) -> PassageRepository:
        """Who is on the way to connect an account."""
        ...

    @property
    def chat(self) -> ChatRepository:
        """What was handled in chat, and which channels are for what."""
        ...

    def workspace(self) -> Workspace:
        """The switches; defaults until saved."""
        ...

    def save_workspace(self, workspace: Workspace) -> None:
        """Replace the switches."""
        ...


class Store(Protocol):
    """`fn` is a synchronous function of the transaction; it may be run again, so it has no effect but through `tx`.

    A caller cancelled while its write runs must count it as done: commands are idempotent.
    """

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        """Run in a transaction that is durable when this returns; an exception undoes only this unit.

        Raises `Busy` when the queue stays full.
        """
        ...

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        """Run against one consistent snapshot; writing raises."""
        ...
