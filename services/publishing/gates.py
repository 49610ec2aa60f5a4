"""What may keep a due delivery from going out, asked inside the transaction that would let it go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from services.domain.delivery import Delivery, DeliveryState
from services.publishing.change import Change
from services.publishing.parts import progress

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.actor import Workspace
    from services.ports.storage import Transaction


class HoldKind(StrEnum):
    """Why a delivery is held, as the beginning of the sentence people read; it tells later who may let it go."""

    FREEZE = "Frozen by "
    LATE = "Too late: "
    ACCOUNT = "The account can't post now: "

    def held(self, delivery: Delivery) -> bool:
        """Whether `delivery` is held for this reason."""
        return delivery.state is DeliveryState.HELD and delivery.problem.startswith(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The step to take instead of publishing, and why."""

    to: DeliveryState
    problem: str

    def change(self, delivery: Delivery | Change, *, at: datetime) -> Change:
        """The lawful steps from where the delivery stands."""
        change = delivery if isinstance(delivery, Change) else Change.of(delivery)
        note = f"{self.problem} {progress(change.after)}".strip()
        return change.to(self.to, at=at, note=note).problem(self.problem)


def find_stop(tx: Transaction, delivery: Delivery, *, now: datetime, first_look: bool) -> Stop | None:
    """The reason not to publish, or None; lateness is asked only at `first_look`, before any call was begun."""
    workspace = tx.workspace()
    if workspace.frozen_by is not None:
        return Stop(to=DeliveryState.HELD, problem=frozen_note(workspace.frozen_by))
    if tx.accounts.get(delivery.account_id) is None:
        return Stop(to=DeliveryState.CANCELLED, problem="The account was removed from the desk.")
    if not _still_approved(tx, delivery):
        return Stop(to=DeliveryState.CANCELLED, problem="The draft was changed after this version was approved.")
    if first_look and delivery.attempts == 0 and is_late(delivery, workspace, now):
        return Stop(to=DeliveryState.HELD, problem=late_note(delivery, workspace, now))
    return None


def frozen_note(by: str) -> str:
    """The sentence of a freeze."""
    return f"{HoldKind.FREEZE}{by}."


def is_late(delivery: Delivery, workspace: Workspace, now: datetime) -> bool:
    """Whether the workspace wants to be asked before this goes out."""
    return now - delivery.due_at > timedelta(minutes=workspace.late_minutes)


def late_note(delivery: Delivery, workspace: Workspace, now: datetime) -> str:
    """The sentence of the late policy."""
    minutes = int((now - delivery.due_at).total_seconds() // 60)
    due = f"{delivery.due_at:%d %b %Y %H:%M} UTC"
    return f"{HoldKind.LATE}it was due at {due}, {minutes} minutes ago; at most {workspace.late_minutes} are allowed."


def _still_approved(tx: Transaction, delivery: Delivery) -> bool:
    draft = tx.drafts.get(delivery.draft_id)
    if draft is None or draft.approval is None or not draft.approved_as_is:
        return False
    return (draft.approval.revision, draft.approval.digest) == (delivery.revision, delivery.digest)
