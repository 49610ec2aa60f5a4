"""What people decide about deliveries: freeze, thaw, live or not, retry, release, cancel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.access import Permission, require
from services.domain.account import Health
from services.domain.delivery import DELIVERY_TRANSITIONS, Delivery, DeliveryState, Receipt
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.events import DeliveriesPlanned
from services.domain.post import AuditEntry
from services.publishing.change import Change, announce, write_change
from services.publishing.gates import HoldKind, frozen_note, is_late, late_note
from services.publishing.parts import progress
from services.publishing.reconcile import proved_absent
from services.publishing.settle import landed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from services.domain.actor import Person, Workspace
    from services.domain.ids import DeliveryId
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

_PAGE: Final = 200
_S = DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What a freeze found."""

    by: str
    """Who froze first; a second freeze changes nothing."""
    held: int
    sending: int
    """Already handed to a network, or in doubt about it: too late to stop."""


class Control:
    """What people decide over the outbox; each raises `Forbidden` for an `actor` who may not publish."""

    def __init__(self, *, store: Store, clock: Clock, bus: EventBus) -> None:
        """Needs no network: the dispatcher acts on what is decided here."""
        self._store = store
        self._clock = clock
        self._bus = bus

    async def freeze(self, actor: Person) -> Frozen:
        """Hold everything that has not been handed to a network, at once and for everybody."""
        now = self._clock.now()

        def fn(tx: Transaction) -> tuple[Frozen, list[Delivery]]:
            require(tx, actor, Permission.PUBLISH)
            workspace = tx.workspace()
            who = workspace.frozen_by or actor.name
            tx.save_workspace(replace(workspace, frozen_by=who, frozen_at=workspace.frozen_at or now))
            held = []
            for row in _all(tx, {_S.SCHEDULED, _S.PREPARING}):
                note = f"{frozen_note(who)} {progress(row)}".strip()
                held += _written(tx, Change.of(row).to(_S.HELD, at=now, note=note).problem(frozen_note(who)))
            counts = tx.deliveries.count_by_state()
            sending = sum(counts.get(state, 0) for state in (_S.SENDING, _S.PROCESSING, _S.UNCERTAIN))
            return Frozen(by=who, held=len(held), sending=sending), held

        frozen, held = await self._store.write(fn)
        announce(self._bus, held)
        return frozen

    async def thaw(self, actor: Person) -> int:
        """Let go what the freeze held, and nothing else; what became too late meanwhile stays held and asks."""
        now = self._clock.now()

        def fn(tx: Transaction) -> tuple[int, list[Delivery]]:
            require(tx, actor, Permission.PUBLISH)
            workspace = replace(tx.workspace(), frozen_by=None, frozen_at=None)
            tx.save_workspace(workspace)
            rows = [row for row in _all(tx, {_S.HELD}) if HoldKind.FREEZE.held(row)]
            return _resume_all(tx, rows, workspace, f"Thawed by {actor.name}.", now)

        return await self._let_go(fn)

    async def resume_ready(self) -> int:
        """Let go what was held for accounts that work again, unless it became too late; one read when there is nothing.

        While everything is frozen it waits, so that the freeze need not hold the same rows twice.
        """

        def ready(tx: Transaction) -> list[Delivery]:
            if tx.workspace().frozen_by is not None:
                return []
            well = {account.id for account in tx.accounts.list() if account.health is Health.OK}
            return [row for row in _held_for_account(tx) if row.account_id in well]

        if not await self._store.read(ready):
            return 0
        now = self._clock.now()
        return await self._let_go(
            lambda tx: _resume_all(tx, ready(tx), tx.workspace(), "The account works again.", now)
        )

    async def confirm_live(self, actor: Person, delivery_id: DeliveryId, url: str, *, remote_id: str = "") -> Delivery:
        """A person found it: PUBLISHED, or on to the next part of its thread; raises `InvalidInput` (field "url").

        Without `remote_id` the last piece of the link's path stands for it.
        """
        now = self._clock.now()

        def decide(row: Delivery) -> Change:
            link, last = _post_link(url)
            receipt = Receipt(part=row.next_part, remote_id=remote_id or last, url=link, at=now)
            return landed(Change.of(row), receipt, at=now, label=actor.name, verb="found")

        return await self._decide(actor, "found", delivery_id, {_S.NEEDS_HUMAN}, decide)

    async def confirm_absent(self, actor: Person, delivery_id: DeliveryId) -> Delivery:
        """A person looked and it is not there: it is sent again, now."""
        now = self._clock.now()

        def decide(row: Delivery) -> Change:
            due = replace(row, due_at=max(row.due_at, now))
            change = Change(before=row, after=due)
            return proved_absent(change, f"{actor.name} looked: it is not there.", at=now)

        return await self._decide(actor, "did not find", delivery_id, {_S.NEEDS_HUMAN}, decide)

    async def retry(self, actor: Person, delivery_id: DeliveryId) -> Delivery:
        """Send a failed delivery again, now; parts that are live stay as they are."""
        return await self._send_now(actor, "retried", delivery_id, _S.FAILED)

    async def release(self, actor: Person, delivery_id: DeliveryId) -> Delivery:
        """Let one held delivery go: at its time, or now when that has passed."""
        return await self._send_now(actor, "released", delivery_id, _S.HELD)

    async def cancel(self, actor: Person, delivery_id: DeliveryId) -> Delivery:
        """Take a delivery out for good; raises `Conflict` when it has been handed to the network."""
        now = self._clock.now()
        states = {state for state, to in DELIVERY_TRANSITIONS.items() if _S.CANCELLED in to}

        def decide(row: Delivery) -> Change:
            note = f"Cancelled by {actor.name}. {progress(row)}".strip()
            return Change.of(row).to(_S.CANCELLED, at=now, note=note)

        return await self._decide(actor, "cancelled", delivery_id, states, decide)

    async def _send_now(self, actor: Person, verb: str, delivery_id: DeliveryId, state: DeliveryState) -> Delivery:
        now = self._clock.now()
        note = f"{verb.capitalize()} by {actor.name}."

        def decide(row: Delivery) -> Change:
            due = max(row.due_at, now)
            change = Change(before=row, after=replace(row, due_at=due, handles={}))
            return change.to(_S.SCHEDULED, at=now, note=note).let_go(next_at=due, problem="")

        return await self._decide(actor, verb, delivery_id, {state}, decide, frozen_refuses=True)

    async def _decide(
        self,
        actor: Person,
        verb: str,
        delivery_id: DeliveryId,
        states: set[DeliveryState],
        decide: Callable[[Delivery], Change],
        *,
        frozen_refuses: bool = False,
    ) -> Delivery:
        """One row and its draft's audit line, in one transaction; `Conflict` when it is in none of `states`."""
        now = self._clock.now()

        def fn(tx: Transaction) -> Delivery:
            require(tx, actor, Permission.PUBLISH)
            row = tx.deliveries.lock(delivery_id)
            if row is None:
                raise NotFound("This delivery is not here.", next_step="Look at the queue.")
            if row.state not in states:
                raise _too_late(row)
            frozen = tx.workspace().frozen_by
            if frozen_refuses and frozen is not None:
                raise Conflict(f"Everything is frozen by {frozen}.", next_step="Thaw first.")
            change = decide(row)
            write_change(tx, change)
            _audit(tx, row, actor, verb, at=now)
            if change.after.state is _S.CANCELLED:
                _forget_empty_plan(tx, row)
            return change.after

        row = await self._store.write(fn)
        self._tell([row])
        return row

    async def _let_go(self, fn: Callable[[Transaction], tuple[int, list[Delivery]]]) -> int:
        released, changed = await self._store.write(fn)
        self._tell(changed)
        return released

    def _tell(self, changed: list[Delivery]) -> None:
        announce(self._bus, changed)
        for row in changed:
            if row.state is _S.SCHEDULED:
                self._bus.publish(DeliveriesPlanned(draft_id=row.draft_id, earliest=row.next_at))


