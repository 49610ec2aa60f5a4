"""A draft's standing: asked about, agreed to, sent back, taken up again, put away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services import ledger
from services.access import Permission, require, require_approval_right
from services.domain.errors import Conflict
from services.domain.post import Approval, Draft, DraftState, Revision, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.content.writer import Writer
    from services.domain.actor import Person
    from services.ledger import Change, DraftRef, Snapshot
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

REOPEN_WITHIN: Final = timedelta(days=7)


_REJECTABLE: Final = ledger.CHANGEABLE - {DraftState.FAILED}
_APPROVABLE: Final = frozenset({DraftState.DRAFT, DraftState.IN_REVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """A step that only changes how far a draft has come."""

    to: DraftState
    allowed: frozenset[DraftState]
    verb: str
    """For the audit line."""
    doing: str
    """After "it can't be"."""
    permission: Permission = Permission.WRITE


_SUBMIT: Final = _Move(
    to=DraftState.IN_REVIEW,
    allowed=frozenset({DraftState.DRAFT}),
    verb=ledger.SUBMITTED,
    doing="sent to review",
)
_WITHDRAW: Final = _Move(
    to=DraftState.DRAFT,
    allowed=frozenset({DraftState.APPROVED}),
    verb="took the approval back",
    doing="taken back to a draft",
    permission=Permission.APPROVE,
)
_ARCHIVE: Final = _Move(
    to=DraftState.ARCHIVED,
    allowed=frozenset(
        {DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.FAILED, DraftState.REJECTED}
    ),
    verb="archived",
    doing="archived",
)


class Review:
    """The decisions about a draft; each is a compare-and-set on what its card showed."""

    def __init__(self, store: Store, writer: Writer, bus: EventBus, clock: Clock) -> None:
        """The writer knows what blocks a text; it calls no model here."""
        self._store = store
        self._writer = writer
        self._bus = bus
        self._clock = clock

    async def submit(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Ask the approvers to look."""
        return await self._move(actor, ref, _SUBMIT)

    async def approve(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Bind an approval to exactly this content; with a time chosen, the same transaction makes the deliveries."""
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            require_approval_right(tx, actor, draft)
            state = ledger.require_state(tx, draft, _APPROVABLE, doing=ledger.APPROVED, actor=actor, now=now)
            if state is DraftState.DRAFT and tx.workspace().submit_required:
                raise Conflict("Nobody has asked for a review of this yet.", next_step="Ask for review first.")
            ledger.require_no_picture_job(draft, doing=ledger.APPROVED)
            revision = self._require_publishable(tx, draft)
            approval = Approval(
                draft_id=draft.id,
                revision=revision.number,
                digest=revision.digest,
                by=actor.id,
                by_name=actor.name,
                at=now,
            )
            tx.drafts.add_approval(approval)
            draft = replace(ledger.moved(draft, DraftState.APPROVED, at=now), approval=approval, problem="")
            ledger.record(tx, draft, actor, ledger.APPROVED, at=now)
            if draft.planned_at is None:
                return ledger.settle(tx, draft)
            if draft.planned_at <= now:
                note = "The planned time had passed; choose another."
                return ledger.settle(tx, replace(draft, planned_at=None, problem=note))
            note = f"Approved by {actor.name}."
            return ledger.settle(tx, draft, ledger.enqueue(tx, draft, due_at=draft.planned_at, now=now, note=note))

        return await self._run(work)

    def _require_publishable(self, tx: Transaction, draft: Draft) -> Revision:
        """The current revision, unless something blocks it; raises `Conflict` with the first reason."""
        if draft.revision is None:
            raise Conflict("There is no text yet to approve.", next_step="Write it first.")
        accounts = {a.id: a for a in tx.accounts.list()}
        brand = ledger.brand_of(tx, draft)
        for variant in draft.revision.variants:
            account = accounts.get(variant.account_id)
            if account is None:
                msg = "An account this draft was written for is not connected any more."
                raise Conflict(msg, next_step="Edit or rewrite the draft: that leaves it out.")
            for problem in self._writer.problems(variant, account, brand):
                if problem.severity is Severity.BLOCK:
                    raise Conflict(f"@{account.handle}: {problem.message}", next_step=problem.fix)
        return draft.revision

    async def reject(self, actor: Person, ref: DraftRef, reason: str) -> Snapshot:
        """Send it back; it can be reopened for seven days."""
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.APPROVE)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            ledger.require_state(tx, draft, _REJECTABLE, doing="rejected", actor=actor, now=now)
            events = ledger.cancel_unsent(tx, draft, at=now, note=f"Rejected by {actor.name}.")
            draft = ledger.moved(draft, DraftState.REJECTED, at=now)
            draft = replace(draft, approval=None, planned_at=None, picturing=None)
            ledger.record(tx, draft, actor, "rejected", at=now, note=reason.strip())
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def reopen(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Take a rejection back within seven days."""
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            rejected = frozenset({DraftState.REJECTED})
            ledger.require_state(tx, draft, rejected, doing="reopened", actor=actor, now=now)
            if now - draft.state_at > REOPEN_WITHIN:
                msg = "It was rejected more than seven days ago."
                raise Conflict(msg, next_step="Duplicate it to work on it again.")
            draft = ledger.moved(draft, DraftState.DRAFT, at=now)
            ledger.record(tx, draft, actor, "reopened", at=now)
            return ledger.settle(tx, draft)

        return await self._run(work)

    async def withdraw_approval(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Take an approval back while nothing is planned."""
        return await self._move(actor, ref, _WITHDRAW)

    async def archive(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Put away what nobody needs; nothing may be on its way."""
        return await self._move(actor, ref, _ARCHIVE)

    async def _move(self, actor: Person, ref: DraftRef, move: _Move) -> Snapshot:
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            require(tx, actor, move.permission)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            ledger.require_state(tx, draft, move.allowed, doing=move.doing, actor=actor, now=now)
            if move.to is DraftState.IN_REVIEW and draft.revision is None:
                raise Conflict("There is no text yet to review.", next_step="Write it first.")
            if move.to is DraftState.IN_REVIEW:
                ledger.require_no_picture_job(draft, doing=move.doing)
            picturing = None if move.to is DraftState.ARCHIVED else draft.picturing
            draft = replace(ledger.moved(draft, move.to, at=now), approval=None, picturing=picturing)
            ledger.record(tx, draft, actor, move.verb, at=now)
            return ledger.settle(tx, draft)

        return await self._run(work)

    async def _run(self, work: Callable[[Transaction], Change]) -> Snapshot:
        change = await self._store.write(work)
        self._bus.publish(*change.events)
        return change.snapshot