def _all(tx: Transaction, states: set[DeliveryState]) -> Iterator[Delivery]:
    """Every row in `states`, newest first, page by page."""
    before: DeliveryId | None = None
    while page := tx.deliveries.list(states=states, before=before, limit=_PAGE):
        yield from page
        before = page[-1].id


def _held_for_account(tx: Transaction) -> list[Delivery]:
    return [row for row in _all(tx, {_S.HELD}) if HoldKind.ACCOUNT.held(row)]


def _post_link(url: str) -> tuple[str, str]:
    """The link, and the last piece of its path; raises `InvalidInput` (field "url")."""
    link = url.strip()
    parts = urlsplit(link)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput("This is not a link to a post.", next_step="Paste the post's address.", field="url")
    return link, parts.path.rstrip("/").rpartition("/")[2] or link


def _forget_empty_plan(tx: Transaction, row: Delivery) -> None:
    """With its last delivery cancelled a draft has no time any more: a later approval plans nothing by itself."""
    draft = tx.drafts.lock(row.draft_id)
    if draft is not None and all(d.state is _S.CANCELLED for d in tx.deliveries.for_draft(row.draft_id)):
        tx.drafts.save(replace(draft, planned_at=None))


def _audit(tx: Transaction, row: Delivery, actor: Person, verb: str, *, at: datetime) -> None:
    """Say on the draft who decided what about which of its deliveries."""
    account = tx.accounts.get(row.account_id)
    where = f"to @{account.handle}" if account else "to an account that was removed"
    entry = AuditEntry(
        draft_id=row.draft_id,
        at=at,
        by=actor.id,
        by_name=actor.name,
        verb=f"{verb} the delivery {where}",
        revision=row.revision,
    )
    tx.drafts.add_audit(entry)


def _written(tx: Transaction, change: Change) -> list[Delivery]:
    return [change.after] if write_change(tx, change) else []


def _resume_all(
    tx: Transaction, rows: list[Delivery], workspace: Workspace, note: str, now: datetime
) -> tuple[int, list[Delivery]]:
    """Put held rows back in the queue and count them; a late one stays, with the question."""
    released, changed = 0, []
    for row in rows:
        change = Change.of(row)
        if is_late(row, workspace, now):
            late = late_note(row, workspace, now)
            changed += _written(tx, change.remark(at=now, note=f"{note} {late}").problem(late))
            continue
        change = change.to(_S.SCHEDULED, at=now, note=note).let_go(next_at=max(row.next_at, now), problem="")
        written = _written(tx, change)
        released += len(written)
        changed += written
    return released, changed


def _too_late(row: Delivery) -> Conflict:
    words = row.state.value.lower().replace("_", " ")
    if row.state in {_S.SENDING, _S.PROCESSING, _S.UNCERTAIN}:
        return Conflict(
            "It has been handed to the network already, so it can't be stopped.",
            next_step="Wait a moment for its outcome, then look at the card again.",
        )
    return Conflict(f"This delivery is {words} now, so that can't be done.", next_step="Look at the card as it is now.")
